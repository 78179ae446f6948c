"""The audit log verified for whoever reads it: it is walked whole, and what was found is told for some minutes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from fleet_server.audit.head import read_heads
from fleet_server.audit.verification import Verdict, verify
from fleet_server.core.detached_signature import public_keys
from fleet_server.store.database import Database

AGAIN = timedelta(minutes=5)
"""A walk takes some 30 us an entry: a station's first hundred thousand deeds are three seconds of a processor."""


@dataclass(frozen=True)
class Checked:
    """What was found when."""

    at: datetime
    verdict: Verdict


class ChainCheck:
    """One for each process; who asks while a walk is under way waits for it."""

    def __init__(self, database: Database, heads: Path, key: Path) -> None:
        self._database, self._heads, self._key = database, heads, key
        self._walking = Lock()
        self._last: Checked | None = None

    def checked(self, now: datetime) -> Checked:
        """The last verdict, not older than AGAIN. Raises BadHeads, BadKey or OSError: the heads cannot be read."""
        with self._walking:
            if self._last is None or not timedelta(0) <= now - self._last.at < AGAIN:
                kept = read_heads([self._heads], public_keys(self._key)) if self._heads.exists() else []
                with self._database.read() as session:
                    self._last = Checked(now, verify(session, kept))
            return self._last
