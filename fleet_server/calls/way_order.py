"""The order of a call: one node, where the dog goes, with its work."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec

from fleet_server.calls.tables import Call, CallKind
from fleet_server.dispatch.order_building import Drawn, draw_order
from fleet_server.patrols.queries import records
from fleet_server.patrols.tables import Patrol, PatrolStatus
from fleet_server.telemetry.fleet_state import Vehicle
from fleet_server.telemetry.vehicle_capabilities import features
from protocol.on_blocked import ON_BLOCKED, BlockedPolicy
from protocol.on_link_loss import ON_LINK_LOSS, LinkLossPolicy
from protocol.on_low_battery import ON_LOW_BATTERY, LowBatteryPolicy
from protocol.site import Checkpoint, Pose, Text
from protocol.state import AgvPosition

PLACE_ID = "call"  # a call's one node is this and the beginning of its id
# A call is not worth a dog: a way that stays blocked, a low battery or half an hour without the station end it.
RULES: dict[str, dict[str, Any]] = {
    ON_LINK_LOSS: {"policy": LinkLossPolicy.CARRY_ON_THEN_HOME, "minutes": 30.0},
    ON_BLOCKED: {"policy": BlockedPolicy.SKIP, "tries": 2},
    ON_LOW_BATTERY: {"policy": LowBatteryPolicy.END},
}


def call_order(call: Call, vehicle: Vehicle, start: AgvPosition, now: datetime, new_id: Callable[[], str]) -> Drawn:
    """The way from where the vehicle stands to where the call is, with what of its work the vehicle can do."""
    place_id = f"{PLACE_ID}-{call.call_id[:8]}"
    place = Checkpoint(
        checkpoint_id=place_id,
        name=Text(**name_of(call)),
        pose=Pose(x=call.to_x, y=call.to_y, theta=call.to_theta or 0.0),
    )
    return draw_order(
        [{"checkpointId": place_id, "actions": call.work, "anyHeading": call.to_theta is None}],
        {place_id: place},
        start,
        vehicle.address,
        new_id(),
        now.timestamp(),
        new_id,
        features(vehicle.factsheet, bare=True),
        RULES,
    )


def call_patrol(call: Call, vehicle: Vehicle, start: AgvPosition, by: str, now: datetime) -> Patrol:
    """The order of a call as a row to be followed."""
    drawn = call_order(call, vehicle, start, now, lambda: str(uuid4()))
    return Patrol(
        patrol_id=str(uuid4()),
        route_id="",
        route_name=name_of(call),
        site_id=call.site_id,
        dog_id=vehicle.dog_id,
        manufacturer=vehicle.address.manufacturer,
        order_id=drawn.order.order_id,
        order=msgspec.to_builtins(drawn.order),
        status=PatrolStatus.SENT,
        created_at=now,
        assigned_by=by,
        checkpoints=records(drawn.checkpoints),
        call_id=call.call_id,
    )


def name_of(call: Call) -> dict[str, str]:
    """What a person calls it, in both languages."""
    somewhere = f"x {call.x:.1f}, y {call.y:.1f}"
    place = call.name or {"zh": somewhere, "en": somewhere}
    if call.kind == CallKind.HOME:
        return {"zh": f"返回{place['zh']}", "en": f"Home to {place['en']}"}
    return {"zh": f"前往查看：{place['zh']}", "en": f"Look at {place['en']}"}
