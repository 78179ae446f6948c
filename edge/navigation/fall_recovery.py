"""After a fall: lie, stand again, check, and go on by itself or when a person lets it. Until then nothing passes."""

import math
from dataclasses import dataclass
from enum import StrEnum

from edge.types import Imu, Twist2D


class Stage(StrEnum):
    """Where a dog is between a fall and walking again."""

    UP = "UP"
    LYING = "LYING"  # nothing but the legs' own reflexes can help it
    CHECKING = "CHECKING"  # it stands: is all well with it?
    WAITING = "WAITING"  # all is well, and a person has to say that it may go on


@dataclass(frozen=True, slots=True)
class FallRecoveryConfig:
    """When a dog that fell may walk again."""

    by_itself: bool = True  # False: never without a person
    most_falls: int = 1  # within ``within`` after which it goes on by itself: who falls again falls for a reason
    within: float = 300.0  # s
    tilt: float = math.radians(15)  # more is not standing: a standing dog leans by the slope, ramps have 5 degrees
    speed: float = 0.1  # m/s, by odometry: more is not at rest
    turn: float = 0.2  # rad/s, by the gyroscope
    rest: float = 3.0  # s of being upright, at rest and in order without a break


@dataclass(frozen=True, slots=True)
class Condition:
    """What is known of the dog now. ``amiss``: a sensor or the pose is not as it has to be."""

    imu: Imu | None
    twist: Twist2D | None
    amiss: bool


class FallRecovery:
    """Follows a dog from its fall to its feet. It starts UP: who begins to look at a lying dog sees it fall."""

    def __init__(self, config: FallRecoveryConfig | None = None) -> None:
        self.config = config or FallRecoveryConfig()
        self.stage = Stage.UP
        self._falls: list[float] = []
        self._well_since: float | None = None
        self._now = -math.inf

    @property
    def falls(self) -> tuple[float, ...]:
        """When it fell (s), as far as that counts still."""
        return tuple(self._falls)

    def restore(self, stage: Stage, falls: tuple[float, ...]) -> None:
        """Go on from where a gate before this one was; what it had checked is checked anew."""
        self.stage, self._falls, self._well_since = stage, list(falls), None

    def fell(self, now: float) -> None:
        """The body leans so far that it lies; said at every look as long as it does."""
        if self.stage is not Stage.LYING:
            self._falls.append(now)
        self.stage, self._well_since = Stage.LYING, None

    def update(self, condition: Condition, now: float) -> Stage:
        """The stage at ``now``."""
        if now < self._now:  # the clock went back: nothing that was timed by it counts
            self._well_since = None
            self._falls = [min(fall, now) for fall in self._falls]
        self._now = now
        if self.stage is Stage.LYING and self._upright(condition.imu):
            self.stage = Stage.CHECKING
        if self.stage in (Stage.CHECKING, Stage.WAITING):
            self._check(condition, now)
        return self.stage

    def clear(self) -> bool:
        """A person has looked and lets it go on; False, and nothing changes, unless it waits for that and is well."""
        if self.stage is not Stage.WAITING or self._well_since is None:
            return False
        self.stage = Stage.UP
        return True

    def _check(self, condition: Condition, now: float) -> None:
        well = self._upright(condition.imu) and self._at_rest(condition) and not condition.amiss
        if not well:
            self._well_since = None
            return
        self._well_since = now if self._well_since is None else self._well_since
        if self.stage is Stage.CHECKING and now - self._well_since >= self.config.rest:
            self.stage = Stage.UP if self._may_go_on(now) else Stage.WAITING

    def _may_go_on(self, now: float) -> bool:
        self._falls = [fall for fall in self._falls if now - fall <= self.config.within]
        return self.config.by_itself and len(self._falls) <= self.config.most_falls

    def _upright(self, imu: Imu | None) -> bool:
        """NaN compares false: a lean that is not known is not upright."""
        return imu is not None and abs(imu.roll) <= self.config.tilt and abs(imu.pitch) <= self.config.tilt

    def _at_rest(self, condition: Condition) -> bool:
        imu, twist = condition.imu, condition.twist
        if imu is None or twist is None:
            return False
        return abs(imu.yaw_rate) <= self.config.turn and math.hypot(twist.vx, twist.vy) <= self.config.speed
