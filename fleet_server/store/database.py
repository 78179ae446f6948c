"""The database's door: ``read`` sees one moment, ``write`` is alone and commits at its end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

SQLITE, POSTGRESQL = "sqlite", "postgresql"
BUSY_TIMEOUT_MS = 10_000  # a writer waits this long for the one before it
CONNECT_TIMEOUT_S = 10
GONE_S = 10  # of silence, or of words that nobody acknowledges: then the computer at the other end is taken for gone
PROBE_AFTER_S, PROBE_EVERY_S = 4, 2
PROBES = (GONE_S - PROBE_AFTER_S) // PROBE_EVERY_S
# synchronous FULL: what `received` was said of has to survive a power cut.
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
)
WRITER = 0x_5869_616F  # "Xiao": the advisory lock of whoever writes
IDLE_MS = 8_000
"""A writer that says nothing for so long, stopped or on a computer that is gone, is out: all others wait for it, and
whoever takes over from it has ten seconds."""
# Of our end of a connection: without it a database's computer that vanishes holds a thread up for a quarter of an hour.
REACH = {
    "connect_timeout": CONNECT_TIMEOUT_S,
    "keepalives": 1,
    "keepalives_idle": PROBE_AFTER_S,
    "keepalives_interval": PROBE_EVERY_S,
    "keepalives_count": PROBES,
    "tcp_user_timeout": 1000 * GONE_S,
}
# lock_timeout bounds the wait for the writer before; what the server's host sets otherwise is not trusted. The rest is
# the database's end of the connection: without it the locks of a computer that vanishes are held for two hours.
SESSION = (
    f"-c lock_timeout={BUSY_TIMEOUT_MS} -c timezone=UTC -c synchronous_commit=on"
    f" -c tcp_keepalives_idle={PROBE_AFTER_S} -c tcp_keepalives_interval={PROBE_EVERY_S}"
    f" -c tcp_keepalives_count={PROBES} -c tcp_user_timeout={1000 * GONE_S}"
)


class UnusableUrl(ValueError):
    """A database's address that this server cannot use; the text says why, without the password."""


def database_url(text: str) -> URL:
    """The address of an SQLite or PostgreSQL database, with the driver that is used here; raises UnusableUrl."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise UnusableUrl("no address of a database, such as postgresql://user:password@host/name") from error
    backend = url.get_backend_name()
    if backend == POSTGRESQL and url.get_driver_name() in ("psycopg", "psycopg2") and url.database:
        return url.set(drivername="postgresql+psycopg")  # psycopg2 is what SQLAlchemy reads where none is named
    if backend == SQLITE and url.database:
        return url
    raise UnusableUrl(f"{url.render_as_string(hide_password=True)!r} names no SQLite or PostgreSQL database")


class Database:
    """An engine, and sessions on it. The same promises by SQLite's one writer and by an advisory lock of PostgreSQL."""

    def __init__(self, url: str | URL) -> None:
        url = database_url(url) if isinstance(url, str) else url
        if url.get_backend_name() == SQLITE:
            self.engine = create_engine(url)
            event.listen(self.engine, "connect", _prepare)
            event.listen(self.engine, "begin", _begin_immediate)
            self._reading = self.engine
        else:
            self.engine = create_engine(url, pool_pre_ping=True, connect_args={"options": SESSION} | REACH)
            event.listen(self.engine, "begin", _begin_alone)
            self._reading = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self.before_commit: Callable[[Session], None] = _nothing
        """Called at the end of every transaction that writes, in it; what it raises rolls it back."""
        self._writing = self.engine.execution_options(writes=True)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading; what is changed in it is lost."""
        with Session(self._reading, expire_on_commit=False, autoflush=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that commits at its end, or rolls back if an error rises through it.

        It is this writer's turn from the beginning: a time that is asked for in it is later than all that was written.
        """
        with Session(self._writing, expire_on_commit=False) as session, session.begin():
            session.connection()
            yield session
            self.before_commit(session)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _nothing(_: Session) -> None:
    pass


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself; `_begin_immediate` does
    for pragma in PRAGMAS:
        connection.execute(pragma)


def _begin_immediate(connection: Connection) -> None:
    # IMMEDIATE: two writers queue at their beginning; a reader that turns writer could only fail.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_alone(connection: Connection) -> None:
    # Freed at the transaction's end, also when the server dies in it; shared by all processes of a station.
    if connection.get_execution_options().get("writes", False):
        idle = f"set_config('idle_in_transaction_session_timeout', '{IDLE_MS}', true)"  # of this transaction alone
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER}), {idle}")
