"""Inviting a dog, taking it in, revoking it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import AwareDatetime, StringConstraints

from fleet_server.accounts.sign_in_limit import MOST_FAILURES, SignInLimit, who_asks
from fleet_server.audit.log import append
from fleet_server.core.api_schema import INVALID, NOT_FOUND, REFUSED, Body, Problem, View
from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import CurrentUser, needs
from fleet_server.core.fleet_folder import FleetFolder
from fleet_server.core.problems import field_fault
from fleet_server.core.rights import Right
from fleet_server.core.signing import PUBLIC_KEY
from fleet_server.core.station import Station, StationHere
from fleet_server.enrolment import identities
from fleet_server.enrolment.admission import Admission
from fleet_server.enrolment.fleet_setup import authority_of
from fleet_server.enrolment.pki import BadRequest, fingerprint
from fleet_server.enrolment.tables import Identity
from fleet_server.telemetry.fleet_state import Fleet
from protocol.topics import Address, BadTopic

MOST_BODY = 16 * 1024  # bytes
PIN = 32  # hexadecimal digits of the authority's fingerprint that stand behind a code: 128 bits

Part = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.-]+$")]

router = APIRouter(prefix="/identities", tags=["enrolment"])
door = APIRouter(prefix="/enrolment", tags=["enrolment"])
SOME_DOG = ChangeEvents.of(Identity, "some")


class InvitationBody(Body):
    """Whom to invite."""

    name: Part
    manufacturer: Part = "xiaotian"


class InvitationView(View):
    """The code, shown this once: the secret, and behind the dash what the station's authority is known by."""

    manufacturer: str
    name: str
    code: str
    expires_at: AwareDatetime


class IdentityView(View):
    """A dog's place in the fleet."""

    manufacturer: str
    name: str
    status: str
    invited_at: AwareDatetime
    invited_by: str
    enrolled_at: AwareDatetime | None
    revoked_at: AwareDatetime | None
    revoked_by: str | None


class RevocationView(View):
    """``broker_told`` is False where there was no broker; it is told when it is back."""

    manufacturer: str
    name: str
    broker_told: bool


class RequestBody(Body):
    """A dog's one-time code, and its request for a certificate (PKCS 10, PEM)."""

    code: Annotated[str, StringConstraints(min_length=8, max_length=64)]
    request: Annotated[str, StringConstraints(min_length=64, max_length=2048)]


class EnrolledView(View):
    """All that a dog needs to belong to this station. PEM where it is a certificate or a key."""

    manufacturer: str
    name: str
    prefix: str
    certificate: str
    authority: str
    station_key: str
    upload_token: str
    mqtt_host: str
    mqtt_port: int


@router.get("", **needs(Right.ENROL))
def identities_list(station: StationHere) -> list[IdentityView]:
    """All dogs that were ever invited."""
    with station.database.read() as session:
        return [_view(row, utc_now()) for row in identities.everybody(session)]


@router.post("", status_code=201, responses=REFUSED | INVALID, **needs(Right.ENROL))
def invite(body: InvitationBody, user: CurrentUser, station: StationHere) -> InvitationView:
    """A one-time code for a dog, good for an hour."""
    folder = _folder(station)
    address = Address(body.manufacturer, body.name, station.settings.mqtt_prefix)
    with station.database.write() as session:
        now = utc_now()
        secret = identities.invite(session, address, now, user.username)
        append(session, now, user.username, "dog.invited", f"{body.manufacturer}/{body.name}")
    station.tell(SOME_DOG)
    code = f"{secret}-{fingerprint(folder.ca.read_bytes())[:PIN]}"
    return InvitationView(
        manufacturer=body.manufacturer, name=body.name, code=code, expires_at=now + identities.CODE_LIVES
    )


