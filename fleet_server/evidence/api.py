"""Evidence, to be looked at by people; in a session the first look at each lands in the audit log."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import FileResponse, Response, StreamingResponse
from sqlalchemy import select

from fleet_server.accounts.sessions import COOKIE
from fleet_server.audit.log import append
from fleet_server.core.api_schema import Problem
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import CurrentUser, needs
from fleet_server.core.rights import Right
from fleet_server.core.station import StationHere
from fleet_server.evidence.byte_range import Part, Unsatisfiable, read_range
from fleet_server.evidence.files import EvidenceFiles, FolderStore
from fleet_server.evidence.originals import with_original
from fleet_server.evidence.record import PICTURES
from fleet_server.evidence.tables import Evidence
from fleet_server.evidence.view_audit import FirstViews
from fleet_server.evidence.views import EvidenceView, evidence_view
from fleet_server.patrols.tables import Patrol
from protocol.evidence import CLIP, ORIGINAL, PICTURE, RECORDING, EvidencePurpose

router = APIRouter(tags=["evidence"])
# Only what is looked at may come back out as what it is; anything else would be a door for scripts.
SHOWN = PICTURES | {CLIP}
SUFFIXES = {RECORDING: "mcap"}


@router.get("/evidence", **needs(Right.LOOK))
def list_evidence(
    station: StationHere,
    patrol_id: Annotated[str | None, Query(alias="patrolId")] = None,
    purpose: EvidencePurpose = EvidencePurpose.CHECKPOINT,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[EvidenceView]:
    """The pictures of a patrol's checkpoints, in the order in which they were taken."""
    query = select(Evidence, Patrol.patrol_id).outerjoin(Patrol, Patrol.order_id == Evidence.order_id)
    query = (
        query.where(Evidence.purpose == purpose, Evidence.media_type != ORIGINAL)
        .order_by(Evidence.captured_at)
        .limit(limit)
    )
    if patrol_id is not None:
        query = query.where(Patrol.patrol_id == patrol_id)
    with station.database.read() as session:
        rows = session.execute(query).all()
        having = with_original(session, [row.evidence_id for row, _ in rows])
        return [evidence_view(row, found, row.evidence_id in having) for row, found in rows]


@router.get(
    "/evidence/{evidence_id}/content",
    response_class=FileResponse,
    responses={
        200: {"content": {PICTURE: {}, CLIP: {}}},
        206: {"description": "The part of it that was asked for", "content": {CLIP: {}}},
        404: {"model": Problem},
        416: {"model": Problem},
    },
    **needs(Right.LOOK),
)
def view_content(evidence_id: UUID, user: CurrentUser, request: Request, station: StationHere) -> Response:
    """The picture, the clip (which can be asked for in parts, by ``Range``), or the recording as a file to keep."""
    with station.database.read() as session:
        row = session.get(Evidence, str(evidence_id))
    if row is None or row.complete_at is None or row.media_type == ORIGINAL:  # by its own door alone
        raise HTTPException(404, "there is no such picture, or not yet")
    store = station[EvidenceFiles].store
    # A file's part is cut out by FileResponse; that of a bucket is all that is asked of it.
    part = None if isinstance(store, FolderStore) else _part(request.headers.get("Range"), row.size_bytes)
    try:
        content = store.content(row.evidence_id, part)
    except FileNotFoundError as error:
        raise HTTPException(404, "the picture is gone from the station's store") from error
    except OSError as error:
        raise HTTPException(503, "the station's store of evidence is out of reach; try again later") from error
    if station[FirstViews].first(request.cookies[COOKIE], row.evidence_id):
        with station.database.write() as session:
            append(session, utc_now(), user.username, "evidence.viewed", row.evidence_id, dog=row.dog_id)
    kind = row.media_type if row.media_type in SHOWN else "application/octet-stream"
    headers = {"Cache-Control": "private, max-age=3600"}
    if kind != row.media_type:
        name = f"{row.evidence_id}.{SUFFIXES.get(row.media_type, 'bin')}"
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    if isinstance(content, Path):
        return FileResponse(content, media_type=kind, headers=headers)
    return _streamed(content, part, row.size_bytes, kind, headers)


def _part(asked: str | None, size: int) -> Part | None:
    try:
        return read_range(asked, size)
    except Unsatisfiable as error:
        raise HTTPException(416, str(error), {"Content-Range": f"bytes */{size}"}) from error


def _streamed(content: Iterator[bytes], part: Part | None, size: int, kind: str, headers: dict[str, str]) -> Response:
    """What comes out of a bucket."""
    begin, end = part or (0, size)
    headers |= {"Accept-Ranges": "bytes", "Content-Length": str(end - begin)}
    if part is None:
        return StreamingResponse(content, media_type=kind, headers=headers)
    headers |= {"Content-Range": f"bytes {begin}-{end - 1}/{size}"}
    return StreamingResponse(content, 206, media_type=kind, headers=headers)
