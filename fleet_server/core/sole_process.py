"""A station in one process has its PostgreSQL database alone, and one in several keeps such a one out.

A lock of a session: the database frees it the moment the process ends, however that is.
"""

import time
from typing import Self

from sqlalchemy import Connection, text

from fleet_server.store.database import POSTGRESQL, Database

KEY = 0x_5869_616F_01
PATIENCE_S = 5.0  # the database may not have noticed yet that the process before has ended
PAUSE_S = 0.1


class DatabaseInUse(OSError):
    """Another process works on this database in a way that leaves no room for this one."""


class SoleProcess:
    """Held as long as the block runs; of SQLite it asks nothing."""

    def __init__(self, database: Database, alone: bool) -> None:
        self._database, self._alone = database, alone
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        """Take it; raises DatabaseInUse."""
        engine = self._database.engine
        if engine.dialect.name != POSTGRESQL:
            return self
        self._connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        ask = text(f"SELECT pg_try_advisory_lock{'' if self._alone else '_shared'}(:key)")
        deadline = time.monotonic() + PATIENCE_S
        while not self._connection.execute(ask, {"key": KEY}).scalar_one():
            if time.monotonic() > deadline:
                self.__exit__()
                raise DatabaseInUse(
                    "another process works on this database: `xiaotian server` works alone; "
                    "several are `xiaotian server ingest` and `xiaotian server api` (docs/scaling.md)"
                )
            time.sleep(PAUSE_S)
        return self

    def __exit__(self, *_: object) -> None:
        """Let others have it."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
