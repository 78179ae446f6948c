"""The dogs' door: bytes of evidence, resumed where they broke and verified by hash."""

import secrets
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, HTTPException, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from fleet_server.changes import Changes
from fleet_server.clock import utc_now
from fleet_server.evidence.record import complete
from fleet_server.evidence.tables import Evidence
from fleet_server.schema import INVALID, NOT_FOUND, REFUSED
from fleet_server.station import Station, StationHere
from protocol.topics import Address


def robot_only(request: Request, station: StationHere) -> None:
    """Refuses everybody who does not hold the station's upload token."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secrets.compare_digest(token.encode(), station.robot_token.encode()):
        raise HTTPException(401, "no valid upload token", {"WWW-Authenticate": "Bearer"})


router = APIRouter(tags=["evidence upload"], dependencies=[Depends(robot_only)])


@router.head("/evidence/{evidence_id}", responses=NOT_FOUND)
def upload_offset(evidence_id: UUID, station: StationHere) -> Response:
    """How many bytes are here; 404 while the message ``evidence`` has not arrived yet."""
    row = _find(station, evidence_id)
    return Response(headers=_progress(row, station))


@router.patch("/evidence/{evidence_id}", status_code=204, responses=NOT_FOUND | REFUSED | INVALID)
async def upload(
    evidence_id: UUID, request: Request, station: StationHere, upload_offset: Annotated[int, Header(ge=0)]
) -> Response:
    """Add bytes from ``Upload-Offset`` on. When all are here their hash is checked: 422, and from 0 again, if wrong."""
    if not station.uploads.enter(str(evidence_id)):
        raise HTTPException(409, "another upload of this file is under way")
    try:
        row = await run_in_threadpool(_find, station, evidence_id)
        if row.complete_at is None:
            await _receive(row, request, station, upload_offset)
        return Response(status_code=204, headers=_progress(row, station))
    finally:
        station.uploads.leave(str(evidence_id))


async def _receive(row: Evidence, request: Request, station: Station, start: int) -> None:
    here = station.evidence_files.offset(row.evidence_id)
    if start != here:
        raise HTTPException(409, f"{here} bytes are here, not {start}", {"Upload-Offset": str(here)})
    try:
        async for chunk in request.stream():
            if here + len(chunk) > row.size_bytes:
                raise HTTPException(422, f"more than the {row.size_bytes} bytes that were announced")
            station.evidence_files.append(row.evidence_id, chunk)
            here += len(chunk)
    except ClientDisconnect as error:
        raise HTTPException(400, f"cut after {here} bytes", {"Upload-Offset": str(here)}) from error
    if here == row.size_bytes:
        await run_in_threadpool(_seal, row, station)


def _seal(row: Evidence, station: Station) -> None:
    if not station.evidence_files.seal(row.evidence_id, row.sha256):
        raise HTTPException(422, "the hash is wrong; start again from 0", {"Upload-Offset": "0"})
    changes = Changes()
    with station.database.write() as session:
        stored = session.get_one(Evidence, row.evidence_id)
        complete(session, stored, utc_now(), changes)
        row.complete_at = stored.complete_at
    changes.store(Address(row.manufacturer, row.dog_id, station.settings.mqtt_prefix), UUID(row.evidence_id))
    station.tell(changes)


def _find(station: Station, evidence_id: UUID) -> Evidence:
    with station.database.read() as session:
        row = session.get(Evidence, str(evidence_id))
    if row is None:
        raise HTTPException(404, "this evidence was not announced yet")
    return row


def _progress(row: Evidence, station: Station) -> dict[str, str]:
    here = row.size_bytes if row.complete_at else station.evidence_files.offset(row.evidence_id)
    return {"Upload-Offset": str(here), "Upload-Length": str(row.size_bytes), "Cache-Control": "no-store"}
