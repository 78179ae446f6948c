"""What the processes of one station tell each other: which rows have changed, and that something waits to be said.

Over PostgreSQL's LISTEN and NOTIFY: who shares its rows shares them. Nothing depends on a notice but that consoles of
another process show a change at once; after a gap they are shown all anew.
"""

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from fleet_server.store.database import Database

CHANNEL = "xiaotian_station"
MOST_IDS = 150  # in one notice: PostgreSQL takes 8,000 bytes, and an id has 36
LISTEN_S = 1.0  # between looks whether the server ends
AGAIN_S = 1.0
SAY = text("SELECT pg_notify(:channel, :said)")

log = structlog.get_logger()


class ProcessNotices:
    """``hear`` is called with each notice of another process, ``after_gap`` when some may have been missed; both in the
    thread that listens. ``say`` may be called from any."""

    def __init__(
        self, database: Database, name: str, hear: Callable[[dict[str, Any]], None], after_gap: Callable[[], None]
    ) -> None:
        self._database, self._name, self._hear, self._after_gap = database, name, hear, after_gap
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="notices", daemon=True)

    def start(self) -> None:
        """Listen."""
        self._thread.start()

    def stop(self) -> None:
        """Listen no more, if it did."""
        self._ending.set()
        if self._thread.ident is not None:  # who only says never listened
            self._thread.join(2 * LISTEN_S)

    def say_changed(self, changed: dict[str, Iterable[str]]) -> None:
        """That these rows have changed, ids by table."""
        self._say([{"changed": {table: part}} for table, ids in changed.items() for part in _parts(sorted(ids))])

    def say_hurry(self) -> None:
        """That something waits to be said to a dog."""
        self._say([{"hurry": True}])

    def _say(self, notices: list[dict[str, Any]]) -> None:
        if not notices:
            return
        said = [{"channel": CHANNEL, "said": json.dumps(each | {"from": self._name})} for each in notices]
        try:
            with self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                for each in said:
                    connection.execute(SAY, each)
        except SQLAlchemyError as error:  # what it tells of is stored, and is shown with the next change
            log.warning("the other processes were not told of a change", reason=type(error).__name__)

    def _run(self) -> None:
        import psycopg  # where the database is SQLite it is not needed, and large

        first = True
        while not self._ending.is_set():
            try:
                self._listen(first)
            except (SQLAlchemyError, psycopg.Error) as error:
                log.warning("other processes are not heard; it is tried again", reason=type(error).__name__)
            except Exception:  # the thread's main: one notice must not end it
                log.exception("a notice was not taken in")
            first = False
            self._ending.wait(AGAIN_S)

    def _listen(self, first: bool) -> None:
        import psycopg

        with self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"LISTEN {CHANNEL}")
            if not first:
                self._after_gap()
            raw = connection.connection.driver_connection
            assert isinstance(raw, psycopg.Connection)
            try:
                while not self._ending.is_set():
                    for notice in raw.notifies(timeout=LISTEN_S):
                        self._take(notice.payload)
            finally:
                connection.invalidate()  # it listens: nobody else may have it

    def _take(self, payload: str) -> None:
        notice = json.loads(payload)
        if notice.get("from") != self._name:
            self._hear(notice)


def _parts(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), MOST_IDS):
        yield ids[start : start + MOST_IDS]
