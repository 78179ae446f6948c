"""Whether a figure has stayed where it was: a line through its second part, and how much it has risen along it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WARM = 0.4  # of the run: until then caches fill, and nothing has aged out yet
LEAST = 8  # samples after that


@dataclass(frozen=True, slots=True)
class Bound:
    """How much a figure may rise in the part of the run that is judged: ``share`` of its middle, or ``least``, if that
    is more."""

    share: float
    least: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """``risen`` along the line, of ``allowed``; ``middle`` is the median of what was judged."""

    name: str
    middle: float
    risen: float
    allowed: float

    @property
    def flat(self) -> bool:
        """Whether it is."""
        return self.risen <= self.allowed


def judged(name: str, times: Sequence[float], values: Sequence[float], bound: Bound) -> Verdict:
    """By Theil and Sen's line (the median of the slopes of all pairs), which single spikes do not tilt.

    Raises ValueError where there are too few samples.
    """
    start = times[0] + WARM * (times[-1] - times[0])
    late = [(at, value) for at, value in zip(times, values, strict=True) if at >= start]
    if len(late) < LEAST:
        raise ValueError(f"{len(late)} samples after the warm part are too few to judge {name}")
    slopes = sorted((b[1] - a[1]) / (b[0] - a[0]) for n, a in enumerate(late) for b in late[n + 1 :] if b[0] > a[0])
    slope = slopes[len(slopes) // 2]
    middle = sorted(value for _, value in late)[len(late) // 2]
    risen = slope * (late[-1][0] - late[0][0])
    return Verdict(name, middle, risen, max(bound.share * math.fabs(middle), bound.least))
