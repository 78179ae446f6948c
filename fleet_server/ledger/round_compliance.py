"""Rounds and promises: kept, late, unfinished or missed, by schedule."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import numpy as np
from sqlalchemy import Row, Select, case, func, select
from sqlalchemy.orm import Session

from fleet_server.ledger.figures import Visits
from fleet_server.ledger.seconds_between import seconds_between
from fleet_server.ledger.span import Span
from fleet_server.patrols.tables import Patrol, PatrolStatus
from fleet_server.routes.tables import Route
from fleet_server.schedules.due_rounds import RoundStatus
from fleet_server.schedules.missed_rounds import PUNCTUAL
from fleet_server.schedules.promise import Promise, PromisedRounds, Window
from fleet_server.schedules.round_record import schedules
from fleet_server.schedules.tables import RoundRow

ENDED_BADLY = (PatrolStatus.FAILED, PatrolStatus.CANCELED, PatrolStatus.REJECTED)


class Outcome(StrEnum):
    """KEPT in time, begun LATE (by more than two minutes), begun and UNFINISHED, MISSED; or it WAITS for a dog."""

    KEPT = "KEPT"
    LATE = "LATE"
    UNFINISHED = "UNFINISHED"
    MISSED = "MISSED"
    WAITING = "WAITING"


@dataclass(frozen=True)
class PromiseKept:
    """A promise in the span: the share of places and time in which it held, and how often it did not."""

    every_s: int
    kept: float
    breaches: int
    longest_s: float


@dataclass(frozen=True)
class Compliance:
    """A schedule's rounds that were due in the span, and why not all were kept (the most frequent reason first)."""

    schedule_id: str
    name: dict[str, str]
    outcomes: dict[Outcome, int]
    reasons: list[tuple[str, int]]
    promise: PromiseKept | None


def outcome_of(status: str, due: datetime, began: datetime | None, ended_as: str | None) -> Outcome:
    """What became of a round; ``began`` and ``ended_as`` are its patrol's."""
    if status == RoundStatus.MISSED:
        return Outcome.MISSED
    if status == RoundStatus.WAITING:
        return Outcome.WAITING
    if ended_as in ENDED_BADLY:
        return Outcome.UNFINISHED
    return Outcome.LATE if began is not None and began - due > PUNCTUAL else Outcome.KEPT


def compliance(session: Session, span: Span, visits: Visits, now: datetime) -> list[Compliance]:
    """By schedule, in the order in which the first round of each was due; ``visits`` are the span's."""
    promises = _promises(session, span, visits, now)
    groups: dict[str, list[Row[Any]]] = {}
    for group in sorted(session.execute(_outcomes(span)), key=lambda each: (each.first_due, each.schedule_id)):
        groups.setdefault(group.schedule_id, []).append(group)
    found = []
    for schedule_id, rows in groups.items():
        counted: Counter[str] = Counter()
        reasons: Counter[str] = Counter()
        for row in rows:
            counted[row.outcome] += row.rounds
            if row.why:
                reasons[row.why] += row.rounds
        outcomes = {outcome: counted[outcome] for outcome in Outcome}
        latest = session.get_one(RoundRow, (schedule_id, max(row.last_due for row in rows)))
        promise = promises.get(schedule_id)
        found.append(Compliance(schedule_id, latest.schedule_name, outcomes, reasons.most_common(), promise))
    return found


