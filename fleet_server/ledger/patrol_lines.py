"""The ledger's patrols: a page of them, and one with all that belongs to it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select, tuple_
from sqlalchemy.orm import Session

from fleet_server.core.api_schema import TextView
from fleet_server.incidents.tables import Incident
from fleet_server.ledger.figures import in_span
from fleet_server.ledger.patrol_account import planned_path
from fleet_server.ledger.span import Span
from fleet_server.ledger.tables import CheckpointVisit, PatrolAccount, PatrolTrack
from fleet_server.ledger.track import decode
from fleet_server.ledger.views import (
    PatrolAccountView,
    PatrolIncidentView,
    PatrolLineView,
    PatrolPageView,
    PlannedPointView,
    TrackPointView,
    VisitView,
)
from fleet_server.patrols.progress import CheckpointRecord
from fleet_server.patrols.queries import progress_of
from fleet_server.patrols.tables import Patrol, PatrolStatus

Cursor = tuple[datetime, str]


class BadCursor(ValueError):
    """A cursor that this server did not give."""


def read_cursor(text: str) -> Cursor:
    """When and which the page before ended with; raises BadCursor."""
    began, _, patrol_id = text.partition("~")
    try:
        at = datetime.fromisoformat(began)
    except ValueError as error:
        raise BadCursor("none that `next` was") from error
    if at.tzinfo is None or not patrol_id:
        raise BadCursor("none that `next` was")
    return at, patrol_id


def patrol_page(
    session: Session, span: Span, dog_id: str | None, status: PatrolStatus | None, after: Cursor | None, limit: int
) -> PatrolPageView:
    """The patrols that began in the span, newest first."""
    account = PatrolAccount
    query = _lines().where(*in_span(span)).order_by(account.began_at.desc(), account.patrol_id.desc())
    if dog_id is not None:
        query = query.where(account.dog_id == dog_id)
    if status is not None:
        query = query.where(account.status == status)
    if after is not None:
        at, patrol_id = after
        query = query.where(account.began_at <= at, tuple_(account.began_at, account.patrol_id) < (at, patrol_id))
    rows = session.execute(query.limit(limit + 1)).all()
    shown = rows[:limit]
    incidents = _incident_counts(session, [row.PatrolAccount.patrol_id for row in shown])
    last = shown[-1].PatrolAccount if len(rows) > limit else None
    return PatrolPageView(
        patrols=[_line(row, incidents.get(row.PatrolAccount.patrol_id, 0)) for row in shown],
        next=f"{last.began_at.isoformat()}~{last.patrol_id}" if last is not None else None,
    )


def patrol_account(session: Session, patrol_id: str) -> PatrolAccountView | None:
    """One patrol; None where there is none, or none of which the ledger has taken note yet."""
    row = session.execute(_lines().where(PatrolAccount.patrol_id == patrol_id)).one_or_none()
    if row is None:
        return None
    patrol = session.get_one(Patrol, patrol_id)
    track = session.get(PatrolTrack, patrol_id)
    visits = session.scalars(
        select(CheckpointVisit).where(CheckpointVisit.patrol_id == patrol_id).order_by(CheckpointVisit.number)
    ).all()
    incidents = session.scalars(
        select(Incident).where(Incident.patrol_id == patrol_id).order_by(Incident.received_at)
    ).all()
    records = progress_of(patrol).checkpoints
    return PatrolAccountView(
        patrol=_line(row, len(incidents)),
        given_at=patrol.created_at,
        planned=[PlannedPointView(x=stop.x, y=stop.y) for stop in planned_path(patrol.order)],
        walked=_walked(track),
        visits=[_visit(visit, records[visit.number]) for visit in visits if visit.number < len(records)],
        incidents=[_incident(incident, patrol) for incident in incidents],
    )


def _lines() -> Select[*tuple[Any, ...]]:
    columns = (Patrol.route_name, Patrol.assigned_by, Patrol.reason)
    return select(PatrolAccount, *columns).join(Patrol, Patrol.patrol_id == PatrolAccount.patrol_id)


def _line(row: Row[Any], incidents: int) -> PatrolLineView:
    account: PatrolAccount = row.PatrolAccount
    return PatrolLineView(
        patrol_id=account.patrol_id,
        route_id=account.route_id,
        route_name=TextView.model_validate(row.route_name),
        dog_id=account.dog_id,
        status=PatrolStatus(account.status),
        began_at=account.began_at,
        ended_at=account.ended_at,
        seconds=account.seconds,
        planned_m=round(account.planned_m, 1),
        walked_m=None if account.walked_m is None else round(account.walked_m, 1),
        charge_used_pct=None if account.charge_used_pct is None else round(account.charge_used_pct, 1),
        checkpoints=account.checkpoints,
        reached=account.reached,
        late=account.late,
        skipped=account.skipped,
        failed=account.failed,
        incidents=incidents,
        assigned_by=row.assigned_by,
        reason=row.reason,
    )


def _incident_counts(session: Session, patrol_ids: list[str]) -> dict[str, int]:
    query = select(Incident.patrol_id, func.count()).where(Incident.patrol_id.in_(patrol_ids))
    return {str(row[0]): row[1] for row in session.execute(query.group_by(Incident.patrol_id))}


def _walked(track: PatrolTrack | None) -> list[TrackPointView]:
    if track is None:
        return []
    rows = decode(track.points).astype(float).round(2).tolist()
    return [TrackPointView(t=t, x=x, y=y, charge=charge) for t, x, y, charge in rows]


def _visit(visit: CheckpointVisit, record: CheckpointRecord) -> VisitView:
    return VisitView(
        checkpoint_id=visit.checkpoint_id,
        name=TextView.model_validate(record.name),
        status=record.status,
        planned_at=visit.planned_at,
        reached_at=record.reached_at,
        late=visit.late,
        reason=record.reason,
    )


def _incident(incident: Incident, patrol: Patrol) -> PatrolIncidentView:
    return PatrolIncidentView(
        incident_id=incident.incident_id,
        kind=incident.kind,
        status=incident.status,
        t=round((incident.received_at - patrol.created_at).total_seconds(), 1),
        x=incident.x,
        y=incident.y,
    )
