"""Where a dog can stand at all: the map's free cells outside of no_go zones."""

from collections.abc import Callable, Iterable

import numpy as np

from edge.navigation.maps import rasterize, read_grid
from protocol.site import GridMap, Zone, ZoneKind


def standing_ground(map_: GridMap, zones: Iterable[Zone]) -> Callable[[float, float], bool]:
    """Whether a dog can stand at x, y (metres, finite, frame `map`); raises UnusableMap."""
    grid = read_grid(map_)
    frame, barred = grid.frame, grid.occupied | grid.unknown
    for zone in zones:
        if zone.kind is ZoneKind.NO_GO:
            barred |= rasterize(np.array([(point.x, point.y) for point in zone.polygon]), frame)

    def can_stand(x: float, y: float) -> bool:
        column, row = (x - frame.x) / frame.resolution, (y - frame.y) / frame.resolution
        inside = 0 <= row < frame.height and 0 <= column < frame.width
        return inside and not barred[int(row), int(column)]

    return can_stand
