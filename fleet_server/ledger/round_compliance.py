"""Rounds and promises: kept, late, unfinished or missed, by schedule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import Session

from fleet_server.ledger.figures import Visits
from fleet_server.ledger.index_steps import index_steps
from fleet_server.ledger.span import Span
from fleet_server.routes.tables import Route
from fleet_server.schedules.promise import PromisedRounds
from fleet_server.schedules.round_outcome import Outcome
from fleet_server.schedules.round_record import schedules
from fleet_server.schedules.tables import RoundRow


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


def compliance(session: Session, span: Span, visits: Visits, now: datetime) -> list[Compliance]:
    """By schedule, in the order in which the first round of each was due; ``visits`` are the span's."""
    promises = _promises(session, span, visits, now)
    found = []
    for schedule_id in index_steps(session, RoundRow.schedule_id, RoundRow.site_id == span.site_id):
        of_it = (*_due_in(span), RoundRow.schedule_id == schedule_id)  # one stretch of the index, and nothing else
        counts = (func.count().filter(RoundRow.outcome == outcome) for outcome in Outcome)
        first, last, *rounds = session.execute(
            select(func.min(RoundRow.due_at), func.max(RoundRow.due_at), *counts).where(*of_it)
        ).one()
        if first is None:
            continue
        name = session.get_one(RoundRow, (schedule_id, last)).schedule_name
        outcomes = dict(zip(Outcome, rounds, strict=True))
        told = Compliance(schedule_id, name, outcomes, _reasons(session, of_it), promises.get(schedule_id))
        found.append((first, told))
    return [told for _, told in sorted(found, key=lambda each: (each[0], each[1].schedule_id))]


def _reasons(session: Session, which: Sequence[ColumnElement[bool]]) -> list[tuple[str, int]]:
    query = select(RoundRow.why, func.count()).where(*which, RoundRow.why != "").group_by(RoundRow.why)
    return sorted(((why, count) for why, count in session.execute(query) if why), key=lambda each: (-each[1], each[0]))


def rounds_in(session: Session, span: Span) -> Sequence[Row[Any]]:
    """The rounds that were due in the span, and what became of each."""
    columns = (RoundRow.schedule_id, RoundRow.schedule_name, RoundRow.due_at)
    query = select(*columns, RoundRow.reason, RoundRow.outcome, RoundRow.why).where(*_due_in(span))
    return session.execute(query.order_by(RoundRow.due_at, RoundRow.schedule_id)).all()


def _due_in(span: Span) -> tuple[ColumnElement[bool], ...]:
    return RoundRow.site_id == span.site_id, RoundRow.due_at >= span.since, RoundRow.due_at < span.until


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
        breaches = [breach for each in windows for breach in promise.breaches(each, visits, span.since, until)]
        late_s = sum((each.seen - each.due).total_seconds() for each in breaches)
        kept = 1.0 - late_s / (whole_s * len(promise.checkpoints))
        longest = max(((each.seen - each.due).total_seconds() for each in breaches), default=0.0)
        every_s = round(promise.every.total_seconds())
        found[schedule.schedule_id] = PromiseKept(every_s, kept, len(breaches), longest)
    return found
