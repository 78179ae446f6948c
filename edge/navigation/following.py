"""Regulated pure pursuit (Macenski and others 2023, as in Nav2): the faster, the farther ahead one looks."""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from edge.navigation.planning import Path
from edge.types import STILL, Pose2D, Twist2D, wrap


@dataclass(frozen=True, slots=True)
class FollowingConfig:
    """How the dog walks a path."""

    speed: float = 0.8  # m/s
    turn: float = 1.0  # rad/s
    look_time: float = 1.3  # s of walking to look ahead ...
    look_min: float = 0.45  # m: ... but no nearer
    look_max: float = 1.2  # m: ... and no farther
    curve_radius: float = 0.9  # m: tighter curves are walked slower in proportion
    slow_min: float = 0.12  # m/s: slower than this the legs hardly move
    brake: float = 0.5  # m/s²: with which the goal is approached
    turn_brake: float = 1.2  # rad/s²
    turn_in_place: float = 0.8  # rad between heading and path over which the dog turns on the spot ...
    turned: float = 0.25  # rad: ... until it faces the path this well
    goal_distance: float = 0.15  # m: near enough
    goal_heading: float = 0.10  # rad: turned enough
    goal_drift: float = 0.40  # m: a dog that drifts farther while it turns walks back


class Stage(StrEnum):
    """What following is at."""

    TURNING = "TURNING"  # on the spot, to face the path
    WALKING = "WALKING"
    ALIGNING = "ALIGNING"  # at the goal, to face as asked
    ARRIVED = "ARRIVED"


@dataclass(frozen=True, slots=True)
class Step:
    """A command, and how far there is to go (m)."""

    command: Twist2D
    stage: Stage
    remaining: float


class Follower:
    """Walks one path to its end; ``heading`` NaN means that any will do."""

    def __init__(self, path: Path, heading: float, config: FollowingConfig, stage: Stage = Stage.TURNING) -> None:
        if not (len(path) and np.isfinite(path).all()):
            raise ValueError("a path needs points, all of them finite")
        self.path, self.heading, self.config = path, heading, config
        steps = np.hypot(*np.diff(path, axis=0).T)
        self._along = np.concatenate([[0.0], np.cumsum(steps)])
        self._nearest = 0
        self._stage = stage

    def update(self, pose: Pose2D, limit: float) -> Step:
        """The command at ``pose``, no faster than ``limit`` m/s."""
        self._nearest = self._advance(pose)
        end = Pose2D(float(self.path[-1, 0]), float(self.path[-1, 1]), 0.0)
        away = pose.distance(end)
        beyond = len(self.path) == 1 or self._along[-1] - self._along[self._nearest] < 1.0
        remaining = away if beyond else float(self._along[-1] - self._along[self._nearest])
        if self._stage in (Stage.ALIGNING, Stage.ARRIVED):
            if away > self.config.goal_drift:
                self._stage = Stage.TURNING
        elif away < self.config.goal_distance and beyond:
            self._stage = Stage.ALIGNING
        if self._stage in (Stage.ALIGNING, Stage.ARRIVED):
            return self._align(pose, remaining)
        return self._walk(pose, min(limit, self.config.speed), remaining)

    def ahead(self, metres: float) -> Path:
        """The stretch of path from where the dog is to ``metres`` on."""
        last = int(np.searchsorted(self._along, self._along[self._nearest] + metres, side="right"))
        return self.path[self._nearest : last]

    def _align(self, pose: Pose2D, remaining: float) -> Step:
        error = 0.0 if math.isnan(self.heading) else wrap(self.heading - pose.theta)
        if abs(error) < self.config.goal_heading:
            self._stage = Stage.ARRIVED
            return Step(STILL, Stage.ARRIVED, remaining)
        self._stage = Stage.ALIGNING
        return Step(Twist2D(0.0, 0.0, self._turn_rate(error)), Stage.ALIGNING, remaining)

    def _walk(self, pose: Pose2D, limit: float, remaining: float) -> Step:
        config = self.config
        carrot = self._carrot(max(config.look_min, min(config.look_max, limit * config.look_time)))
        seen = pose.between(carrot)
        error = math.atan2(seen.y, seen.x)
        if self._stage is Stage.TURNING and abs(error) < config.turned:
            self._stage = Stage.WALKING
        elif self._stage is Stage.WALKING and abs(error) > config.turn_in_place:
            self._stage = Stage.TURNING
        if self._stage is Stage.TURNING:
            return Step(Twist2D(0.0, 0.0, self._turn_rate(error)), Stage.TURNING, remaining)
        curvature = 2 * seen.y / max(seen.x**2 + seen.y**2, 0.04)
        speed = min(limit, math.sqrt(2 * config.brake * max(remaining - 0.05, 0.0)))
        if abs(curvature) * config.curve_radius > 1:
            speed /= abs(curvature) * config.curve_radius
        speed = max(speed, min(limit, config.slow_min))
        if abs(curvature) * speed > config.turn:
            speed = config.turn / abs(curvature)
        return Step(Twist2D(speed, 0.0, speed * curvature), Stage.WALKING, remaining)

    def _turn_rate(self, error: float) -> float:
        rate = min(self.config.turn, math.sqrt(2 * self.config.turn_brake * abs(error)), 2.5 * abs(error))
        return math.copysign(max(rate, 0.15), error)

    def _advance(self, pose: Pose2D) -> int:
        """The nearest point of the path within the next 3 m: a path that comes by again is not jumped on to."""
        last = int(np.searchsorted(self._along, self._along[self._nearest] + 3.0, side="right"))
        window = self.path[self._nearest : last]
        return self._nearest + int(np.argmin(np.hypot(window[:, 0] - pose.x, window[:, 1] - pose.y)))

    def _carrot(self, distance: float) -> Pose2D:
        at = self._along[self._nearest] + distance
        x = float(np.interp(at, self._along, self.path[:, 0]))
        y = float(np.interp(at, self._along, self.path[:, 1]))
        return Pose2D(x, y, 0.0)
