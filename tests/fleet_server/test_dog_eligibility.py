from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from fleet_server.dispatch.dog_eligibility import battery_refusal, refusal
from fleet_server.telemetry.fleet_state import Vehicle
from protocol.state import BatteryState, Error, ErrorLevel, EStop, OperatingMode, SafetyState
from tests.protocol.samples import ADDRESS, AGV_POSITION, STATE

NOW = datetime(2026, 1, 1, tzinfo=UTC)
IDLE = replace(STATE, order_id="", node_states=[], action_states=[], errors=[])


def vehicle(**changes: Any) -> Vehicle:
    return Vehicle(ADDRESS, NOW, NOW, state=replace(IDLE, **changes), position=AGV_POSITION)


def test_an_idle_dog_is_fit() -> None:
    assert refusal(vehicle(), True, "yard") is None
    assert battery_refusal(vehicle(), 100.0, 20.0) is None


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"operating_mode": OperatingMode.MANUAL}, "MANUAL mode"),
        ({"safety_state": SafetyState(e_stop=EStop.REMOTE, field_violation=False)}, "emergency stop"),
        ({"errors": [Error(error_type="fallen", error_level=ErrorLevel.FATAL)]}, "needs a person: fallen"),
        ({"node_states": STATE.node_states}, "busy with an order"),
    ],
)
def test_a_dog_that_cannot_is_not_sent(changes: dict[str, Any], why: str) -> None:
    assert why in (refusal(vehicle(**changes), True, "yard") or "")


def test_a_dog_on_another_map_is_not_sent() -> None:
    assert "another" not in (refusal(vehicle(), True, "yard") or "")
    assert "on the map 'yard'" in (refusal(vehicle(), True, "garden") or "")


@pytest.mark.parametrize(
    ("battery", "why"),
    [
        (BatteryState(battery_charge=12.0, charging=False), "12 % charge"),
        (BatteryState(battery_charge=40.0, charging=False, reach=20.0), "reaches 10 m before its reserve"),
    ],
)
def test_a_patrol_that_the_charge_does_not_cover_is_refused(battery: BatteryState, why: str) -> None:
    assert why in (battery_refusal(vehicle(battery_state=battery), 100.0, 20.0) or "")
