"""A sentence that an operator has a dog speak: by name, and on record before it is said."""

from typing import Annotated

from fastapi import APIRouter, HTTPException
from pydantic import AfterValidator, StringConstraints

from fleet_server.audit.log import append
from fleet_server.core.api_schema import INVALID, NOT_FOUND, REFUSED, Body, View
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import CurrentUser, needs
from fleet_server.core.once_route import OnceRoute
from fleet_server.core.rights import Right
from fleet_server.core.station import StationHere
from fleet_server.dispatch.order_sender import OrderSender
from fleet_server.telemetry.fleet_state import Fleet, Vehicle
from fleet_server.telemetry.vehicle_lookup import find_vehicle, refusal_of
from protocol.speech import LANGUAGE, LONGEST_TEXT, SPEAK, TEXT, Language, wrong_text

router = APIRouter(tags=["dogs"], route_class=OnceRoute)


def _spoken(text: str) -> str:
    why = wrong_text(text)
    if why is not None:
        raise ValueError(why)
    return text


class SentenceBody(Body):
    """What a dog is to speak: a letter or digit at least, no control characters."""

    text: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT), AfterValidator(_spoken)
    ]
    language: Language


class SentenceTakenView(View):
    """The dog's ``sentences`` say under this id what came of it; none does where the dog has not heard it in 20 s."""

    sentence_id: str


@router.post(
    "/dogs/{dog_id}/sentences",
    status_code=202,
    responses=NOT_FOUND | REFUSED | INVALID,
    **needs(Right.COMMAND, once=True),
)
def speak(dog_id: str, body: SentenceBody, user: CurrentUser, station: StationHere) -> SentenceTakenView:
    """Have a dog speak a sentence aloud, in place of the one before. It is no alarm, and moves nothing."""
    now, vehicle = utc_now(), find_vehicle(station, dog_id)
    why = speech_refusal(vehicle, station[Fleet].is_live(vehicle, now))
    if why is not None:
        raise HTTPException(409, why)
    said = {TEXT: body.text, LANGUAGE: str(body.language)}
    with station.database.write() as session:
        append(session, utc_now(), user.username, "dog.told_to_speak", dog_id, **said)
    sentence_id = station[OrderSender].ask(dog_id, SPEAK, now, parameters=said)
    station.hurry()
    return SentenceTakenView(sentence_id=sentence_id)


def speech_refusal(vehicle: Vehicle, live: bool) -> str | None:
    """Why nothing can be spoken through the vehicle; None where it can."""
    return refusal_of(vehicle, live, SPEAK, "cannot speak")
