"""Where on its path the dog is, and how it turns at the end of it."""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from edge.navigation.planning import Path
from edge.types import Pose2D, Twist2D, wrap


@dataclass(frozen=True, slots=True)
class FollowingConfig:
    """How fast the dog walks a path, and when it is at its end."""

    speed: float = 0.8  # m/s
    turn: float = 1.0  # rad/s
    turn_brake: float = 1.2  # rad/s²
    goal_distance: float = 0.15  # m: near enough
    goal_heading: float = 0.10  # rad: turned enough
    goal_drift: float = 0.40  # m: a dog that drifts farther while it turns walks back
    goal_steady: int = 4  # updates in which it is turned enough: one that only swings by does not face as asked


class Stage(StrEnum):
    """What following is at."""

    WALKING = "WALKING"
    ALIGNING = "ALIGNING"  # at the goal, to face as asked
    ARRIVED = "ARRIVED"


class Follower:
    """Keeps the place on one path; ``heading`` (radians) is asked for at its end, NaN means that any will do."""

    def __init__(self, path: Path, heading: float, config: FollowingConfig) -> None:
        if not (len(path) and np.isfinite(path).all()):
            raise ValueError("a path needs points, all of them finite")
        self.path, self.heading, self.config = path, heading, config
        self.stage = Stage.WALKING
        self.remaining = math.inf
        self._along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
        self._nearest = 0
        self._turned = 0  # updates in a row in which it faced as asked

    def update(self, pose: Pose2D) -> Stage:
        """Note where the dog is."""
        self._nearest = self._advance(pose)
        away = math.hypot(pose.x - self.path[-1, 0], pose.y - self.path[-1, 1])
        left = float(self._along[-1] - self._along[self._nearest])
        at_end = len(self.path) == 1 or left < 1.0
        self.remaining = away if at_end else left
        near = away < self.config.goal_distance and at_end
        if self.stage is not Stage.WALKING and away > self.config.goal_drift:
            self.stage = Stage.WALKING
        elif near or self.stage is Stage.ALIGNING:
            turned = math.isnan(self.heading) or abs(wrap(self.heading - pose.theta)) < self.config.goal_heading
            self._turned = self._turned + 1 if turned else 0
            steady = math.isnan(self.heading) or self._turned >= self.config.goal_steady
            if not steady:
                self.stage = Stage.ALIGNING
            else:
                self.stage, self._turned = Stage.ARRIVED if near else Stage.WALKING, 0  # it drifted while it turned
        return self.stage

    def ahead(self, metres: float) -> Path:
        """The stretch of path from where the dog is to ``metres`` on."""
        last = int(np.searchsorted(self._along, self._along[self._nearest] + metres, side="right"))
        return self.path[self._nearest : last]

    def ends_within(self, metres: float) -> bool:
        """Whether the path ends in the next ``metres``."""
        return bool(self._along[-1] - self._along[self._nearest] <= metres)

    def align(self, pose: Pose2D) -> Twist2D:
        """The turn on the spot towards the heading that is asked for."""
        error = wrap(self.heading - pose.theta)
        rate = min(self.config.turn, math.sqrt(2 * self.config.turn_brake * abs(error)), 2.5 * abs(error))
        return Twist2D(0.0, 0.0, math.copysign(max(rate, 0.15), error))

    def _advance(self, pose: Pose2D) -> int:
        """The nearest point of the path within the next 3 m: a path that comes by again is not jumped on to."""
        last = int(np.searchsorted(self._along, self._along[self._nearest] + 3.0, side="right"))
        window = self.path[self._nearest : last]
        return self._nearest + int(np.argmin(np.hypot(window[:, 0] - pose.x, window[:, 1] - pose.y)))
