"""People who stay too long, and who gather, in a watched yard, seen at 5 frames a second."""

import math

import numpy as np
import pytest

from edge.perception.alert import Alert
from edge.perception.crowd import Crowd
from edge.perception.loitering import Loitering
from edge.perception.tracking import Track
from protocol import rules
from protocol.anomaly import AnomalyKind
from protocol.rules import ZoneRules
from tests.edge.perception.test_intrusion import BLUE, NOON, RED, boxed, somebody
from tests.edge.perception.yard import watched

LINGERING = watched(ZoneRules(loitering=rules.Loitering(after_s=20)))
GATHERING = watched(ZoneRules(crowd=rules.Crowd(people=4, within_m=3, after_s=5)))


class Stay:
    """Frames of people, and what the rule told of them."""

    def __init__(self) -> None:
        self.rule, self.now = Loitering(0.25), NOON

    def frames(self, seconds: float, *tracks: Track) -> list[Alert]:
        found = []
        for _ in range(round(seconds * 5)):
            self.now += 0.2
            found += self.rule.update(list(tracks), LINGERING, self.now)
        return found


def test_who_stays_is_told_once_after_the_zones_time() -> None:
    stay = Stay()
    assert stay.frames(20, somebody(15)) == []
    (alert,) = stay.frames(300, somebody(15))
    assert (alert.kind, alert.zone_id) == (AnomalyKind.LOITERING, "yard")
    assert "20 s (at least 20)" in alert.reason.en


@pytest.mark.parametrize("seed", range(20))
def test_who_walks_through_is_not_told(seed: int) -> None:
    rng, stay = np.random.default_rng(seed), Stay()
    speed, y = rng.uniform(0.8, 2.0), rng.uniform(-4, 4)
    way = np.arange(8.0, 22.0, speed / 5)
    told = [a for n, x in enumerate(way) for a in stay.frames(0.2, somebody(float(x), float(y), number=1 + n // 30))]
    assert told == []


def test_who_is_out_of_view_for_a_while_and_back_has_stayed_all_the_time() -> None:
    stay = Stay()
    assert stay.frames(4, somebody(15, coat=RED)) == []
    stay.now += 14
    assert len(stay.frames(4, somebody(16, number=2, coat=RED))) == 1


def test_another_who_comes_where_one_has_been_has_not() -> None:
    stay = Stay()
    assert stay.frames(4, somebody(15, coat=RED)) == []
    stay.now += 14
    assert stay.frames(8, somebody(16, number=2, coat=BLUE)) == []


def test_two_looks_a_minute_apart_prove_no_stay() -> None:
    stay = Stay()
    stay.frames(0.4, somebody(15))
    stay.now += 60
    assert stay.frames(1, somebody(15)) == []


class Gathering:
    """Frames of people, and what the rule told of them."""

    def __init__(self) -> None:
        self.rule, self.now = Crowd(0.25), NOON

    def frames(self, seconds: float, *tracks: Track) -> list[Alert]:
        found = []
        for _ in range(round(seconds * 5)):
            self.now += 0.2
            found += self.rule.update(list(tracks), GATHERING, self.now)
        return found


def ring(count: int, radius: float = 1.2, x: float = 15.0) -> list[Track]:
    turns = [math.tau * n / count for n in range(count)]
    return [
        boxed(somebody(x + radius * math.cos(a), radius * math.sin(a), number=n), 20.0 * n) for n, a in enumerate(turns)
    ]


def test_a_crowd_is_told_once_at_its_middle() -> None:
    story = Gathering()
    assert story.frames(5, *ring(5)) == []
    (alert,) = story.frames(60, *ring(5))
    assert alert.kind is AnomalyKind.CROWD
    assert math.hypot(alert.place.x - 15, alert.place.y) < 0.3
    assert alert.reason.en == "5 people (at least 4) within 3 m of one of them for 5 s (at least 5)"


@pytest.mark.parametrize("people", [ring(3), ring(6, radius=4.5), ring(5, x=4.0)])
def test_too_few_too_far_apart_and_elsewhere_are_no_crowd(people: list[Track]) -> None:
    assert Gathering().frames(60, *people) == []


def test_a_group_that_walks_by_in_four_seconds_is_none() -> None:
    story = Gathering()
    assert story.frames(4, *ring(5)) == []
    story.frames(10)
    assert story.frames(4, *ring(5)) == []


@pytest.mark.parametrize("seed", range(20))
def test_people_who_hide_each_other_by_turns_are_counted_once_each(seed: int) -> None:
    rng, told, few = np.random.default_rng(seed), Gathering(), Gathering()
    alerts, none = [], []
    for frame in range(150):
        seen = [track for track in ring(5) if rng.random() < 0.6]
        alerts += told.frames(0.2, *seen)
        three = [
            boxed(somebody(15 + n, number=100 * (frame // 7) + n), 20.0 * n) for n in range(3) if rng.random() < 0.8
        ]
        none += few.frames(0.2, *three)  # the same three under ever new numbers
    assert len(alerts) == 1
    assert none == []