def _outcomes(span: Span) -> Select[*tuple[Any, ...]]:
    """How many rounds of each schedule came to which outcome and why; ``outcome_of``, as the database says it."""
    outcome = case(
        (RoundRow.status == RoundStatus.MISSED, Outcome.MISSED.value),
        (RoundRow.status == RoundStatus.WAITING, Outcome.WAITING.value),
        (Patrol.status.in_(ENDED_BADLY), Outcome.UNFINISHED.value),
        (seconds_between(RoundRow.due_at, Patrol.created_at) > PUNCTUAL.total_seconds(), Outcome.LATE.value),
        else_=Outcome.KEPT.value,
    )
    begun_badly = Patrol.status.in_(ENDED_BADLY) & (RoundRow.status != RoundStatus.WAITING)
    told = func.coalesce(func.nullif(RoundRow.reason, ""), Patrol.reason)
    why = case(((RoundRow.status == RoundStatus.MISSED) | begun_badly, told))
    each = _due_in(select(RoundRow.schedule_id, RoundRow.due_at, outcome.label("outcome"), why.label("why")), span)
    one = each.subquery()
    columns = (one.c.schedule_id, one.c.outcome, one.c.why)
    dues = (func.min(one.c.due_at).label("first_due"), func.max(one.c.due_at).label("last_due"))
    return select(*columns, func.count().label("rounds"), *dues).group_by(*columns)


def rounds_in(session: Session, span: Span) -> Sequence[Row[Any]]:
    """The rounds that were due in the span, with what became of each: a ``patrol_`` column is its patrol's."""
    query = select(
        RoundRow.schedule_id,
        RoundRow.schedule_name,
        RoundRow.due_at,
        RoundRow.status,
        RoundRow.reason,
        RoundRow.patrol_id,
        Patrol.created_at.label("patrol_began"),
        Patrol.status.label("patrol_status"),
        Patrol.reason.label("patrol_reason"),
    )
    return session.execute(_due_in(query, span).order_by(RoundRow.due_at, RoundRow.schedule_id)).all()


def _due_in(query: Select[*tuple[Any, ...]], span: Span) -> Select[*tuple[Any, ...]]:
    # A patrol whose time is up is gone; that it had begun still stands in the round.
    return (
        query.outerjoin(Patrol, Patrol.patrol_id == RoundRow.patrol_id)
        .outerjoin(Route, Route.route_id == RoundRow.route_id)
        .where(RoundRow.due_at >= span.since, RoundRow.due_at < span.until)
        .where(func.coalesce(Route.site_id, Patrol.site_id) == span.site_id)
    )


def _promises(session: Session, span: Span, visits: Visits, now: datetime) -> dict[str, PromiseKept]:
    """Of the schedules that are promises, as they are now; a window counts in which span it begins."""
    found = {}
    sites = {row.route_id: row.site_id for row in session.execute(select(Route.route_id, Route.site_id))}
    for schedule, row in schedules(session):
        if not isinstance(schedule.when, PromisedRounds) or sites.get(schedule.route_id) != span.site_id:
            continue
        promise = schedule.when.promise
        until = min(span.until, now)
        since = max(span.since, row.created_at)
        windows = [each for each in promise.windows(since, until) if each.start >= since] if since < until else []
        if not windows:
            continue
        whole_s = sum((min(each.end, until) - each.start).total_seconds() for each in windows)
        breaches = [
            breach
            for each in windows
            for breach in promise.breaches(each, _seen_in(each, promise, visits, span.since), until)
        ]
        late_s = sum((each.seen - each.due).total_seconds() for each in breaches)
        kept = 1.0 - late_s / (whole_s * len(promise.checkpoints))
        longest = max(((each.seen - each.due).total_seconds() for each in breaches), default=0.0)
        every_s = round(promise.every.total_seconds())
        found[schedule.schedule_id] = PromiseKept(every_s, kept, len(breaches), longest)
    return found


def _seen_in(window: Window, promise: Promise, visits: Visits, since: datetime) -> dict[str, list[datetime]]:
    """The visits in a window alone: a month has thirty windows, and each looks at all that it is given."""
    begin, end = ((at - since).total_seconds() for at in (window.start, window.end))
    found = {}
    for checkpoint in promise.checkpoints:
        times = visits.get(checkpoint, np.empty(0))
        inside = times[np.searchsorted(times, begin) : np.searchsorted(times, end, side="right")]
        found[checkpoint] = [since + timedelta(seconds=each) for each in inside.tolist()]
    return found
