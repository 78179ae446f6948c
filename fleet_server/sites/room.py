"""The station's sites: imported from folders at the start, made and edited in the console, given to the dogs."""

from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy.orm import Session

from fleet_server.audit.log import SERVER, append
from fleet_server.core.clock import utc_now
from fleet_server.core.room import Room
from fleet_server.core.station import Station
from fleet_server.sites import api, edit_api, map_api
from fleet_server.sites.site_import import import_site
from fleet_server.sites.site_publisher import SitePublisher
from fleet_server.sites.site_versions import made_by_hand
from fleet_server.sites.tables import Site, SiteVersion
from fleet_server.sites.walkable_ground import Grounds
from fleet_server.telemetry.fleet_state import Fleet
from fleet_server.telemetry.message_intake import NewDog
from protocol.site_folder import MalformedSite

MOST_REASON = 4000  # characters of it in the audit log; the server's log has all

log = structlog.get_logger()


def set_up(station: Station) -> None:
    """What the room does in a station."""
    station.add(Grounds())
    publisher = SitePublisher(station.bus, station[Fleet])

    def import_folders() -> None:
        for folder in station.settings.site:
            try:
                _import(station, folder, utc_now())
            except MalformedSite as error:
                _tell_refused(station, folder, str(error), utc_now())

    station.on_open(import_folders)
    station.events.on(NewDog, publisher.expect)
    station.on_link(publisher.hear_link)
    station.on_lead(publisher.hear_link)
    station.intake.each_second(publisher.update)


def _import(station: Station, folder: Path, now: datetime) -> None:
    with station.database.write() as session:
        site = import_site(session, folder, now, station.events)
        if site is not None:
            key = api.id_of_key(site.evidence_key)
            append(session, now, SERVER, "site.imported", site.site_id, version=site.version, evidenceKey=key)
            _tell_replaced(session, site, now)


def _tell_refused(station: Station, folder: Path, reason: str, now: datetime) -> None:
    """The station starts all the same: dogs are at work on its sites, and what it had of this one stays in force."""
    log.error("a site's folder was not imported", folder=str(folder), reason=reason)
    station.announce(f"not imported: {reason}")
    with station.database.write() as session:
        append(session, now, SERVER, "site.refused", folder.name, reason=reason[:MOST_REASON])


def _tell_replaced(session: Session, site: Site, now: datetime) -> None:
    """Who edited the site in the console finds that its folder, which was changed since, is what counts now."""
    edited = made_by_hand(session, site.site_id, site.version - 1)
    if edited is None:
        return
    by, at = edited
    version, since = site.version - 1, f"{at:%Y-%m-%dT%H:%M:%SZ}"
    log.warning("the site's folder replaced what was edited", site=site.site_id, version=version, by=by, at=since)
    append(session, now, SERVER, "site.replaced", site.site_id, version=version, editedBy=by, editedAt=since)


ROOM = Room(tables=(Site, SiteVersion), api=(api.router, edit_api.router, map_api.router), set_up=set_up)