@router.delete("/{manufacturer}/{name}", responses=NOT_FOUND | REFUSED, **needs(Right.ENROL))
def revoke(manufacturer: str, name: str, user: CurrentUser, station: StationHere) -> RevocationView:
    """Take everything from a dog at once: its connection, its uploads, its right to come back."""
    _folder(station)
    try:
        address = Address(manufacturer, name, station.settings.mqtt_prefix)
        with station.database.write() as session:
            now = utc_now()
            identities.revoke(session, address, now, user.username)
            append(session, now, user.username, "dog.revoked", f"{manufacturer}/{name}")
    except (identities.UnknownDog, BadTopic) as error:
        raise HTTPException(404, str(error)) from error
    told = station[Admission].close_to(address)
    station[Fleet].part_with(address)
    station.tell(SOME_DOG)
    return RevocationView(manufacturer=manufacturer, name=name, broker_told=told)


@door.get("/authority", responses=REFUSED)
def authority(station: StationHere) -> Response:
    """The certificate of the station's authority; a dog compares it with what stands behind the dash of its code."""
    return Response(_folder(station).ca.read_bytes(), media_type="application/x-pem-file")


@door.post(
    "",
    status_code=201,
    max_body_size=MOST_BODY,
    responses={403: {"model": Problem}, 429: {"model": Problem}} | REFUSED | INVALID,
)
def enrol(body: RequestBody, request: Request, station: StationHere) -> EnrolledView:
    """Take in the dog that holds the code. The code is good once."""
    folder, now = _folder(station), utc_now()
    where = f"enrolment {who_asks(request.client.host if request.client else None)}"
    if (wait_s := station[SignInLimit].begin({where: MOST_FAILURES}, now)) > 0:
        raise HTTPException(429, "too many wrong codes; wait a while", {"Retry-After": str(int(wait_s) + 1)})
    try:
        enrolled = _enrol(body, folder, station)
    except identities.UnknownCode as error:
        raise HTTPException(403, str(error)) from error
    except BadRequest as error:
        raise field_fault("request", str(error)) from error
    station[SignInLimit].succeed(where)
    station[Admission].open_to(enrolled.address, enrolled.name)
    station.tell(SOME_DOG)
    about = folder.about()
    return EnrolledView(
        manufacturer=enrolled.address.manufacturer,
        name=enrolled.address.serial_number,
        prefix=enrolled.address.prefix,
        certificate=enrolled.certificate.decode(),
        authority=folder.ca.read_text(),
        station_key=(folder.root / PUBLIC_KEY).read_text(),
        upload_token=enrolled.token,
        mqtt_host=about.hosts[0],
        mqtt_port=about.mqtt_port,
    )


def _enrol(body: RequestBody, folder: FleetFolder, station: Station) -> identities.Enrolled:
    prefix = station.settings.mqtt_prefix
    with station.database.write() as session:
        now = utc_now()
        made = identities.enrol(session, body.code, body.request.encode(), authority_of(folder), prefix, now)
        name = f"{made.address.manufacturer}/{made.address.serial_number}"
        append(session, now, name, "dog.enrolled", name)
    return made


def _folder(station: Station) -> FleetFolder:
    if station.settings.fleet_dir is None:
        raise HTTPException(409, "this station was not set up with `xiaotian fleet init`: every dog may speak")
    return FleetFolder(station.settings.fleet_dir)


def _view(row: Identity, now: datetime) -> IdentityView:
    return IdentityView(
        manufacturer=row.manufacturer,
        name=row.name,
        status=_status(row, now),
        invited_at=row.invited_at,
        invited_by=row.invited_by,
        enrolled_at=row.enrolled_at,
        revoked_at=row.revoked_at,
        revoked_by=row.revoked_by,
    )


def _status(row: Identity, now: datetime) -> str:
    if row.revoked_at is not None and row.code_hash is None:
        return "REVOKED"
    if row.enrolled_at is not None and row.revoked_at is None:
        return "ENROLLED"
    open_until = row.code_expires_at
    return "INVITED" if open_until is not None and open_until > now else "EXPIRED"
