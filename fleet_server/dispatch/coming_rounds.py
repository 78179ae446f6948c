"""The calendar of the coming days: rounds with the dog that could walk each, and where dogs or batteries fall short."""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime
from sqlalchemy.orm import Session

from fleet_server.core.api_schema import TextView, View
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import needs
from fleet_server.core.rights import Right
from fleet_server.core.station import Station, StationHere
from fleet_server.dispatch.dog_eligibility import DETOUR
from fleet_server.patrols.queries import open_patrol_of
from fleet_server.routes.tables import Route
from fleet_server.schedules.round_calendar import Conflict, DogForecast, PlannedRound, round_calendar
from fleet_server.schedules.round_record import schedules
from fleet_server.sites.tables import Site
from fleet_server.telemetry.fleet_state import Fleet

router = APIRouter(tags=["schedules"])
SPEED = 0.65  # m/s, a dog's on average
STOP_S = 15.0  # s at a stop for turning and a picture, besides what it dwells
LOOK_AROUND_S = 10.0  # s, as a dog of ours turns once about itself
USES_PCT_M = 0.02  # % a metre: two hours of walking a charge
CHARGES_PCT_H = 60.0  # % an hour at a dock
MOST_ENTRIES = 2000


class ComingRoundView(View):
    """A round to come; the charges are foreseen, with a dog that stands at its dock between rounds."""

    schedule_id: str
    schedule_name: TextView
    route_id: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    dog_id: str | None
    charge_before_pct: float | None
    charge_after_pct: float | None
    conflict: Conflict | None
    reason: str | None


@router.get("/calendar", **needs(Right.SEE))
def coming_rounds(station: StationHere, days: Annotated[int, Query(ge=1, le=31)] = 7) -> list[ComingRoundView]:
    """The rounds of the coming days, soonest first: who could walk each, and why nobody could."""
    now = utc_now()
    with station.database.read() as session:
        names = {schedule.schedule_id: row.name for schedule, row in schedules(session)}
        planned = _planned(session, now, now + timedelta(days=days))[:MOST_ENTRIES]
        dogs = _dogs(session, station, now)
    return [
        ComingRoundView(
            schedule_id=entry.round.schedule_id,
            schedule_name=TextView.model_validate(names[entry.round.schedule_id]),
            route_id=entry.round.route_id,
            starts_at=entry.round.starts,
            ends_at=entry.round.starts + entry.round.lasts,
            dog_id=entry.dog_id,
            charge_before_pct=entry.before_pct,
            charge_after_pct=entry.after_pct,
            conflict=entry.conflict,
            reason=entry.reason,
        )
        for entry in round_calendar(planned, dogs)
    ]


def _planned(session: Session, since: datetime, until: datetime) -> list[PlannedRound]:
    planned = []
    for schedule, row in schedules(session):
        route = session.get_one(Route, row.route_id)
        length, lasts = length_and_time(route, session.get_one(Site, route.site_id))
        planned += [
            PlannedRound(schedule.schedule_id, route.route_id, due, lasts, length * USES_PCT_M, schedule.dogs)
            for due in schedule.when.between(since, until)
        ]
    return sorted(planned, key=lambda each: (each.starts, each.schedule_id))


def length_and_time(route: Route, site: Site) -> tuple[float, timedelta]:
    """How far a round on the route leads (m), and how long it takes; an estimate by the straight ways."""
    poses = {place["checkpointId"]: place["pose"] for place in site.checkpoints}
    places = [poses[stop["checkpointId"]] for stop in route.stops if stop["checkpointId"] in poses]
    straight = sum(math.dist((a["x"], a["y"]), (b["x"], b["y"])) for a, b in pairwise([*places, *places[:1]]))
    stops = sum(stop_s((action["type"], action.get("seconds")) for action in stop["actions"]) for stop in route.stops)
    length = straight * DETOUR
    return length, timedelta(seconds=length / SPEED + stops)


def stop_s(work: Iterable[tuple[str, float | None]]) -> float:
    """How long a dog is at a stop, in seconds; ``work``: each action's type there, and the seconds it was given."""
    return STOP_S + sum(LOOK_AROUND_S if action == "lookAround" else seconds or 0.0 for action, seconds in work)


def _dogs(session: Session, station: Station, now: datetime) -> list[DogForecast]:
    found = []
    for vehicle in station[Fleet].all():
        if vehicle.state is None:
            continue
        patrol, free = open_patrol_of(session, vehicle.dog_id), now
        if patrol is not None and (route := session.get(Route, patrol.route_id)) is not None:
            _, lasts = length_and_time(route, session.get_one(Site, route.site_id))
            free = max(now, patrol.created_at + lasts)
        charge = vehicle.state.battery_state.battery_charge
        found.append(
            DogForecast(vehicle.dog_id, free, charge, CHARGES_PCT_H, station.settings.battery_reserve_pct),
        )
    return found
