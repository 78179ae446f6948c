"""From a site folder to the server's copy."""

import hashlib
import io
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
from PIL import Image
from sqlalchemy.orm import Session

from fleet_server.core.api_schema import Body
from fleet_server.routes.tables import Route
from fleet_server.routes.views import DEFAULT_ON_BLOCKED, DEFAULT_ON_LINK_LOSS, DEFAULT_ON_LOW_BATTERY
from fleet_server.sites.tables import Site
from protocol.header import Wire
from protocol.site import GridMap
from protocol.site_folder import SiteFile, StarterRoute, read_site


def import_site(session: Session, folder: Path, now: datetime) -> Site | None:
    """Take over the site in ``folder``; None when it was imported before and has not changed since.

    A changed folder makes a new version. Starter routes come with the first import alone: after that they are the
    operators'. Raises protocol.site_folder.MalformedSite.
    """
    described, grid = read_site(folder)
    source = hashlib.sha256(msgspec.json.encode([described, grid])).hexdigest()
    known = session.get(Site, described.site_id)
    if known is not None and known.source_hash == source:
        return None
    site = known or Site(site_id=described.site_id, version=0)
    _fill(site, described, grid)
    site.version += 1
    site.source_hash, site.updated_at = source, now
    session.add(site)
    session.flush()
    if known is None:
        session.add_all(_route(session, route, described.site_id, now) for route in described.routes)
    return site


def _fill(site: Site, described: SiteFile, grid: GridMap) -> None:
    site.name = msgspec.to_builtins(described.name)
    site.timezone = described.timezone
    site.origin = msgspec.to_builtins(described.origin)
    site.zones = msgspec.to_builtins(described.zones)
    site.checkpoints = msgspec.to_builtins(described.checkpoints)
    site.docks = msgspec.to_builtins(described.docks)
    site.map_id = grid.map_id
    site.map_resolution = grid.resolution
    site.map_origin = msgspec.to_builtins(grid.origin)
    site.map_png = grid.image
    site.map_width, site.map_height = Image.open(io.BytesIO(grid.image)).size


def _rule(given: Wire | msgspec.UnsetType, default: Body) -> dict[str, Any]:
    return default.model_dump(mode="json", exclude_none=True) if given is msgspec.UNSET else msgspec.to_builtins(given)


def _route(session: Session, route: StarterRoute, site_id: str, now: datetime) -> Route:
    """The starter route under its own id, or under a new one where another site has taken that id."""
    taken = session.get(Route, route.route_id) is not None
    return Route(
        route_id=str(uuid4()) if taken else route.route_id,
        site_id=site_id,
        name=msgspec.to_builtins(route.name),
        stops=msgspec.to_builtins(route.stops),
        on_link_loss=_rule(route.on_link_loss, DEFAULT_ON_LINK_LOSS),
        on_blocked=_rule(route.on_blocked, DEFAULT_ON_BLOCKED),
        on_low_battery=_rule(route.on_low_battery, DEFAULT_ON_LOW_BATTERY),
        created_at=now,
        updated_at=now,
    )
