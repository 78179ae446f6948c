"""The station's sites: imported from their folders at the start, and given to the dogs."""

from fleet_server.audit.log import SERVER, append
from fleet_server.core.clock import utc_now
from fleet_server.core.room import Room
from fleet_server.core.station import Station
from fleet_server.sites import api
from fleet_server.sites.site_import import import_site
from fleet_server.sites.site_publisher import SitePublisher
from fleet_server.sites.tables import Site
from fleet_server.sites.walkable_ground import Grounds
from fleet_server.telemetry.fleet_state import Fleet
from fleet_server.telemetry.message_intake import NewDog


def set_up(station: Station) -> None:
    """What the room does in a station."""
    station.add(Grounds())
    publisher = SitePublisher(station.bus, station[Fleet])

    def import_folders() -> None:
        now = utc_now()
        with station.database.write() as session:
            for folder in station.settings.site:
                site = import_site(session, folder, now, station.events)
                if site is not None:
                    append(session, now, SERVER, "site.imported", site.site_id, version=site.version)

    station.on_open(import_folders)
    station.events.on(NewDog, publisher.expect)
    station.on_link(publisher.hear_link)
    station.on_lead(publisher.hear_link)
    station.intake.each_second(publisher.update)


ROOM = Room(tables=(Site,), api=(api.router,), set_up=set_up)
