"""The dogs, to be read."""

from fastapi import APIRouter

from fleet_server.accounts.current_user import CurrentUser
from fleet_server.core.clock import utc_now
from fleet_server.patrols.queries import open_patrols
from fleet_server.station import StationHere
from fleet_server.telemetry.views import DogView, dog_view

router = APIRouter(tags=["dogs"])


@router.get("/dogs")
def list_dogs(_user: CurrentUser, station: StationHere) -> list[DogView]:
    """All dogs that were ever heard, understood or not."""
    with station.database.read() as session:
        walking = open_patrols(session)
    now = utc_now()
    return [dog_view(vehicle, station.fleet, now, walking.get(vehicle.dog_id)) for vehicle in station.fleet.shown()]
