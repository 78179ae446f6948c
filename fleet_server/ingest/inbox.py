"""What has arrived and waits for the writer."""

import math
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass
from uuid import UUID

from fleet_server.core.intake import Arrival
from protocol.topics import Address, Topic

# Of these only the latest counts: after an hour's absence a server is not late by an hour's telemetry.
LATEST_ONLY = frozenset({Topic.STATE, Topic.VISUALIZATION, Topic.FACTSHEET})
MOST_WAITING = 20_000  # anomalies and evidence beyond this are dropped and counted: their dogs say them again
PLACES_APART_S = (
    0.05  # a thousand places a second need not wake the writer a thousand times; consoles see five a second
)
MOST_OF_ONE = 2_000  # of one vehicle, so that none can take the room of the others


@dataclass(frozen=True, slots=True)
class Refused:
    """A row of an outbox that was not understood: its dog is told, instead of saying it for ever."""

    address: Address
    row_id: UUID
    reason: str


class Inbox:
    """Arrivals in their order; telemetry is overtaken by newer telemetry of the same vehicle."""

    def __init__(self) -> None:
        self._waiting: deque[Arrival] = deque()
        self._of_one: Counter[Address] = Counter()
        self._latest: dict[tuple[Address, Topic], Arrival] = {}
        self._refused: list[Refused] = []
        self._ready = threading.Condition()
        self._hurried = False
        self._place_told = -math.inf
        self.overtaken = 0
        self.dropped = 0

    @property
    def waiting(self) -> int:
        """How many wait that must not be lost."""
        return len(self._waiting)

    def put(self, arrival: Arrival) -> bool:
        """Add an arrival; False when there was no room."""
        with self._ready:
            if arrival.topic in LATEST_ONLY:
                key = (arrival.address, arrival.topic)
                self.overtaken += key in self._latest
                self._latest[key] = arrival
            elif len(self._waiting) >= MOST_WAITING or self._of_one[arrival.address] >= MOST_OF_ONE:
                self.dropped += 1
                return False
            else:
                self._waiting.append(arrival)
                self._of_one[arrival.address] += 1
            if arrival.topic is not Topic.VISUALIZATION or self._is_place_due():
                self._ready.notify()
        return True

    def _is_place_due(self) -> bool:
        """Whether the writer is to be woken for a place; one that comes sooner is taken with the next message."""
        now = time.monotonic()
        if now - self._place_told < PLACES_APART_S:
            return False
        self._place_told = now
        return True

    def refuse(self, refused: Refused) -> None:
        """Have the dog told; of too many at once some have to be said again by their dogs."""
        with self._ready:
            if len(self._refused) < MOST_OF_ONE:
                self._refused.append(refused)

    def take_refused(self) -> list[Refused]:
        """What was refused since the last call."""
        with self._ready:
            taken, self._refused = self._refused, []
            return taken

    def hurry(self) -> None:
        """Wake the writer though nothing has arrived."""
        with self._ready:
            self._hurried = True
            self._ready.notify()

    def take(self, most: int, patience_s: float) -> list[Arrival]:
        """Up to ``most`` that must not be lost, then all telemetry; waits ``patience_s`` for the first."""
        with self._ready:
            if not (self._waiting or self._latest or self._hurried):
                self._ready.wait(patience_s)
            self._hurried = False
            taken = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
            self._of_one -= Counter(arrival.address for arrival in taken)  # and forgets who has none
            taken += self._latest.values()
            self._latest.clear()
            return taken
