"""The ledger's figures, as the database adds them up."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from fleet_server.incidents.tables import Incident
from fleet_server.ledger.coverage import Coverage, coverage
from fleet_server.ledger.seconds_between import seconds_between
from fleet_server.ledger.span import Place, Span
from fleet_server.ledger.tables import CheckpointVisit, PatrolAccount


@dataclass(frozen=True)
class PatrolSums:
    """Of some patrols: how they ended, what they covered and what it cost."""

    dog_id: str
    patrols: int
    completed: int
    open: int
    seconds: int
    walked_m: float
    charge_used_pct: float
    checkpoints: int
    reached: int
    late: int
    skipped: int
    failed: int


@dataclass(frozen=True)
class IncidentSums:
    """Of some incidents of one kind; ``answered_s`` and ``slowest_s``: until somebody acknowledged them."""

    kind: str
    incidents: int
    open: int
    false_alarms: int
    acknowledged: int
    answered_s: float | None
    slowest_s: float | None


def in_span(span: Span) -> tuple[ColumnElement[bool], ...]:
    """The patrols that began in the span."""
    began = PatrolAccount.began_at
    return PatrolAccount.site_id == span.site_id, began >= span.since, began < span.until


def incidents_in(span: Span) -> tuple[ColumnElement[bool], ...]:
    """The incidents that the server was told of in the span."""
    at = Incident.received_at
    return Incident.site_id == span.site_id, at >= span.since, at < span.until


def patrol_sums(session: Session, span: Span) -> list[PatrolSums]:
    """By dog."""
    account = PatrolAccount
    added = [
        account.seconds, func.coalesce(account.walked_m, 0.0), func.coalesce(account.charge_used_pct, 0.0),
        account.checkpoints, account.reached, account.late, account.skipped, account.failed,
    ]  # fmt: skip
    query = select(
        account.dog_id,
        func.count(),
        func.sum(_one_if(account.status == "COMPLETED")),
        func.sum(_one_if(account.ended_at.is_(None))),
        *(func.sum(each) for each in added),
    )
    rows = session.execute(query.where(*in_span(span)).group_by(account.dog_id).order_by(account.dog_id))
    return [PatrolSums(*tuple(row)) for row in rows]


def incident_sums(session: Session, span: Span) -> list[IncidentSums]:
    """By kind, the most frequent first."""
    waited = seconds_between(Incident.received_at, Incident.acknowledged_at)
    query = select(
        Incident.kind,
        func.count().label("n"),
        func.sum(_one_if(Incident.status.not_in(("RESOLVED", "FALSE_ALARM")))),
        func.sum(_one_if(Incident.status == "FALSE_ALARM")),
        func.count(Incident.acknowledged_at),
        func.avg(waited),
        func.max(waited),
    )
    rows = session.execute(query.where(*incidents_in(span)).group_by(Incident.kind))
    sums = [
        IncidentSums(kind, count, still, false, seen, _float(mean), _float(slowest))
        for kind, count, still, false, seen, mean, slowest in rows
    ]
    return sorted(sums, key=lambda each: (-each.incidents, each.kind))


def visits_in(session: Session, span: Span) -> dict[str, list[datetime]]:
    """When each checkpoint was visited."""
    found: dict[str, list[datetime]] = defaultdict(list)
    visit = CheckpointVisit
    query = select(visit.checkpoint_id, visit.reached_at).where(visit.site_id == span.site_id)
    for checkpoint, at in session.execute(query.where(visit.reached_at >= span.since, visit.reached_at < span.until)):
        if at is not None:
            found[checkpoint].append(at)
    return found


def last_visits(session: Session, span: Span, checkpoints: Sequence[str]) -> dict[str, datetime]:
    """Each checkpoint's last visit before the span, where there is one."""
    found = {}
    visit = CheckpointVisit
    for checkpoint in checkpoints:  # each is one step into the index; all at once would walk through the past
        query = select(func.max(visit.reached_at)).where(
            visit.site_id == span.site_id, visit.checkpoint_id == checkpoint, visit.reached_at < span.since
        )
        if (at := session.scalar(query)) is not None:
            found[checkpoint] = at
    return found


def coverage_of(session: Session, span: Span, place: Place, now: datetime) -> Coverage:
    """Of all checkpoints that the site has now; until now, where the span goes beyond."""
    until = max(min(span.until, now), span.since)
    if until == span.since:
        return coverage((), {}, span.since, span.until, place.zone, {})
    names = list(place.checkpoints)
    before = last_visits(session, span, names)
    return coverage(names, visits_in(session, span), span.since, until, place.zone, before)


def _one_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _float(value: Any) -> float | None:
    return None if value is None else float(value)  # PostgreSQL counts in Decimal
