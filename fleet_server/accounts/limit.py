"""How often one may guess a password."""

from collections import deque
from datetime import datetime, timedelta

MOST_FAILURES = 10
WINDOW = timedelta(minutes=5)
MOST_KEYS = 10_000  # a guesser with endless names must not fill the memory


class SignInLimit:
    """Counts failures by a key (an address, a name) and says how long that key has to wait."""

    def __init__(self) -> None:
        self._failures: dict[str, deque[datetime]] = {}

    def wait_s(self, key: str, now: datetime) -> float:
        """Seconds until ``key`` may try again; 0 when it may now."""
        failures = self._failures.get(key, deque())
        while failures and failures[0] <= now - WINDOW:
            failures.popleft()
        if len(failures) < MOST_FAILURES:
            return 0.0
        return (failures[0] + WINDOW - now).total_seconds()

    def fail(self, key: str, now: datetime) -> None:
        """Count a failure."""
        if len(self._failures) >= MOST_KEYS and key not in self._failures:
            self._failures.pop(next(iter(self._failures)))
        self._failures.setdefault(key, deque(maxlen=MOST_FAILURES)).append(now)

    def forget(self, key: str) -> None:
        """A right password wipes the slate."""
        self._failures.pop(key, None)
