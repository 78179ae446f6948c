"""A head that the detector loses for a frame stays pixelated: in a stream one frame is enough to know somebody by."""

from collections import deque

from edge.perception.detector import Detection

HOLD_S = 0.6
"""Three frames of a camera of five a second; a head that moves on leaves its blocks behind for so long."""


class HeldHeads:
    """Remembers what was found in the frames just before."""

    def __init__(self) -> None:
        self._frames: deque[tuple[float, list[Detection]]] = deque()

    def update(self, people: list[Detection], now: float) -> list[Detection]:
        """``people`` of the frame of stamp ``now`` (s), and those of the frames before it."""
        while self._frames and not 0 <= now - self._frames[0][0] <= HOLD_S:
            self._frames.popleft()
        before = [each for _, found in self._frames for each in found]
        self._frames.append((now, people))
        return [*people, *before]
