"""What an anomaly's picture is about: the box, the foot point and the zone's outline, kept inside its JPEG file.

They stand in a comment segment (ISO/IEC 10918-1, COM) and so under the picture's own hash; its pixels stay.
"""

from dataclasses import dataclass

import msgspec
import numpy as np
import shapely

from edge.perception.alert import Alert
from edge.perception.camera_geometry import View
from edge.perception.zones import Zones
from protocol.anomaly import AnomalyKind

MAGIC = b"xiaotian-marks:"
STEP_M = 0.5  # between points of an outline, so that it can be cut off where it runs behind the camera
MOST_BYTES = 16_000  # a segment holds 65,533
SOI, COM = b"\xff\xd8", b"\xff\xfe"
Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class PictureMarks:
    """Pixels of a picture of ``size`` (width, height); some may lie outside of it. ``zone`` is an outline in pieces."""

    size: tuple[int, int]
    box: tuple[int, int, int, int]
    foot: Point | None
    zone: tuple[tuple[Point, ...], ...]


def marks_of(alert: Alert, view: View | None, zones: Zones | None, size: tuple[int, int]) -> PictureMarks | None:
    """The marks of ``alert`` in a picture of ``size``; without a ``view`` its box alone. None of the camera itself."""
    if alert.kind is AnomalyKind.CAMERA_IMPAIRED:
        return None
    box = alert.track.detection.box
    sides = round(box.left), round(box.top), round(box.right), round(box.bottom)
    if view is None:
        return PictureMarks(size, sides, None, ())
    foot = view.project(alert.place.x, alert.place.y, 0.0)
    shape = _shape(alert.zone_id, zones)
    return PictureMarks(size, sides, _pixel(foot), _outline(shape, view, size) if shape is not None else ())


def with_marks(jpeg: bytes, marks: PictureMarks) -> bytes:
    """The JPEG file with its marks; as it was where they are too many."""
    said = MAGIC + msgspec.json.encode(marks)
    if not jpeg.startswith(SOI) or len(said) > MOST_BYTES:
        return jpeg
    return SOI + COM + (len(said) + 2).to_bytes(2, "big") + said + jpeg[2:]


def read_marks(jpeg: bytes) -> PictureMarks | None:
    """The marks in a JPEG file; None where there are none."""
    at = jpeg.find(COM, 2, 6)
    length = int.from_bytes(jpeg[4:6], "big")
    said = jpeg[6 : 4 + length]
    return msgspec.json.decode(said[len(MAGIC) :], type=PictureMarks) if at == 2 and said.startswith(MAGIC) else None


def _shape(zone_id: str, zones: Zones | None) -> shapely.Polygon | None:
    if zones is None or not zone_id:
        return None
    known = (*zones.restricted, *((zone, shape) for zone, shape, _ in zones.watched))
    return next((shape for zone, shape in known if zone.zone_id == zone_id), None)


def _outline(shape: shapely.Polygon, view: View, size: tuple[int, int]) -> tuple[tuple[Point, ...], ...]:
    """What of the zone's edge on the ground is before the camera, and not far out of the picture."""
    pieces: list[list[Point]] = [[]]
    for x, y in shapely.segmentize(shape.exterior, STEP_M).coords:
        pixel = _pixel(view.project(x, y, 0.0))
        if pixel is None or not _near(pixel, size):
            pieces.append([])
        else:
            pieces[-1].append(pixel)
    return tuple(tuple(piece) for piece in pieces if len(piece) > 1)


def _near(pixel: Point, size: tuple[int, int]) -> bool:
    return all(-side < value < 2 * side for value, side in zip(pixel, size, strict=True))


def _pixel(at: tuple[float, float] | None) -> Point | None:
    return (round(at[0]), round(at[1])) if at is not None and np.isfinite(at).all() else None
