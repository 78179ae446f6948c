"""The dogs, to be read."""

from fastapi import APIRouter

from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import needs
from fleet_server.core.rights import Right
from fleet_server.core.station import StationHere
from fleet_server.telemetry.fleet_state import Fleet
from fleet_server.telemetry.views import DogView, dog_view

router = APIRouter(tags=["dogs"])


@router.get("/dogs", **needs(Right.SEE))
def list_dogs(station: StationHere) -> list[DogView]:
    """All dogs that were ever heard, understood or not."""
    fleet = station[Fleet]
    with station.database.read() as session:
        assigned = fleet.assigned(session)
    now = utc_now()
    return [dog_view(vehicle, fleet, now, assigned.get(vehicle.dog_id)) for vehicle in fleet.shown()]
