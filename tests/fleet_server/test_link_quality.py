"""How well a dog is heard: by its silences, against what it promises; and that consoles are told when that changes."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec import UNSET
from msgspec.structs import replace

from fleet_server.telemetry.fleet_state import Fleet
from fleet_server.telemetry.link_quality import LEAST_S, LinkQuality
from fleet_server.telemetry.views import DogView, dog_view
from protocol.factsheet import Factsheet, Timing
from protocol.header import Wire
from protocol.state import State
from protocol.topics import Address, Topic
from tests.protocol import samples

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DOG = Address("xiaotian", "dog1")
PLACE = samples.ALL[Topic.VISUALIZATION]
EVERY_S = 0.5  # as the sample's factsheet promises


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def factsheet(**intervals: float) -> Factsheet:
    sheet = samples.ALL[Topic.FACTSHEET]
    assert isinstance(sheet, Factsheet)
    timing = Timing(min_order_interval=1.0, min_state_interval=0.1, **intervals)
    return replace(sheet, protocol_limits=replace(sheet.protocol_limits, timing=timing))


def fleet_of(sheet: Wire | None = None, state: Wire = samples.ALL[Topic.STATE]) -> Fleet:
    """A dog that came online at ``NOW``."""
    fleet = Fleet(timedelta(seconds=35), "xiaotian")
    fleet.link_up = True
    for message in (samples.ALL[Topic.CONNECTION], sheet, state):
        if message is not None:
            fleet.hear(DOG, message, NOW)
    return fleet


def hear_until(fleet: Fleet, since: float, until: float, every: float = EVERY_S) -> None:
    for n in range(1, round((until - since) / every) + 1):
        fleet.hear(DOG, PLACE, at(since + n * every))


def shown(fleet: Fleet, seconds: float) -> DogView:
    vehicle = fleet.get("dog1")
    assert vehicle is not None
    return dog_view(vehicle, fleet, at(seconds), None)


def test_a_dog_is_heard_well_then_weakly_then_not_and_well_again_a_minute_after_it_is_back() -> None:
    fleet = fleet_of(samples.ALL[Topic.FACTSHEET])
    hear_until(fleet, 0.0, 100.0)
    assert (shown(fleet, 100.0).link_quality, shown(fleet, 100.0).longest_silence_s) == (LinkQuality.GOOD, None)
    assert shown(fleet, 102.9).link_quality is LinkQuality.GOOD
    assert (shown(fleet, 107.0).link_quality, shown(fleet, 107.0).longest_silence_s) == (LinkQuality.WEAK, 7)
    assert (shown(fleet, 136.0).link_quality, shown(fleet, 136.0).longest_silence_s) == (LinkQuality.LOST, None)
    hear_until(fleet, 140.0, 199.0)
    assert (shown(fleet, 199.0).link_quality, shown(fleet, 199.0).longest_silence_s) == (LinkQuality.WEAK, 40)
    hear_until(fleet, 199.0, 202.0)
    assert shown(fleet, 202.0).link_quality is LinkQuality.GOOD


def test_consoles_are_told_when_a_dog_falls_silent_and_for_how_long_though_it_says_nothing() -> None:
    fleet = fleet_of(samples.ALL[Topic.FACTSHEET])
    assert fleet.take_changed(at(0.5)) == {"dog1"}
    assert fleet.take_changed(at(LEAST_S - 0.1)) == set()
    assert fleet.take_changed(at(LEAST_S)) == {"dog1"}
    assert fleet.take_changed(at(LEAST_S + 0.2)) == set()
    assert fleet.take_changed(at(LEAST_S + 1.0)) == {"dog1"}


@pytest.mark.parametrize(
    ("sheet", "silence_s", "quality"),
    [
        (None, 34.0, LinkQuality.GOOD),  # nothing is promised yet
        (factsheet(), 34.0, LinkQuality.GOOD),
        (factsheet(default_state_interval=30.0), 34.0, LinkQuality.GOOD),
        (factsheet(default_state_interval=5.0), 19.0, LinkQuality.GOOD),
        (factsheet(default_state_interval=5.0), 20.0, LinkQuality.WEAK),
        (factsheet(default_state_interval=30.0, visualization_interval=2.0), 8.0, LinkQuality.WEAK),
        (factsheet(default_state_interval=0.0, visualization_interval=-1.0), 2.0, LinkQuality.GOOD),
    ],
)
def test_a_silence_is_measured_by_what_the_vehicle_promises(
    sheet: Factsheet | None, silence_s: float, quality: LinkQuality
) -> None:
    assert shown(fleet_of(sheet), silence_s).link_quality is quality


def test_a_dog_that_does_not_know_where_it_is_owes_its_state_alone() -> None:
    state = samples.ALL[Topic.STATE]
    assert isinstance(state, State)
    lost = fleet_of(
        factsheet(default_state_interval=5.0, visualization_interval=0.5), replace(state, agv_position=UNSET)
    )
    assert shown(lost, 6.0).link_quality is LinkQuality.GOOD


def test_what_was_silent_before_another_dog_took_the_name_is_forgotten() -> None:
    fleet = fleet_of(samples.ALL[Topic.FACTSHEET])
    fleet.part_with(DOG)
    fleet.hear(DOG, samples.ALL[Topic.CONNECTION], at(100.0))
    hear_until(fleet, 100.0, 101.0)
    assert shown(fleet, 101.0).link_quality is LinkQuality.GOOD
