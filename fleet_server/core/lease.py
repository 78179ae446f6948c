"""The lease of what one process does for all: schedules, dispatch, retention and the like. Who holds it, leads.

Times are the database's own, so that no two clocks have to agree. The holder counts from before it asked: it has ceased
to lead when another can begin. What is done under the lease commits alone, and looks in its transaction whether it was
done before; so a process that was stopped in mid-work and wakes does no round twice.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy import Connection, String, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from fleet_server.store.columns import Table
from fleet_server.store.database import Database

LASTS_S = 6.0  # after its last word a holder's lease is over: with one look it is taken over within 7 s
LOOK_S = 1.0
NAME = "station"
TAKE = text(
    "INSERT INTO leases (name, holder, address, until)"
    " VALUES (:name, :holder, :address, clock_timestamp() + make_interval(secs => :lasts))"
    " ON CONFLICT (name) DO UPDATE"
    " SET holder = excluded.holder, address = excluded.address, until = excluded.until"
    " WHERE leases.holder = excluded.holder OR leases.until < clock_timestamp()"
)
READ = text("SELECT holder, address FROM leases WHERE name = :name AND until > clock_timestamp()")
LEAVE = text("DELETE FROM leases WHERE name = :name AND holder = :holder")

log = structlog.get_logger()


class LeaseRow(Table):
    """Who holds a lease, where that process is reached, and until when."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(200))
    until: Mapped[datetime]


class Lease:
    """Asked for once a second in a thread of its own, which nothing else can hold up."""

    def __init__(
        self,
        database: Database,
        holder: str,
        address: str,
        hear: Callable[[bool], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``hear`` is told True before this process leads, and False when it does no more."""
        self._database, self._holder, self._address, self._hear = database, holder, address, hear
        self._clock = clock
        self._until = 0.0
        self._told = False
        self.leader = ""
        """Where the process that leads is reached; empty while none does."""
        self._connection: Connection | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lease", daemon=True)

    @property
    def held(self) -> bool:
        """Whether this process leads now."""
        return self._clock() < self._until

    def start(self) -> None:
        """Ask for it from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Let go of it, so that another leads at once."""
        self._ending.set()
        self._thread.join(LASTS_S)
        self._until = 0.0
        try:
            self._connected().execute(LEAVE, {"name": NAME, "holder": self._holder})
        except SQLAlchemyError as error:
            log.warning("the lease was not given back; it ends by itself", reason=type(error).__name__)
        self._disconnect()

    def look(self) -> None:
        """Take it, or keep it, if that can be."""
        asked = self._clock()
        mine = {"name": NAME, "holder": self._holder, "address": self._address, "lasts": LASTS_S}
        try:
            connection = self._connected()
            connection.execute(TAKE, mine)
            row = connection.execute(READ, {"name": NAME}).one_or_none()
        except SQLAlchemyError as error:
            log.warning("the lease cannot be asked for", reason=type(error).__name__)
            self._disconnect()
            row = None
        self.leader = row.address if row is not None else ""
        self._note(row is not None and row.holder == self._holder, asked + LASTS_S)

    def _note(self, taken: bool, until: float) -> None:
        if self._told and not self.held:  # also where it is taken again: another may have led meanwhile
            log.warning("this process leads no more", leader=self.leader)
            self._tell(False)
        if taken and not self._told:
            log.info("this process leads", address=self._address)
            self._tell(True)
        if taken:
            self._until = until

    def _tell(self, leads: bool) -> None:
        self._hear(leads)
        self._told = leads  # not before: who stumbled over it is told again

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                self.look()
            except Exception:  # the thread's main: without it nobody would lead again
                log.exception("the lease's thread stumbled")
                self._disconnect()
            self._ending.wait(LOOK_S)

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
