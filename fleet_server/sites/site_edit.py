"""A site is edited in the console: taken over as a new version, or refused with all that is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import HTTPException
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.core.events import Events, Objection
from fleet_server.sites.site_check import SiteProblem, check_site
from fleet_server.sites.site_import import lay_map, next_version
from fleet_server.sites.site_versions import Source
from fleet_server.sites.tables import Site
from protocol.site import GridMap

EDITED = ("name", "zones", "checkpoints", "docks", "sentences")
MAP = ("map_id", "map_resolution", "map_origin", "map_png", "map_width", "map_height")
WHOLE = (*EDITED, "timezone", "origin", *MAP)


@dataclass(frozen=True, slots=True)
class CheckpointRemoval:
    """A checkpoint is about to be removed, in this transaction; who needs it raises an Objection."""

    session: Session
    site_id: str
    checkpoint_id: str


@dataclass(frozen=True, slots=True)
class SiteEdit:
    """What the site is to be; in the wire's words. ``name`` and ``sentences`` None: as they are."""

    name: dict[str, Any] | None
    zones: Sequence[dict[str, Any]]
    checkpoints: Sequence[dict[str, Any]]
    docks: Sequence[dict[str, Any]]
    sentences: Sequence[dict[str, str]] | None = None


def check_edit(site: Site, edit: SiteEdit) -> list[SiteProblem]:
    """All that is wrong with it by itself and on the site's map; nothing is changed."""
    edited = Site(
        zones=list(edit.zones),
        checkpoints=list(edit.checkpoints),
        docks=list(edit.docks),
        sentences=list(site.sentences if edit.sentences is None else edit.sentences),
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
    laid = Site(zones=site.zones, checkpoints=site.checkpoints, docks=site.docks, sentences=site.sentences)
    lay_map(laid, grid)
    return check_site(laid)


def replace_map(
    session: Session, site: Site, grid: GridMap, origin: dict[str, Any] | None, by: str, now: datetime, events: Events
) -> bool:
    """Make the site with that map its next version. False: it has that map, and nothing is done.

    ``origin``: where the map's x 0, y 0 lies; None: where it lay.
    """
    before = whole(site)
    lay_map(site, grid)
    if origin is not None:
        site.origin = origin
    if whole(site) == before:
        return False
    next_version(session, site, by, Source.CONSOLE, now, events)
    return True


def restore_site(session: Session, site: Site, then: Site, by: str, now: datetime, events: Events) -> bool:
    """Make the site as it was ``then``, whole, its next version. False: it is so, and nothing is done."""
    other = select(Site.site_id).where(Site.map_id == then.map_id, Site.site_id != site.site_id)
    if (owner := session.scalar(other)) is not None:
        raise HTTPException(409, f"the map {then.map_id!r} is that of the site {owner!r} now")
    if whole(site) == whole(then):
        return False
    for name in WHOLE:
        setattr(site, name, getattr(then, name))
    next_version(session, site, by, Source.CONSOLE, now, events)
    return True


def whole(site: Site) -> tuple[object, ...]:
    """All that a version has of a site."""
    return tuple(getattr(site, name) for name in WHOLE)


def missed_checkpoints(
    session: Session, site: Site, wanted: Sequence[dict[str, Any]], events: Events
) -> list[SiteProblem]:
    """The checkpoints that are gone from those that are ``wanted``, and that somebody needs."""
    kept = {each["checkpointId"] for each in wanted}
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
