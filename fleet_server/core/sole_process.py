"""A station in one process has its PostgreSQL database alone, and one in several keeps such a one out.

A lock of a session: the database frees it the moment the process ends, however that is. It is freed, too, when the
database starts anew: then it is taken again, and where another process was first, this one ends.
"""

import threading
import time
from collections.abc import Callable
from typing import Self

import structlog
from sqlalchemy import Connection, Row, text
from sqlalchemy.exc import SQLAlchemyError

from fleet_server.store.database import POSTGRESQL, Database

KEY = 0x_5869_616F_01
PATIENCE_S = 5.0  # the database may not have noticed yet that the process before has ended
PAUSE_S = 0.1
LOOK_S = 1.0  # between looks whether the server ends
WHO = text("SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()")
# Where the line was cut, and not the database's end: our own session before, of which the database thinks it lives.
END_OURS = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = :pid AND backend_start = :began")

log = structlog.get_logger()


class DatabaseInUse(OSError):
    """Another process works on this database in a way that leaves no room for this one."""


class SoleProcess:
    """Held as long as the block runs; of SQLite it asks nothing."""

    def __init__(self, database: Database, alone: bool) -> None:
        self._database = database
        self._ask = text(f"SELECT pg_try_advisory_lock{'' if alone else '_shared'}(:key)")
        self._connection: Connection | None = None
        self._session: Row[tuple[int, object]] | None = None
        self._lost: DatabaseInUse | None = None
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Take it; raises DatabaseInUse."""
        if self._database.engine.dialect.name == POSTGRESQL:
            try:
                self._take()
            except DatabaseInUse:
                self._disconnect()
                raise
        return self

    def __exit__(self, *_: object) -> None:
        """Let others have it."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(PATIENCE_S)
        self._disconnect()

    def watch(self, end: Callable[[], None]) -> None:
        """From now on take it again where it is lost; ``end`` is called, in another thread, where another has it."""
        if self._connection is not None:
            self._thread = threading.Thread(target=self._watch, args=(end,), name="sole process", daemon=True)
            self._thread.start()

    def check(self) -> None:
        """Raise DatabaseInUse where another process has taken it."""
        if self._lost is not None:
            raise self._lost

    def _watch(self, end: Callable[[], None]) -> None:
        import psycopg  # where the database is SQLite it is not needed, and large

        while not self._ending.is_set():
            try:
                if self._connection is None:
                    self._take()
                    log.info("the database is this process's again")
                self._until_lost(self._connection)
            except DatabaseInUse as error:
                log.error("another process has taken the database; this one ends")
                self._lost = error
                end()
                return
            except (SQLAlchemyError, psycopg.Error) as error:  # while it is away nobody writes
                log.warning("the database is out of reach; it is tried again", reason=type(error).__name__)
                self._disconnect()
                self._ending.wait(PAUSE_S)

    def _until_lost(self, connection: Connection | None) -> None:
        """Wait on the connection itself, which tells at once that it has ended."""
        import psycopg

        assert connection is not None
        raw = connection.connection.driver_connection
        assert isinstance(raw, psycopg.Connection)
        while not self._ending.is_set():
            for _ in raw.notifies(timeout=LOOK_S):
                pass

    def _take(self) -> None:
        connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._connection = connection
        if self._session is not None:
            connection.execute(END_OURS, {"pid": self._session.pid, "began": self._session.backend_start})
        deadline = time.monotonic() + PATIENCE_S
        while not connection.execute(self._ask, {"key": KEY}).scalar_one():
            if self._ending.is_set() or time.monotonic() > deadline:
                raise DatabaseInUse(
                    "another process works on this database: `xiaotian server` works alone; "
                    "several are `xiaotian server ingest` and `xiaotian server api` (docs/scaling.md)"
                )
            self._ending.wait(PAUSE_S)
        self._session = connection.execute(WHO).one()

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
