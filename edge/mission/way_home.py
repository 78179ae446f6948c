"""How far it is home from anywhere: one flood over the map from all docks at once."""

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import tcod.path

from edge.navigation.maps import read_grid, terrain
from edge.navigation.planning import PlanningConfig, cost_map
from edge.types import Pose2D
from protocol.site import GridMap, Zone

CELL = 0.2  # m: fine enough for a length
CARDINAL, DIAGONAL = 70, 99  # 99/70 is the square root of 2 to five places
REACH_M = 1.5  # a dog, or a dock, in too narrow a place counts as in the nearest free cell within this
FAR = np.iinfo(np.int32).max

WayHome = Callable[[float, float], float]


def way_home(map_: GridMap, zones: Iterable[Zone], docks: Sequence[Pose2D]) -> WayHome:
    """Metres from x, y (frame ``map``) to the nearest dock by ground that a dog can walk; infinite where no way leads.

    The length of a shortest way on a grid (Dijkstra 1959): up to 8 % more than that of the straightest one. Raises
    UnusableMap.
    """
    ground = cost_map(terrain(read_grid(map_), zones), PlanningConfig(cell=CELL))
    frame, free = ground.frame, (ground.cost > 0).astype(np.int32)
    cells = np.argwhere(free)
    centres = frame.centres(cells)

    def nearest(x: float, y: float) -> tuple[int, int] | None:
        if not len(cells):
            return None
        away = np.hypot(centres[:, 0] - x, centres[:, 1] - y)
        best = int(np.argmin(away))
        return (int(cells[best, 0]), int(cells[best, 1])) if away[best] <= REACH_M else None

    distance = np.full(free.shape, FAR, np.int32)
    for dock in docks:
        cell = nearest(dock.x, dock.y)
        if cell is not None:
            distance[cell] = 0
    tcod.path.dijkstra2d(distance, free, CARDINAL, DIAGONAL, out=distance)

    def metres(x: float, y: float) -> float:
        if not (math.isfinite(x) and math.isfinite(y)):
            return math.inf
        row, column = frame.cell(x, y)
        cell = (row, column) if frame.contains(row, column) and free[row, column] else nearest(x, y)
        steps = FAR if cell is None else int(distance[cell])
        return math.inf if steps >= FAR else steps / CARDINAL * frame.resolution

    return metres
