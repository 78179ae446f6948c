"""A thread of its own that makes files for the link's folder: a frame that comes meanwhile waits for none of it."""

import contextlib
import os
import queue
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from edge.draining import drained
from edge.evidence.spool import Note, Spool

MOST_WAITING = 4  # of what was offered: cuts of up to 10 MB of JPEGs each, or pictures of 1 MB
NICENESS = 10  # of the thread: what sees and walks goes first
Offer = TypeVar("Offer")


class GivenUp(Exception):
    """The dog is closing down."""


@dataclass(frozen=True, slots=True)
class Losses:
    """What is said where an anomaly goes without the files."""

    too_many: str
    disk: str
    fault: str
    no_room: str


class SpoolWorker(ABC, Generic[Offer]):
    """``trouble`` is the last since a file was begun, or empty; ``lost`` counts by what was said. Whoever is one makes
    itself ready first: the thread begins with ``__init__``."""

    def __init__(self, name: str, spool: Spool, losses: Losses) -> None:
        self._spool, self._losses = spool, losses
        self._waiting: queue.Queue[Offer | None] = queue.Queue(MOST_WAITING)
        self.lost: Counter[str] = Counter()
        self.made = 0
        self.trouble = ""
        self._ended = threading.Event()
        self._told: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    @abstractmethod
    def _files(self, offered: Offer) -> Iterator[tuple[Note, bytes]]:
        """The files that come of it."""

    def notes(self) -> list[str]:
        """What went wrong since the last time, for the log."""
        return drained(self._told)

    def _put(self, offered: Offer) -> None:
        """From any thread; it never waits."""
        try:
            self._waiting.put_nowait(offered)
        except queue.Full:
            self._lose(self._losses.too_many)

    def _work(self) -> None:
        with contextlib.suppress(OSError, AttributeError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        self._spool.sweep()
        while (offered := self._waiting.get()) is not None and not self._ended.is_set():
            self.trouble = ""
            try:
                for made in self._files(offered):
                    self._leave(*made)
            except GivenUp:
                break
            except Exception as error:  # noqa: BLE001 - no file, whatever is in it, ends what sees
                self._lose(self._losses.fault, self._told_of(error))

    def _told_of(self, error: Exception) -> str:
        return repr(error)

    def _leave(self, note: Note, data: bytes) -> None:
        try:
            gone = self._spool.put(note, data)
        except OSError as error:
            self._lose(self._losses.disk, error.strerror or "")
            return
        self.made += 1
        if gone:
            self._lose(self._losses.no_room)

    def _lose(self, why: str, detail: str = "") -> None:
        self.lost[why] += 1
        self.trouble = f"{why}: {detail}" if detail else str(why)
        self._told.put(self.trouble)
