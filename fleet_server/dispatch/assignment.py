"""A route is given to a dog, and the dog is called back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import msgspec
from fastapi import APIRouter, HTTPException
from sqlalchemy.orm import Session

from fleet_server.audit.log import append
from fleet_server.core.api_schema import NOT_FOUND, REFUSED, Body, DogId, Id
from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import CurrentUser, needs
from fleet_server.core.events import Objection
from fleet_server.core.once_route import OnceRoute
from fleet_server.core.rights import Right
from fleet_server.core.station import Station, StationHere
from fleet_server.dispatch.dog_eligibility import battery_refusal, refusal, work_refusal
from fleet_server.dispatch.interruption import cancel
from fleet_server.dispatch.order_building import draw_order, length_m
from fleet_server.patrols.api import find_patrol
from fleet_server.patrols.queries import open_patrol_of, records
from fleet_server.patrols.tables import UNENDED, Patrol, PatrolStatus
from fleet_server.patrols.views import PatrolView, patrol_shown
from fleet_server.routes.api import find_route
from fleet_server.routes.tables import Route
from fleet_server.sites.tables import Site
from fleet_server.telemetry.fleet_state import Fleet, Vehicle
from fleet_server.telemetry.vehicle_capabilities import features
from fleet_server.telemetry.vehicle_lookup import find_vehicle
from protocol.on_blocked import ON_BLOCKED
from protocol.on_link_loss import ON_LINK_LOSS
from protocol.on_low_battery import ON_LOW_BATTERY
from protocol.site import Checkpoint

router = APIRouter(tags=["patrols"], route_class=OnceRoute)


class CannotWalk(ValueError):
    """The dog cannot walk the route now; the text says why."""


class PatrolBody(Body):
    """Which route, and which dog; ``reduced``: without the work that this vehicle cannot do, rather than not at all."""

    route_id: Id
    dog_id: DogId
    reduced: bool = False


@router.post("/patrols", status_code=201, responses=NOT_FOUND | REFUSED, **needs(Right.COMMAND, once=True))
def assign_patrol(body: PatrolBody, user: CurrentUser, station: StationHere) -> PatrolView:
    """Send a dog along a route; refused, with the reason, when the dog cannot."""
    vehicle = find_vehicle(station, body.dog_id)
    try:
        with station.database.write() as session:
            now = utc_now()  # not before: while this waited its turn, the patrol that the dog walked may have ended
            route = find_route(session, body.route_id)
            patrol = give(session, station, route, vehicle, user.username, now, body.reduced)
    except CannotWalk as error:
        raise HTTPException(409, str(error)) from error
    station.tell(ChangeEvents.of(Patrol, patrol.patrol_id))
    station.hurry()
    return patrol_shown(patrol, station[Fleet], now)


@router.post("/patrols/{patrol_id}/cancel", responses=NOT_FOUND | REFUSED, **needs(Right.COMMAND, once=True))
def cancel_patrol(patrol_id: str, user: CurrentUser, station: StationHere) -> PatrolView:
    """Call a dog back. The patrol is CANCELED when the dog says so, or at once if it never took the order."""
    with station.database.write() as session:
        now = utc_now()
        patrol = find_patrol(session, patrol_id)
        if patrol.status not in UNENDED:
            raise HTTPException(409, f"the patrol is {patrol.status} already")
        cancel(session, patrol, user.username, now)
    station.tell(ChangeEvents.of(Patrol, patrol_id))
    station.hurry()
    return patrol_shown(patrol, station[Fleet], now)


@dataclass(frozen=True, slots=True)
class Assignment:
    """A dog is about to be sent along a route, in this transaction; a room above that needs it raises an Objection."""

    session: Session
    site_id: str
    dog_id: str


def give(
    session: Session,
    station: Station,
    route: Route,
    vehicle: Vehicle,
    by: str,
    now: datetime,
    reduced: bool = False,
) -> Patrol:
    """The patrol of a dog that can walk the route, stored with its audit entry; raises CannotWalk."""
    site = session.get_one(Site, route.site_id)
    try:
        station.events.tell(Assignment(session, site.site_id, vehicle.dog_id))
    except Objection as objection:
        raise CannotWalk(str(objection)) from objection
    _check_fitness(session, station, vehicle, site, now)
    _check_work(route, vehicle, reduced)
    patrol = _draw(route, site, vehicle, by, now, station.settings.battery_reserve_pct, reduced)
    session.add(patrol)
    append(session, now, by, "patrol.assigned", patrol.patrol_id, route=route.route_id, dog=vehicle.dog_id)
    return patrol


def _check_fitness(session: Session, station: Station, vehicle: Vehicle, site: Site, now: datetime) -> None:
    walking = open_patrol_of(session, vehicle.dog_id)
    if walking is not None:
        raise CannotWalk(f"{vehicle.dog_id} is busy with the patrol {walking.route_name['en']!r}")
    why = refusal(vehicle, station[Fleet].is_live(vehicle, now), site.map_id)
    if why is not None:
        raise CannotWalk(why)


def _check_work(route: Route, vehicle: Vehicle, reduced: bool) -> None:
    actions = [] if reduced else [action["type"] for stop in route.stops for action in stop["actions"]]
    why = work_refusal(vehicle.dog_id, features(vehicle.factsheet), actions, len(route.stops) + 1)
    if why is not None:
        raise CannotWalk(why)


def _draw(
    route: Route, site: Site, vehicle: Vehicle, username: str, now: datetime, reserve_pct: float, reduced: bool
) -> Patrol:
    places = {c.checkpoint_id: c for c in msgspec.convert(site.checkpoints, list[Checkpoint])}
    gone = next((s["checkpointId"] for s in route.stops if s["checkpointId"] not in places), None)
    if gone is not None:
        raise CannotWalk(f"the route stops at {gone!r}, which the site no longer has")
    if vehicle.position is None:
        raise CannotWalk(f"{vehicle.dog_id} does not know where it is")
    order_id = str(uuid4())
    drawn = draw_order(
        route.stops,
        places,
        vehicle.position,
        vehicle.address,
        order_id,
        now.timestamp(),
        lambda: str(uuid4()),
        features(vehicle.factsheet, bare=reduced),
        {ON_LINK_LOSS: route.on_link_loss, ON_BLOCKED: route.on_blocked, ON_LOW_BATTERY: route.on_low_battery},
    )
    why = battery_refusal(vehicle, length_m(drawn.order), reserve_pct)
    if why is not None:
        raise CannotWalk(why)
    return Patrol(
        patrol_id=str(uuid4()),
        route_id=route.route_id,
        route_name=route.name,
        site_id=site.site_id,
        dog_id=vehicle.dog_id,
        manufacturer=vehicle.address.manufacturer,
        order_id=order_id,
        order=msgspec.to_builtins(drawn.order),
        status=PatrolStatus.SENT,
        created_at=now,
        assigned_by=username,
        checkpoints=records(drawn.checkpoints),
    )
