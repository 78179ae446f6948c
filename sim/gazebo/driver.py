"""What stands between a dog in Gazebo and its nodes, as a robot's own driver does: it ends a walk that nobody commands
any more, keeps the body level, and plugs it in at a dock. No ROS, no Gazebo.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

COMMAND_S = 0.5  # a command older than this is void: the dog stands, as in our engine
DOCK_M, DOCK_RAD = 0.35, 0.6  # how near a dog stands to a dock's pose to charge, as in our engine
STILL_MPS = 0.1  # a dog that walks past its dock does not charge
AGAIN_S = 5.0  # what is plugged in is told again: the bridge may not have been there
LEVELLING = 1.0  # rad/s a radian: gently, so that feet on a ramp hold the body along it
MOST_LEVELLING = 0.3  # rad/s

Place = tuple[float, float, float]


@dataclass(frozen=True)
class Drive:
    """m/s forward and left; rad/s about the body's axes; whether to plug in or out, or nothing to say of it."""

    forward: float
    left: float
    roll: float
    pitch: float
    yaw: float
    recharge: bool | None = None


class GazeboDriver:
    """One dog's. Seconds are simulated; ``docks`` are x, y, theta in the world's frame, as odometry is in Gazebo."""

    def __init__(self, docks: Sequence[Place]) -> None:
        self._docks = docks
        self._command, self._commanded_at = (0.0, 0.0, 0.0), -math.inf
        self._lean = (0.0, 0.0)
        self._docked: bool | None = None
        self._told: tuple[bool | None, float] = (None, -math.inf)

    def command(self, velocity: tuple[float, float, float], now: float) -> None:
        """Walk like this from now on: m/s forward, m/s left, rad/s; what is no number is passed over."""
        if all(map(math.isfinite, velocity)):
            self._command, self._commanded_at = velocity, now

    def lean(self, roll: float, pitch: float) -> None:
        """The body leans like this: radians, nose down is a positive pitch (REP 103)."""
        self._lean = (roll, pitch)

    def stand(self, place: Place, speed: float) -> None:
        """The dog is at ``place``, and this fast (m/s)."""
        self._docked = speed < STILL_MPS and any(_at(dock, place) for dock in self._docks)

    def update(self, now: float) -> Drive:
        """What to tell Gazebo now."""
        if now < self._commanded_at:  # a world that was started anew counts from zero again
            self._commanded_at, self._told = -math.inf, (None, -math.inf)
        forward, left, yaw = self._command if now - self._commanded_at <= COMMAND_S else (0.0, 0.0, 0.0)
        roll, pitch = (_levelled(angle) for angle in self._lean)
        return Drive(forward, left, roll, pitch, yaw, self._recharge(now))

    def _recharge(self, now: float) -> bool | None:
        said, at = self._told
        if self._docked is None or (self._docked is said and now - at < AGAIN_S):
            return None
        self._told = self._docked, now
        return self._docked


class SlowClock:
    """Which of the times that Gazebo tells at each step of its physics are passed on."""

    def __init__(self, period: float) -> None:
        self._period, self._last = period, -math.inf

    def passes(self, now: float) -> bool:
        """Whether ``now`` is told: ``period`` seconds after the last, or before it."""
        if self._last <= now < self._last + self._period:
            return False
        self._last = now
        return True


def _levelled(angle: float) -> float:
    rate = -LEVELLING * angle if math.isfinite(angle) else 0.0
    return max(-MOST_LEVELLING, min(MOST_LEVELLING, rate))


def _at(dock: Place, place: Place) -> bool:
    turned = abs(math.remainder(dock[2] - place[2], math.tau))
    return math.hypot(dock[0] - place[0], dock[1] - place[1]) < DOCK_M and turned < DOCK_RAD
