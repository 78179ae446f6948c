"""From a site folder, or from the console, to the server's copy: the one way in which a site comes whole."""

import hashlib
import io
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from PIL import Image
from sqlalchemy.orm import Session

from fleet_server.audit.log import SERVER
from fleet_server.core.events import Events
from fleet_server.sites.site_check import check_whole_site, told
from fleet_server.sites.site_versions import Source, keep_version
from fleet_server.sites.tables import Site
from protocol.site import GridMap
from protocol.site_folder import SITE_FILE, MalformedSite, SiteFile, read_site


@dataclass(frozen=True, slots=True)
class NewSite:
    """A site is here for the first time, in this transaction; ``described`` is what its folder or its maker says."""

    session: Session
    described: SiteFile
    now: datetime


@dataclass(frozen=True, slots=True)
class NewSiteVersion:
    """A site was imported, made or edited, in this transaction: its checkpoints may be others than they were."""

    session: Session
    site: Site


def import_site(session: Session, folder: Path, now: datetime, events: Events) -> Site | None:
    """Take over the site in ``folder``; None when it was imported before and has not changed since.

    A changed folder makes a new version, also over one that was edited in the console. Starter routes come with the
    first import alone: after that they are the operators'. Raises protocol.site_folder.MalformedSite, also where the
    site could not be drawn so in the console; nothing is changed then.
    """
    described, grid = read_site(folder)
    source = hashlib.sha256(msgspec.json.encode([described, grid])).hexdigest()
    known = session.get(Site, described.site_id)
    if known is not None and known.source_hash == source:
        return None
    refuse_unfit(folder, described, grid)
    return take_site(session, described, grid, source, SERVER, Source.FOLDER, now, events)


def refuse_unfit(folder: Path, described: SiteFile, grid: GridMap) -> None:
    """Raise MalformedSite where what a folder says cannot be: with each thing and place that is at fault."""
    site = site_of(described, grid)
    if problems := check_whole_site(site):
        raise MalformedSite(f"{folder / SITE_FILE}: {'; '.join(told(site, problem) for problem in problems)}")


def take_site(
    session: Session,
    described: SiteFile,
    grid: GridMap,
    source_hash: str,
    by: str,
    source: Source,
    now: datetime,
    events: Events,
) -> Site:
    """Make what was checked the site's next version, or a site that was not there before."""
    known = session.get(Site, described.site_id)
    site = known or Site(site_id=described.site_id, version=0)
    _fill(site, described, grid)
    site.source_hash = source_hash
    session.add(site)
    next_version(session, site, by, source, now, events)
    if known is None:
        events.tell(NewSite(session, described, now))
    return site


def next_version(session: Session, site: Site, by: str, source: Source, now: datetime, events: Events) -> None:
    """Make the site as it stands now its next version, keep that, and tell who needs to know."""
    site.version += 1
    site.updated_at = now
    session.flush()
    keep_version(session, site, by, source)
    events.tell(NewSiteVersion(session, site))


def site_of(described: SiteFile, grid: GridMap) -> Site:
    """What is described, as a row that is in no database: to be checked."""
    site = Site(site_id=described.site_id)
    _fill(site, described, grid)
    return site


def lay_map(site: Site, grid: GridMap) -> None:
    """Give a site that map."""
    site.map_id = grid.map_id
    site.map_resolution = grid.resolution
    site.map_origin = msgspec.to_builtins(grid.origin)
    site.map_png = grid.image
    site.map_width, site.map_height = Image.open(io.BytesIO(grid.image)).size


def _fill(site: Site, described: SiteFile, grid: GridMap) -> None:
    site.name = msgspec.to_builtins(described.name)
    site.timezone = described.timezone
    site.origin = msgspec.to_builtins(described.origin)
    site.zones = msgspec.to_builtins(described.zones)
    site.checkpoints = msgspec.to_builtins(described.checkpoints)
    site.docks = msgspec.to_builtins(described.docks)
    site.sentences = [] if described.sentences is msgspec.UNSET else msgspec.to_builtins(described.sentences)
    site.evidence_key = None if described.evidence_key is msgspec.UNSET else described.evidence_key
    lay_map(site, grid)
