"""How far from anything is it here? Metres to what the map has and, apart, to what was seen and the map lacks."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from edge.navigation.maps import Terrain
from edge.types import Pose2D

Array = NDArray[np.float64]

REACH = 5.0  # m about the dog within which distances to what was seen are known
CELL = 0.10  # m
FAR = 9.9  # m: where nothing is near


class Clearance:
    """Distances about one place of the dog; made anew when something else is seen or the dog walked on."""

    def __init__(self, terrain: Terrain, seen: Array, pose: Pose2D) -> None:
        self._terrain = terrain
        self._x, self._y = pose.x - REACH, pose.y - REACH
        self._side = round(2 * REACH / CELL)
        self._seen: NDArray[np.float32] | None = None
        cells = np.floor((seen - (self._x, self._y)) / CELL).astype(np.intp)
        cells = cells[((cells >= 0) & (cells < self._side)).all(axis=1)] if len(cells) else cells
        if len(cells):
            free = np.ones((self._side, self._side), np.bool_)
            free[cells[:, 1], cells[:, 0]] = False
            self._seen = (distance_transform_edt(free) * CELL).astype(np.float32)

    def mapped(self, x: Array, y: Array) -> Array:
        """Metres from points to what the map has or forbids, whose edge is half a cell nearer than its middle."""
        frame, clearance = self._terrain.grid.frame, self._terrain.clearance
        columns = ((x - frame.x) / frame.resolution).astype(np.intp)
        rows = ((y - frame.y) / frame.resolution).astype(np.intp)
        inside = (columns >= 0) & (rows >= 0) & (columns < frame.width) & (rows < frame.height)
        index = np.where(inside, rows * frame.width + columns, 0)
        distance: Array = np.where(inside, clearance.ravel()[index], 0.0) - frame.resolution / 2
        return np.minimum(distance, FAR)

    def seen(self, x: Array, y: Array) -> Array:
        """Metres from points to what was seen and the map lacks."""
        if self._seen is None:
            return np.full(x.shape, FAR)
        columns = ((x - self._x) / CELL).astype(np.intp)
        rows = ((y - self._y) / CELL).astype(np.intp)
        inside = (columns >= 0) & (rows >= 0) & (columns < self._side) & (rows < self._side)
        index = np.where(inside, rows * self._side + columns, 0)
        distance: Array = np.where(inside, self._seen.ravel()[index], FAR) - 0.4 * CELL
        return distance

    def covers(self, pose: Pose2D) -> bool:
        """Whether the dog is still in the middle of it."""
        return math.hypot(pose.x - self._x - REACH, pose.y - self._y - REACH) < 1.0
