"""A shift's report: what happened, who answered it and how fast, what was kept, and what is open for the next one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, or_, select
from sqlalchemy.orm import Session

from fleet_server.incidents.tables import Incident
from fleet_server.ledger.coverage import Coverage
from fleet_server.ledger.figures import (
    IncidentSums,
    PatrolSums,
    coverage_of,
    in_span,
    incident_sums,
    incidents_in,
    patrol_sums,
    visits_in,
)
from fleet_server.ledger.round_compliance import Compliance, compliance, rounds_in
from fleet_server.ledger.span import Place, Span
from fleet_server.ledger.tables import CheckpointVisit, PatrolAccount
from fleet_server.patrols.tables import OPEN, CheckpointStatus, Patrol
from fleet_server.schedules.round_outcome import Outcome

MOST_LINES = 100  # of one kind on paper; how many there were is always told
LINE = (
    Incident.kind, Incident.status, Incident.zone_name, Incident.received_at, Incident.dog_id, Incident.x,
    Incident.y, Incident.acknowledged_by, Incident.acknowledged_at, Incident.answered_by, Incident.answered_at,
    Incident.answer, Incident.assigned_to, Incident.escalated_at,
)  # fmt: skip
STILL_OPEN = ("OPEN", "ACKNOWLEDGED", "DISPATCHED")


@dataclass(frozen=True)
class Lines:
    """The first of them, and how many there are."""

    rows: Sequence[Row[*tuple[Any, ...]]]
    total: int


@dataclass(frozen=True)
class ShiftReport:
    """All that a report tells, before it is put into words. ``made_by`` is who asked for it."""

    site_name: dict[str, str]
    places: dict[str, dict[str, str]]
    zone: Any
    shift: str | None
    span: Span
    made_at: datetime
    made_by: str
    dogs: list[PatrolSums]
    kinds: list[IncidentSums]
    incidents: Lines
    schedules: list[Compliance]
    not_kept: list[Row[Any]]
    watched: Coverage
    troubles: Lines
    open_incidents: Lines
    walking: Sequence[Row[Any]]
    waiting: list[Row[Any]]


def shift_report(
    session: Session, span: Span, place: Place, shift: str | None, made_by: str, now: datetime
) -> ShiftReport:
    """The report of a span; what is open is open now, whenever it began."""
    visits = visits_in(session, span)
    rounds = rounds_in(session, span)
    return ShiftReport(
        site_name=place.name,
        places=place.checkpoints,
        zone=place.zone,
        shift=shift,
        span=span,
        made_at=now,
        made_by=made_by,
        dogs=patrol_sums(session, span),
        kinds=incident_sums(session, span),
        incidents=_incidents(session, span),
        schedules=compliance(session, span, visits, now),
        not_kept=[row for row in rounds if row.outcome not in (Outcome.KEPT, Outcome.WAITING)],
        watched=coverage_of(session, span, place, visits, now),
        troubles=_troubles(session, span),
        open_incidents=_open_incidents(session, span.site_id),
        walking=_walking(session, span.site_id),
        waiting=[row for row in rounds if row.outcome == Outcome.WAITING],
    )


def _incidents(session: Session, span: Span) -> Lines:
    which = incidents_in(span)
    rows = session.execute(select(*LINE).where(*which).order_by(Incident.received_at).limit(MOST_LINES)).all()
    return Lines(rows, session.scalar(select(func.count()).select_from(Incident).where(*which)) or 0)


def _open_incidents(session: Session, site_id: str) -> Lines:
    """Those first that nobody has seen, and of these the oldest."""
    at = Incident.received_at
    found: list[Row[Any]] = []
    total = 0
    for status in STILL_OPEN:  # each is one stretch of the index; all at once would sort tens of thousands
        which = Incident.site_id == site_id, Incident.status == status
        unseen = sum(row.status == "OPEN" for row in found)
        found += session.execute(select(*LINE).where(*which).order_by(at).limit(MOST_LINES - unseen)).all()
        total += session.scalar(select(func.count()).select_from(Incident).where(*which)) or 0
    rows = sorted(found, key=lambda row: (row.status != "OPEN", row.received_at))
    return Lines(rows[:MOST_LINES], total)


def _troubles(session: Session, span: Span) -> Lines:
    """Checkpoints that were skipped, late, or whose work failed."""
    visit = CheckpointVisit
    which = (
        visit.patrol_id == PatrolAccount.patrol_id,
        *in_span(span),
        or_(visit.late, visit.status.in_((CheckpointStatus.SKIPPED, CheckpointStatus.FAILED))),
    )
    columns = (visit.checkpoint_id, visit.dog_id, visit.status, visit.planned_at, visit.reached_at, visit.late)
    query = select(*columns, visit.reason, PatrolAccount.began_at).where(*which)
    rows = session.execute(query.order_by(PatrolAccount.began_at, visit.number).limit(MOST_LINES)).all()
    total = session.scalar(select(func.count(visit.patrol_id)).where(*which))
    return Lines(rows, total or 0)


def _walking(session: Session, site_id: str) -> Sequence[Row[Any]]:
    query = select(Patrol.dog_id, Patrol.route_name, Patrol.created_at, Patrol.status)
    return session.execute(query.where(Patrol.site_id == site_id, Patrol.status.in_(OPEN))).all()
