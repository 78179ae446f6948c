"""The pictures that show how checkpoints should look: chosen among the photos that dogs took there."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, HTTPException, Query
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from fleet_server.audit.log import append
from fleet_server.core.api_schema import INVALID, NOT_FOUND, Body, View
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import CurrentUser, needs
from fleet_server.core.rights import Right
from fleet_server.core.station import StationHere
from fleet_server.evidence.checkpoint_references import photos_at, refuse_other_pictures, remove
from fleet_server.evidence.tables import CheckpointReference, Evidence
from fleet_server.evidence.views import EvidenceView, evidence_view
from fleet_server.patrols.tables import Patrol
from fleet_server.sites.site_lookup import find_site

router = APIRouter(prefix="/sites/{site_id}", tags=["sites"])


class ReferenceBody(Body):
    """A picture that a dog took at this checkpoint."""

    evidence_id: UUID


class ReferenceView(View):
    """The picture that shows how a checkpoint should look, for people; a dog compares with its own memory."""

    site_id: str
    checkpoint_id: str
    evidence: EvidenceView
    chosen_at: datetime
    chosen_by: str


@router.get("/references", responses=NOT_FOUND, **needs(Right.LOOK))
def list_references(site_id: str, station: StationHere) -> list[ReferenceView]:
    """The reference pictures of a site's checkpoints, by checkpoint."""
    with station.database.read() as session:
        find_site(session, site_id)
        rows = session.execute(_references(site_id).order_by(CheckpointReference.checkpoint_id))
        return [_view(*row) for row in rows]


@router.get("/checkpoints/{checkpoint_id}/photos", responses=NOT_FOUND, **needs(Right.LOOK))
def list_checkpoint_photos(
    site_id: str, checkpoint_id: str, station: StationHere, limit: Annotated[int, Query(ge=1, le=100)] = 12
) -> list[EvidenceView]:
    """The pictures that dogs took at a checkpoint, newest first: each can be its reference."""
    query = photos_at(site_id, checkpoint_id).order_by(Evidence.captured_at.desc(), Evidence.evidence_id).limit(limit)
    with station.database.read() as session:
        _find_checkpoint(session, site_id, checkpoint_id)
        return [evidence_view(row, patrol_id) for row, patrol_id in session.execute(query)]


@router.get("/checkpoints/{checkpoint_id}/reference", responses=NOT_FOUND, **needs(Right.LOOK))
def get_reference(site_id: str, checkpoint_id: str, station: StationHere) -> ReferenceView:
    """The reference picture of a checkpoint."""
    with station.database.read() as session:
        _find_checkpoint(session, site_id, checkpoint_id)
        return _find(session, site_id, checkpoint_id)


@router.put("/checkpoints/{checkpoint_id}/reference", responses=NOT_FOUND | INVALID, **needs(Right.PLAN))
def choose_reference(
    site_id: str, checkpoint_id: str, body: ReferenceBody, user: CurrentUser, station: StationHere
) -> ReferenceView:
    """Let a picture that a dog took there show how the checkpoint should look; it is kept for as long as it does."""
    evidence_id = str(body.evidence_id)
    with station.database.write() as session:
        _find_checkpoint(session, site_id, checkpoint_id)
        row = session.get(CheckpointReference, (site_id, checkpoint_id))
        before = row.evidence_id if row is not None else None
        if before != evidence_id:
            refuse_other_pictures(session, site_id, checkpoint_id, evidence_id)
            row = row or CheckpointReference(site_id=site_id, checkpoint_id=checkpoint_id)
            row.evidence_id, row.chosen_at, row.chosen_by = evidence_id, utc_now(), user.username
            session.add(row)
            details = {"site": site_id, "evidence": evidence_id, "before": before}
            append(session, row.chosen_at, user.username, "checkpoint.reference_chosen", checkpoint_id, **details)
            session.flush()
        return _find(session, site_id, checkpoint_id)


@router.delete("/checkpoints/{checkpoint_id}/reference", status_code=204, responses=NOT_FOUND, **needs(Right.PLAN))
def remove_reference(site_id: str, checkpoint_id: str, user: CurrentUser, station: StationHere) -> None:
    """Let no picture show how the checkpoint should look; the one that did ages out as all do."""
    with station.database.write() as session:
        _find_checkpoint(session, site_id, checkpoint_id)
        row = session.get(CheckpointReference, (site_id, checkpoint_id))
        if row is None:
            raise _none(checkpoint_id)
        remove(session, row)
        details = {"site": site_id, "evidence": row.evidence_id}
        append(session, utc_now(), user.username, "checkpoint.reference_removed", checkpoint_id, **details)


def _find_checkpoint(session: Session, site_id: str, checkpoint_id: str) -> None:
    if all(each["checkpointId"] != checkpoint_id for each in find_site(session, site_id).checkpoints):
        raise HTTPException(404, f"there is no checkpoint {checkpoint_id!r} in the site {site_id!r}")


def _references(site_id: str) -> Select[CheckpointReference, Evidence, str]:
    """With the patrol, which may have aged out since."""
    query = select(CheckpointReference, Evidence, Patrol.patrol_id)
    query = query.join(Evidence, Evidence.evidence_id == CheckpointReference.evidence_id)
    query = query.outerjoin(Patrol, Patrol.order_id == Evidence.order_id)
    return query.where(CheckpointReference.site_id == site_id)


def _find(session: Session, site_id: str, checkpoint_id: str) -> ReferenceView:
    row = session.execute(_references(site_id).where(CheckpointReference.checkpoint_id == checkpoint_id)).one_or_none()
    if row is None:
        raise _none(checkpoint_id)
    return _view(*row)


def _none(checkpoint_id: str) -> HTTPException:
    return HTTPException(404, f"there is no reference picture of the checkpoint {checkpoint_id!r}")


def _view(row: CheckpointReference, evidence: Evidence, patrol_id: str | None) -> ReferenceView:
    return ReferenceView(
        site_id=row.site_id,
        checkpoint_id=row.checkpoint_id,
        evidence=evidence_view(evidence, patrol_id),
        chosen_at=row.chosen_at,
        chosen_by=row.chosen_by,
    )
