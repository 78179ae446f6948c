"""How much a connection may send: a flood is cut off, a key frame now and then is none."""

RATE = 750_000  # bytes a second: well above the richest stream that a dog sends (protocol.camera_stream.MOST_KBPS)
DEPTH_S = 4.0  # seconds of it at once: what was held up on the way arrives in a heap
EACH = 2_000  # bytes that a message counts besides its own: many small ones are a flood too


class ByteBudget:
    """A leaky bucket. ``now`` is in steady seconds."""

    def __init__(self, now: float) -> None:
        self._left, self._at = RATE * DEPTH_S, now

    def spend(self, size: int, now: float) -> bool:
        """Whether a message of ``size`` bytes is within it."""
        self._left = min(self._left + (now - self._at) * RATE, RATE * DEPTH_S) - size - EACH
        self._at = now
        return self._left >= 0
