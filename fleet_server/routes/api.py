"""Routes: made, changed, deleted."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, HTTPException, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.audit.log import append
from fleet_server.audit.lost_update import check_version
from fleet_server.core.api_schema import CHANGED, INVALID, NOT_FOUND, REFUSED, Body
from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import CurrentUser, needs
from fleet_server.core.events import Objection
from fleet_server.core.once_route import OnceRoute
from fleet_server.core.problems import field_fault
from fleet_server.core.rights import Right
from fleet_server.core.station import StationHere
from fleet_server.core.versions import IfMatch, tag
from fleet_server.routes.route_versions import Deed, keep_version
from fleet_server.routes.tables import Route
from fleet_server.routes.views import (
    DEFAULT_ON_BLOCKED,
    DEFAULT_ON_LINK_LOSS,
    DEFAULT_ON_LOW_BATTERY,
    RouteBody,
    RouteView,
    route_version,
    route_view,
)
from fleet_server.sites.tables import Site

router = APIRouter(tags=["routes"], route_class=OnceRoute)
EDITS = ("route.created", "route.changed", "route.restored", "route.deleted")


@dataclass(frozen=True, slots=True)
class RouteDeletion:
    """A route is about to be deleted, in this transaction; who needs it raises an Objection."""

    session: Session
    route_id: str


@router.get("/routes", **needs(Right.SEE))
def list_routes(station: StationHere) -> list[RouteView]:
    """All routes, oldest first."""
    with station.database.read() as session:
        return [
            route_view(route) for route in session.scalars(select(Route).order_by(Route.created_at, Route.route_id))
        ]


@router.get("/routes/{route_id}", responses=NOT_FOUND, **needs(Right.SEE))
def get_route(route_id: str, station: StationHere, response: Response) -> RouteView:
    """One route."""
    with station.database.read() as session:
        return answer(response, find_route(session, route_id))


@router.post("/routes", status_code=201, responses=INVALID, **needs(Right.PLAN, once=True))
def create_route(body: RouteBody, user: CurrentUser, station: StationHere, response: Response) -> RouteView:
    """Make a route."""
    with station.database.write() as session:
        now = utc_now()
        _check_places(session, body)
        route = Route(route_id=str(uuid4()), created_at=now)
        _fill(route, body, session)
        keep_version(session, route, user.username, Deed.CREATED, now)
        append(session, now, user.username, "route.created", route.route_id, **told(route))
    station.tell(ChangeEvents.of(Route, route.route_id))
    return answer(response, route)


@router.put("/routes/{route_id}", responses=NOT_FOUND | CHANGED | INVALID, **needs(Right.PLAN))
def replace_route(
    route_id: str,
    body: RouteBody,
    user: CurrentUser,
    station: StationHere,
    response: Response,
    if_match: IfMatch = None,
) -> RouteView:
    """Change a route; a patrol that walks it already is not touched."""
    with station.database.write() as session:
        route = find_route(session, route_id)
        now, before = utc_now(), route_version(route)
        check_version(session, if_match, before, route_id, EDITS)
        _check_places(session, body)
        _fill(route, body, session)
        if route_version(route) != before:
            keep_version(session, route, user.username, Deed.CHANGED, now)
        append(session, now, user.username, "route.changed", route_id, **told(route))
    station.tell(ChangeEvents.of(Route, route_id))
    return answer(response, route)


@router.delete("/routes/{route_id}", status_code=204, responses=NOT_FOUND | REFUSED | CHANGED, **needs(Right.PLAN))
def delete_route(route_id: str, user: CurrentUser, station: StationHere, if_match: IfMatch = None) -> None:
    """Delete a route that no dog is walking; its versions stay, and it can be had again."""
    with station.database.write() as session:
        now, route = utc_now(), find_route(session, route_id)
        check_version(session, if_match, route_version(route), route_id, EDITS)
        try:
            station.events.tell(RouteDeletion(session, route_id))
        except Objection as objection:
            raise HTTPException(409, str(objection)) from objection
        keep_version(session, route, user.username, Deed.DELETED, now)
        session.delete(route)
        append(session, now, user.username, "route.deleted", route_id, name=route.name)
    station.tell(ChangeEvents.of(Route, route_id))


def find_route(session: Session, route_id: str) -> Route:
    """The route, or 404."""
    route = session.get(Route, route_id)
    if route is None:
        raise HTTPException(404, f"there is no route {route_id!r}")
    return route


def answer(response: Response, route: Route) -> RouteView:
    """The route as it is, with its version in the answer's head."""
    view = route_view(route)
    tag(response, view.version)
    return view


def _check_places(session: Session, body: RouteBody) -> None:
    site = session.get(Site, body.site_id)
    if site is None:
        raise field_fault("siteId", f"there is no site {body.site_id!r}")
    known = {checkpoint["checkpointId"] for checkpoint in site.checkpoints}
    for number, stop in enumerate(body.stops):
        if stop.checkpoint_id not in known:
            raise field_fault(f"stops.{number}.checkpointId", f"there is no checkpoint {stop.checkpoint_id!r}")


def _fill(route: Route, body: RouteBody, session: Session) -> None:
    route.site_id = body.site_id
    route.name = body.name.model_dump(mode="json")
    route.stops = [stop.model_dump(mode="json", exclude_none=True) for stop in body.stops]
    route.on_link_loss = _rule(body.on_link_loss, route.on_link_loss, DEFAULT_ON_LINK_LOSS)
    route.on_blocked = _rule(body.on_blocked, route.on_blocked, DEFAULT_ON_BLOCKED)
    route.on_low_battery = _rule(body.on_low_battery, route.on_low_battery, DEFAULT_ON_LOW_BATTERY)
    route.updated_at = utc_now()
    session.add(route)


def _rule(wanted: Body | None, kept: dict[str, Any] | None, default: Body) -> dict[str, Any]:
    """What was asked for, else what a route has already, else what a new one gets."""
    if wanted is None and kept is not None:
        return kept
    return (wanted or default).model_dump(mode="json", exclude_none=True)


def told(route: Route) -> dict[str, Any]:
    """What the audit log has of it."""
    rules = {"on_link_loss": route.on_link_loss, "on_blocked": route.on_blocked, "on_low_battery": route.on_low_battery}
    return {"name": route.name, "stops": route.stops, **rules}
