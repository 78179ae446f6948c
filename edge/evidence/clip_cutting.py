"""From when to when a clip goes: around each anomaly, and one for several that come close together."""

from dataclasses import dataclass, replace

BEFORE_S = AFTER_S = 10.0
LONGEST_S = 40.0
"""Of one clip: an anomaly that would make it longer begins another."""


@dataclass(frozen=True, slots=True)
class Span:
    """A clip to be, in seconds of the dog's clock, and the anomalies that it shows."""

    begin: float
    end: float
    anomaly_ids: tuple[str, ...]


class ClipCutting:
    """Every anomaly that is added comes back in exactly one span."""

    def __init__(self) -> None:
        self._open: list[Span] = []
        self._now = 0.0

    def add(self, anomaly_id: str, at: float) -> None:
        """An anomaly of the frame of stamp ``at``."""
        last = self._open[-1] if self._open else None
        if last is not None and last.begin <= at <= last.end and at + AFTER_S - last.begin <= LONGEST_S:
            end = max(last.end, at + AFTER_S)
            self._open[-1] = replace(last, end=end, anomaly_ids=(*last.anomaly_ids, anomaly_id))
        else:
            self._open.append(Span(at - BEFORE_S, at + AFTER_S, (anomaly_id,)))

    def update(self, now: float) -> list[Span]:
        """The spans that are over at ``now``; all where the clock was set back, for their end may never come."""
        back, self._now = now < self._now, now
        over = [span for span in self._open if back or span.end <= now]
        self._open = [span for span in self._open if span not in over]
        return over

    def needed_from(self, now: float) -> float:
        """The stamp of the oldest thing that is still to be kept."""
        return min([now - BEFORE_S, *(span.begin for span in self._open)])
