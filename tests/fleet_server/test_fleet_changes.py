"""Of a dog that walks consoles are told its place alone; of one that changes, all."""

from datetime import UTC, datetime, timedelta

import pytest

from fleet_server.telemetry.fleet_state import Fleet
from fleet_server.telemetry.views import dog_view, place_shown
from protocol.header import Wire
from protocol.topics import Address, Topic
from tests.protocol import samples

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DOG = Address("xiaotian", "dog1")


def told_by(fleet: Fleet, message: Wire, now: datetime) -> tuple[set[str], set[str]]:
    """Of whom all, and of whom the place is to be told after a message."""
    fleet.hear(DOG, message, now)
    return fleet.take_changed(now), fleet.take_moved()


def test_a_place_alone_is_told_as_a_place_and_everything_else_whole() -> None:
    fleet = Fleet(timedelta(seconds=35), "xiaotian")
    fleet.link_up = True
    place, later = samples.ALL[Topic.VISUALIZATION], NOW + timedelta(seconds=1)
    assert told_by(fleet, place, NOW) == ({"dog1"}, set())  # never heard before
    assert told_by(fleet, place, NOW) == (set(), {"dog1"})
    for topic in (Topic.CONNECTION, Topic.STATE, Topic.FACTSHEET):
        assert told_by(fleet, samples.ALL[topic], NOW) == ({"dog1"}, set())
    assert told_by(fleet, place, later) == (set(), {"dog1"})
    lost = later + timedelta(seconds=36)
    assert fleet.take_changed(lost) == {"dog1"}  # it has ceased to be live, though it said nothing
    assert told_by(fleet, place, lost) == ({"dog1"}, {"dog1"})  # and is again


def test_a_place_says_what_the_whole_view_says() -> None:
    fleet = Fleet(timedelta(seconds=35), "xiaotian")
    for topic in (Topic.STATE, Topic.VISUALIZATION):
        fleet.hear(DOG, samples.ALL[topic], NOW)
    vehicle = fleet.get("dog1")
    assert vehicle is not None
    part, whole = place_shown(vehicle), dog_view(vehicle, fleet, NOW, None).model_dump(mode="json", by_alias=True)
    for name in ("dogId", "position", "velocity"):
        assert part[name] == pytest.approx(whole[name], abs=0.001) if name == "velocity" else part[name] == whole[name]
    assert datetime.fromisoformat(part["lastSeen"]) == datetime.fromisoformat(whole["lastSeen"])
