"""Which dock a dog is sent to, and how it comes onto it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from msgspec import UNSET

from fleet_server.sites.walkable_ground import Place, WalkableGround, Way
from fleet_server.telemetry.fleet_state import Vehicle
from protocol.factsheet import ActionScope

START_CHARGING = "startCharging"
TAKEN_M = 1.0  # who stands this near to a dock has it
BEFORE_M = 1.2  # from which a dog walks straight onto its dock
NEAR_M = 3.0  # of a dock; from farther than that it is not to be reached


@dataclass(frozen=True, slots=True)
class FreeDock:
    """A dock, and where before it a dog can stand. Metres and radians in the frame ``map``."""

    dock_id: str
    name: dict[str, str]
    pose: tuple[float, float, float]
    before: Place


def free_dock(
    docks: Iterable[dict[str, Any]], here: Place, taken: Iterable[Place], ground: WalkableGround, way: Way
) -> FreeDock | None:
    """The nearest by ``way`` from ``here`` at which nobody of ``taken`` stands, and to which nobody of them goes."""
    taken = list(taken)
    found = []
    for dock in docks:
        x, y, theta = (float(dock["pose"][key]) for key in ("x", "y", "theta"))
        if any(math.dist((x, y), place) < TAKEN_M for place in taken):
            continue
        before = ground.nearest(x + BEFORE_M * math.cos(theta), y + BEFORE_M * math.sin(theta), [here])
        if before is not None and math.dist(before, (x, y)) <= NEAR_M:
            found.append((way(*before), FreeDock(dock["dockId"], dock["name"], (x, y, theta), before)))
    return min(found, key=lambda each: (each[0], each[1].dock_id))[1] if found else None


def docks_itself(vehicle: Vehicle) -> bool:
    """Whether it can be told to go onto a dock near it, by an instant action."""
    return _start_charging(vehicle, ActionScope.INSTANT) is not None


def charges_at_node(vehicle: Vehicle) -> bool:
    """Whether it can be told to charge where an order leads it."""
    return _start_charging(vehicle, ActionScope.NODE) is not None


def which_dock(vehicle: Vehicle, x: float, y: float) -> dict[str, float]:
    """The parameters that name a dock, for a vehicle that takes them; the standard has none."""
    keys = _start_charging(vehicle, ActionScope.INSTANT) or frozenset()
    return {"x": x, "y": y} if {"x", "y"} <= keys else {}


def _start_charging(vehicle: Vehicle, scope: ActionScope) -> frozenset[str] | None:
    """The parameters of the vehicle's startCharging; None where it has none of that scope."""
    if vehicle.factsheet is None:
        return None
    for action in vehicle.factsheet.protocol_features.agv_actions:
        if action.action_type == START_CHARGING and scope in action.action_scopes:
            given = action.action_parameters
            return frozenset() if given is UNSET else frozenset(each.key for each in given)
    return None
