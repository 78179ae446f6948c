"""The gate before the legs: what may pass, how fast, and why not more. It trusts nothing that it is told."""

import math
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

import numpy as np

from edge.navigation.collision import Outline, Points, Stopping, allowed_share, nearest, time_to_contact
from edge.navigation.fall_recovery import Condition, FallRecovery, FallRecoveryConfig, Stage
from edge.navigation.frozen import FrozenScan
from edge.navigation.scan import LevelScan
from edge.types import STILL, Imu, Odometry, PoseEstimate, Scan, Twist2D


class Level(IntEnum):
    """How much passes; the numbers are SafetyState.msg's."""

    CLEAR = 0
    SLOWED = 1
    STOPPED = 2


class Reason(StrEnum):
    """Why not more passes. All stop the dog but OBSTACLE_AHEAD and SLOW_ZONE, which slow it."""

    EMERGENCY_STOP = "EMERGENCY_STOP"
    FALLEN = "FALLEN"  # it lies
    CHECKING_AFTER_FALL = "CHECKING_AFTER_FALL"  # it stands again
    WAITING_AFTER_FALL = "WAITING_AFTER_FALL"  # it stands, is well, and waits for a person
    CLOCK_JUMPED = "CLOCK_JUMPED"
    CLOCK_STOPPED = "CLOCK_STOPPED"
    SCAN_STALE = "SCAN_STALE"
    SCAN_FROZEN = "SCAN_FROZEN"
    SCAN_INVALID = "SCAN_INVALID"
    IMU_STALE = "IMU_STALE"
    IMU_INVALID = "IMU_INVALID"
    ODOM_STALE = "ODOM_STALE"
    ODOM_INVALID = "ODOM_INVALID"
    POSE_STALE = "POSE_STALE"
    POSE_LOST = "POSE_LOST"
    COMMAND_STALE = "COMMAND_STALE"
    COMMAND_INVALID = "COMMAND_INVALID"
    OBSTACLE_NEAR = "OBSTACLE_NEAR"
    OBSTACLE_AHEAD = "OBSTACLE_AHEAD"
    SLOW_ZONE = "SLOW_ZONE"


LEAST_SHARE = 0.08  # of a command: less does not move the legs
SLOWING = frozenset({Reason.OBSTACLE_AHEAD, Reason.SLOW_ZONE})
OBSTACLES = frozenset({Reason.OBSTACLE_NEAR, Reason.OBSTACLE_AHEAD})
AFTER_FALL = {
    Stage.LYING: Reason.FALLEN,
    Stage.CHECKING: Reason.CHECKING_AFTER_FALL,
    Stage.WAITING: Reason.WAITING_AFTER_FALL,
}
ORDERS = frozenset({Reason.COMMAND_STALE, Reason.COMMAND_INVALID, Reason.EMERGENCY_STOP})  # say nothing of its health
HOLDING = frozenset(Reason) - OBSTACLES - SLOWING  # no way round these: what waits for them is not stuck


@dataclass(frozen=True, slots=True)
class SafetyConfig:
    """What is too old, too tilted, too fast."""

    stale: float = 0.5  # s: scan, odometry, IMU, pose and command must be younger
    tilt: float = math.radians(35)  # a walking dog leans 11 degrees at most
    frozen: float = 1.0  # s of the very same ranges from a sensor that is noisy or moving
    valid_share: float = 0.5  # of a scan's beams that must be numbers
    clock_back: float = 0.05  # s the clock may step back unnoticed
    clock_pause: float = 1.0  # s of standing still after it stepped back further, or of wall time while it stands
    speed: float = 1.0  # m/s
    turn: float = 1.2  # rad/s
    speed_up: float = 1.0  # m/s²
    slow_down: float = 2.0  # m/s²: a fault stops at once, an obstacle by this
    turn_change: float = 4.0  # rad/s²
    near: float = 1.2  # m from the outline within which the dog ...
    near_speed: float = 0.5  # m/s: ... walks no faster than this towards what it sees
    recovery: FallRecoveryConfig = field(default_factory=FallRecoveryConfig)
    outline: Outline = field(default_factory=Outline)
    stopping: Stopping = field(default_factory=Stopping)


