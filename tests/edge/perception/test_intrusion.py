"""Stories of people near a restricted yard, x 10..20 and y -5..5, seen at 5 frames a second."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from edge.perception.alert import Alert
from edge.perception.clothing_colours import Clothes
from edge.perception.detector import Box, Detection
from edge.perception.intrusion import Intrusion
from edge.perception.person_location import Located
from edge.perception.tracking import Track
from edge.perception.zones import Zones
from protocol.site import ZoneKind
from tests.edge.perception.test_zones import at, zone

ALWAYS = Zones.of([zone()], "Asia/Shanghai")
NIGHTLY = Zones.of([zone(ZoneKind.RESTRICTED, ("22:00", "06:00"))], "Asia/Shanghai")
NOON = at(12)


def somebody(
    x: float,
    y: float = 0.0,
    number: int = 1,
    score: float = 0.8,
    deviation: float = 0.3,
    coat: tuple[float, float] | None = None,
    looks: int = 9,
) -> Track:
    """``coat`` is CIELAB's a and b, seen ``looks`` times."""
    place = Located(x, y, deviation**2, 0.0, deviation**2)
    worn = None if coat is None else Clothes(np.array([[50, *coat], [30, 0, 0]], np.float32), looks)
    return Track(number, Detection(Box(0, 0, 10, 30), score), score, 5, place, worn)


def boxed(track: Track, left: float) -> Track:
    """The same, seen so far from the picture's left edge."""
    box = Box(left, 0, left + 10, 30)
    return replace(track, detection=replace(track.detection, box=box))


RED, BLUE = (60.0, 40.0), (10.0, -50.0)


class Story:
    """Frames in a row; tells how many alerts each stretch of them raised."""

    def __init__(self, zones: Zones = ALWAYS, start: float = NOON) -> None:
        self.rule, self.zones, self.now = Intrusion(0.25), zones, start

    def frames(self, count: int, *tracks: Track) -> list[Alert]:
        found = []
        for _ in range(count):
            self.now += 0.2
            found += self.rule.update(list(tracks), self.zones, self.now)
        return found

    def wait(self, seconds: float) -> None:
        self.now += seconds


def test_a_person_inside_is_told_once_however_long_it_stays() -> None:
    alerts = Story().frames(300, somebody(15))
    assert len(alerts) == 1
    assert alerts[0].zone_id == "yard"


def test_two_frames_are_not_enough() -> None:
    assert Story().frames(2, somebody(15)) == []


def test_a_person_on_the_street_outside_is_not_told() -> None:
    assert Story().frames(100, somebody(7)) == []


def test_a_person_who_may_as_well_stand_outside_is_not_told() -> None:
    assert Story().frames(100, somebody(10.3, deviation=2.0)) == []


def test_a_track_whose_median_score_is_low_is_not_told() -> None:
    assert Story().frames(100, somebody(15, score=0.2)) == []


def test_by_day_the_night_zone_is_quiet_and_at_night_it_is_not() -> None:
    assert Story(NIGHTLY, at(12)).frames(50, somebody(15)) == []
    assert len(Story(NIGHTLY, at(23)).frames(50, somebody(15))) == 1


def test_somebody_still_there_when_the_hours_begin_is_told_then() -> None:
    story = Story(NIGHTLY, at(21, 59))
    assert story.frames(100, somebody(15)) == []
    story.wait(60)
    assert len(story.frames(100, somebody(15))) == 1


def test_two_people_are_told_of_twice() -> None:
    assert len(Story().frames(50, somebody(13, number=1), somebody(17, number=2))) == 2


def test_a_track_lost_and_found_nearby_under_another_number_is_the_same_person() -> None:
    story = Story()
    assert len(story.frames(20, somebody(15, number=1))) == 1
    story.wait(4)
    assert story.frames(50, somebody(16, 1.5, number=9)) == []


def test_a_dog_that_comes_round_the_corner_a_minute_later_sees_the_same_loiterer() -> None:
    story = Story()
    story.frames(20, somebody(15, number=1))
    story.wait(60)
    assert story.frames(50, somebody(18, -2, number=9)) == []


def test_a_second_person_who_comes_while_the_first_is_in_view_is_told() -> None:
    story = Story()
    story.frames(20, somebody(15, number=1))
    assert len(story.frames(20, somebody(15, number=1), somebody(16, number=2))) == 1


def test_stepping_out_for_ten_seconds_is_not_a_new_visit() -> None:
    story = Story()
    story.frames(20, somebody(15))
    assert story.frames(50, somebody(7)) == []
    assert story.frames(20, somebody(15)) == []


def test_returning_after_more_than_thirty_seconds_outside_is_a_new_visit() -> None:
    story = Story()
    story.frames(20, somebody(15))
    story.frames(160, somebody(7))
    assert len(story.frames(20, somebody(15))) == 1


