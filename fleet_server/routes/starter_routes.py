"""The routes that come with a site's folder, at its first import alone: after that they are the operators'."""

from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec
from sqlalchemy.orm import Session

from fleet_server.audit.log import SERVER
from fleet_server.core.api_schema import Body
from fleet_server.routes.route_versions import Deed, keep_version, last_number
from fleet_server.routes.tables import Route
from fleet_server.routes.views import DEFAULT_ON_BLOCKED, DEFAULT_ON_LINK_LOSS, DEFAULT_ON_LOW_BATTERY
from fleet_server.sites.site_import import NewSite
from protocol.header import Wire
from protocol.site_folder import StarterRoute


def add_starter_routes(new: NewSite) -> None:
    """Store the routes of a new site."""
    site_id = new.described.site_id
    for described in new.described.routes:
        route = _route(new.session, described, site_id, new.now)
        new.session.add(route)
        keep_version(new.session, route, SERVER, Deed.IMPORTED, new.now)


def _rule(given: Wire | msgspec.UnsetType, default: Body) -> dict[str, Any]:
    return default.model_dump(mode="json", exclude_none=True) if given is msgspec.UNSET else msgspec.to_builtins(given)


def _route(session: Session, route: StarterRoute, site_id: str, now: datetime) -> Route:
    """The starter route under its own id, or under a new one where a route has or had that id."""
    return Route(
        route_id=str(uuid4()) if last_number(session, route.route_id) else route.route_id,
        site_id=site_id,
        name=msgspec.to_builtins(route.name),
        stops=msgspec.to_builtins(route.stops),
        on_link_loss=_rule(route.on_link_loss, DEFAULT_ON_LINK_LOSS),
        on_blocked=_rule(route.on_blocked, DEFAULT_ON_BLOCKED),
        on_low_battery=_rule(route.on_low_battery, DEFAULT_ON_LOW_BATTERY),
        created_at=now,
        updated_at=now,
    )
