"""Masked pictures, and nothing else, as H.264."""

from fractions import Fraction

import av
import numpy as np
from av.video.frame import PictureType

from edge.perception.head_masking import MaskedPicture

TIME_BASE = Fraction(1, 1000)
QUALITY = "27"  # x264's constant rate factor: a still yard costs far less than its limit
BUFFER_S = 1.0  # of the limit that one key frame may take
LONGEST_GAP_S = 10.0  # between key frames that nobody asked for


class H264Encoder:
    """``encode`` takes a picture and gives its access unit at once: nothing is held back for a later frame."""

    def __init__(self, fps: float) -> None:
        self._fps = Fraction(fps).limit_denominator(100)
        self._context: av.VideoCodecContext | None = None
        self._made_for: tuple[int, int, int] = (0, 0, 0)
        self._key_at = -LONGEST_GAP_S

    def encode(self, picture: MaskedPicture, bits_per_s: int, now: float, key: bool = False) -> tuple[bytes, bool]:
        """H.264 in Annex B, and whether it is a key frame; ``now`` in seconds. Another size or rate begins anew.

        Raises TypeError for pixels that were not masked.
        """
        if not isinstance(picture, MaskedPicture):
            raise TypeError(f"only a MaskedPicture leaves the dog, not {type(picture).__name__}")
        height, width = (side - side % 2 for side in picture.pixels.shape[:2])
        wanted = width, height, bits_per_s
        key = key or wanted != self._made_for or now - self._key_at >= LONGEST_GAP_S
        if self._context is None or wanted != self._made_for:
            self._context, self._made_for = _opened(width, height, bits_per_s, self._fps), wanted
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture.pixels[:height, :width]), format="rgb24")
        frame.pts, frame.time_base = round(now * 1000), TIME_BASE
        if key:
            frame.pict_type, self._key_at = PictureType.I, now
        return b"".join(bytes(packet) for packet in self._context.encode(frame)), key


def _opened(width: int, height: int, bits_per_s: int, fps: Fraction) -> av.VideoCodecContext:
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base, context.framerate, context.thread_count = TIME_BASE, fps, 1
    context.options = {
        "preset": "veryfast",
        "tune": "zerolatency",
        "profile": "baseline",
        "forced-idr": "1",
        "crf": QUALITY,
        "maxrate": str(bits_per_s),
        "bufsize": str(round(bits_per_s * BUFFER_S)),
        "x264-params": "repeat-headers=1:keyint=infinite:scenecut=0",
    }
    context.open()
    return context
