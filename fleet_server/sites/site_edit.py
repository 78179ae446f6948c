"""A site is edited in the console: taken over as a new version, or refused with all that is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from fleet_server.core.events import Events, Objection
from fleet_server.sites.site_check import SiteProblem, check_site
from fleet_server.sites.site_import import lay_map, next_version
from fleet_server.sites.site_versions import Source
from fleet_server.sites.tables import Site
from protocol.site import GridMap

EDITED = ("name", "zones", "checkpoints", "docks")


@dataclass(frozen=True, slots=True)
class CheckpointRemoval:
    """A checkpoint is about to be removed, in this transaction; who needs it raises an Objection."""

    session: Session
    site_id: str
    checkpoint_id: str


@dataclass(frozen=True, slots=True)
class SiteEdit:
    """What the site is to be; in the wire's words. ``name`` None: as it is."""

    name: dict[str, Any] | None
    zones: Sequence[dict[str, Any]]
    checkpoints: Sequence[dict[str, Any]]
    docks: Sequence[dict[str, Any]]


def check_edit(site: Site, edit: SiteEdit) -> list[SiteProblem]:
    """All that is wrong with it by itself and on the site's map; nothing is changed."""
    edited = Site(
        zones=list(edit.zones),
        checkpoints=list(edit.checkpoints),
        docks=list(edit.docks),
        map_png=site.map_png,
        map_resolution=site.map_resolution,
        map_origin=site.map_origin,
        map_width=site.map_width,
        map_height=site.map_height,
    )
    return check_site(edited)


def edit_site(session: Session, site: Site, edit: SiteEdit, by: str, now: datetime, events: Events) -> dict[str, Any]:
    """Make the edit the site's next version; what was, of all that is another now. Empty: nothing is, nor a version."""
    wanted = {key: getattr(edit, key) for key in EDITED if getattr(edit, key) is not None}
    before = {key: getattr(site, key) for key, value in wanted.items() if getattr(site, key) != value}
    if not before:
        return {}
    for key in before:
        setattr(site, key, wanted[key])
    next_version(session, site, by, Source.CONSOLE, now, events)
    return before


def check_map(site: Site, grid: GridMap) -> list[SiteProblem]:
    """What of the site cannot be on another map; nothing is changed."""
    laid = Site(zones=site.zones, checkpoints=site.checkpoints, docks=site.docks)
    lay_map(laid, grid)
    return check_site(laid)


def replace_map(session: Session, site: Site, grid: GridMap, by: str, now: datetime, events: Events) -> bool:
    """Make the site with that map its next version. False: it has that map, and nothing is done."""
    before = map_of(site)
    lay_map(site, grid)
    if map_of(site) == before:
        return False
    next_version(session, site, by, Source.CONSOLE, now, events)
    return True


def map_of(site: Site) -> tuple[object, ...]:
    """All that makes a site's map."""
    return site.map_id, site.map_resolution, site.map_origin, site.map_png


def missed_checkpoints(session: Session, site: Site, edit: SiteEdit, events: Events) -> list[SiteProblem]:
    """The checkpoints that are gone, and that somebody needs."""
    kept = {each["checkpointId"] for each in edit.checkpoints}
    found = []
    for each in site.checkpoints:
        if each["checkpointId"] in kept:
            continue
        try:
            events.tell(CheckpointRemoval(session, site.site_id, each["checkpointId"]))
        except Objection as objection:
            place = (each["pose"]["x"], each["pose"]["y"])
            found.append(SiteProblem("/checkpoints", f"{each['checkpointId']!r} is missing: {objection}", place))
    return found