def test_swaying_on_the_edge_is_told_once() -> None:
    story = Story()
    alerts = [alert for n in range(200) for alert in story.frames(1, somebody(10.9 if n % 2 else 9.8))]
    assert len(alerts) == 1


def test_a_person_that_cannot_be_located_is_not_judged() -> None:
    unplaced = Track(1, Detection(Box(0, 0, 10, 30), 0.9), 0.9, 5, None)
    assert Story().frames(50, unplaced) == []


def through(story: Story, number: int, coat: tuple[float, float] | None, way: list[float]) -> int:
    """Somebody walks along x = ``way`` at 1 m/s; the alerts on the way."""
    steps = np.concatenate([np.arange(a, b, 0.2 if b > a else -0.2) for a, b in itertools.pairwise(way)])
    return sum(len(story.frames(1, somebody(float(x), number=number, coat=coat))) for x in steps)


@pytest.mark.parametrize("gap", [0.5, 4.0, 8.0, 15.0, 23.0])
def test_six_people_in_clothes_of_their_own_one_after_another_are_six(gap: float) -> None:
    story = Story()
    told = 0
    for number in range(1, 7):
        hue = number * np.pi / 3
        told += through(story, number, (50 * np.cos(hue), 50 * np.sin(hue)), [9.0, 19.0, 9.0])
        story.wait(gap)
    assert told == 6


@pytest.mark.parametrize("gap", [4.0, 8.0, 15.0, 23.0])
def test_six_people_whose_clothes_nobody_saw_are_six_where_they_come_and_go_by_the_door(gap: float) -> None:
    story = Story()
    told = 0
    for number in range(1, 7):
        told += through(story, number, None, [9.0, 19.0, 8.0])
        story.wait(gap)
    assert told == 6


def test_who_is_out_of_view_and_back_across_the_room_in_the_same_clothes_is_one() -> None:
    story = Story()
    assert through(story, 1, RED, [9.0, 12.0]) == 1
    story.wait(20)
    assert through(story, 2, RED, [19.0, 15.0]) == 0


def test_who_steps_out_of_the_zone_and_of_view_and_comes_back_in_the_same_clothes_is_one() -> None:
    story = Story()
    assert through(story, 1, RED, [9.0, 14.0, 9.0]) == 1
    story.wait(10)
    assert through(story, 2, RED, [9.0, 14.0]) == 0


def test_another_person_where_one_was_lost_is_told_once_the_clothes_are_seen() -> None:
    story = Story()
    story.frames(20, somebody(15, number=1, coat=RED))
    story.wait(1)
    assert story.frames(2, somebody(15, number=2)) == []
    assert len(story.frames(10, somebody(15, number=2, coat=BLUE))) == 1
    assert story.frames(10, somebody(15, number=1, coat=RED), somebody(15, number=2, coat=BLUE)) == []


def test_two_people_who_hide_each_other_by_turns_are_told_of_twice() -> None:
    story = Story()
    told = len(story.frames(10, somebody(14, number=1, coat=RED), somebody(16, number=2, coat=BLUE)))
    number = 2
    for turn in range(12):
        number += 1
        coat, x = (RED, 14) if turn % 2 else (BLUE, 16)
        told += len(story.frames(5, somebody(x, number=number, coat=coat)))
    assert told == 2


def test_of_two_in_view_at_once_the_second_is_known_to_be_another_also_when_told_later() -> None:
    story = Story()
    first, second = somebody(13, number=1), somebody(17, number=2, score=0.2)
    assert [alert.other_than for alert in story.frames(20, boxed(first, 0), boxed(second, 100))] == [()]
    sure = boxed(somebody(17, number=2), 100)
    assert [alert.other_than for alert in story.frames(20, sure)] == [(1,)]


def test_of_two_boxes_of_one_person_nobody_says_that_they_are_two() -> None:
    alerts = Story().frames(20, boxed(somebody(13, number=1), 0), boxed(somebody(15, number=2), 3))
    assert [alert.other_than for alert in alerts] == [(), ()]


def test_other_clothes_alone_prove_nothing_to_the_station_for_bars_change_them() -> None:
    story = Story()
    story.frames(20, somebody(15, number=1, coat=RED))
    story.wait(100)
    assert [a.other_than for a in story.frames(20, somebody(15, 4.0, number=2, coat=BLUE))] == [()]


def test_it_says_why_with_the_values_and_their_limits() -> None:
    (alert,) = Story().frames(20, somebody(15))
    assert alert.reason.en == (
        "Somebody in a restricted zone in its hours: 3 frames (at least 3), "
        "chance of being inside 1.00 (at least 0.70), score 0.80 (at least 0.25)"
    )
    assert "至少 0.70" in alert.reason.zh
