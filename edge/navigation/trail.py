"""Where the dog has just walked: the only ground behind it that a dog blind to low things may step back on to."""

import math
from collections import deque

from edge.types import Pose2D

EVERY = 0.05  # m between places
LENGTH = 3.0  # m that are remembered
BESIDE = 0.15  # m from the trail that still are on it


class Trail:
    """Odometry's places of the last metres."""

    def __init__(self) -> None:
        self._places: deque[tuple[float, float]] = deque(maxlen=round(LENGTH / EVERY))

    def add(self, pose: Pose2D) -> None:
        """The dog stands there; a leap forgets all before it."""
        if self._places and math.dist(self._places[-1], (pose.x, pose.y)) < EVERY:
            return
        if self._places and math.dist(self._places[-1], (pose.x, pose.y)) > 1.0:
            self._places.clear()
        self._places.append((pose.x, pose.y))

    def leads(self, pose: Pose2D, ahead: float) -> bool:
        """Whether the dog has been ``ahead`` metres before ``pose`` (negative: behind it)."""
        there = pose.compose(Pose2D(ahead, 0.0, 0.0))
        return any(math.dist(place, (there.x, there.y)) < BESIDE for place in self._places)
