"""The dogs' door: bytes of evidence, resumed where they broke and verified by hash."""

import secrets
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, Header, HTTPException, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, HTTPConnection

from fleet_server.core.api_schema import INVALID, NOT_FOUND, REFUSED, Problem
from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.clock import utc_now
from fleet_server.core.station import Station, StationHere
from fleet_server.enrolment.admission import Admission
from fleet_server.enrolment.identities import owner_of
from fleet_server.evidence.content_check import why_unfit
from fleet_server.evidence.files import EvidenceFiles, Unfit
from fleet_server.evidence.originals import why_no_original
from fleet_server.evidence.record import complete
from fleet_server.evidence.tables import Evidence
from fleet_server.evidence.upload_claims import UploadClaim, UploadClaims
from fleet_server.evidence.upload_token import UploadToken
from fleet_server.telemetry.vehicle_id import address_of, dog_id
from protocol.evidence import ORIGINAL
from protocol.topics import Address


def uploader(request: HTTPConnection, station: StationHere) -> Address | None:
    """The dog whose token this is; None: any dog, at a station without a fleet folder. Refuses everybody else."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer":
        if not station[Admission].closed and secrets.compare_digest(
            token.encode(), station[UploadToken].value.encode()
        ):
            return None
        with station.database.read() as session:
            owner = owner_of(session, token, station.settings.mqtt_prefix)
        if owner is not None:
            return owner
    raise HTTPException(401, "no valid upload token", {"WWW-Authenticate": "Bearer"})


log = structlog.get_logger()
Uploader = Annotated[Address | None, Depends(uploader)]
# Read piece by piece, and bounded by what was announced; this is above every `evidence_max_bytes`.
MOST_BYTES = 1 << 40
UNFIT: dict[int | str, dict[str, Any]] = {415: {"model": Problem}}
router = APIRouter(tags=["evidence upload"], dependencies=[Depends(uploader)])


@router.head("/evidence/{evidence_id}", responses=NOT_FOUND)
def upload_offset(evidence_id: UUID, owner: Uploader, station: StationHere) -> Response:
    """How many bytes are here; 404 while the message ``evidence`` has not arrived yet."""
    row = _find(station, evidence_id, owner)
    return Response(headers=_progress(row, station))


@router.patch(
    "/evidence/{evidence_id}",
    status_code=204,
    max_body_size=MOST_BYTES,
    responses=NOT_FOUND | REFUSED | INVALID | UNFIT,
)
async def upload(
    evidence_id: UUID,
    request: Request,
    owner: Uploader,
    station: StationHere,
    upload_offset: Annotated[int, Header(ge=0)],
) -> Response:
    """Add bytes from ``Upload-Offset`` on. When all are here their hash is checked: 422, and from 0 again, if wrong.
    A clip that is no video, or too long, a recording that is no MCAP file, and an original that is not sealed to a
    site's key or of no picture that is here, are not taken: 415.

    A newer upload of the same file takes over from one that is under way: that one may have stalled.
    """
    row = await run_in_threadpool(_find, station, evidence_id, owner)
    claim = station[UploadClaims].take(row.evidence_id)
    if claim is None:
        raise HTTPException(409, "the bytes of this file are being checked")
    try:
        if row.complete_at is None:
            await _receive(row, request, station, upload_offset, claim)
        return Response(status_code=204, headers=_progress(row, station))
    finally:
        station[UploadClaims].leave(claim)


async def _receive(row: Evidence, request: Request, station: Station, start: int, claim: UploadClaim) -> None:
    here = station[EvidenceFiles].offset(row.evidence_id)
    if start != here:
        raise HTTPException(409, f"{here} bytes are here, not {start}", {"Upload-Offset": str(here)})
    try:
        async for chunk in request.stream():
            if not station[UploadClaims].holds(claim):
                raise HTTPException(409, "a newer upload of this file has taken over", {"Connection": "close"})
            if here + len(chunk) > row.size_bytes:
                raise HTTPException(422, f"more than the {row.size_bytes} bytes that were announced")
            station[EvidenceFiles].append(row.evidence_id, chunk)
            here += len(chunk)
    except OSError as error:
        log.error("evidence was not stored", evidence=row.evidence_id, reason=error.strerror)
        raise HTTPException(507, f"the station's disk takes nothing: {error.strerror}") from error
    except ClientDisconnect as error:
        raise HTTPException(400, f"cut after {here} bytes", {"Upload-Offset": str(here)}) from error
    if here == row.size_bytes:
        claim.sealing = True
        await run_in_threadpool(_seal, row, station)


def _seal(row: Evidence, station: Station) -> None:
    try:
        whole = station[EvidenceFiles].seal(row.evidence_id, row.sha256, lambda file: _why_unfit(station, row, file))
    except Unfit as error:
        _refuse(row, str(error), station)
        raise HTTPException(415, str(error)) from error
    except OSError as error:  # the bytes are kept, and the dog asks again
        log.error("evidence was not stored", evidence=row.evidence_id, reason=str(error))
        raise HTTPException(507, "the station's store of evidence takes nothing now") from error
    if not whole:
        raise HTTPException(422, "the hash is wrong; start again from 0", {"Upload-Offset": "0"})
    changes = ChangeEvents()
    with station.database.write() as session:
        stored = session.get_one(Evidence, row.evidence_id)
        stored.original_of = row.original_of
        complete(session, stored, utc_now(), changes, station.events)
        row.complete_at = stored.complete_at
    changes.store(address_of(row.dog_id, row.manufacturer, station.settings.mqtt_prefix), UUID(row.evidence_id))
    station.tell(changes)


def _why_unfit(station: Station, row: Evidence, file: Path) -> str:
    """Why ``file`` is not what ``row`` announced; empty where it is."""
    if row.media_type != ORIGINAL:
        return why_unfit(file, row.media_type)
    with station.database.read() as session:
        return why_no_original(session, row, file, station.settings.mqtt_prefix)


def _refuse(row: Evidence, why: str, station: Station) -> None:
    """Forget the row, and tell its dog that it need not come again with it."""
    log.warning("evidence is not what was announced", evidence=row.evidence_id, dog=row.dog_id, reason=why)
    with station.database.write() as session:
        session.delete(session.get_one(Evidence, row.evidence_id))
    changes = ChangeEvents()
    changes.refuse(address_of(row.dog_id, row.manufacturer, station.settings.mqtt_prefix), UUID(row.evidence_id), why)
    station.tell(changes)


def _find(station: Station, evidence_id: UUID, owner: Address | None) -> Evidence:
    """The row, if it is one of ``owner``'s; another dog's is as unknown as one that never was."""
    with station.database.read() as session:
        row = session.get(Evidence, str(evidence_id))
    if row is None or not _belongs(row, owner):
        raise HTTPException(404, "this evidence was not announced yet")
    return row


def _belongs(row: Evidence, owner: Address | None) -> bool:
    return owner is None or row.dog_id == dog_id(owner)


def _progress(row: Evidence, station: Station) -> dict[str, str]:
    here = row.size_bytes if row.complete_at else station[EvidenceFiles].offset(row.evidence_id)
    return {"Upload-Offset": str(here), "Upload-Length": str(row.size_bytes), "Cache-Control": "no-store"}
