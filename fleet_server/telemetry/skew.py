"""How far a vehicle's clock is from ours, from when its messages say they left and when they came.

A message comes after it left, late by a delay that is never negative: of all that is said within a while, the one with
the least delay tells most. So the largest of (left - came) is the estimate; it errs by that least delay alone.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

BUCKET_S = 10.0
BUCKETS = 6  # the estimate follows a clock that was set within a minute
LEAST = 3  # messages before it is believed


@dataclass(slots=True)
class Skew:
    """The estimate for one vehicle."""

    _buckets: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=BUCKETS))
    _heard: int = 0

    def hear(self, left: datetime, came: datetime) -> None:
        """Take in a message's own time and that of its arrival."""
        self._heard += 1
        ahead, at = (left - came).total_seconds(), came.timestamp() // BUCKET_S
        if self._buckets and self._buckets[-1][0] == at:
            self._buckets[-1] = at, max(self._buckets[-1][1], ahead)
        else:
            self._buckets.append((at, ahead))

    @property
    def seconds(self) -> float | None:
        """By how much the vehicle's clock is ahead of ours (behind: negative); None until it is known."""
        if self._heard < LEAST:
            return None
        return round(max(ahead for _, ahead in self._buckets), 3)
