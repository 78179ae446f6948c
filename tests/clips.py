"""Clips and recordings as dogs send them, for tests of who takes them in."""

import io
from functools import cache

import av
import cv2
import numpy as np

from edge.evidence.mp4 import encode_mp4
from edge.perception.head_masking import mask


@cache
def clip(seconds: float = 4.0, fps: float = 5.0) -> bytes:
    """A masked clip: a light stripe walks over a dark yard."""

    def frame(number: int) -> np.ndarray:
        picture = np.full((120, 160, 3), 40, np.uint8)
        picture[:, number % 150 : number % 150 + 8] = 220
        return cv2.GaussianBlur(picture, (5, 5), 0)

    count = round(seconds * fps)
    return encode_mp4(((n / fps, mask(frame(n), [])) for n in range(count)), count, 500_000, fps)


def frames_of(data: bytes) -> list[np.ndarray]:
    """What a player shows, RGB."""
    with av.open(io.BytesIO(data)) as opened:
        return [frame.to_ndarray(format="rgb24") for frame in opened.decode(video=0)]


@cache
def with_sound() -> bytes:
    """An MP4 file with a second track: nobody may listen to people by a dog."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4", options={"moov_size": "9000"}) as made:
        video, sound = made.add_stream("libx264", rate=5), made.add_stream("aac", rate=16000, layout="mono")
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        made.mux(video.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")))
        quiet = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        quiet.sample_rate = 16000
        made.mux(sound.encode(quiet))
        made.mux(video.encode(None))
        made.mux(sound.encode(None))
    return file.getvalue()


@cache
def of_another_codec() -> bytes:
    """An MP4 file whose video is MPEG-4 part 2."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4", options={"moov_size": "9000"}) as made:
        video = made.add_stream("mpeg4", rate=5)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        made.mux(video.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")))
        made.mux(video.encode(None))
    return file.getvalue()
