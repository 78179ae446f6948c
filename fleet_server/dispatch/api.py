"""What an operator tells a dog at once, beside its order."""

from fastapi import APIRouter, HTTPException

from fleet_server.audit.log import append
from fleet_server.core.api_schema import NOT_FOUND, REFUSED, View
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import CurrentUser, needs
from fleet_server.core.once_route import OnceRoute
from fleet_server.core.rights import Right
from fleet_server.core.station import StationHere
from fleet_server.dispatch.clear_fall import CLEAR_FALL, clear_fall_refusal
from fleet_server.dispatch.emergency_stop import EmergencyStops, release_refusal, stop_refusal
from fleet_server.dispatch.order_sender import OrderSender
from fleet_server.telemetry.fleet_state import Fleet
from fleet_server.telemetry.vehicle_lookup import find_vehicle

router = APIRouter(tags=["dogs"], route_class=OnceRoute)


class StopAnswerView(View):
    """Whether a dog is being told to stop; ``reason`` says why not."""

    dog_id: str
    told: bool
    reason: str | None


@router.post(
    "/dogs/{dog_id}/clear-fall", status_code=202, responses=NOT_FOUND | REFUSED, **needs(Right.COMMAND, once=True)
)
def clear_fall(dog_id: str, user: CurrentUser, station: StationHere) -> None:
    """Let a dog go on that fell, stands again, and waits for a person. What comes of it shows in its errors."""
    now, vehicle = utc_now(), find_vehicle(station, dog_id)
    why = clear_fall_refusal(vehicle, station[Fleet].is_live(vehicle, now))
    if why is not None:
        raise HTTPException(409, why)
    with station.database.write() as session:
        append(session, utc_now(), user.username, "dog.fall_cleared", dog_id)
    station[OrderSender].ask(dog_id, CLEAR_FALL, now)
    station.hurry()


@router.post("/dogs/{dog_id}/emergency-stop", status_code=202, responses=NOT_FOUND | REFUSED, **needs(Right.COMMAND))
def stop_dog(dog_id: str, user: CurrentUser, station: StationHere) -> None:
    """Stop a dog at once, and one out of reach as soon as it is back. ``emergencyStop`` of the dog confirms it."""
    now, vehicle = utc_now(), find_vehicle(station, dog_id)
    why = stop_refusal(vehicle)
    if why is not None:
        raise HTTPException(409, why)
    station[EmergencyStops].stop(vehicle, user.username, now)
    station.hurry()
    with station.database.write() as session:
        station[EmergencyStops].store(session)
        append(session, utc_now(), user.username, "dog.emergency_stopped", dog_id)


@router.post(
    "/dogs/{dog_id}/release-emergency-stop",
    status_code=202,
    responses=NOT_FOUND | REFUSED,
    **needs(Right.COMMAND, once=True),
)
def release_dog(dog_id: str, user: CurrentUser, station: StationHere) -> None:
    """Let a stopped dog go on, or take back a stop that it has not heard. Refused for one that is out of reach."""
    now, vehicle = utc_now(), find_vehicle(station, dog_id)
    fleet = station[Fleet]
    why = release_refusal(vehicle, fleet.stop_request(dog_id), fleet.is_live(vehicle, now))
    if why is not None:
        raise HTTPException(409, why)
    with station.database.write() as session:
        append(session, utc_now(), user.username, "dog.emergency_stop_released", dog_id)
    station[EmergencyStops].release(vehicle, user.username, now)
    station.hurry()


@router.post("/emergency-stop", status_code=202, **needs(Right.COMMAND))
def stop_all_dogs(user: CurrentUser, station: StationHere) -> list[StopAnswerView]:
    """Stop every dog of the station at once, those out of reach as soon as they are back."""
    now, vehicles = utc_now(), station[Fleet].all()
    refusals = {vehicle.dog_id: stop_refusal(vehicle) for vehicle in vehicles}
    for vehicle in vehicles:
        if refusals[vehicle.dog_id] is None:
            station[EmergencyStops].stop(vehicle, user.username, now)
    station.hurry()
    with station.database.write() as session:
        station[EmergencyStops].store(session)
        for dog_id, why in refusals.items():
            if why is None:
                append(session, utc_now(), user.username, "dog.emergency_stopped", dog_id, all_dogs=True)
    return [StopAnswerView(dog_id=dog_id, told=why is None, reason=why) for dog_id, why in refusals.items()]
