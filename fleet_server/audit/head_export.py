"""A signed head of the audit log each day: a line in a file, and to whoever keeps heads for the station, by HTTP."""

import os
from datetime import datetime
from pathlib import Path

import httpx
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fleet_server.audit.head import Head, head_of
from fleet_server.store.database import Database

PERIOD_S = 3600.0  # between looks whether a day's head is due, and whether one is still to be delivered
PATIENCE_S = 10.0  # of a keeper of heads

log = structlog.get_logger()


class HeadExport:
    """Called by one job. What ``url`` did not take is offered again at the next look; a later head says all that an
    earlier one does."""

    def __init__(self, database: Database, key: Ed25519PrivateKey, file: Path, url: str | None) -> None:
        self._database, self._key, self._file, self._url = database, key, file, url
        self._day = ""
        self._undelivered: Head | None = None

    def update(self, now: datetime) -> None:
        """Write the head of this day (UTC) if that is not done yet, and deliver it."""
        today = f"{now:%Y-%m-%d}"
        if self._day != today and (head := self._head(now)) is not None:
            try:
                self._write(head)
            except OSError as error:
                log.error("the head of the audit log was not written", file=str(self._file), reason=error.strerror)
                return
            self._day, self._undelivered = today, head
        if self._url is not None and self._undelivered is not None:
            self._deliver(self._url, self._undelivered)

    def _head(self, now: datetime) -> Head | None:
        with self._database.read() as session:
            return head_of(session, self._key, now)

    def _write(self, head: Head) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as file:
            file.write(head.line() + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _deliver(self, url: str, head: Head) -> None:
        try:
            content = {"content": head.line(), "headers": {"Content-Type": "application/json"}}
            httpx.post(url, timeout=PATIENCE_S, **content).raise_for_status()  # type: ignore[arg-type]
        except httpx.HTTPError as error:
            log.warning("the head of the audit log was not delivered; it is tried again", reason=type(error).__name__)
            return
        self._undelivered = None
