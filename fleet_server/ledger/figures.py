"""The ledger's figures, as the database adds them up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from fleet_server.incidents.tables import Incident
from fleet_server.ledger.coverage import Coverage, coverage
from fleet_server.ledger.index_steps import index_steps
from fleet_server.ledger.seconds_gathered import seconds_of, times_gathered
from fleet_server.ledger.span import Place, Span
from fleet_server.ledger.tables import CheckpointVisit, PatrolAccount

Visits = Mapping[str, NDArray[np.float64]]  # of each checkpoint: seconds after a span's beginning, in order


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
    waited = Incident.acknowledged_after_s
    query = select(
        func.count(),
        func.count().filter(Incident.status == "RESOLVED"),  # a fifth cheaper than `sum(case ...)`
        func.count().filter(Incident.status == "FALSE_ALARM"),
        func.count(waited),
        func.avg(waited),
        func.max(waited),
    ).where(*incidents_in(span))
    sums = []
    kinds = index_steps(session, Incident.kind, Incident.site_id == span.site_id)
    for kind in kinds:  # each is one stretch of the index; all at once would be sorted first
        count, resolved, false, seen, mean, slowest = session.execute(query.where(Incident.kind == kind)).one()
        if count:
            sums.append(IncidentSums(kind, count, count - resolved - false, false, seen, _float(mean), _float(slowest)))
    return sorted(sums, key=lambda each: (-each.incidents, each.kind))


def visits_in(session: Session, span: Span) -> Visits:
    """When each checkpoint was visited in the span."""
    visit = CheckpointVisit
    query = select(times_gathered(visit.reached_at)).where(visit.site_id == span.site_id)
    query = query.where(visit.reached_at >= span.since, visit.reached_at < span.until)
    found = {}
    # Each is one stretch of the index; all at once would walk through the past for a day, too.
    for checkpoint in index_steps(session, visit.checkpoint_id, visit.site_id == span.site_id):
        if (gathered := session.scalar(query.where(visit.checkpoint_id == checkpoint))) is not None:
            found[checkpoint] = seconds_of(gathered, span.since)
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


def coverage_of(session: Session, span: Span, place: Place, visits: Visits, now: datetime) -> Coverage:
    """Of all checkpoints that the site has now; until now, where the span goes beyond. ``visits`` are the span's."""
    until = max(min(span.until, now), span.since)
    if until == span.since:
        return coverage((), {}, span.since, span.until, place.zone, {})
    names = list(place.checkpoints)
    before = last_visits(session, span, names)
    return coverage(names, visits, span.since, until, place.zone, before)


def _one_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _float(value: Any) -> float | None:
    return None if value is None else float(value)  # PostgreSQL counts in Decimal