@dataclass(frozen=True, slots=True)
class Inputs:
    """The newest of everything, each with its stamp; None where nothing ever came. ``wall`` never steps back (s)."""

    command: Twist2D | None
    command_stamp: float
    scan: Scan | None
    level_scan: LevelScan | None
    imu: Imu | None
    odometry: Odometry | None
    estimate: PoseEstimate | None
    zone_limit: float = math.inf
    wall: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What goes to the legs, and why not more."""

    command: Twist2D
    level: Level
    reasons: tuple[Reason, ...]
    emergency_stop: bool
    speed_limit: float
    nearest_obstacle: float


class SafetyGate:
    """Judges every command. Whatever it is fed, its command is finite and within the limits."""

    def __init__(self, config: SafetyConfig | None = None) -> None:
        self.config = config or SafetyConfig()
        self.emergency_stop = False
        self._recovery = FallRecovery(self.config.recovery)
        self._frozen = FrozenScan(self.config.frozen)
        self._last = STILL
        self._now: float | None = None
        self._moved_wall = -math.inf
        self._jumped_at: float | None = None

    def latch(self) -> None:
        """Stop until released."""
        self.emergency_stop = True

    def release(self) -> None:
        """Release the emergency stop; a fall is another matter."""
        self.emergency_stop = False

    def clear_fall(self) -> bool:
        """Let a dog go on that fell, stands, is well and waits for this; False where it is not so."""
        return self._recovery.clear()

    def update(self, inputs: Inputs, now: float) -> Verdict:
        """What may pass at ``now``."""
        elapsed = self._elapsed(inputs.wall, now)
        faults = [*self._clock_faults(inputs.wall, now), *self._input_faults(inputs, now)]
        faults = [*self._fall_faults(inputs, faults, now), *faults]
        points = inputs.level_scan.hits() if inputs.level_scan else np.zeros((0, 2))
        closest = nearest(points, self.config.outline)
        if faults:
            self._last = STILL
            return Verdict(STILL, Level.STOPPED, tuple(faults), self.emergency_stop, 0.0, closest)
        assert inputs.command is not None
        return self._let_pass(inputs.command, points, inputs.zone_limit, closest, elapsed)

    def _let_pass(self, command: Twist2D, points: Points, zone: float, closest: float, elapsed: float) -> Verdict:
        config = self.config
        wanted = Twist2D(
            _clip(command.vx, config.speed), _clip(command.vy, config.speed), _clip(command.omega, config.turn)
        )
        limit = max(0.0, min(config.speed, zone))
        reasons = [Reason.SLOW_ZONE] if zone < config.speed and _speed(wanted) > limit else []
        allowed = self._kept_clear(_slowed(wanted, limit), points, closest)
        if allowed != _slowed(wanted, limit):
            reasons.append(Reason.OBSTACLE_AHEAD if allowed != STILL else Reason.OBSTACLE_NEAR)
            limit = min(limit, _speed(allowed))
        self._last = self._ramped(allowed, elapsed)
        stopped = any(reason not in SLOWING for reason in reasons)
        level = Level.STOPPED if stopped else Level.SLOWED if reasons else Level.CLEAR
        return Verdict(self._last, level, tuple(reasons), self.emergency_stop, limit, closest)

    def _kept_clear(self, wanted: Twist2D, points: Points, closest: float) -> Twist2D:
        """As much of ``wanted`` as leaves room to stop before anything seen."""
        config = self.config
        if math.isinf(time_to_contact(points, wanted, config.outline, config.stopping)):
            return wanted
        gentle = _slowed(wanted, config.near_speed) if closest < config.near else wanted
        contact = time_to_contact(points, gentle, config.outline, config.stopping)
        share = allowed_share(contact, gentle, config.stopping)
        if share < LEAST_SHARE:
            return STILL
        return Twist2D(gentle.vx * share, gentle.vy * share, gentle.omega * share)

    def _clock_faults(self, wall: float, now: float) -> list[Reason]:
        faults = []
        if not math.isfinite(now):
            return [Reason.CLOCK_JUMPED]
        if self._jumped_at is not None:
            if self._jumped_at <= now < self._jumped_at + self.config.clock_pause:
                faults.append(Reason.CLOCK_JUMPED)
            else:
                self._jumped_at = None
        if wall - self._moved_wall > self.config.clock_pause:
            faults.append(Reason.CLOCK_STOPPED)
        return faults

    def _elapsed(self, wall: float, now: float) -> float:
        """Seconds since the last look, at most 0.2; notes a clock that steps back or stands."""
        last = self._now
        if not math.isfinite(now):
            return 0.0
        if last is None or now != last:
            self._moved_wall = wall
        self._now = now
        if last is None:
            return 0.0
        if now < last - self.config.clock_back:
            self._jumped_at = now
            self._frozen.forget()
        return min(max(now - last, 0.0), 0.2)

    def _input_faults(self, inputs: Inputs, now: float) -> list[Reason]:
        faults = [Reason.EMERGENCY_STOP] if self.emergency_stop else []
        faults += self._imu_faults(inputs.imu, now)
        faults += self._scan_faults(inputs, now)
        odometry, estimate, command = inputs.odometry, inputs.estimate, inputs.command
        if odometry is None or self._is_stale(odometry.stamp, now):
            faults.append(Reason.ODOM_STALE)
        elif not (odometry.pose.is_finite() and odometry.twist.is_finite()):
            faults.append(Reason.ODOM_INVALID)
        if estimate is None or self._is_stale(estimate.stamp, now):
            faults.append(Reason.POSE_STALE)
        elif not estimate.pose.is_finite() or not estimate.quality > 0.0:
            faults.append(Reason.POSE_LOST)
        if command is None or self._is_stale(inputs.command_stamp, now):
            faults.append(Reason.COMMAND_STALE)
        elif not command.is_finite():
            faults.append(Reason.COMMAND_INVALID)
        return faults

    def _imu_faults(self, imu: Imu | None, now: float) -> list[Reason]:
        faults = []
        if imu is None or self._is_stale(imu.stamp, now):
            faults.append(Reason.IMU_STALE)
        elif not (math.isfinite(imu.roll) and math.isfinite(imu.pitch)):
            faults.append(Reason.IMU_INVALID)
        elif max(abs(imu.roll), abs(imu.pitch)) > self.config.tilt:
            self._recovery.fell(now)
        return faults

    def _fall_faults(self, inputs: Inputs, others: list[Reason], now: float) -> list[Reason]:
        """Why a dog that fell is held yet."""
        if not math.isfinite(now):
            return []
        fresh = Reason.IMU_STALE not in others
        twist = inputs.odometry.twist if inputs.odometry else None
        condition = Condition(inputs.imu if fresh else None, twist, amiss=bool(set(others) - ORDERS))
        stage = self._recovery.update(condition, now)
        return [AFTER_FALL[stage]] if stage in AFTER_FALL else []

    def _scan_faults(self, inputs: Inputs, now: float) -> list[Reason]:
        scan = inputs.scan
        if scan is None or inputs.level_scan is None or self._is_stale(scan.stamp, now):
            return [Reason.SCAN_STALE]
        if not len(scan.ranges) or np.isnan(scan.ranges).mean() > 1 - self.config.valid_share:
            return [Reason.SCAN_INVALID]
        twist = inputs.odometry.twist if inputs.odometry else STILL
        return [Reason.SCAN_FROZEN] if self._frozen.update(scan, twist) else []

    def _is_stale(self, stamp: float, now: float) -> bool:
        """Too old, or from the future; NaN is both."""
        return not abs(now - stamp) <= self.config.stale

    def _ramped(self, wanted: Twist2D, elapsed: float) -> Twist2D:
        config, last = self.config, self._last
        return Twist2D(
            _towards(last.vx, wanted.vx, config.speed_up * elapsed, config.slow_down * elapsed),
            _towards(last.vy, wanted.vy, config.speed_up * elapsed, config.slow_down * elapsed),
            _towards(last.omega, wanted.omega, config.turn_change * elapsed, config.turn_change * elapsed),
        )


def _clip(value: float, limit: float) -> float:
    return max(-limit, min(limit, value))


def _speed(command: Twist2D) -> float:
    return math.hypot(command.vx, command.vy)


def _slowed(command: Twist2D, limit: float) -> Twist2D:
    """The same curve, walked no faster than ``limit`` m/s."""
    speed = _speed(command)
    if speed <= limit:
        return command
    share = limit / speed
    return Twist2D(command.vx * share, command.vy * share, command.omega * share)


def _towards(last: float, wanted: float, up: float, down: float) -> float:
    """``wanted``, or as near to it as the change allows: ``up`` away from rest, ``down`` towards it."""
    slower = abs(wanted) < abs(last) or wanted * last < 0
    step = down if slower else up
    return last + _clip(wanted - last, step)
