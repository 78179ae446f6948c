"""What an operator tells a dog at once, beside its order."""

from fastapi import APIRouter, HTTPException

from fleet_server.audit.log import append
from fleet_server.core.api_schema import NOT_FOUND, REFUSED
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import CurrentUser, needs
from fleet_server.core.rights import Right
from fleet_server.core.station import StationHere
from fleet_server.dispatch.clear_fall import CLEAR_FALL, clear_fall_refusal
from fleet_server.dispatch.order_sender import OrderSender
from fleet_server.telemetry.fleet_state import Fleet

router = APIRouter(tags=["dogs"])


@router.post("/dogs/{dog_id}/clear-fall", status_code=202, responses=NOT_FOUND | REFUSED, **needs(Right.COMMAND))
def clear_fall(dog_id: str, user: CurrentUser, station: StationHere) -> None:
    """Let a dog go on that fell, stands again, and waits for a person. What comes of it shows in its errors."""
    now = utc_now()
    vehicle = station[Fleet].get(dog_id)
    if vehicle is None:
        raise HTTPException(404, f"there is no dog {dog_id!r}")
    why = clear_fall_refusal(vehicle, station[Fleet].is_live(vehicle, now))
    if why is not None:
        raise HTTPException(409, why)
    with station.database.write() as session:
        append(session, now, user.username, "dog.fall_cleared", dog_id)
    station[OrderSender].ask(dog_id, CLEAR_FALL, now)
    station.hurry()
