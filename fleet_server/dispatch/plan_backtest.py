"""What the plan would have seen of the incidents of a span: the plan in force, or one that is being drawn."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from pydantic import AwareDatetime, Field, model_validator
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fleet_server.core.api_schema import INVALID, NOT_FOUND, Body, Id, TextView, View
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import needs
from fleet_server.core.problems import field_fault
from fleet_server.core.rights import Right
from fleet_server.core.station import Station, StationHere
from fleet_server.dispatch.coming_rounds import SPEED, USES_PCT_M, stop_s
from fleet_server.incidents.severity import Severity, severity_of
from fleet_server.incidents.status import IncidentStatus
from fleet_server.incidents.tables import Incident
from fleet_server.routes.tables import Route
from fleet_server.routes.views import StopBody
from fleet_server.schedules.api import fill
from fleet_server.schedules.backdating import backdated
from fleet_server.schedules.plan_backtest import Finding, Path, Place, Stop, Thing, Verdict, Walk, backtest, walk
from fleet_server.schedules.recurrence import YEARS, Misruled
from fleet_server.schedules.round_record import schedule_of
from fleet_server.schedules.tables import ScheduleRow
from fleet_server.schedules.views import ScheduleBody
from fleet_server.sites.api import PointView
from fleet_server.sites.line_of_sight import line_of_sight
from fleet_server.sites.site_lookup import find_site
from fleet_server.sites.tables import Site
from fleet_server.sites.walkable_ground import Grounds

router = APIRouter(tags=["schedules"])
WITHIN_M = 12.0  # the farthest at which what dogs find was measured (docs/perception.md)
LONGEST = timedelta(days=31)
ROUND_ABOUT = timedelta(days=8)  # before and after the span, the nearest round is looked for: a weekly one is found
MOST_INCIDENTS = 1000  # of a span, the newest
DRAFT = "draft"  # the id of a route or a schedule that has none yet


class DraftRouteBody(Body):
    """A route that is being drawn, in the place of the one with this id."""

    route_id: Id = DRAFT
    stops: Annotated[list[StopBody], Field(max_length=200)]


class DraftScheduleBody(ScheduleBody):
    """A schedule that is being made, in the place of the one with this id."""

    schedule_id: Id = DRAFT


class BacktestBody(Body):
    """Which incidents, and what is to be different from the plan in force. Nothing is stored."""

    site_id: Id
    since: AwareDatetime
    until: AwareDatetime
    within_m: Annotated[float, Field(ge=1, le=50)] = WITHIN_M
    route: DraftRouteBody | None = None
    schedule: DraftScheduleBody | None = None

    @model_validator(mode="after")
    def _span_is_one(self) -> "BacktestBody":
        if not timedelta() < self.until - self.since <= LONGEST:
            raise ValueError("a span ends after it begins, and within 31 days")
        if not {self.since.year, self.until.year} <= set(YEARS):
            raise ValueError(f"since and until lie in the years {YEARS[0]} to {YEARS[-1]}")
        return self


class WayView(View):
    """A route as a dog walks it from the dock: ``unreached`` are the checkpoints to which no way leads.

    ``usesPct`` is what that length takes of a charge, by the same figure as the calendar's, in percent points.
    """

    route_id: str
    scheduled: bool
    length_m: float
    lasts_s: float
    uses_pct: float
    corners: list[PointView]
    unreached: list[str]


class FindingView(View):
    """An incident, and the round that would have been in sight of its place, or the nearest to that in time.

    ``offS`` is how much later that round is than the incident's sightings; negative: earlier. Where no round ever is,
    ``distanceM`` is from the nearest way, and ``hidden`` says that it is near enough, but for what stands between.
    """

    incident_id: str
    kind: str
    severity: Severity
    zone_name: TextView | None
    x: float
    y: float
    first_seen: AwareDatetime
    last_seen: AwareDatetime
    verdict: Verdict
    schedule_id: str | None
    schedule_name: TextView | None
    route_id: str | None
    begins_at: AwareDatetime | None
    ends_at: AwareDatetime | None
    off_s: float
    distance_m: float | None
    hidden: bool


class BacktestView(View):
    """Newest incident first; ``inSpan`` counts all, ``rounds`` those that are due in the span."""

    within_m: float
    in_span: int
    rounds: int
    seen: int
    findings: list[FindingView]
    ways: list[WayView]


@router.post("/plan/backtest", responses=NOT_FOUND | INVALID, **needs(Right.SEE))
def backtest_plan(body: BacktestBody, station: StationHere) -> BacktestView:
    """What planned rounds would have seen of the incidents in a span, as if the plan had been in force then.

    Every round begins when it is due and walks without a halt: dogs, batteries and doors are not asked.
    False alarms are left out.
    """
    with station.database.read() as session:
        site = find_site(session, body.site_id)
        routes = _routes(session, body, site)
        incidents, in_span = _incidents(session, body)
        plan = list(_rounds(session, body, site, routes))
    walks = {route_id: _walk(station, site, stops) for route_id, stops in routes.items()}
    rounds = {row.schedule_id: (row.route_id, dues) for row, dues in plan}
    things = [_thing(each) for each in incidents]
    found = backtest(things, walks, rounds, body.within_m, line_of_sight(site).seen_from)
    names = {row.schedule_id: TextView.model_validate(row.name) for row, _ in plan}
    return BacktestView(
        within_m=body.within_m,
        in_span=in_span,
        rounds=sum(body.since <= due < body.until for _, dues in plan for due in dues),
        seen=sum(each.verdict is Verdict.SEEN for each in found),
        findings=[_finding_view(row, each, names) for row, each in zip(incidents, found, strict=True)],
        ways=[
            _way_view(route_id, walked, routes[route_id], any(row.route_id == route_id and dues for row, dues in plan))
            for route_id, walked in walks.items()
        ],
    )


def _routes(session: Session, body: BacktestBody, site: Site) -> dict[str, list[dict[str, Any]]]:
    """The stops of each route of the site that the site still has, those of the one being drawn instead of its own."""
    rows = session.scalars(
        select(Route).where(Route.site_id == body.site_id).order_by(Route.created_at, Route.route_id)
    )
    routes = {row.route_id: row.stops for row in rows}
    if body.route is not None:
        routes[body.route.route_id] = [stop.model_dump(mode="json") for stop in body.route.stops]
    known = {each["checkpointId"] for each in site.checkpoints}
    return {route_id: [stop for stop in stops if stop["checkpointId"] in known] for route_id, stops in routes.items()}


def _incidents(session: Session, body: BacktestBody) -> tuple[Sequence[Incident], int]:
    of_span = (
        Incident.site_id == body.site_id,
        Incident.last_seen >= body.since,
        Incident.first_seen < body.until,
        Incident.status != IncidentStatus.FALSE_ALARM,
    )
    rows = session.scalars(
        select(Incident).where(*of_span).order_by(Incident.last_seen.desc(), Incident.incident_id).limit(MOST_INCIDENTS)
    ).all()
    return rows, session.scalar(select(func.count(Incident.incident_id)).where(*of_span)) or 0


def _rounds(
    session: Session, body: BacktestBody, site: Site, routes: dict[str, list[dict[str, Any]]]
) -> Iterator[tuple[ScheduleRow, list[datetime]]]:
    """Each schedule that has rounds to come, and when they would have been due round about the span."""
    now = utc_now()
    rows = {row.schedule_id: row for row in session.scalars(select(ScheduleRow).where(ScheduleRow.enabled))}
    if body.schedule is not None:
        if body.schedule.route_id not in routes:
            raise field_fault("schedule.routeId", f"there is no route {body.schedule.route_id!r}")
        row = ScheduleRow(schedule_id=body.schedule.schedule_id, created_at=now)
        fill(row, body.schedule, now)
        rows.pop(row.schedule_id, None)
        if row.enabled:
            rows[row.schedule_id] = row
    for row in rows.values():
        if not routes.get(row.route_id):
            continue  # of another site, or a route without a stop yet
        route = Route(route_id=row.route_id, stops=routes[row.route_id])
        try:
            if schedule_of(row, route, site.timezone).when.after(now) is None:
                continue  # it is over
            yield row, _dues(row, route, body, site.timezone)
        except Misruled as error:
            raise field_fault("schedule.rule", str(error)) from error


def _dues(row: ScheduleRow, route: Route, body: BacktestBody, zone: str) -> list[datetime]:
    since, until = body.since - ROUND_ABOUT, body.until + ROUND_ABOUT
    before = since.astimezone(ZoneInfo(zone)).replace(tzinfo=None) - ROUND_ABOUT
    rule, start = backdated(row.rule, datetime.fromisoformat(row.start), before)
    always = ScheduleRow(**{name: getattr(row, name) for name in _OF_A_SCHEDULE}, rule=rule, start=start.isoformat())
    return schedule_of(always, route, zone).when.between(since, until)


_OF_A_SCHEDULE = ("schedule_id", "route_id", "but_not", "promise_every_s", "promise_ends", "missed", "late_s", "dogs")


def _walk(station: Station, site: Site, stops: Sequence[dict[str, Any]]) -> Walk:
    poses = {each["checkpointId"]: each["pose"] for each in site.checkpoints}
    grounds = station[Grounds]

    def path(start: Place, goal: Place) -> Sequence[Place] | None:
        return grounds.path(site, start, goal)

    planned = [
        Stop(_place(poses[stop["checkpointId"]]), stop_s((a["type"], a.get("seconds")) for a in stop["actions"]))
        for stop in stops
    ]
    return walk(_dock(site, planned, path), planned, path, SPEED)


def _dock(site: Site, planned: Sequence[Stop], path: Path) -> Place | None:
    """The dock nearest to the first stop, where a dog waits for its round."""
    docks = [_place(each["pose"]) for each in site.docks]
    near = sorted(docks, key=lambda dock: abs(complex(*dock) - complex(*planned[0].place))) if planned else []
    return next((dock for dock in near if path(dock, planned[0].place) is not None), None)


def _place(pose: dict[str, float]) -> Place:
    return float(pose["x"]), float(pose["y"])


def _thing(incident: Incident) -> Thing:
    """By the station's clock: less what the dog's was ahead, where that is known."""
    ahead = timedelta(seconds=incident.clock_skew_s or 0.0)
    place = (incident.x, incident.y)
    return Thing(incident.incident_id, place, incident.first_seen - ahead, incident.last_seen - ahead)


def _finding_view(incident: Incident, found: Finding, names: dict[str, TextView]) -> FindingView:
    return FindingView(
        incident_id=incident.incident_id,
        kind=incident.kind,
        severity=severity_of(incident.kind),
        zone_name=TextView.model_validate(incident.zone_name) if incident.zone_name else None,
        x=incident.x,
        y=incident.y,
        first_seen=found.thing.first,
        last_seen=found.thing.last,
        verdict=found.verdict,
        schedule_id=found.schedule_id,
        schedule_name=names.get(found.schedule_id or ""),
        route_id=found.route_id,
        begins_at=found.begins,
        ends_at=found.ends,
        off_s=found.off.total_seconds(),
        distance_m=found.distance_m,
        hidden=found.hidden,
    )


def _way_view(route_id: str, walked: Walk, stops: Sequence[dict[str, Any]], scheduled: bool) -> WayView:
    return WayView(
        route_id=route_id,
        scheduled=scheduled,
        length_m=walked.length_m,
        lasts_s=walked.lasts_s,
        uses_pct=walked.length_m * USES_PCT_M,
        corners=[PointView(x=x, y=y) for x, y in walked.corners],
        unreached=[stops[number]["checkpointId"] for number in walked.unreached],
    )
