"""What stands in the way: its place and size, as the operator is told; and places that pushed back unseen."""

import math

import numpy as np
from numpy.typing import NDArray

from edge.navigation.moving_obstacles import MovingObstacle, clustered
from edge.types import Obstruction, Pose2D

Points = NDArray[np.float64]

UNSEEN_WIDTH = 0.5  # m: what the dog pushed against without seeing it is taken to be this wide ...
UNSEEN_DEPTH = 0.2  # m: ... and this deep
UNSEEN_SPACING = 0.1  # m between the points that stand for it
FORGET_UNSEEN = 120.0  # s: nobody can see it go
REFUSED_LATELY = 2.5  # s after which what the gate refused says nothing of why the dog stands
KEEP_REFUSED = 20.0  # s that a place is planned round which the gate refused and the navigator does not see


class Unseen:
    """Places where the dog walked and did not get on, though nothing was to be seen there."""

    def __init__(self) -> None:
        self._known: list[tuple[float, Points]] = []

    def add(self, pose: Pose2D, direction: float, reach: float, now: float) -> Obstruction:
        """Something ``reach`` metres from the dog's middle, in ``direction`` (radians, of the body)."""
        deep = np.arange(0.0, UNSEEN_DEPTH + 1e-6, UNSEEN_SPACING) + reach
        wide = np.arange(-UNSEEN_WIDTH / 2, UNSEEN_WIDTH / 2 + 1e-6, UNSEEN_SPACING)
        along, across = (part.ravel() for part in np.meshgrid(deep, wide))
        angle = pose.theta + direction
        cos, sin = math.cos(angle), math.sin(angle)
        points = np.stack([pose.x + cos * along - sin * across, pose.y + sin * along + cos * across], axis=1)
        self._known.append((now, points))
        x, y = points.mean(axis=0)
        return Obstruction(float(x), float(y), UNSEEN_WIDTH, UNSEEN_DEPTH, seen=False)

    def points(self, now: float) -> Points:
        """All of them (n, 2) that are not too old."""
        self._known = [known for known in self._known if 0 <= now - known[0] <= FORGET_UNSEEN]
        return np.vstack([points for _, points in self._known]) if self._known else np.zeros((0, 2))


class Refused:
    """Places for which the safety gate did not let the dog go on: what it sees there the navigator may not see."""

    def __init__(self) -> None:
        self._lately: list[tuple[float, tuple[float, float]]] = []
        self._kept: list[tuple[float, Points]] = []

    def add(self, place: tuple[float, float], now: float) -> None:
        """The gate says so of ``place`` (x, y on the map)."""
        self._lately = [each for each in self._lately if 0 <= now - each[0] <= REFUSED_LATELY]
        self._lately.append((now, place))

    def lately(self, now: float) -> Points:
        """Where it refused of late (n, 2): the dog does not stand for something unseen."""
        places = [place for at, place in self._lately if 0 <= now - at <= REFUSED_LATELY]
        return np.array(places) if places else np.zeros((0, 2))

    def keep(self, places: Points, now: float) -> None:
        """Plan round ``places`` (n, 2) for a while."""
        self._kept.append((now, places))

    def points(self, now: float) -> Points:
        """All that are to be planned round (n, 2)."""
        self._kept = [each for each in self._kept if 0 <= now - each[0] <= KEEP_REFUSED]
        return np.vstack([places for _, places in self._kept]) if self._kept else np.zeros((0, 2))


def first_in_way(path: Points, points: Points, movers: list[MovingObstacle], body: float) -> Obstruction | None:
    """Of things at ``points`` (n, 2) the first within ``body`` metres of the path (m, 2); None where none is."""
    if not (len(path) and len(points)):
        return None
    low, high = path.min(axis=0) - 3.0, path.max(axis=0) + 3.0
    points = points[((points >= low) & (points <= high)).all(axis=1)]
    if not len(points):
        return None
    apart = np.hypot(path[:, None, 0] - points[None, :, 0], path[:, None, 1] - points[None, :, 1])
    hit = np.flatnonzero(apart.min(axis=1) < body)
    if not len(hit):
        return None
    at = int(np.argmin(apart[hit[0]]))
    for index in clustered(points, (float(points[at, 0]), float(points[at, 1]))):
        if at in index:
            return described(points[index], movers)
    return None


def described(points: Points, movers: list[MovingObstacle]) -> Obstruction:
    """A thing whose returns are ``points`` (n, 2): the box along its main axis, and whether it was seen moving."""
    middle = points.mean(axis=0)
    off = points - middle
    _, _, axes = np.linalg.svd(off, full_matrices=False) if len(points) > 1 else (None, None, np.eye(2))
    turned = off @ axes.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    place = middle + ((low + high) / 2) @ axes
    size = np.maximum(high - low, 0.1)
    x, y = float(place[0]), float(place[1])
    moves = any(
        mover.moved and math.hypot(mover.x - x, mover.y - y) < 0.5 + max(mover.length, mover.width) / 2
        for mover in movers
    )
    return Obstruction(x, y, float(size.max()), float(size.min()), moves=moves)
