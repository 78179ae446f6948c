"""What strangers cause must not fill the disk: a line in the log now and then, and how often it was in between."""

from collections import OrderedDict
from dataclasses import dataclass

EVERY_S = 60.0  # between two lines about one thing
MOST_LINES = 20  # in that time, about all things together
MOST_THINGS = 1000  # remembered; the one silent for longest is forgotten first


@dataclass(slots=True)
class _Said:
    at: float
    since: int = 0  # how often it was, and was not said


class LogThrottle:
    """``now`` is steady seconds. Not for several threads."""

    def __init__(self, every_s: float = EVERY_S, most_lines: int = MOST_LINES) -> None:
        self._every_s, self._most_lines = every_s, most_lines
        self._said: OrderedDict[str, _Said] = OrderedDict()
        self._begun, self._lines = 0.0, 0
        self.unsaid = 0  # all in all

    def take(self, thing: str, now: float) -> int | None:
        """How often ``thing`` was since it was last said, this time included; None: say nothing now."""
        known = self._said.setdefault(thing, _Said(now - self._every_s))
        self._said.move_to_end(thing)
        if len(self._said) > MOST_THINGS:
            self._said.popitem(last=False)
        if now - self._begun >= self._every_s:
            self._begun, self._lines = now, 0
        if now - known.at < self._every_s or self._lines >= self._most_lines:
            known.since += 1
            self.unsaid += 1
            return None
        self._lines += 1
        count, known.at, known.since = known.since + 1, now, 0
        return count
