"""The running server: what its rooms share, and the tables in which they register. It knows no room."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated, TypeVar

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.clock import utc_now
from fleet_server.core.consoles import Consoles
from fleet_server.core.events import Events
from fleet_server.core.intake import Intake
from fleet_server.core.jobs import Job
from fleet_server.core.requests import timings
from fleet_server.core.settings import Settings
from fleet_server.core.vehicle_publisher import VehiclePublisher
from fleet_server.core.websocket_hub import Hub
from fleet_server.store.database import Database
from fleet_server.store.migrate import migrate
from protocol.received import Received
from protocol.topics import Topic

MOST_IDS = 500  # ids in one `received`

T = TypeVar("T")


class Station:
    """All that a request may need. Rooms ``add`` parts of theirs, found again by type; ``running`` opens and closes it.

    What opens is called in the order of the rooms, lowest first; what closes, in the opposite one.
    """

    def __init__(self, settings: Settings, announce: Callable[[str], None]) -> None:
        self.settings = settings
        self.announce = announce
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.database = Database(settings.database_url)
        self.hub = Hub()
        self.requests = timings()
        self.bus = VehiclePublisher()
        self.events = Events()
        self.intake = Intake()
        self.consoles = Consoles()
        self._parts: dict[type, object] = {}
        self._opens: list[Callable[[], None]] = []
        self._starts: list[tuple[Callable[[], object], Callable[[], object]]] = []
        self._on_link: list[Callable[[bool], None]] = []
        self._jobs: list[Job] = []

    def add(self, part: T) -> T:
        """Keep a room's part; requests and rooms above find it as ``station[Type]``."""
        self._parts[type(part)] = part
        return part

    def __getitem__(self, kind: type[T]) -> T:
        """The part of that type; KeyError where no room has added one."""
        part = self._parts[kind]
        assert isinstance(part, kind)
        return part

    def on_open(self, action: Callable[[], None]) -> None:
        """Have ``action`` called when the database is there, before anything runs."""
        self._opens.append(action)

    def on_running(self, start: Callable[[], object], stop: Callable[[], object]) -> None:
        """Have ``start`` called when all is open, and ``stop`` at the end."""
        self._starts.append((start, stop))

    def on_link(self, hear: Callable[[bool], None]) -> None:
        """Have ``hear`` called when the broker is there (True) or gone; in the link's own thread."""
        self._on_link.append(hear)

    def every(self, period_s: float, work: Callable[[], object], at_once: bool = False) -> None:
        """Have ``work`` done every so many seconds, in a thread."""
        self._jobs.append(Job(work, period_s, at_once))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The station, open while the block runs."""
        await run_in_threadpool(self._open)
        self.hub.open(asyncio.get_running_loop())
        for start, _ in self._starts:
            start()
        jobs = [asyncio.create_task(job.run()) for job in self._jobs]
        try:
            yield
        finally:
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)
            self.hub.close()
            await run_in_threadpool(self._close)

    def _open(self) -> None:
        migrate(self.database.engine)
        for action in self._opens:
            action()

    def _close(self) -> None:
        for _, stop in reversed(self._starts):
            stop()
        self.database.close()

    def hurry(self) -> None:
        """An order or a cancellation waits to be said."""
        self.intake.hurry()

    def link_changed(self, up: bool) -> None:
        """The broker is there, or gone."""
        for hear in self._on_link:
            hear(up)

    def tell(self, changes: ChangeEvents) -> None:
        """After a commit: robots may forget what is stored, consoles show what changed. From any thread."""
        now = utc_now()
        for address, ids in changes.stored.items():
            for start in range(0, len(ids), MOST_IDS):
                header = self.bus.header(address, Topic.RECEIVED, now)
                self.bus.publish(address, Topic.RECEIVED, Received(**header, ids=ids[start : start + MOST_IDS]))
        for address, refused in changes.refused.items():
            for start in range(0, len(refused), MOST_IDS):
                header = self.bus.header(address, Topic.RECEIVED, now)
                part = refused[start : start + MOST_IDS]
                self.bus.publish(address, Topic.RECEIVED, Received(**header, ids=[], refused=part))
        if not self.hub.watched:
            return
        with self.database.read() as session:
            for kind, data in self.consoles.messages(session, changes, now):
                self.hub.publish(kind, data)


def here(connection: HTTPConnection) -> Station:
    """The station that serves this connection."""
    station: Station = connection.app.state.station
    return station


StationHere = Annotated[Station, Depends(here)]
