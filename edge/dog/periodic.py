"""When something periodic is due, by a clock that is handed in."""

import math

SLACK = 1e-6  # s: less than any step, more than what adding up steps loses


class Periodic:
    """Due once each ``period`` seconds; a clock that was set back begins anew."""

    def __init__(self, period: float, slack: float = SLACK) -> None:
        """``slack`` (s) is by how much it may come early."""
        self.period, self._slack = period, slack
        self._next = -math.inf

    def is_due(self, now: float) -> bool:
        """Whether it is due at ``now``; asked for at each step, it keeps its rate on average."""
        late = now - self._next
        if -self.period - self._slack <= late < -self._slack:
            return False
        in_time = -self._slack <= late < self.period
        self._next = (self._next if in_time else now) + self.period
        return True
