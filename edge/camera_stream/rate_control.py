"""How much a line carries: less is sent when frames wait to arrive, and a little more when none has for a while."""

import math
from dataclasses import dataclass

LEAST_BPS = 100_000
BEHIND_S = 0.5  # that a frame may be on its way; then none is added to those that wait
MOST_ON_THE_WAY = 8  # frames
LESS, MORE = 0.6, 1.25
PATIENCE_S = 1.0  # between two steps down: what was sent before the last one still arrives
GOOD_FOR_S = 4.0  # before a step up


@dataclass(frozen=True, slots=True)
class Rate:
    """``send``: whether the next frame may go; ``bits_per_s``: as what."""

    send: bool
    bits_per_s: int


class RateControl:
    """Told before each frame how many are on their way, and since when (s) the oldest of them is."""

    def __init__(self, most_bps: int) -> None:
        self._most = self._bps = max(most_bps, LEAST_BPS)
        self._slow_at = self._down_at = self._up_at = -math.inf
        self.dropped = 0

    def update(self, on_the_way: int, behind_s: float, now: float) -> Rate:
        """What may be done at ``now`` (s)."""
        slow = behind_s > BEHIND_S or on_the_way >= MOST_ON_THE_WAY
        if slow:
            self.dropped, self._slow_at = self.dropped + 1, now
            if now - self._down_at >= PATIENCE_S:
                self._bps, self._down_at = max(round(self._bps * LESS), LEAST_BPS), now
        elif self._bps < self._most and now - max(self._slow_at, self._up_at) >= GOOD_FOR_S:
            self._bps, self._up_at = min(round(self._bps * MORE), self._most), now
        return Rate(not slow, self._bps)
