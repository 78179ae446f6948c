"""How far a vehicle's clock is from ours, from when its messages say they left and when they came.

A message comes after it left, late by a delay that is never negative: of all that is said within a while, the one with
the least delay tells most. So the largest of (left - came) is the estimate; it errs by that least delay alone. Some
messages one after another that all say otherwise by minutes are no delay: the clock was set.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

BUCKET_S = 10.0
BUCKETS = 6  # the estimate follows a clock that was set within a minute
LEAST = 3  # messages before it is believed
SET_S = 120.0  # no message that is not queued is so late: a connection would have ended


@dataclass(slots=True)
class ClockSkew:
    """The estimate for one vehicle."""

    _buckets: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=BUCKETS))
    _heard: int = 0
    _strayed: int = 0

    def hear(self, left: datetime, came: datetime) -> None:
        """Take in a message's own time and that of its arrival."""
        self._heard += 1
        ahead, at = (left - came).total_seconds(), came.timestamp() // BUCKET_S
        strays = bool(self._buckets) and abs(ahead - self._most()) > SET_S
        self._strayed = self._strayed + 1 if strays else 0
        if self._strayed >= LEAST:
            self._buckets.clear()
            self._strayed = 0
        if self._buckets and self._buckets[-1][0] == at:
            self._buckets[-1] = at, max(self._buckets[-1][1], ahead)
        else:
            self._buckets.append((at, ahead))

    @property
    def seconds(self) -> float | None:
        """By how much the vehicle's clock is ahead of ours (behind: negative); None until it is known."""
        if self._heard < LEAST:
            return None
        return round(self._most(), 3)

    def _most(self) -> float:
        return max(ahead for _, ahead in self._buckets)
