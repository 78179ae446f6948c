"""Where a scan looked through: what is there now came there since, and what was there is gone."""

import numpy as np
from numpy.typing import NDArray

from edge.navigation.scan_leveling import LevelScan
from edge.types import Pose2D

Points = NDArray[np.float64]


class View:
    """One scan from one place."""

    def __init__(self, scan: LevelScan, pose: Pose2D, now: float) -> None:
        self.now = now
        self._pose = pose
        order = np.argsort(scan.bearing)
        self._bearing, self._free = scan.bearing[order], scan.free[order]

    def distance(self, points: Points) -> NDArray[np.float64]:
        """Metres from where the scan was taken to points (n, 2) on the map."""
        return np.hypot(points[:, 0] - self._pose.x, points[:, 1] - self._pose.y)

    def looked_through(self, points: Points, margin: float) -> NDArray[np.bool_]:
        """For each of ``points`` (n, 2; map) whether both beams beside it ended ``margin`` metres behind it or more."""
        count = len(self._bearing)
        if not count:
            return np.zeros(len(points), np.bool_)
        away = points - (self._pose.x, self._pose.y)
        turn = np.arctan2(away[:, 1], away[:, 0]) - self._pose.theta
        turn = np.remainder(turn + np.pi, 2 * np.pi) - np.pi
        nearest = np.searchsorted(self._bearing, turn)
        free = np.minimum(self._free[(nearest - 1) % count], self._free[nearest % count])
        through: NDArray[np.bool_] = free > np.hypot(away[:, 0], away[:, 1]) + margin
        return through
