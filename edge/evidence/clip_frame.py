"""A frame as the rolling buffer keeps it: small, in memory alone, and not masked yet."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
import shapely

from edge.perception.camera_geometry import Intrinsics, View
from edge.perception.detector import Box, Detection, Picture
from edge.perception.tracking import Track

WIDTH = 640
"""Pixels across, at most: larger pictures are made smaller."""
QUALITY = 85


@dataclass(frozen=True, slots=True)
class ClipFrame:
    """``jpeg`` is empty where no picture may be kept. ``people`` were found at a glance, in pixels of the JPEG.

    The JPEG is NOT masked: it never leaves the dog's memory, not even to its disk.
    """

    stamp: float
    jpeg: bytes
    shape: tuple[int, int]
    people: tuple[Detection, ...]
    tracks: tuple[Track, ...]
    view: View | None
    privacy: tuple[shapely.Polygon, ...]

    def picture(self) -> Picture:
        """The pixels."""
        decoded = cv2.imdecode(np.frombuffer(self.jpeg, np.uint8), cv2.IMREAD_COLOR)
        if decoded is None:
            raise ValueError("a frame of the rolling buffer cannot be decoded")
        return np.ascontiguousarray(decoded[:, :, ::-1]).astype(np.uint8, copy=False)


def clip_frame(
    picture: Picture,
    stamp: float,
    people: list[Detection],
    tracks: list[Track],
    view: View | None,
    privacy: tuple[shapely.Polygon, ...],
    may_keep: bool,
) -> ClipFrame:
    """The frame of ``picture``; nothing of it is kept where ``may_keep`` is not."""
    height, width = picture.shape[:2]
    scale = min(1.0, WIDTH / width)
    shape = max(round(height * scale), 1), max(round(width * scale), 1)
    if not may_keep:
        return ClipFrame(stamp, b"", shape, (), (), None, ())
    small = picture if scale == 1.0 else cv2.resize(picture, (shape[1], shape[0]), interpolation=cv2.INTER_AREA)
    done, data = cv2.imencode(".jpg", small[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise ValueError(f"a picture of shape {picture.shape} cannot be encoded")
    found = tuple(_scaled(each, scale) for each in people)
    seen = tuple(replace(each, detection=_scaled(each.detection, scale)) for each in tracks)
    return ClipFrame(stamp, data.tobytes(), shape, found, seen, _scaled_view(view, scale), privacy)


def _scaled(detection: Detection, scale: float) -> Detection:
    if scale == 1.0:
        return detection
    return replace(detection, box=_box(detection.box, scale), whole=None)


def _box(box: Box, scale: float) -> Box:
    return Box(box.left * scale, box.top * scale, box.right * scale, box.bottom * scale)


def _scaled_view(view: View | None, scale: float) -> View | None:
    if view is None or scale == 1.0:
        return view
    k = view.intrinsics
    size = round(k.width * scale), round(k.height * scale)
    return replace(view, intrinsics=Intrinsics(k.fx * scale, k.fy * scale, k.cx * scale, k.cy * scale, *size))
