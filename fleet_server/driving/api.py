"""To take a dog in hand, to give it back, to ask for it and to hand it over."""

from fastapi import APIRouter, HTTPException

from fleet_server.audit.log import append
from fleet_server.core.api_schema import NOT_FOUND, REFUSED
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import CurrentUser, needs
from fleet_server.core.rights import Right
from fleet_server.core.station import Station, StationHere
from fleet_server.driving.drive_requests import DriveRequests
from fleet_server.driving.drive_watch import is_manual
from fleet_server.driving.hands import Hands, Refused
from fleet_server.telemetry.fleet_state import Fleet, Vehicle
from fleet_server.telemetry.vehicle_capabilities import features
from fleet_server.telemetry.vehicle_lookup import find_vehicle, not_live
from protocol.manual_driving import START

router = APIRouter(prefix="/dogs/{dog_id}/driving", tags=["driving"], responses=NOT_FOUND | REFUSED)


@router.post("/take", status_code=202, **needs(Right.COMMAND))
def take_dog(dog_id: str, user: CurrentUser, station: StationHere) -> None:
    """Take a dog in hand that nobody drives. Its patrol waits; ``driver`` of the dog says who has it."""
    _check(find_vehicle(station, dog_id), station)
    try:
        station[Hands].take(dog_id, user.username, utc_now())
    except Refused as error:
        raise HTTPException(409, str(error)) from error
    _record(station, user.username, "dog.driving_taken", dog_id)


@router.post("/take-over", status_code=202, **needs(Right.OVERRULE))
def take_dog_over(dog_id: str, user: CurrentUser, station: StationHere) -> None:
    """Take a dog out of another's hand."""
    _check(find_vehicle(station, dog_id), station)
    try:
        before = station[Hands].take_over(dog_id, user.username, utc_now())
    except Refused as error:
        raise HTTPException(409, str(error)) from error
    _record(station, user.username, "dog.driving_taken_over", dog_id, driver=before)


@router.post("/ask", status_code=202, **needs(Right.COMMAND))
def ask_for_dog(dog_id: str, user: CurrentUser, station: StationHere) -> None:
    """Ask who drives it for the hand; ``driver.askedBy`` tells them."""
    find_vehicle(station, dog_id)
    try:
        station[Hands].ask(dog_id, user.username)
    except Refused as error:
        raise HTTPException(409, str(error)) from error
    station[Fleet].touch([dog_id])


@router.post("/grant", status_code=202, **needs(Right.COMMAND))
def grant_dog(dog_id: str, user: CurrentUser, station: StationHere) -> None:
    """Hand it to who has asked."""
    find_vehicle(station, dog_id)
    try:
        to = station[Hands].grant(dog_id, user.username, utc_now())
    except Refused as error:
        raise HTTPException(409, str(error)) from error
    _record(station, user.username, "dog.driving_granted", dog_id, driver=to)


@router.post("/refuse", status_code=202, **needs(Right.COMMAND))
def refuse_dog(dog_id: str, user: CurrentUser, station: StationHere) -> None:
    """Keep it from who has asked; they may ask again."""
    find_vehicle(station, dog_id)
    try:
        asker = station[Hands].refuse(dog_id, user.username)
    except Refused as error:
        raise HTTPException(409, str(error)) from error
    _record(station, user.username, "dog.driving_refused", dog_id, driver=asker)


@router.post("/give-back", status_code=202, **needs(Right.COMMAND))
def give_dog_back(dog_id: str, user: CurrentUser, station: StationHere) -> None:
    """Let a dog go on with what it was doing; also one that was lost by its driver and stands."""
    vehicle = find_vehicle(station, dog_id)
    hands = station[Hands]
    if hands.of(dog_id) is None and is_manual(vehicle):
        station[DriveRequests].release(dog_id)
    else:
        try:
            hands.give_back(dog_id, user.username)
        except Refused as error:
            raise HTTPException(409, str(error)) from error
    _record(station, user.username, "dog.driving_given_back", dog_id)


def _check(vehicle: Vehicle, station: Station) -> None:
    """Raise HTTPException where the vehicle cannot be driven, or not now."""
    now, name = utc_now(), vehicle.dog_id
    if START not in features(vehicle.factsheet).instant_actions:
        raise HTTPException(409, f"{name} cannot do {START}: it has not said so in its factsheet")
    if not station[Fleet].is_live(vehicle, now):
        raise HTTPException(409, not_live(vehicle))


def _record(station: Station, who: str, deed: str, dog_id: str, **details: str) -> None:
    station.hurry()
    station[Fleet].touch([dog_id])
    with station.database.write() as session:
        append(session, utc_now(), who, deed, dog_id, **details)
