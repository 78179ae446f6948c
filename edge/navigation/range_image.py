"""One cloud as a picture of ranges by bearing and elevation: what did it look through?"""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Points = NDArray[np.float64]

COLUMNS = 360
ROW = math.radians(2.0)  # elevation of a row
ROWS = 90
BEHIND = 0.15  # m behind a thing a ray must have ended to have looked through it
CLEAR = 0.04  # m below the top of a thing, and a quarter of its height: a ray higher up may have passed over it
TRIES = 16  # heights at which a thing is looked at


class RangeImage:
    """The nearest return of each bearing and elevation."""

    def __init__(self, points: Floats, origin: Floats) -> None:
        """Points (n, 3) and the sensor's place (3) in one frame whose z is up."""
        away = points - origin
        reach = np.hypot(away[:, 0], away[:, 1])
        rise = away[:, 2] / np.maximum(reach, 1e-3)
        index = _column(away[:, 0], away[:, 1]) * ROWS + _row(rise)
        order = np.argsort(-reach)  # the last one written stays: the nearest
        self._reach = np.zeros(COLUMNS * ROWS, np.float32)
        self._rise = np.zeros(COLUMNS * ROWS, np.float32)
        self._reach[index[order]], self._rise[index[order]] = reach[order], rise[order]
        self._origin = origin

    def looks_through(self, places: Points, low: Floats, high: Floats) -> NDArray[np.bool_]:
        """For things at places (n, 2) from ``low`` to ``high`` (n) whether a ray went through and ended behind."""
        x, y = places[:, 0] - self._origin[0], places[:, 1] - self._origin[1]
        reach = np.maximum(np.hypot(x, y), 1e-3)
        upper = high - np.maximum(CLEAR, 0.25 * (high - low))
        shares = np.linspace(0.0, 1.0, TRIES)[:, None]
        heights = low + shares * (upper - low) - self._origin[2]
        index = _column(x, y) * ROWS + _row(heights / reach)
        ends, height = self._reach[index], self._origin[2] + self._rise[index] * reach
        through = (ends > reach + BEHIND) & (height > low + 0.02) & (height < upper)
        seen: NDArray[np.bool_] = np.any(through, axis=0)
        return seen


def _column(x: NDArray[np.floating], y: NDArray[np.floating]) -> NDArray[np.intp]:
    turn = np.floor(np.arctan2(y, x) * (COLUMNS / math.tau))
    return np.asarray(turn % COLUMNS, np.intp)


def _row(rise: NDArray[np.floating]) -> NDArray[np.intp]:
    return np.asarray(np.clip(np.floor(np.arctan(rise) / ROW) + ROWS // 2, 0, ROWS - 1), np.intp)
