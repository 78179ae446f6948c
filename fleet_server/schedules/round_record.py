"""Schedules and rounds between the database and the rules of when they are due."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.routes.tables import Route
from fleet_server.schedules.due_rounds import Begin, Round, RoundStatus, Schedule, newly_due, update
from fleet_server.schedules.missed_rounds import MissedPolicy, Patience
from fleet_server.schedules.promise import Promise, PromisedRounds
from fleet_server.schedules.recurrence import Recurrence
from fleet_server.schedules.round_outcome import outcome_of
from fleet_server.schedules.tables import RoundRow, ScheduleRow
from fleet_server.sites.tables import Site

MOST_REASON = 500


def schedule_of(row: ScheduleRow, route: Route, zone: str) -> Schedule:
    """The row as a rule of when rounds are due; Misruled where it is none."""
    days = frozenset(date.fromisoformat(day) for day in row.but_not)
    begins = Recurrence(row.rule, datetime.fromisoformat(row.start), zone, days)
    patience = Patience(MissedPolicy(row.missed), timedelta(seconds=row.late_s))
    dogs = tuple(row.dogs)
    if row.promise_every_s is None or row.promise_ends is None:
        return Schedule(row.schedule_id, row.route_id, begins, patience, dogs)
    checkpoints = tuple(dict.fromkeys(stop["checkpointId"] for stop in route.stops))
    every, ends = timedelta(seconds=row.promise_every_s), time.fromisoformat(row.promise_ends)
    promised = PromisedRounds(Promise(checkpoints, every, begins, ends))
    return Schedule(row.schedule_id, row.route_id, promised, patience, dogs)


def schedules(session: Session) -> list[tuple[Schedule, ScheduleRow]]:
    """All schedules that are in force."""
    query = (
        select(ScheduleRow, Route, Site.timezone)
        .join(Route, Route.route_id == ScheduleRow.route_id)
        .join(Site, Site.site_id == Route.site_id)
        .where(ScheduleRow.enabled)
        .order_by(ScheduleRow.created_at, ScheduleRow.schedule_id)
    )
    return [(schedule_of(row, route, zone), row) for row, route, zone in session.execute(query)]


def waiting(session: Session) -> list[RoundRow]:
    """The rounds that wait for a dog, those due longest first."""
    query = select(RoundRow).where(RoundRow.status == RoundStatus.WAITING)
    return list(session.scalars(query.order_by(RoundRow.due_at, RoundRow.schedule_id)))


def is_anything_due(session: Session, now: datetime) -> bool:
    """Whether there is something to be done about rounds."""
    if waiting(session):
        return True
    return any(newly_due(schedule, row.looked_until, now) for schedule, row in schedules(session))


def update_rounds(session: Session, begin: Begin, now: datetime) -> list[Round]:
    """Begin what is due, note what waits or is missed; returns what changed. In the caller's transaction."""
    known = schedules(session)
    kept = {(row.schedule_id, row.due_at): row for row in waiting(session)}
    names = {row.schedule_id: row.name for _, row in known}
    routes = {row.schedule_id: row.route_id for _, row in known}
    before = [
        Round(row.schedule_id, row.due_at, row.until, RoundStatus(row.status), row.reason, row.patrol_id)
        for row in kept.values()
    ]
    changed = update([(schedule, row.looked_until) for schedule, row in known], before, begin, now)
    for each in changed:
        row = kept.get((each.schedule_id, each.due))
        if row is None:
            row = RoundRow(schedule_id=each.schedule_id, due_at=each.due, until=each.until)
            row.schedule_name, row.route_id = names[each.schedule_id], routes[each.schedule_id]
            row.site_id = session.get_one(Route, row.route_id).site_id
            session.add(row)
        row.status, row.patrol_id, row.changed_at = each.status, each.patrol_id, now
        row.reason = each.reason[:MOST_REASON] if each.reason else None
        row.outcome = outcome_of(each.status, each.due, now, None)
        row.why = row.reason if each.status is RoundStatus.MISSED else None
    for _, schedule_row in known:
        schedule_row.looked_until = now
    return changed
