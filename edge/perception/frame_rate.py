"""How the eyes keep up: frames a second, how long one takes, and how many never came."""

import statistics
from collections import deque

WINDOW = 50
"""Frames looked back on."""
LEARNED = 5
"""Frames until the camera's own rhythm is known."""


class FrameRate:
    """Told of each frame that is worked on; frames in between that never came show as holes in their rhythm."""

    def __init__(self) -> None:
        self._gaps: deque[float] = deque(maxlen=WINDOW)
        self._latencies: deque[float] = deque(maxlen=WINDOW)
        self._last: float | None = None
        self.frames = 0
        self.missed = 0

    def add(self, stamp: float, latency: float) -> int:
        """A frame of ``stamp`` that took ``latency`` seconds; returns how many were missed before it."""
        self.frames += 1
        self._latencies.append(latency)
        gap = stamp - self._last if self._last is not None else 0.0
        self._last = stamp
        if gap <= 0:  # the first, or time was set back
            self._gaps.clear()
            return 0
        self._gaps.append(gap)
        if len(self._gaps) < LEARNED:
            return 0
        missed = max(round(gap / _rhythm(self._gaps)) - 1, 0)
        self.missed += missed
        return missed

    def fps(self, now: float) -> float:
        """Frames a second, 0 when the last is more than two seconds old."""
        if self._last is None or not self._gaps or now - self._last > 2.0:
            return 0.0
        return 1 / statistics.mean(self._gaps)

    def latency_ms(self) -> float:
        """Median milliseconds from picture to boxes and rules."""
        return statistics.median(self._latencies) * 1000 if self._latencies else 0.0


def _rhythm(gaps: deque[float]) -> float:
    """The camera's own period: a low quantile, for holes only make gaps longer."""
    return sorted(gaps)[len(gaps) // 5]
