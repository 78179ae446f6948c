"""The running server: what its rooms share, and the tables in which they register. It knows no room."""

import asyncio
import os
import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any, TypeVar
from uuid import uuid4

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.clock import utc_now
from fleet_server.core.consoles import Consoles
from fleet_server.core.events import Events
from fleet_server.core.idempotency import note_done
from fleet_server.core.intake import Intake
from fleet_server.core.jobs import Job
from fleet_server.core.lease import Lease
from fleet_server.core.process_notices import ProcessNotices
from fleet_server.core.process_role import Role
from fleet_server.core.requests import timings
from fleet_server.core.settings import Settings
from fleet_server.core.vehicle_publisher import VehiclePublisher
from fleet_server.core.websocket_hub import Hub
from fleet_server.store.database import Database
from fleet_server.store.migrate import migrate
from protocol.received import Received
from protocol.topics import Topic

MOST_IDS = 500  # ids in one `received`
SHOW_S = 1.0  # between looks whether consoles are to begin anew, as when a lead has passed

T = TypeVar("T")


class Station:
    """All that a request may need. Rooms ``add`` parts of theirs, found again by type; ``running`` opens and closes it.

    What opens is called in the order of the rooms, lowest first; what closes, in the opposite one.
    """

    def __init__(self, settings: Settings, announce: Callable[[str], None], role: Role = Role.WHOLE) -> None:
        self.settings = settings
        self.announce = announce
        self.role = role
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.database = Database(settings.database_url)
        self.database.before_commit = note_done
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
        self._on_lead: list[Callable[[bool], None]] = []
        self._jobs: list[Job] = []
        self._notices: ProcessNotices | None = None
        self._lease: Lease | None = None
        self._show_anew = threading.Event()
        self._showing = threading.Lock()  # what is read first is told first: or a console keeps what is over
        name = f"{socket.gethostname()[:20]}.{os.getpid()}.{uuid4().hex[:8]}"
        if not role.alone:
            self._notices = ProcessNotices(self.database, name, self._hear_process, self.show_all)
        if role is Role.API:
            self._lease = Lease(self.database, name, self._address(), self._led)
            # A snapshot may outlast a lease: not in its thread.
            self.every(SHOW_S, self._show_where_led, everywhere=True)
        self.intake.leads = self.leads
        self.intake.serves = role.serves

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

    def on_lead(self, hear: Callable[[bool], None]) -> None:
        """Have ``hear`` called before this process leads others (True), and when it does no more; never where it is
        alone. What a leader remembers of its rows may be old by then."""
        self._on_lead.append(hear)

    def every(
        self, period_s: float, work: Callable[[], object], at_once: bool = False, everywhere: bool = False
    ) -> None:
        """Have ``work`` done every so many seconds, in a thread: by the process that leads, or ``everywhere``."""
        self._jobs.append(Job(work, period_s, at_once, _always if everywhere else self.leads))

    def daily(self, work: Callable[[], object]) -> None:
        """Have ``work`` done at the start and once a day, by the process that leads."""
        self.every(self.settings.daily_s, work, at_once=True)

    def leads(self) -> bool:
        """Whether this process does what one process does for all."""
        return self.role.alone or (self._lease is not None and self._lease.held)

    @property
    def leader(self) -> str:
        """Where the process that leads is reached; empty while none does."""
        return self._lease.leader if self._lease is not None else ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The station, open while the block runs."""
        await run_in_threadpool(self._open)
        self.hub.open(asyncio.get_running_loop())
        if self._notices is not None and self.role.serves:  # elsewhere nobody is shown anything
            self._notices.start()
        if self._lease is not None:
            self._lease.start()
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
        for each in (self._lease, self._notices):
            if each is not None:
                each.stop()
        self.database.close()

    def hurry(self) -> None:
        """An order or a cancellation waits to be said, by this process or by the one that leads."""
        self.intake.hurry()
        if self._notices is not None:
            self._notices.say_hurry()

    def link_changed(self, up: bool) -> None:
        """The broker is there, or gone."""
        for hear in self._on_link:
            hear(up)

    def tell(self, changes: ChangeEvents) -> None:
        """After a commit: robots may forget what is stored, consoles show what changed. From any thread."""
        now = utc_now()
        if self._notices is not None:  # before a dog may forget: what it says again would tell nobody of the first
            shown = self.consoles.tables()
            told = {table.__tablename__: ids for table, ids in changes.changed.items()}
            self._notices.say_changed({name: ids for name, ids in told.items() if name in shown})
        for address, ids in changes.stored.items():
            for start in range(0, len(ids), MOST_IDS):
                header = self.bus.header(address, Topic.RECEIVED, now)
                self.bus.publish(address, Topic.RECEIVED, Received(**header, ids=ids[start : start + MOST_IDS]))
        for address, refused in changes.refused.items():
            for start in range(0, len(refused), MOST_IDS):
                header = self.bus.header(address, Topic.RECEIVED, now)
                part = refused[start : start + MOST_IDS]
                self.bus.publish(address, Topic.RECEIVED, Received(**header, ids=[], refused=part))
        self._show(changes)

    def show_all(self) -> None:
        """Have every console begin anew."""
        if not self.hub.watched:
            return
        with self._showing, self.database.read() as session:
            self.hub.publish("snapshot", self.consoles.snapshot(session, utc_now()))

    def _show(self, changes: ChangeEvents) -> None:
        if not self.hub.watched:
            return
        with self._showing, self.database.read() as session:
            for kind, data in self.consoles.messages(session, changes, utc_now()):
                self.hub.publish(kind, data)

    def _hear_process(self, notice: dict[str, Any]) -> None:
        """Another process of this station has changed rows, or is in a hurry."""
        if notice.get("hurry"):
            self.intake.hurry()
        changes, tables = ChangeEvents(), self.consoles.tables()
        for name, ids in notice.get("changed", {}).items():
            if name in tables:
                changes.note(tables[name], *ids)
        if changes.changed:
            self._show(changes)

    def _led(self, leads: bool) -> None:
        for hear in self._on_lead:
            hear(leads)
        if leads:
            self._show_anew.set()  # what the leader before has stored and told nobody of

    def _show_where_led(self) -> None:
        if self._show_anew.is_set():
            self._show_anew.clear()
            self.show_all()

    def _address(self) -> str:
        scheme = "https" if self.settings.fleet_dir else "http"
        return f"{scheme}://{self.settings.host}:{self.settings.port}"


def _always() -> bool:
    return True


def here(connection: HTTPConnection) -> Station:
    """The station that serves this connection."""
    station: Station = connection.app.state.station
    return station


StationHere = Annotated[Station, Depends(here)]
