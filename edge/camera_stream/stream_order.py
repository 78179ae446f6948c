"""What is asked of a dog that shows its camera."""

import msgspec

from protocol.camera_stream import MOST_FPS, MOST_KBPS

USUAL_FPS, USUAL_KBPS = 10.0, 1000.0
LEAST_FPS, LEAST_KBPS = 1.0, 100.0


class StreamOrder(msgspec.Struct, frozen=True):
    """Which stream, the token that opens the station's door for it, its limits, and until when (s, the dog's clock)."""

    stream_id: str
    token: str
    until: float
    fps: float = USUAL_FPS
    kbps: float = USUAL_KBPS

    def within(self) -> "StreamOrder":
        """The same, no faster and no richer than a dog will send."""
        fps, kbps = min(max(self.fps, LEAST_FPS), MOST_FPS), min(max(self.kbps, LEAST_KBPS), MOST_KBPS)
        return msgspec.structs.replace(self, fps=fps, kbps=kbps)
