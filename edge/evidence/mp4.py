"""Masked pictures, and nothing else, as an MP4 file that plays while it loads."""

import io
from collections.abc import Iterable
from fractions import Fraction

import av
import cv2
import numpy as np
from av.video.stream import VideoStream

from edge.perception.detector import Picture
from edge.perception.head_masking import MaskedPicture

TIME_BASE = Fraction(1, 1000)
QUALITY = "27"  # x264's constant rate factor: a still yard costs far less than its limit
KEY_EVERY = 10  # frames: a browser that seeks begins at one
ROOM = 8192  # bytes for the index at the beginning; 2 KB for 100 frames, and 20 bytes each beyond
FRAME_ROOM = 32


def encode_mp4(frames: Iterable[tuple[float, MaskedPicture]], count: int, bits_per_s: int, fps: float = 5.0) -> bytes:
    """H.264 of ``frames``, ``count`` at most, with their stamps (s); ``bits_per_s`` is its mean at most.

    Raises TypeError for pixels that were not masked, ValueError where there is no frame.
    """
    file = io.BytesIO()
    with av.open(file, "w", format="mp4", options={"moov_size": str(ROOM + FRAME_ROOM * count)}) as made:
        stream: VideoStream | None = None
        began = shown = -1.0
        for stamp, picture in frames:
            if not isinstance(picture, MaskedPicture):
                raise TypeError(f"only a MaskedPicture leaves the dog, not {type(picture).__name__}")
            if stream is None:
                stream, began = _stream(made, picture, bits_per_s, fps), stamp
            elif stamp <= shown:
                continue
            shown = stamp
            frame = av.VideoFrame.from_ndarray(_fitted(picture, stream.width, stream.height), format="rgb24")
            frame.pts, frame.time_base = round((stamp - began) * 1000), TIME_BASE
            made.mux(stream.encode(frame))
        if stream is None:
            raise ValueError("a clip without a frame")
        made.mux(stream.encode(None))
    return file.getvalue()


def _stream(made: av.container.OutputContainer, picture: MaskedPicture, bits_per_s: int, fps: float) -> VideoStream:
    stream = made.add_stream("libx264", rate=Fraction(fps).limit_denominator(100))
    assert isinstance(stream, VideoStream)
    stream.height, stream.width = (side - side % 2 for side in picture.pixels.shape[:2])
    stream.pix_fmt, stream.time_base = "yuv420p", TIME_BASE
    context = stream.codec_context
    context.time_base, context.thread_count = TIME_BASE, 1
    stream.options = {
        "preset": "veryfast",
        "crf": QUALITY,
        "maxrate": str(bits_per_s),
        "bufsize": str(bits_per_s),
        "x264-params": f"keyint={KEY_EVERY}:bframes=0",
    }
    return stream


def _fitted(picture: MaskedPicture, width: int, height: int) -> Picture:
    pixels = picture.pixels
    if pixels.shape[0] - height in (0, 1) and pixels.shape[1] - width in (0, 1):
        return np.ascontiguousarray(pixels[:height, :width])
    resized: Picture = cv2.resize(pixels, (width, height)).astype(np.uint8, copy=False)
    return resized  # the camera has changed its size
