"""Rounds and promises: kept, late, unfinished or missed, by schedule."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from fleet_server.ledger.figures import visits_in
from fleet_server.ledger.span import Span
from fleet_server.patrols.tables import Patrol, PatrolStatus
from fleet_server.routes.tables import Route
from fleet_server.schedules.due_rounds import RoundStatus
from fleet_server.schedules.missed_rounds import PUNCTUAL
from fleet_server.schedules.promise import PromisedRounds
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


def compliance(session: Session, span: Span, now: datetime) -> list[Compliance]:
    """By schedule, in the order in which the first round of each was due."""
    by_schedule: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rounds_in(session, span):
        by_schedule[row.schedule_id].append(row)
    promises = _promises(session, span, now)
    found = []
    for schedule_id, rows in by_schedule.items():
        told = [(_outcome(row), row.reason or row.patrol_reason) for row in rows]
        reasons = Counter(why for outcome, why in told if why and outcome in (Outcome.MISSED, Outcome.UNFINISHED))
        counted = Counter(outcome for outcome, _ in told)
        outcomes = {outcome: counted[outcome] for outcome in Outcome}
        name = rows[-1].schedule_name
        found.append(Compliance(schedule_id, name, outcomes, reasons.most_common(), promises.get(schedule_id)))
    return found


def rounds_in(session: Session, span: Span) -> Sequence[Row[Any]]:
    """The rounds that were due in the span, with what became of each: a ``patrol_`` column is its patrol's."""
    columns = (RoundRow.schedule_id, RoundRow.schedule_name, RoundRow.due_at, RoundRow.status, RoundRow.reason)
    # A patrol whose time is up is gone; that it had begun still stands in the round.
    query = (
        select(
            *columns,
            RoundRow.patrol_id,
            Patrol.created_at.label("patrol_began"),
            Patrol.status.label("patrol_status"),
            Patrol.reason.label("patrol_reason"),
        )
        .outerjoin(Patrol, Patrol.patrol_id == RoundRow.patrol_id)
        .outerjoin(Route, Route.route_id == RoundRow.route_id)
        .where(RoundRow.due_at >= span.since, RoundRow.due_at < span.until)
        .where(func.coalesce(Route.site_id, Patrol.site_id) == span.site_id)
        .order_by(RoundRow.due_at, RoundRow.schedule_id)
    )
    return session.execute(query).all()


def _outcome(row: Row[Any]) -> Outcome:
    return outcome_of(row.status, row.due_at, row.patrol_began, row.patrol_status)


def _promises(session: Session, span: Span, now: datetime) -> dict[str, PromiseKept]:
    """Of the schedules that are promises, as they are now; a window counts in which span it begins."""
    found = {}
    visits: dict[str, list[datetime]] | None = None
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
        if visits is None:
            visits = visits_in(session, span)
        whole = [(min(each.end, until) - each.start).total_seconds() for each in windows]
        kept = sum(promise.kept(each, visits, until) * s for each, s in zip(windows, whole, strict=True)) / sum(whole)
        breaches = [breach for each in windows for breach in promise.breaches(each, visits, until)]
        longest = max(((each.seen - each.due).total_seconds() for each in breaches), default=0.0)
        every_s = round(promise.every.total_seconds())
        found[schedule.schedule_id] = PromiseKept(every_s, kept, len(breaches), longest)
    return found
