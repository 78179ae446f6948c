"""How long to wait before the next try."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """``first`` seconds, doubled with each try up to ``last``; up to ``jitter`` of it more or less, by chance.

    Chance keeps a fleet that lost its broker together from coming back in one blow.
    """

    first: float
    last: float
    jitter: float = 0.2

    def after(self, tries: int, chance: random.Random) -> float:
        """Seconds to wait after ``tries`` (at least 1) tries in vain."""
        pause = min(self.last, self.first * 2.0 ** min(tries - 1, 30))
        return pause * (1 + self.jitter * chance.uniform(-1, 1))
