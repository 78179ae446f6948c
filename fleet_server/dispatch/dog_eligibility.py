"""Whether a dog can take a patrol now; and if not, why not, in words for the operator."""

from collections.abc import Iterable

from msgspec import UNSET

from fleet_server.telemetry.fleet_state import Vehicle
from fleet_server.telemetry.vehicle_capabilities import Features
from fleet_server.telemetry.vehicle_lookup import not_live
from protocol.state import ErrorLevel, EStop, OperatingMode

DETOUR = 1.3  # how much longer than the straight ways a round is, with the way home in mind


def refusal(vehicle: Vehicle, live: bool, map_id: str) -> str | None:
    """Why the vehicle cannot take any patrol on the map ``map_id``; None when it can."""
    why = unfit(vehicle, live, map_id)
    return f"{vehicle.dog_id} is busy with an order" if why is None and vehicle.executing else why


def unfit(vehicle: Vehicle, live: bool, map_id: str) -> str | None:
    """Why the vehicle can walk nowhere on the map ``map_id``, whatever it is doing; None when it can."""
    state, name = vehicle.state, vehicle.dog_id
    if not live:
        return not_live(vehicle)
    if state is None or vehicle.position is None or not vehicle.position.position_initialized:
        return f"{name} does not know where it is"
    if vehicle.position.map_id != map_id:
        return f"{name} is on the map {vehicle.position.map_id!r}, the route on {map_id!r}"
    if state.operating_mode is not OperatingMode.AUTOMATIC:
        return f"{name} is in {state.operating_mode} mode"
    if state.safety_state.e_stop is not EStop.NONE:
        return f"{name} is stopped: emergency stop {state.safety_state.e_stop}"
    fatal = next((e for e in state.errors if e.error_level is ErrorLevel.FATAL), None)
    return f"{name} needs a person: {fatal.error_type}" if fatal is not None else None


def work_refusal(dog_id: str, features: Features, actions: Iterable[str], nodes: int) -> str | None:
    """Why the vehicle cannot walk or work along a route of ``nodes`` nodes with ``actions``; None when it can."""
    if not features.plans_its_way:
        return f"{dog_id} follows lines, and does not plan its own way"
    if features.most_nodes and nodes > features.most_nodes:
        return f"{dog_id} takes {features.most_nodes} nodes, the route has {nodes}"
    unable = features.unable(actions)
    return f"{dog_id} cannot do {', '.join(unable)}" if unable else None


def battery_refusal(vehicle: Vehicle, length_m: float, reserve_pct: float) -> str | None:
    """Why the charge does not suffice for ``length_m`` and the reserve after it; None when it does."""
    if vehicle.state is None:
        return f"{vehicle.dog_id} has not told its charge"
    battery = vehicle.state.battery_state
    if battery.battery_charge <= reserve_pct:
        return (
            f"{vehicle.dog_id} has {battery.battery_charge:.0f} % charge, not above the reserve of {reserve_pct:.0f} %"
        )
    if battery.reach is UNSET or battery.reach <= 0:
        return None
    usable_m = battery.reach * (1 - reserve_pct / battery.battery_charge)
    if length_m * DETOUR > usable_m:
        return (
            f"{vehicle.dog_id} reaches {usable_m:.0f} m before its reserve, the route needs {length_m * DETOUR:.0f} m"
        )
    return None
