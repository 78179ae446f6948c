"""Sealed originals: taken in only for what they are, told of, and given out for a reason to who may open them."""

from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response
from pydantic import StringConstraints
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.audit.log import append
from fleet_server.core.api_schema import INVALID, NOT_FOUND, Body, Problem
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import CurrentUser, needs
from fleet_server.core.rights import Right
from fleet_server.core.station import StationHere
from fleet_server.evidence.files import EvidenceFiles
from fleet_server.evidence.tables import Evidence
from fleet_server.sites.tables import Site
from fleet_server.telemetry.vehicle_id import address_of
from protocol.evidence import ORIGINAL, PICTURE
from protocol.sealed_original import (
    MAGIC,
    MOST_LABEL,
    OVERHEAD,
    BadSealedOriginal,
    OriginalLabel,
    evidence_key_id,
    read_evidence_key,
    read_label,
)

router = APIRouter(tags=["evidence"])
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {}}},
    503: {"model": Problem},
}


class OriginalBody(Body):
    """Why the original is opened; it stands in the audit log for good."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


@router.post(
    "/evidence/{evidence_id}/original",
    response_class=Response,
    responses=ANSWERS | NOT_FOUND | INVALID,
    **needs(Right.ORIGINALS),
)
def open_original(evidence_id: UUID, body: OriginalBody, user: CurrentUser, station: StationHere) -> Response:
    """The sealed original of a masked picture, as the dog sealed it: the evidence key alone opens it, elsewhere."""
    with station.database.write() as session:  # what leaves is in the audit log before it does
        row = _original_of(session, str(evidence_id))
        append(
            session,
            utc_now(),
            user.username,
            "evidence.original_opened",
            str(evidence_id),
            original=row.evidence_id,
            dog=row.dog_id,
            role=user.role,
            reason=body.reason,
        )
    try:
        content = station[EvidenceFiles].store.content(row.evidence_id)
        sealed = content.read_bytes() if isinstance(content, Path) else b"".join(content)
    except FileNotFoundError as error:
        raise HTTPException(404, "the original is gone from the station's store") from error
    except OSError as error:
        raise HTTPException(503, "the station's store of evidence is out of reach; try again later") from error
    headers = {
        "Content-Disposition": f'attachment; filename="original-{evidence_id}.sealed"',
        "Cache-Control": "no-store",
    }
    return Response(sealed, media_type="application/octet-stream", headers=headers)


def with_original(session: Session, evidence_ids: Collection[str]) -> set[str]:
    """Those of the pictures of which a sealed original is here."""
    query = select(Evidence.original_of).where(Evidence.original_of.in_(evidence_ids))
    return {found for found in session.scalars(query) if found is not None}


def why_no_original(session: Session, row: Evidence, file: Path, prefix: str) -> str:
    """Why ``file`` is not the sealed original that ``row`` announced; empty where it is, and then the row says of
    which picture."""
    with file.open("rb") as content:
        try:
            label = read_label(content.read(len(MAGIC) + 2 + MOST_LABEL + OVERHEAD))
        except BadSealedOriginal as error:
            return f"it is no sealed original: {error}"
    if label.key_id not in _key_ids(session):
        return f"it is sealed to the key {label.key_id}, which no site here has now"
    address = address_of(row.dog_id, row.manufacturer, prefix)
    said = label.evidence_id, label.manufacturer, label.serial_number
    if said != (row.evidence_id, address.manufacturer, address.serial_number):
        return "its label is that of another dog or another file"
    masked = _masked(session, row, label)
    if masked is None:
        return "there is no masked picture here that it could be the original of"
    if masked.evidence_id in with_original(session, [masked.evidence_id]):
        return "the original of this picture is here already"
    row.original_of = masked.evidence_id
    return ""


def _masked(session: Session, row: Evidence, label: OriginalLabel) -> Evidence | None:
    query = select(Evidence).where(Evidence.anomaly_id == label.anomaly_id, Evidence.sha256 == label.masked_sha256)
    query = query.where(Evidence.dog_id == row.dog_id, Evidence.media_type == PICTURE)
    return session.scalar(query) if label.anomaly_id == row.anomaly_id else None


def _key_ids(session: Session) -> set[str]:
    keys = session.scalars(select(Site.evidence_key).where(Site.evidence_key.is_not(None)))
    return {evidence_key_id(read_evidence_key(key)) for key in keys if key is not None}


def _original_of(session: Session, evidence_id: str) -> Evidence:
    """The whole original of a picture, or 404."""
    query = select(Evidence).where(Evidence.original_of == evidence_id, Evidence.media_type == ORIGINAL)
    row = session.scalar(query.where(Evidence.complete_at.is_not(None)))
    if row is None:
        raise HTTPException(404, "there is no original of this picture")
    return row
