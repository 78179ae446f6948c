"""Vehicles, bags, fire and smoke in a watched yard, told by the rules and the limits of its zone."""

import pytest

from edge.perception.alert import Alert
from edge.perception.bag_left import BagLeft
from edge.perception.detector import Box, Detection
from edge.perception.fire_smoke import FireSmoke
from edge.perception.parked_vehicle import ParkedVehicle
from edge.perception.person_location import Located
from edge.perception.things import Thing
from edge.perception.tracking import Track
from protocol import rules
from protocol.anomaly import AnomalyKind
from protocol.rules import FireSeen, VehicleParked, ZoneRules
from tests.edge.perception.test_intrusion import NOON, somebody
from tests.edge.perception.yard import LIMITS, watched

PERSON = 0.4  # score from which somebody counts


def stands(label: str, x: float, y: float = 0.0, since: float = NOON, number: int = 1, score: float = 0.8) -> Thing:
    place = Located(x, y, 0.04, 0.0, 0.04)
    return Thing(Track(number, Detection(Box(0, 0, 30, 30), score, label), score, 9, place), place, since)


def parked(*things: Thing, rule: ParkedVehicle, at: float, after: float = 10.0) -> list[Alert]:
    return rule.update(list(things), watched(ZoneRules(vehicle_parked=VehicleParked(after_s=after))), NOON + at)


def test_a_vehicle_is_told_once_it_has_stood_for_as_long_as_the_zone_allows() -> None:
    rule, car = ParkedVehicle(LIMITS), stands("vehicle", 15.0)
    assert parked(car, rule=rule, at=9.9) == []
    (alert,) = parked(car, rule=rule, at=10.0)
    assert (alert.kind, alert.zone_id) == (AnomalyKind.VEHICLE_PARKED, "yard")
    assert parked(car, rule=rule, at=20.0) == []


def test_a_vehicle_in_the_bay_beside_the_zone_is_nobodys_business() -> None:
    assert parked(stands("vehicle", 8.5), rule=ParkedVehicle(LIMITS), at=99.0) == []


def test_what_hardly_looks_like_a_vehicle_is_not_told() -> None:
    assert parked(stands("vehicle", 15.0, score=0.25), rule=ParkedVehicle(LIMITS), at=99.0) == []


def test_a_weak_vehicle_is_told_where_a_lidar_has_met_its_sides() -> None:
    weak = stands("vehicle", 15.0, score=(LIMITS["vehicle"].threshold + LIMITS["vehicle"].sure) / 2)
    vague = Thing(weak.track, Located(15.0, 0.0, 0.25, 0.0, 0.25), weak.since)
    assert parked(vague, rule=ParkedVehicle(LIMITS), at=99.0) == []
    assert len(parked(weak, rule=ParkedVehicle(LIMITS), at=99.0)) == 1


def test_a_vehicle_that_is_lost_and_found_under_another_number_is_told_once_and_a_second_one_too() -> None:
    rule = ParkedVehicle(LIMITS)
    assert len(parked(stands("vehicle", 15.0), rule=rule, at=20)) == 1
    assert parked(stands("vehicle", 15.8, number=7), rule=rule, at=90) == []
    assert len(parked(stands("vehicle", 15.0, 4.5, number=8), rule=rule, at=95)) == 1


def test_a_zone_without_the_rule_says_nothing() -> None:
    zones = watched(ZoneRules(fire=FireSeen()))
    assert ParkedVehicle(LIMITS).update([stands("vehicle", 15.0)], zones, NOON + 99) == []


def left(rule: BagLeft, at: float, *people: Track, x: float = 15.0) -> list[Alert]:
    zones = watched(ZoneRules(bag_left=rules.BagLeft(after_s=10, alone_m=4)))
    return rule.update([stands("bag", x)], list(people), zones, NOON + at)


def test_a_bag_is_told_when_nobody_has_been_near_for_as_long_as_the_zone_says() -> None:
    rule = BagLeft(LIMITS, PERSON)
    assert left(rule, 9.8) == []
    (alert,) = left(rule, 10.2)
    assert alert.kind is AnomalyKind.BAG_LEFT
    assert left(rule, 60.0) == []


@pytest.mark.parametrize("away", [0.5, 3.5])
def test_a_bag_beside_its_owner_is_not_left_and_its_time_begins_when_the_owner_is_gone(away: float) -> None:
    rule = BagLeft(LIMITS, PERSON)
    for n in range(200):
        assert left(rule, 0.2 * n, somebody(15.0 + away)) == []
    gone = [left(rule, 40.0 + 0.2 * n, somebody(19.8)) for n in range(60)]
    assert [n for n, alerts in enumerate(gone) if alerts] == [49]  # 10 s after the last look at both


def test_whoever_was_with_a_bag_is_not_gone_because_the_dog_looked_away() -> None:
    rule = BagLeft(LIMITS, PERSON)
    for n in range(20):
        assert left(rule, 0.2 * n, somebody(16.0)) == []
    alone = [left(rule, 0.2 * n) for n in (*range(20, 35), *range(100, 130))]  # 13 s in which nobody looked
    assert not any(alone)
    later = [left(rule, 0.2 * n) for n in range(130, 145)]
    assert sum(map(len, later)) == 1  # what was seen of it alone before counts


def test_somebody_who_cannot_be_placed_may_be_the_owner() -> None:
    nowhere = Track(4, Detection(Box(0, 0, 10, 30), 0.8), 0.8, 9, None)
    assert left(BagLeft(LIMITS, PERSON), 60.0, nowhere) == []


def test_what_hardly_looks_like_a_person_is_not_the_owner() -> None:
    place, rule = Located(16.0, 0.0, 0.04, 0.0, 0.04), BagLeft(LIMITS, PERSON)
    weak = [Track(4 + n, Detection(Box(0, 0, 10, 30), 0.3), 0.3, 2, at) for n, at in enumerate((place, None))]
    told = [left(rule, 0.2 * n, *weak) for n in range(60)]
    assert [n for n, alerts in enumerate(told) if alerts] == [50]


def burns(rule: FireSmoke, at: float, *things: Thing) -> list[AnomalyKind]:
    zones = watched(ZoneRules(fire=FireSeen(after_s=2, smoke_after_s=4)))
    return [alert.kind for alert in rule.update(list(things), zones, NOON + at)]


def test_flames_and_smoke_are_told_each_after_its_time() -> None:
    assert burns(FireSmoke(LIMITS), 1.9, stands("fire", 15)) == []
    assert burns(FireSmoke(LIMITS), 2.0, stands("fire", 15)) == [AnomalyKind.FIRE]
    assert burns(FireSmoke(LIMITS), 3.9, stands("smoke", 15)) == []
    assert burns(FireSmoke(LIMITS), 4.0, stands("smoke", 15)) == [AnomalyKind.SMOKE]


def test_the_smoke_of_a_fire_is_the_same_fire_and_smoke_that_turns_out_to_burn_is_told_again() -> None:
    rule = FireSmoke(LIMITS)
    assert burns(rule, 5.0, stands("smoke", 16), stands("fire", 15, number=2)) == [AnomalyKind.FIRE]
    assert burns(rule, 9.0, stands("smoke", 16), stands("fire", 15, number=2)) == []
    other = FireSmoke(LIMITS)
    assert burns(other, 5.0, stands("smoke", 16)) == [AnomalyKind.SMOKE]
    assert burns(other, 9.0, stands("smoke", 16), stands("fire", 15, number=2)) == [AnomalyKind.FIRE]
