"""When something periodic is due, by a clock that is handed in."""

import math

SLACK = 1e-6  # s: less than any step, more than what adding up steps loses


class Periodic:
    """Due once each ``period`` seconds; a clock that was set back begins anew."""

    def __init__(self, period: float) -> None:
        self.period = period
        self._next = -math.inf

    def is_due(self, now: float) -> bool:
        """Whether it is due at ``now``; asked for at each step, it keeps its rate on average."""
        if now < self._next - SLACK and self._next - now <= self.period + SLACK:
            return False
        late = now - self._next
        self._next = self._next + self.period if late < self.period else now + self.period
        return True
