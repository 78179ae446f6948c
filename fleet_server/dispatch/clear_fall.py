"""Whether a dog that fell waits for a person's word."""

from fleet_server.telemetry.fleet_state import Vehicle
from fleet_server.telemetry.vehicle_capabilities import features
from fleet_server.telemetry.vehicle_lookup import not_live

CLEAR_FALL = "clearFall"  # an instant action of our dogs', beside the standard's
FALLEN, STAGE, WAITING = "fallen", "stage", "waiting"


def clear_fall_refusal(vehicle: Vehicle, live: bool) -> str | None:
    """Why the vehicle cannot be let go on after a fall; None where it waits for that."""
    can, name = features(vehicle.factsheet), vehicle.dog_id
    if not live:
        return not_live(vehicle)
    if can.known and CLEAR_FALL not in can.instant_actions:
        return f"{name} cannot do {CLEAR_FALL}"
    errors = vehicle.state.errors if vehicle.state is not None else []
    stages = {
        reference.reference_value
        for error in errors
        if error.error_type == FALLEN
        for reference in error.error_references or []
        if reference.reference_key == STAGE
    }
    return None if WAITING in stages else f"{name} does not wait after a fall"
