"""Routes: some come with a site."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.core.events import Objection
from fleet_server.core.room import Room
from fleet_server.core.station import Station
from fleet_server.routes import api, versions_api
from fleet_server.routes.starter_routes import add_starter_routes
from fleet_server.routes.tables import Route, RouteVersion
from fleet_server.routes.views import route_view
from fleet_server.sites.site_edit import CheckpointRemoval
from fleet_server.sites.site_import import NewSite


def set_up(station: Station) -> None:
    """What the room does in a station."""
    station.events.on(NewSite, add_starter_routes)
    station.events.on(CheckpointRemoval, _keep_for_routes)
    station.consoles.show(Route, "route", _changed)


def _keep_for_routes(removal: CheckpointRemoval) -> None:
    routes = removal.session.scalars(select(Route).where(Route.site_id == removal.site_id).order_by(Route.created_at))
    for route in routes:
        if any(stop["checkpointId"] == removal.checkpoint_id for stop in route.stops):
            raise Objection(f"the route {route.name['en']!r} ({route.route_id}) stops there")


def _changed(session: Session, ids: Collection[str], _now: datetime) -> Iterable[dict[str, Any]]:
    for route_id in sorted(ids):
        route = session.get(Route, route_id)
        yield route_view(route).model_dump(mode="json") if route else {"routeId": route_id, "deleted": True}


ROOM = Room(tables=(Route, RouteVersion), api=(api.router, versions_api.router), set_up=set_up)
