"""How often one may guess a secret. A guess is counted before it is judged: however many come at once, no more are."""

import ipaddress
import threading
from collections import OrderedDict, deque
from collections.abc import Mapping
from datetime import datetime, timedelta

MOST_FAILURES = 10  # of one address at one name: who guesses locks out himself, and not whose name it is
MOST_OF_ADDRESS = 30  # at all names together
WINDOW = timedelta(minutes=5)
MOST_KEYS = 10_000  # a guesser with endless addresses must not fill the memory


class SignInLimit:
    """Counts guesses by key, and says how long a key has to wait. Safe to call from any thread."""

    def __init__(self) -> None:
        self._guesses: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, most: Mapping[str, int], now: datetime) -> float:
        """Count a guess under each key of ``most``, which says how many failures it may have; 0.0, or nothing is
        counted and it may be tried again in so many seconds."""
        with self._lock:
            wait_s = max(self._wait_s(key, allowed, now) for key, allowed in most.items())
            if wait_s <= 0:
                for key in most:
                    self._guesses.setdefault(key, deque()).append(now)
                    self._guesses.move_to_end(key)
                while len(self._guesses) > MOST_KEYS:
                    self._guesses.popitem(last=False)
            return wait_s

    def succeed(self, key: str, *counted: str) -> None:
        """The guess was right: that wipes the slate of ``key``, and takes one guess from those beside it."""
        with self._lock:
            self._guesses.pop(key, None)
            for each in counted:
                if guesses := self._guesses.get(each):
                    guesses.pop()

    def _wait_s(self, key: str, most: int, now: datetime) -> float:
        guesses = self._guesses.get(key, deque())
        while guesses and guesses[0] <= now - WINDOW:
            guesses.popleft()
        return 0.0 if len(guesses) < most else (guesses[0] + WINDOW - now).total_seconds()


def who_asks(host: str | None) -> str:
    """An address as it is counted: of IPv6 the network, of which whoever has one address has all."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return host or "unknown"
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))
