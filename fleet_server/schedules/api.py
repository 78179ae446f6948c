"""Schedules: made, changed, deleted; and the rounds that they asked for."""

from datetime import datetime
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, HTTPException, Query, Response
from pydantic import AwareDatetime
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.audit.log import append
from fleet_server.audit.lost_update import check_version
from fleet_server.core.api_schema import CHANGED, INVALID, NOT_FOUND
from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import CurrentUser, needs
from fleet_server.core.once_route import OnceRoute
from fleet_server.core.problems import field_fault
from fleet_server.core.rights import Right
from fleet_server.core.station import StationHere
from fleet_server.core.versions import IfMatch, tag
from fleet_server.routes.tables import Route
from fleet_server.schedules.due_rounds import RoundStatus
from fleet_server.schedules.recurrence import Misruled
from fleet_server.schedules.round_record import schedule_of
from fleet_server.schedules.tables import RoundRow, ScheduleRow
from fleet_server.schedules.views import (
    RoundView,
    ScheduleBody,
    ScheduleView,
    round_view,
    schedule_version,
    schedule_view,
)
from fleet_server.sites.tables import Site

router = APIRouter(tags=["schedules"], route_class=OnceRoute)
EDITS = ("schedule.created", "schedule.changed")


@router.get("/schedules", **needs(Right.SEE))
def list_schedules(station: StationHere) -> list[ScheduleView]:
    """All schedules, oldest first."""
    now = utc_now()
    with station.database.read() as session:
        rows = session.scalars(select(ScheduleRow).order_by(ScheduleRow.created_at, ScheduleRow.schedule_id))
        return [_shown(session, row, now) for row in rows]


@router.get("/schedules/{schedule_id}", responses=NOT_FOUND, **needs(Right.SEE))
def get_schedule(schedule_id: str, station: StationHere, response: Response) -> ScheduleView:
    """One schedule."""
    with station.database.read() as session:
        shown = _shown(session, _find(session, schedule_id), utc_now())
    tag(response, shown.version)
    return shown


@router.post("/schedules", status_code=201, responses=INVALID, **needs(Right.PLAN, once=True))
def create_schedule(body: ScheduleBody, user: CurrentUser, station: StationHere, response: Response) -> ScheduleView:
    """Make a schedule; what was due before now is not asked for."""
    with station.database.write() as session:
        now = utc_now()
        row = ScheduleRow(schedule_id=str(uuid4()), created_at=now)
        _fill(session, row, body, now)
        session.add(row)
        append(session, now, user.username, "schedule.created", row.schedule_id, **_told(row))
        shown = _shown(session, row, now)
    tag(response, shown.version)
    station.tell(ChangeEvents.of(ScheduleRow, shown.schedule_id))
    return shown


@router.put("/schedules/{schedule_id}", responses=NOT_FOUND | CHANGED | INVALID, **needs(Right.PLAN))
def replace_schedule(
    schedule_id: str,
    body: ScheduleBody,
    user: CurrentUser,
    station: StationHere,
    response: Response,
    if_match: IfMatch = None,
) -> ScheduleView:
    """Change a schedule, from now on; rounds that wait go on waiting."""
    with station.database.write() as session:
        now = utc_now()
        row = _find(session, schedule_id)
        check_version(session, if_match, schedule_version(row), schedule_id, EDITS)
        before = _told(row)
        _fill(session, row, body, now)
        append(session, now, user.username, "schedule.changed", schedule_id, before=before, **_told(row))
        shown = _shown(session, row, now)
    tag(response, shown.version)
    station.tell(ChangeEvents.of(ScheduleRow, shown.schedule_id))
    return shown


@router.delete("/schedules/{schedule_id}", status_code=204, responses=NOT_FOUND | CHANGED, **needs(Right.PLAN))
def delete_schedule(schedule_id: str, user: CurrentUser, station: StationHere, if_match: IfMatch = None) -> None:
    """Delete a schedule; the account of its rounds stays."""
    with station.database.write() as session:
        row = _find(session, schedule_id)
        check_version(session, if_match, schedule_version(row), schedule_id, EDITS)
        session.delete(row)
        append(session, utc_now(), user.username, "schedule.deleted", schedule_id, **_told(row))
    station.tell(ChangeEvents.of(ScheduleRow, schedule_id))


@router.get("/rounds", **needs(Right.SEE))
def list_rounds(
    station: StationHere,
    status: RoundStatus | None = None,
    schedule_id: Annotated[str | None, Query(alias="scheduleId")] = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[RoundView]:
    """Rounds that were due, newest first: begun, waiting for a dog, or missed with the reason."""
    query = select(RoundRow).order_by(RoundRow.due_at.desc(), RoundRow.schedule_id).limit(limit)
    if status is not None:
        query = query.where(RoundRow.status == status)
    if schedule_id is not None:
        query = query.where(RoundRow.schedule_id == schedule_id)
    if since is not None:
        query = query.where(RoundRow.due_at >= since)
    if until is not None:
        query = query.where(RoundRow.due_at < until)
    with station.database.read() as session:
        return [round_view(row) for row in session.scalars(query)]


def _find(session: Session, schedule_id: str) -> ScheduleRow:
    row = session.get(ScheduleRow, schedule_id)
    if row is None:
        raise HTTPException(404, f"there is no schedule {schedule_id!r}")
    return row


def _fill(session: Session, row: ScheduleRow, body: ScheduleBody, now: datetime) -> None:
    route = session.get(Route, body.route_id)
    if route is None:
        raise field_fault("routeId", f"there is no route {body.route_id!r}")
    fill(row, body, now)
    try:
        schedule_of(row, route, session.get_one(Site, route.site_id).timezone)
    except Misruled as error:
        raise field_fault("rule", str(error)) from error


def fill(row: ScheduleRow, body: ScheduleBody, now: datetime) -> None:
    """Put into the row what the body says; whether its route and its rule are any is not looked at."""
    row.route_id = body.route_id
    row.name = body.name.model_dump(mode="json")
    row.rule = body.rule
    row.start = body.start.replace(microsecond=0).isoformat()
    row.but_not = [day.isoformat() for day in body.but_not]
    row.promise_every_s = round(body.promise.every_minutes * 60) if body.promise else None
    row.promise_ends = f"{body.promise.ends:%H:%M}" if body.promise else None
    row.missed = body.missed.policy
    row.late_s = round((body.missed.minutes or 0) * 60)
    row.dogs = list(dict.fromkeys(body.dogs))
    row.enabled = body.enabled
    row.looked_until = row.updated_at = now


def _shown(session: Session, row: ScheduleRow, now: datetime) -> ScheduleView:
    route = session.get_one(Route, row.route_id)
    zone = session.get_one(Site, route.site_id).timezone
    return schedule_view(row, schedule_of(row, route, zone).when.after(now) if row.enabled else None)


def _told(row: ScheduleRow) -> dict[str, object]:
    names = ("name", "route_id", "rule", "start", "but_not", "missed", "late_s", "dogs", "enabled")
    told = {name: getattr(row, name) for name in names}
    return told | {"promise_every_s": row.promise_every_s, "promise_ends": row.promise_ends}
