"""What consoles are shown: of each room all that they begin with, and each change. Registered by the rooms."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from fleet_server.core.change_events import ChangeEvents
from fleet_server.store.columns import Table

Beginning = Callable[[Session, datetime], list[dict[str, Any]]]
"""All of a room's that a console needs to begin with."""
Changed = Callable[[Session, Collection[str], datetime], Iterable[dict[str, Any]]]
"""The rows of these ids as a console is shown them."""


class Consoles:
    """Named by the rooms before the server runs."""

    def __init__(self) -> None:
        self._beginnings: dict[str, Beginning] = {}
        self._changes: dict[type[Table], tuple[str, Changed]] = {}

    def begin_with(self, name: str, beginning: Beginning) -> None:
        """Have every new console told that, under ``name``."""
        self._beginnings[name] = beginning

    def show(self, table: type[Table], kind: str, changed: Changed) -> None:
        """Have changed rows of ``table`` told, each as a message of ``kind``."""
        self._changes[table] = (kind, changed)

    def tables(self) -> dict[str, type[Table]]:
        """What is shown, by the name of its table."""
        return {table.__tablename__: table for table in self._changes}

    def snapshot(self, session: Session, now: datetime) -> dict[str, Any]:
        """All that a console needs to begin with."""
        return {"now": now.isoformat()} | {name: make(session, now) for name, make in self._beginnings.items()}

    def messages(self, session: Session, changes: ChangeEvents, now: datetime) -> Iterable[tuple[str, dict[str, Any]]]:
        """Each change as (kind, data)."""
        for table, (kind, changed) in self._changes.items():
            if ids := changes.changed.get(table):
                for data in changed(session, ids, now):
                    yield kind, data
