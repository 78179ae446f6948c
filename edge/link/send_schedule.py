"""Which rows of the outbox go out next: by rank, again after a pause, and no more on their way than a window holds."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from edge.link.backoff import Backoff

REFUSED_AGAIN_S = 24 * 3600.0  # what the station refused is offered again: it may have learnt by then


@dataclass(frozen=True, slots=True)
class Rank:
    """The smaller ``lane`` goes first, and in it the smaller ``serial``."""

    lane: int
    serial: int


class SendSchedule:
    """Rows by id, in one of three states: ready, on their way (sent, and not answered), or parked (refused).

    Times are steady seconds, handed in. ``windows`` has how many of each lane may be on their way at once: a station
    that is slow or away is not flooded, and a backlog goes out as fast as it answers.
    """

    def __init__(self, resend: Backoff, windows: Mapping[int, int], chance: random.Random) -> None:
        self._resend, self._windows, self._chance = resend, windows, chance
        self._ranks: dict[str, Rank] = {}
        self._ready: dict[int, set[str]] = {lane: set() for lane in windows}
        self._heaps: dict[int, list[tuple[int, str]]] = {lane: [] for lane in windows}  # may name what is not ready
        self._under_way: dict[int, dict[str, float]] = {lane: {} for lane in windows}  # and when each is due again
        self._parked: dict[str, float] = {}
        self._tries: dict[str, int] = {}

    @property
    def parked(self) -> int:
        """How many rows the station has refused."""
        return len(self._parked)

    def is_parked(self, key: str) -> bool:
        """Whether the station has refused the row."""
        return key in self._parked

    def add(self, key: str, rank: Rank) -> None:
        """A new row, ready to go."""
        self._ranks[key] = rank
        self._make_ready(key)

    def forget(self, key: str) -> None:
        """The row is gone."""
        lane = self._ranks.pop(key).lane
        self._ready[lane].discard(key)
        self._under_way[lane].pop(key, None)
        self._parked.pop(key, None)
        self._tries.pop(key, None)
        self._tidy(lane)

    def due(self, now: float, most: int) -> list[str]:
        """Up to ``most`` rows that are to be sent now, the first first."""
        self._wake(now)
        found: list[str] = []
        for lane in sorted(self._windows):
            room = self._windows[lane] - len(self._under_way[lane])
            found += self._first(lane, min(room, most - len(found)))
        return found

    def sent(self, key: str, now: float) -> None:
        """The row is on its way; due again after a pause that grows with each time."""
        lane = self._ranks[key].lane
        self._tries[key] = self._tries.get(key, 0) + 1
        self._ready[lane].discard(key)
        self._parked.pop(key, None)
        self._under_way[lane][key] = now + self._resend.after(self._tries[key], self._chance)

    def park(self, key: str, now: float) -> None:
        """The station refused the row: it waits for a day."""
        lane = self._ranks[key].lane
        self._ready[lane].discard(key)
        self._under_way[lane].pop(key, None)
        self._tries.pop(key, None)
        self._parked[key] = now + REFUSED_AGAIN_S

    def hurry(self) -> None:
        """All is ready but what is parked: the station can be reached again."""
        for under_way in self._under_way.values():
            keys = list(under_way)
            under_way.clear()
            for key in keys:
                self._make_ready(key)
        self._tries.clear()

    def under_way(self) -> list[str]:
        """What was sent, waits for an answer, and is not due again yet."""
        return [key for under_way in self._under_way.values() for key in under_way]

    def announced(self) -> list[str]:
        """What was sent since the last ``hurry``, and neither received nor refused; the first first."""
        return sorted(self._tries, key=lambda key: (self._ranks[key].lane, self._ranks[key].serial))

    def _first(self, lane: int, most: int) -> Iterable[str]:
        """The first ``most`` that are ready; they stay ready until they are ``sent``."""
        heap, ready = self._heaps[lane], self._ready[lane]
        found: dict[str, int] = {}
        while heap and len(found) < most:
            serial, key = heappop(heap)
            if key in ready:
                found[key] = serial
        for key, serial in found.items():
            heappush(heap, (serial, key))
        return found

    def _wake(self, now: float) -> None:
        waits = [self._parked, *self._under_way.values()]
        for each in waits:
            awake = [key for key, at in each.items() if at <= now]
            for key in awake:
                del each[key]
                self._make_ready(key)

    def _make_ready(self, key: str) -> None:
        rank = self._ranks[key]
        self._ready[rank.lane].add(key)
        heappush(self._heaps[rank.lane], (rank.serial, key))

    def _tidy(self, lane: int) -> None:
        """A heap of leftovers is built anew."""
        ready = self._ready[lane]
        if len(self._heaps[lane]) > 2 * len(ready) + 64:
            self._heaps[lane] = [(self._ranks[key].serial, key) for key in ready]
            heapify(self._heaps[lane])
