"""An incident goes out of the station, for a reason that is written down."""

import tempfile
from collections.abc import Iterator
from typing import IO, Annotated, Any

import msgspec
import structlog
from fastapi import APIRouter, HTTPException
from fastapi.responses import Response, StreamingResponse
from pydantic import StringConstraints

from fleet_server.audit.api import entry_view
from fleet_server.audit.head import head_of
from fleet_server.audit.log import append
from fleet_server.core.api_schema import NOT_FOUND, Body, Problem
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import CurrentUser, needs
from fleet_server.core.detached_signature import StationKey
from fleet_server.core.rights import Right
from fleet_server.core.station import StationHere
from fleet_server.evidence.files import EvidenceFiles
from fleet_server.evidence_package.package_format import KIND, Manifest
from fleet_server.evidence_package.packing import Account, pack
from fleet_server.incidents.api import find_incident
from fleet_server.incidents.timeline import deeds_of, lines_of, pictures_of
from fleet_server.incidents.views import incident_view

log = structlog.get_logger()
router = APIRouter(tags=["incidents"])
ANSWERS: dict[int | str, dict[str, Any]] = {200: {"content": {"application/zip": {}}}, 503: {"model": Problem}}
CHUNK = 256 * 1024
IN_MEMORY = 8 * 1024 * 1024  # bytes; a larger package is made on the disk


class PackageBody(Body):
    """Why the incident leaves the station; it stands in the package and in the audit log."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


@router.post(
    "/incidents/{incident_id}/package",
    response_class=Response,
    responses=ANSWERS | NOT_FOUND,
    **needs(Right.EXPORT),
)
def make_package(incident_id: str, body: PackageBody, user: CurrentUser, station: StationHere) -> Response:
    """The evidence package: a ZIP with a signed manifest; with pictures where the role may look at them."""
    key = station[StationKey]
    with station.database.write() as session:
        now = utc_now()
        incident = find_incident(session, incident_id)
        append(session, now, user.username, "incident.exported", incident_id, reason=body.reason, role=user.role)
        session.flush()
        pictures = pictures_of(session, incident)
        deeds = deeds_of(session, incident, pictures)
        told = lines_of(session, incident, pictures, deeds)
        account = Account(
            incident=incident_view(session, incident).model_dump_json(indent=1).encode(),
            timeline=_json([entry.model_dump(mode="json") for entry in told]),
            audit=_json([entry_view(entry).model_dump(mode="json") for entry in deeds]),
            head=_json(head_of(session, key.private, now)),
        )
    about = Manifest(
        kind=KIND,
        incident_id=incident_id,
        made_at=now,
        made_by=user.username,
        role=user.role,
        reason=body.reason,
        files=[],
        pictures=[],
    )
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed when it is sent
    try:
        pack(file, account, about, pictures, station[EvidenceFiles].store if user.may(Right.LOOK) else None, key)
    except OSError as error:
        file.close()
        log.error("an evidence package was not made", incident=incident_id, reason=str(error))
        raise HTTPException(503, "the station's store of evidence is out of reach; try again later") from error
    size = file.tell()
    file.seek(0)
    name = f"incident-{incident_id}-{now:%Y%m%dT%H%M%SZ}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(size)}
    return StreamingResponse(_sent(file), media_type="application/zip", headers=headers)


def _sent(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK):
            yield chunk


def _json(told: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(told), indent=1)
