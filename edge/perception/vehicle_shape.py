"""Where the middle of a vehicle is, by the two sides of it that a lidar meets: the near corner, and how it is turned.

The turn is that of which its sides fit the echoes best (L-shape fitting by closeness; Zhang et al., IV 2017); the sides
that are not seen are as far behind as vehicles are long and wide.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LONG, WIDE = 4.6, 1.85
"""Metres: cars and small vans."""
LEAST_ECHOES = 8
NARROW = 2.3
"""Metres: a side that is longer is a long one."""
LEAST_SIDE = 1.1
"""Metres of a side that must be seen, for it to tell which it is."""
TURNS = np.radians(np.arange(0.0, 90.0, 3.0))
THICK = 0.25
"""Metres beside both sides up to which echoes are of them; more than SHARE of them must be."""
SHARE = 0.8
DEVIATION = 0.3
"""Metres, of the middle, each way."""


@dataclass(frozen=True, slots=True)
class Middle:
    """On the map, metres; and its four corners (4 x 2)."""

    x: float
    y: float
    corners: NDArray[np.float64]


def middle(points: NDArray[np.float64], eye: tuple[float, float]) -> Middle | None:
    """The middle of the vehicle that these echoes (n x 2, metres on the map) are of, seen from ``eye``; None where they
    do not tell."""
    if len(points) < LEAST_ECHOES:
        return None
    off = points - np.array(eye)
    best = min((_fit(off, turn) for turn in TURNS), key=lambda fit: fit[0])
    _, turn, share = best
    if share < SHARE:
        return None
    axes = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    along = off @ axes.T
    low, high = along.min(axis=0), along.max(axis=0)
    sides = high - low
    if sides.max() < LEAST_SIDE:
        return None
    size = _size(sides)
    near = np.where(np.abs(low) <= np.abs(high), low, high)
    way = np.where(near == low, 1.0, -1.0)
    centre = near + way * size / 2
    inside = (low < 0) & (high > 0)  # the eye looks square at this side: its middle is that of what is seen
    centre = np.where(inside, (low + high) / 2, centre)
    place = np.array(eye) + centre @ axes
    corners = place + (np.array([(1, 1), (1, -1), (-1, -1), (-1, 1)]) * size / 2) @ axes
    return Middle(float(place[0]), float(place[1]), corners)


def _size(sides: NDArray[np.float64]) -> NDArray[np.float64]:
    """Which of the two sides is the long one."""
    longer = int(sides.argmax())
    is_long = bool(sides[longer] > NARROW)
    first_long = (longer == 0) == is_long
    return np.array([LONG, WIDE] if first_long else [WIDE, LONG])


def _fit(off: NDArray[np.float64], turn: float) -> tuple[float, float, float]:
    """How badly the two near sides of a box turned so fit the echoes, the turn, and the share that lies on them."""
    axes = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    along = off @ axes.T
    low, high = along.min(axis=0), along.max(axis=0)
    near = np.where(np.abs(low) <= np.abs(high), low, high)
    gap = np.abs(along - near).min(axis=1)
    return float(np.minimum(gap, THICK).sum()), turn, float((gap <= THICK).mean())
