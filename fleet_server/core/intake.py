"""What rooms want to hear from vehicles, and what they do once a second; carried out by the ingest thread alone."""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from fleet_server.core.change_events import ChangeEvents
from protocol.header import Wire
from protocol.topics import Address, Topic


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that was understood; ``challenge`` is the word beside a state that the answer must echo.

    ``loosely`` is what in it was not to the letter.
    """

    address: Address
    topic: Topic
    message: Wire
    at: datetime
    retained: bool = False
    challenge: str = ""
    loosely: tuple[str, ...] = ()


Taken = Callable[[Arrival], bool]
"""What is done with each message, outside a transaction; False: it was turned away."""
Followed = Callable[[Sequence[Arrival], datetime], None]
"""What is done after a batch, with those messages of it that are of one type."""
Tick = Callable[[Session, datetime, ChangeEvents], None]
"""What is done once a second, in one transaction with all others' ticks."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A message that is stored before its dog is told that it may forget it.

    ``record`` stores those of a batch, and returns which of them it refuses, and why. ``row_id`` is the message's id.
    """

    record: Callable[[Session, Sequence[Arrival], datetime, ChangeEvents], Iterable[tuple[Arrival, str]]]
    row_id: Callable[[Wire], UUID]


class Intake:
    """Named by the rooms before the server runs."""

    def __init__(self) -> None:
        self.takers: list[Taken] = []
        self.stored: dict[type[Wire], Stored] = {}
        self.at_once: dict[type[Wire], Callable[[Arrival], None]] = {}
        self.followers: list[tuple[type[Wire], Followed]] = []
        self.ticks: list[tuple[Tick, bool]] = []
        self.leads: Callable[[], bool] = lambda: True
        """Whether this process does what one process does for all."""
        self.serves = True
        self.hurried = threading.Event()
        self.wake: Callable[[], None] = lambda: None

    def takes(self, taker: Taken) -> None:
        """Have every message given to ``taker``, in its order."""
        self.takers.append(taker)

    def stores(self, kind: type[Wire], stored: Stored) -> None:
        """Have messages of ``kind`` stored so."""
        self.stored[kind] = stored

    def hears_at_once(self, kind: type[Wire], listener: Callable[[Arrival], None]) -> None:
        """Have messages of ``kind`` given to ``listener`` alone, in the link's own thread: what must not wait, and is
        not kept."""
        self.at_once[kind] = listener

    def follows(self, kind: type[Wire], follower: Followed) -> None:
        """Have ``follower`` called after each batch with messages of ``kind`` in it, in the process that leads."""
        self.followers.append((kind, follower))

    def each_second(self, tick: Tick, everywhere: bool = False) -> None:
        """Have ``tick`` called once a second, and when somebody is in a hurry: in the process that leads, or
        ``everywhere`` where people are served."""
        self.ticks.append((tick, everywhere))

    def due_ticks(self) -> list[Tick]:
        """What this process does once a second now."""
        leads = self.leads()
        return [tick for tick, everywhere in self.ticks if leads or (everywhere and self.serves)]

    def hurry(self) -> None:
        """There is something to be sent: do not wait for the next second."""
        self.hurried.set()
        self.wake()
