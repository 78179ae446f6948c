"""Each dog gets its site once it has said where it is, and again when it is another; all get it anew from a broker
that may have forgotten."""

import threading
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.vehicle_publisher import VehiclePublisher
from fleet_server.sites.site_message import to_wire
from fleet_server.sites.tables import Site
from fleet_server.telemetry.fleet_state import Fleet
from fleet_server.telemetry.message_intake import NewDog
from protocol.topics import Topic


class SitePublisher:
    """Who still waits for a site. For the ingest thread alone, but for ``hear_link``."""

    def __init__(self, bus: VehiclePublisher, fleet: Fleet) -> None:
        self._bus, self._fleet = bus, fleet
        self._siteless: set[str] = set()
        self._relinked = threading.Event()
        self._versions: dict[str, int] = {}  # of each map's site, as they were at the last look

    def expect(self, new: NewDog) -> None:
        """A dog that has none yet."""
        self._siteless.add(new.dog_id)

    def hear_link(self, up: bool) -> None:
        """The broker is new to us, and may have forgotten: every dog gets its site again."""
        if up:
            self._relinked.set()

    def update(self, session: Session, now: datetime, _changes: ChangeEvents) -> None:
        """Give their site to those who can have it."""
        if self._relinked.is_set():
            self._relinked.clear()
            self._siteless.update(vehicle.dog_id for vehicle in self._fleet.all())
        self._expect_edited(session)
        if not self._siteless:
            return
        sites = _Sites(session)  # once for all who wait: a thousand dogs may come at once, and a site has a map
        self._siteless -= {dog for dog in self._siteless if self._publish(sites, dog, now)}

    def _expect_edited(self, session: Session) -> None:
        """By looking: who edits may be another process, and what is not committed may never be."""
        versions = {row.map_id: row.version for row in session.execute(select(Site.map_id, Site.version))}
        if versions == self._versions:
            return
        edited = {map_id for map_id, version in versions.items() if self._versions.get(map_id, version) != version}
        self._versions = versions
        places = ((vehicle.dog_id, vehicle.position) for vehicle in self._fleet.all()) if edited else ()
        self._siteless.update(dog for dog, position in places if position is None or position.map_id in edited)

    def _publish(self, sites: "_Sites", dog_id: str, now: datetime) -> bool:
        """Give the dog its site: that of the map on which it is, or the only one. False: not yet possible."""
        vehicle = self._fleet.get(dog_id)
        site = sites.of(vehicle.position.map_id if vehicle.position is not None else None) if vehicle else None
        if vehicle is None or site is None:
            return False
        header_id = self._bus.next_id(vehicle.address, Topic.SITE)
        return self._bus.publish(
            vehicle.address, Topic.SITE, to_wire(site, vehicle.address, header_id, now.timestamp())
        )


class _Sites:
    """The sites by their maps, each read once, when it is asked for."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._maps = set(session.scalars(select(Site.map_id)))
        self._read: dict[str, Site] = {}

    def of(self, map_id: str | None) -> Site | None:
        """The site with this map; where none is named, the only one."""
        if map_id is None and len(self._maps) == 1:
            (map_id,) = self._maps
        if map_id is None or map_id not in self._maps:
            return None
        if map_id not in self._read:
            self._read[map_id] = self._session.scalars(select(Site).where(Site.map_id == map_id)).one()
        return self._read[map_id]
