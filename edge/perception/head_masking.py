"""Pictures without faces, the only kind that leaves the dog: ``encode_jpeg`` takes nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import shapely
from numpy.typing import NDArray

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
GREY = 127


@dataclass(frozen=True, slots=True)
class MaskedPicture:
    """A picture in which heads are pixelated. Made by ``mask`` and by nothing else; ``hidden`` is where it hides what
    was there (rows x columns)."""

    pixels: Picture
    hidden: NDArray[np.bool_] | None = None


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
    pixels, hidden = picture.copy(), np.zeros(picture.shape[:2], np.uint8)
    for detection in detections:
        box = head(detection.box, detection.posture is Posture.LYING)
        _pixelate(pixels, box)
        hidden[_part(box)] = 1
    if view is None or not privacy:
        return MaskedPicture(pixels, hidden.astype(bool))
    before = pixels.copy(), hidden.copy()
    for hull in blank_privacy(pixels, privacy, view):
        cv2.fillConvexPoly(hidden, hull, 1)
    for box in shown:
        part = _part(box)
        pixels[part], hidden[part] = before[0][part], before[1][part]
    return MaskedPicture(pixels, hidden.astype(bool))


def encode_jpeg(picture: MaskedPicture) -> bytes:
    """The picture as a JPEG file; raises TypeError for pixels that were not masked."""
    if not isinstance(picture, MaskedPicture):
        raise TypeError(f"only a MaskedPicture leaves the dog, not {type(picture).__name__}")
    done, data = cv2.imencode(".jpg", picture.pixels[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise ValueError(f"a picture of shape {picture.pixels.shape} cannot be encoded")
    return bytes(data.tobytes())


def blank_privacy(pixels: Picture, privacy: tuple[shapely.Polygon, ...], view: View) -> list[NDArray[np.int32]]:
    """Take what is seen of ``privacy`` zones out, in place; returns the hulls (pixels) of what was taken."""
    hulls = [hull for shape in privacy for hull in _seen(shape, view, pixels)]
    for hull in hulls:
        cv2.fillConvexPoly(pixels, hull, (GREY, GREY, GREY))
    return hulls


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


def _part(box: Box) -> tuple[slice, slice]:
    """Rows and columns of a box; none where it lies beyond the picture's upper left."""
    rows = slice(max(int(box.top), 0), max(int(np.ceil(box.bottom)), 0))
    return rows, slice(max(int(box.left), 0), max(int(np.ceil(box.right)), 0))


def _seen(shape: shapely.Polygon, view: View, picture: Picture) -> Iterator[NDArray[np.int32]]:
    """The convex hulls (pixels) of what is seen of ``shape``, from the ground to TALL; also where something stands
    before it."""
    x, y, _ = view.place()
    if shape.intersects(shapely.Point(x, y)):
        height, width = picture.shape[:2]
        yield np.array([(0, 0), (width, 0), (width, height), (0, height)], np.int32)
        return
    ahead = shape.intersection(_before(view, x, y))
    for part in getattr(ahead, "geoms", [ahead]):
        if part.is_empty or part.geom_type != "Polygon":
            continue
        corners = [view.project(px, py, z) for px, py in part.exterior.coords for z in (0.0, TALL)]
        seen = np.array([corner for corner in corners if corner is not None])
        if len(seen) >= 3:
            yield np.asarray(cv2.convexHull(np.clip(seen, -9999, 9999).astype(np.int32)), np.int32)


def _before(view: View, x: float, y: float) -> shapely.Polygon:
    """The half plane before the camera, as far as anybody could be seen."""
    far, near = 60.0, 0.1
    cos, sin = np.cos(view.pose.theta), np.sin(view.pose.theta)
    corners = ((near, -far), (far, -far), (far, far), (near, far))
    return shapely.Polygon([(x + cos * f - sin * s, y + sin * f + cos * s) for f, s in corners])
