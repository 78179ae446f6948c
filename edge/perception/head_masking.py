"""Pictures without faces, the only kind that leaves the dog: ``encode_jpeg`` takes nothing else."""

from dataclasses import dataclass

import cv2
import numpy as np
import shapely

from edge.perception.camera_geometry import View
from edge.perception.detector import Box, Detection, Picture, Posture

HEAD = 0.30
"""Part of a person's box, from the top, that is pixelated: an upright head takes a seventh of it, a bent one more."""
ABOVE, ASIDE = 0.06, 0.15
"""How far beyond the box it reaches: up in box heights, to either side in box widths."""
SQUAT = 1.2
"""A box wider than this many heights holds somebody who lies or bends: all of it is pixelated."""
BLOCKS = 4
"""A head is left with at most this many blocks across: far too few for anybody to be known by."""
LEAST_BLOCK = 8
"""Pixels."""
TALL = 3.0
"""Metres up to which a privacy zone is taken out of the picture."""
QUALITY = 80


@dataclass(frozen=True, slots=True)
class MaskedPicture:
    """A picture in which heads are pixelated. Made by ``mask`` and by nothing else."""

    pixels: Picture


def mask(
    picture: Picture,
    detections: list[Detection],
    privacy: tuple[shapely.Polygon, ...] = (),
    view: View | None = None,
    shown: tuple[Box, ...] = (),
) -> MaskedPicture:
    """A copy of ``picture`` with the head of every detection pixelated, however weak its score, and with what is
    seen of ``privacy`` zones taken out where the camera's ``view`` is known. ``shown`` are boxes of people who are
    known to stand outside of these zones: before them they stay in the picture, heads pixelated."""
    pixels = picture.copy()
    for detection in detections:
        _pixelate(pixels, head(detection.box, detection.posture is Posture.LYING))
    if view is None:
        return MaskedPicture(pixels)
    before = pixels.copy()
    for shape in privacy:
        _take_out(pixels, shape, view)
    for box in shown:
        part = np.s_[max(int(box.top), 0) : int(np.ceil(box.bottom)), max(int(box.left), 0) : int(np.ceil(box.right))]
        pixels[part] = before[part]
    return MaskedPicture(pixels)


def encode_jpeg(picture: MaskedPicture) -> bytes:
    """The picture as a JPEG file; raises TypeError for pixels that were not masked."""
    if not isinstance(picture, MaskedPicture):
        raise TypeError(f"only a MaskedPicture leaves the dog, not {type(picture).__name__}")
    done, data = cv2.imencode(".jpg", picture.pixels[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise ValueError(f"a picture of shape {picture.pixels.shape} cannot be encoded")
    return bytes(data.tobytes())


def head(box: Box, lies: bool = False) -> Box:
    """The part of a person's box that is pixelated: of one who ``lies`` all of it."""
    lower = box.bottom if lies or box.width > SQUAT * box.height else box.top + max(HEAD * box.height, box.width)
    return Box(
        box.left - ASIDE * box.width,
        box.top - ABOVE * box.height,
        box.right + ASIDE * box.width,
        min(lower, box.bottom),
    )


def _pixelate(pixels: Picture, box: Box) -> None:
    """Replace ``box`` by blocks of its mean colours, in place."""
    height, width = pixels.shape[:2]
    left, top = max(int(box.left), 0), max(int(box.top), 0)
    right, bottom = min(int(np.ceil(box.right)), width), min(int(np.ceil(box.bottom)), height)
    if right <= left or bottom <= top:
        return
    part = pixels[top:bottom, left:right]
    block = max(LEAST_BLOCK, (right - left) // BLOCKS)
    few = (max(1, (right - left) // block), max(1, (bottom - top) // block))
    small = cv2.resize(part, few, interpolation=cv2.INTER_AREA)
    pixels[top:bottom, left:right] = cv2.resize(small, part.shape[1::-1], interpolation=cv2.INTER_NEAREST)


def _take_out(pixels: Picture, shape: shapely.Polygon, view: View) -> None:
    """Fill what is seen of ``shape``, from the ground to TALL, with one grey; also where something stands before it."""
    x, y, _ = view.place()
    if shape.intersects(shapely.Point(x, y)):
        pixels[:] = 127
        return
    ahead = shape.intersection(_before(view, x, y))
    for part in getattr(ahead, "geoms", [ahead]):
        if part.is_empty or part.geom_type != "Polygon":
            continue
        corners = [view.project(px, py, z) for px, py in part.exterior.coords for z in (0.0, TALL)]
        seen = np.array([corner for corner in corners if corner is not None])
        if len(seen) >= 3:
            hull = cv2.convexHull(np.clip(seen, -9999, 9999).astype(np.int32))
            cv2.fillConvexPoly(pixels, hull, (127, 127, 127))


def _before(view: View, x: float, y: float) -> shapely.Polygon:
    """The half plane before the camera, as far as anybody could be seen."""
    far, near = 60.0, 0.1
    cos, sin = np.cos(view.pose.theta), np.sin(view.pose.theta)
    corners = ((near, -far), (far, -far), (far, far), (near, far))
    return shapely.Polygon([(x + cos * f - sin * s, y + sin * f + cos * s) for f, s in corners])
