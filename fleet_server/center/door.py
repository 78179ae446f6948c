"""The door at which a center proves itself by a signature: calls as JSON, alerts as CAP 1.2."""

from fastapi import APIRouter, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool

from fleet_server.accounts.sign_in_limit import MOST_OF_ADDRESS, SignInLimit, who_asks
from fleet_server.calls import asking
from fleet_server.calls.call_dispatch import CallDispatch
from fleet_server.calls.views import CallBody
from fleet_server.center import incoming
from fleet_server.center.cap_alert import LARGEST, MalformedAlert, read_alert
from fleet_server.center.center_secrets import secret_of
from fleet_server.center.tables import Center
from fleet_server.center.views import CenterMessageView, message_view
from fleet_server.center.webhook_signature import BadSignature, check, made_up_secret
from fleet_server.core.api_schema import INVALID, REFUSED, Problem
from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.clock import utc_now
from fleet_server.core.station import Station, StationHere
from fleet_server.core.stored_secrets import StoredSecrets, UnreadableSecret

router = APIRouter(tags=["center"])
ACTOR = "center:"  # before its name in the audit log
_NOBODYS = made_up_secret()
_UNREADABLE = "the station cannot read the secret of center {!r}; its log says why"
_CONTENT = {
    "application/json": {"schema": {"$ref": "#/components/schemas/CallBody"}},
    "application/cap+xml": {"schema": {"type": "string"}},
}


@router.post(
    "/centers/{name}/messages",
    responses=REFUSED | INVALID | {401: {"model": Problem}, 429: {"model": Problem}, 503: {"model": Problem}},
    openapi_extra={"requestBody": {"required": True, "content": _CONTENT}},
    max_body_size=LARGEST,
)
async def take_message(name: str, request: Request, station: StationHere) -> CenterMessageView:
    """Take a call or a CAP alert that is signed as Standard Webhooks has it. A second time it does nothing."""
    body = await request.body()
    return await run_in_threadpool(_take, name, request, body, station)


def carry_out_alert(station: Station, body: bytes, sender: str) -> CenterMessageView:
    """What an alert asks for; 422 where it is none."""
    try:
        alert = read_alert(body)
    except MalformedAlert as error:
        raise HTTPException(422, str(error)) from error
    changes = ChangeEvents()
    with station.database.write() as session:
        now = utc_now()
        row = incoming.known(session, incoming.cap_key(alert.key))
        row = row or incoming.take_alert(session, station, alert, sender, now, changes)
    _carry_out(station, changes)
    return message_view(row)


def _take(name: str, request: Request, body: bytes, station: Station) -> CenterMessageView:
    message_id = _proved(name, request, body, station)
    if "xml" in request.headers.get("content-type", ""):
        return carry_out_alert(station, body, ACTOR + name)
    try:
        wanted = CallBody.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError([each | {"loc": ("body", *each["loc"])} for each in error.errors()]) from error
    return _carry_out_call(station, wanted, f"{ACTOR}{name}:{message_id}", ACTOR + name)


def _carry_out_call(station: Station, wanted: CallBody, key: str, sender: str) -> CenterMessageView:
    changes = ChangeEvents()
    try:
        with station.database.write() as session:
            now = utc_now()
            row = incoming.known(session, key)
            row = row or incoming.take_call(session, station, wanted, key, sender, now, changes)
    except LookupError as error:
        raise HTTPException(422, str(error)) from error
    except (asking.OutOfReach, asking.NotNow) as error:
        raise HTTPException(409, str(error)) from error
    _carry_out(station, changes)
    return message_view(row)


def _proved(name: str, request: Request, body: bytes, station: Station) -> str:
    """The id of a message from the center ``name``; 401 for all else, and 429 for who tries too often.

    503 where its secret cannot be read: it may well be right.
    """
    now = utc_now()
    with station.database.read() as session:
        center = session.scalar(select(Center).where(Center.name == name, Center.removed_at.is_(None)))
    try:
        secret = secret_of(center, station[StoredSecrets]) if center is not None else _NOBODYS
        found = check(secret, request.headers, body, now)
    except UnreadableSecret as error:
        raise HTTPException(503, _UNREADABLE.format(name)) from error
    except BadSignature as error:
        where = f"center from {who_asks(request.client.host if request.client else None)}"
        wait_s = station[SignInLimit].begin({where: MOST_OF_ADDRESS}, now)
        if wait_s > 0:
            headers = {"Retry-After": str(int(wait_s) + 1)}
            raise HTTPException(429, "too many wrong signatures; wait a while", headers) from error
        raise HTTPException(401, str(error)) from error
    return found


def _carry_out(station: Station, changes: ChangeEvents) -> None:
    station.tell(changes)
    station.hurry()
    station[CallDispatch].update()
