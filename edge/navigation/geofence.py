"""Where the dog must not be by the map: within a no_go zone, or off the map's edge. What the gate knows of places."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.navigation.maps import Frame
from edge.types import Pose2D
from protocol.site import Zone, ZoneKind

Points = NDArray[np.float64]
SPACING = 0.10  # m between the points of a border
REACH = 3.0  # m: farther ones do not matter yet


class Geofence:
    """The borders of no_go zones and of the map, as points; inside a no_go zone its border holds nobody in."""

    def __init__(self, zones: Sequence[Zone], frame: Frame) -> None:
        edge = np.array([[0.0, 0.0], [frame.width, 0.0], [frame.width, frame.height], [0.0, frame.height]])
        forbidden = [
            np.array([(point.x, point.y) for point in zone.polygon]) for zone in zones if zone.kind is ZoneKind.NO_GO
        ]
        areas = [edge * frame.resolution + (frame.x, frame.y), *(area for area in forbidden if len(area) >= 3)]
        self._inside, *self._forbidden = [_sides(area) for area in areas]
        self._borders = [_border(area) for area in areas]

    def near(self, pose: Pose2D) -> Points:
        """The borders within REACH that ``pose`` (on the map) must not cross, in its frame (n, 2)."""
        held = [_contains(self._inside, pose), *(not _contains(sides, pose) for sides in self._forbidden)]
        borders = [border for border, holds in zip(self._borders, held, strict=True) if holds]
        x, y = np.concatenate([*borders, np.zeros((0, 2))]).T - [[pose.x], [pose.y]]
        close = (np.abs(x) < REACH) & (np.abs(y) < REACH)
        x, y = x[close], y[close]
        cos, sin = np.cos(pose.theta), np.sin(pose.theta)
        return np.stack([cos * x + sin * y, cos * y - sin * x], axis=1)


def _border(corners: Points) -> Points:
    """Points along the sides of a polygon (n, 2)."""
    pieces = []
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        count = max(1, int(np.ceil(np.hypot(*(end - start)) / SPACING)))
        pieces.append(start + np.arange(count)[:, None] / count * (end - start))
    return np.concatenate(pieces)


def _sides(corners: Points) -> Points:
    """The sides of a polygon (n, 2) as arrays (4, n): x and y of their beginnings, x and y of their ends."""
    return np.concatenate([corners.T, np.roll(corners, -1, axis=0).T])


def _contains(sides: Points, pose: Pose2D) -> bool:
    """Whether the polygon (4, n) holds the place, by the even-odd rule."""
    x1, y1, x2, y2 = sides
    crosses = (y1 > pose.y) != (y2 > pose.y)
    with np.errstate(divide="ignore", invalid="ignore"):
        left = pose.x < (x2 - x1) * (pose.y - y1) / (y2 - y1) + x1
    return bool(np.count_nonzero(crosses & left) % 2)
