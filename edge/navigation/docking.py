"""The last metre to a place that has to be met exactly: slowly and straight, in whatever direction the body has it.

The legs walk forwards, backwards and sideways, so the dog turns first and then shifts; nothing here avoids anything,
that is the gate's.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

from edge.types import STILL, Pose2D, Twist2D, wrap


class Outcome(StrEnum):
    """How it stands."""

    MOVING = "MOVING"
    THERE = "THERE"
    STUCK = "STUCK"


@dataclass(frozen=True, slots=True)
class DockingConfig:
    """Metres, seconds, radians."""

    begins: float = 1.2  # m from the place
    speed: float = 0.15  # m/s
    least_speed: float = 0.05  # m/s: less does not move the legs
    turn: float = 0.4  # rad/s
    least_turn: float = 0.12  # rad/s, likewise
    gain: float = 0.8  # 1/s: speed by what is left
    facing: float = 0.25  # rad: turned further than this, it turns first
    share: float = 0.6  # of the tolerance within which it stops: a pose is not exact either
    patience: float = 12.0  # s without coming nearer by ``step``
    step: float = 0.03  # m, and rad by the half


class Docking:
    """Brings the dog to ``place``, to within ``distance`` m and ``heading`` rad; a NaN heading is any."""

    def __init__(self, place: Pose2D, distance: float, heading: float, config: DockingConfig, now: float) -> None:
        self._place, self._config = place, config
        self._distance, self._heading = distance * config.share, heading * config.share
        self._best, self._best_at = math.inf, now

    def update(self, pose: Pose2D, now: float) -> tuple[Outcome, Twist2D]:
        """What to do at ``pose``."""
        left = pose.between(self._place)
        turned = 0.0 if math.isnan(self._place.theta) else wrap(self._place.theta - pose.theta)
        away = math.hypot(left.x, left.y)
        if away <= self._distance and abs(turned) <= self._heading:
            return Outcome.THERE, STILL
        worth = away + abs(turned) / 2
        if worth < self._best - self._config.step or now < self._best_at:
            self._best, self._best_at = worth, now
        if now - self._best_at > self._config.patience:
            return Outcome.STUCK, STILL
        return Outcome.MOVING, self._command(left.x, left.y, away, turned)

    def _command(self, x: float, y: float, away: float, turned: float) -> Twist2D:
        config = self._config
        omega = 0.0
        if abs(turned) > self._heading:
            omega = math.copysign(min(config.turn, max(config.least_turn, config.gain * abs(turned))), turned)
        if abs(turned) > config.facing or away <= self._distance:
            return Twist2D(0.0, 0.0, omega)
        speed = min(config.speed, max(config.least_speed, config.gain * away))
        return Twist2D(speed * x / away, speed * y / away, omega)
