"""The gate before the legs: what may pass, how fast, and why not more. It trusts nothing that it is told."""

import math
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum

import numpy as np

from edge.navigation.collision_monitor import Contact, Outline, Points, Stopping, allowed_share, first_contact, nearest
from edge.navigation.fall_recovery import Condition, FallRecovery, FallRecoveryConfig, Stage
from edge.navigation.frozen_sensor import FrozenOdometry, FrozenSensor
from edge.navigation.low_obstacles import NOTHING, Low
from edge.navigation.scan_leveling import LevelScan
from edge.navigation.trail import Trail
from edge.types import STILL, Cloud, Imu, Odometry, PoseEstimate, Scan, Twist2D


class Level(IntEnum):
    """How much passes; the numbers are SafetyState.msg's."""

    CLEAR = 0
    SLOWED = 1
    STOPPED = 2


class Reason(StrEnum):
    """Why not more passes. All stop the dog but those in SLOWING, which slow it."""

    EMERGENCY_STOP = "EMERGENCY_STOP"
    FALLEN = "FALLEN"  # it lies
    CHECKING_AFTER_FALL = "CHECKING_AFTER_FALL"  # it stands again
    WAITING_AFTER_FALL = "WAITING_AFTER_FALL"  # it stands, is well, and waits for a person
    CLOCK_JUMPED = "CLOCK_JUMPED"
    CLOCK_STOPPED = "CLOCK_STOPPED"
    SCAN_STALE = "SCAN_STALE"
    SCAN_FROZEN = "SCAN_FROZEN"
    SCAN_INVALID = "SCAN_INVALID"
    POINTS_STALE = "POINTS_STALE"
    POINTS_FROZEN = "POINTS_FROZEN"
    POINTS_INVALID = "POINTS_INVALID"
    IMU_STALE = "IMU_STALE"
    IMU_INVALID = "IMU_INVALID"
    ODOM_STALE = "ODOM_STALE"
    ODOM_FROZEN = "ODOM_FROZEN"
    ODOM_INVALID = "ODOM_INVALID"
    POSE_STALE = "POSE_STALE"
    POSE_LOST = "POSE_LOST"
    COMMAND_STALE = "COMMAND_STALE"
    COMMAND_INVALID = "COMMAND_INVALID"
    OBSTACLE_NEAR = "OBSTACLE_NEAR"
    OBSTACLE_AHEAD = "OBSTACLE_AHEAD"
    GROUND_UNSEEN = "GROUND_UNSEEN"  # with one of the two above: nobody has looked whether there is ground
    GEOFENCE = "GEOFENCE"  # likewise: the map forbids it
    HALF_BLIND = "HALF_BLIND"  # no sensor tells what is low: slower, and back only where it came from
    SLOW_ZONE = "SLOW_ZONE"


BACK_STEP = 0.25  # m behind, where a dog that is half blind must have been to walk backwards
REFUSED = 0.1  # m/s: where no more passes the dog stands, and is told what for
LEAST_SHARE = 0.08  # of a command: less does not move the legs
OBSTACLES = frozenset({Reason.OBSTACLE_NEAR, Reason.OBSTACLE_AHEAD, Reason.GROUND_UNSEEN, Reason.GEOFENCE})
SLOWING = frozenset({Reason.SLOW_ZONE, Reason.HALF_BLIND}) | OBSTACLES - {Reason.OBSTACLE_NEAR}
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

    stale: float = 0.3  # s: scan, points, odometry, IMU and command must be younger: 0.2 more than between two of them
    pose_stale: float = 0.4  # s: the pose, which is reckoned from a scan first
    has_points: bool = False  # whether anything tells what is low; if so, its silence is a fault as any
    fewest_points: int = 200  # of a cloud: less is a sensor that is covered, or looks at nothing
    half_blind_speed: float = 0.5  # m/s without points
    tilt: float = math.radians(35)  # a walking dog leans 11 degrees at most
    frozen: float = 1.0  # s of the very same ranges from a sensor that moves; of a noisy one it is known sooner
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
    fence: float = 2.0  # standard deviations of the pose that are kept from the map's borders ...
    fence_most: float = 0.3  # m: ... but no more
    outline: Outline = field(default_factory=Outline)
    stopping: Stopping = field(default_factory=Stopping)


@dataclass(frozen=True, slots=True)
class Inputs:
    """The newest of everything, each with its stamp; None where nothing ever came. ``wall`` never steps back (s).

    ``cloud`` is the newest that ``low`` knows of, ``usable`` how many of its points told anything. ``low`` and
    ``fence``, the map's borders (n, 2) that must not be crossed, are seen from where the dog is now.
    ``by_hand``: a person commands, and letting go stops as a fault does, at once.
    """

    command: Twist2D | None
    command_stamp: float
    scan: Scan | None
    level_scan: LevelScan | None
    imu: Imu | None
    odometry: Odometry | None
    estimate: PoseEstimate | None
    zone_limit: float = math.inf
    wall: float = 0.0
    cloud: Cloud | None = None
    usable: int = 0
    low: Low = field(default_factory=Low)
    fence: Points = field(default_factory=lambda: NOTHING)
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class _Scene:
    """Points (n, 2) in base_link, ``away`` metres that the fence is to be farther off, and the gap to what is solid."""

    solid: Points
    unseen: Points
    fence: Points
    away: float
    closest: float

    def fenced(self, outline: Outline) -> Outline:
        """The outline that keeps clear of the fence."""
        return replace(outline, margin=outline.margin + self.away, margin_ahead=outline.margin_ahead + self.away)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What goes to the legs, and why not more. ``limiting`` (base_link) is where that is for which the dog stands."""

    command: Twist2D
    level: Level
    reasons: tuple[Reason, ...]
    emergency_stop: bool
    speed_limit: float
    nearest_obstacle: float
    limiting: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Latched:
    """What holds a dog until a person or a check lets it go, and so has to outlive the gate's process."""

    emergency_stop: bool = False
    fall: Stage = Stage.UP
    falls: tuple[float, ...] = ()  # s: when it fell


class SafetyGate:
    """Judges every command. Whatever it is fed, its command is finite and within the limits."""

    def __init__(self, config: SafetyConfig | None = None) -> None:
        self.config = config or SafetyConfig()
        self.emergency_stop = False
        self._recovery = FallRecovery(self.config.recovery)
        self._frozen_scan = FrozenSensor(self.config.frozen)
        self._frozen_points = FrozenSensor(self.config.frozen)
        self._frozen_odometry = FrozenOdometry()
        self._trail = Trail()
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

    @property
    def latched(self) -> Latched:
        """What has to be held again by a gate that takes the place of this one."""
        return Latched(self.emergency_stop, self._recovery.stage, self._recovery.falls)

    def restore(self, latched: Latched) -> None:
        """Hold what a gate before this one held."""
        self.emergency_stop = latched.emergency_stop
        self._recovery.restore(latched.fall, latched.falls)

    def clear_fall(self) -> bool:
        """Let a dog go on that fell, stands, is well and waits for this; False where it is not so."""
        return self._recovery.clear()

    def update(self, inputs: Inputs, now: float) -> Verdict:
        """What may pass at ``now``."""
        elapsed = self._elapsed(inputs.wall, now)
        faults = [*self._clock_faults(inputs.wall, now), *self._input_faults(inputs, now)]
        faults = [*self._fall_faults(inputs, faults, now), *faults]
        scene = self._scene(inputs)
        if faults:
            self._last = STILL
            return Verdict(STILL, Level.STOPPED, tuple(faults), self.emergency_stop, 0.0, scene.closest)
        assert inputs.command is not None
        assert inputs.odometry is not None
        self._trail.add(inputs.odometry.pose)
        if inputs.by_hand and inputs.command == STILL:
            self._last = STILL
        return self._let_pass(inputs.command, inputs.odometry, scene, inputs.zone_limit, elapsed)

    def _scene(self, inputs: Inputs) -> "_Scene":
        """What there is to keep clear of, all of it in base_link."""
        seen = inputs.level_scan.hits() if inputs.level_scan else NOTHING
        solid = np.concatenate([seen, inputs.low.obstacles])
        away = 0.0
        if inputs.estimate is not None:
            variance = float(np.max(np.diag(inputs.estimate.covariance)[:2]))
            doubt = self.config.fence * math.sqrt(variance) if variance >= 0 else math.inf  # NaN compares false
            away = min(doubt, self.config.fence_most)
        return _Scene(solid, inputs.low.unseen, inputs.fence, away, nearest(solid, self.config.outline))

    def _let_pass(self, command: Twist2D, odometry: Odometry, scene: "_Scene", zone: float, elapsed: float) -> Verdict:
        config = self.config
        wanted = Twist2D(
            _clip(command.vx, config.speed), _clip(command.vy, config.speed), _clip(command.omega, config.turn)
        )
        blind = math.inf if config.has_points else config.half_blind_speed
        limit = max(0.0, min(config.speed, zone, blind))
        reasons = [Reason.SLOW_ZONE] if zone < config.speed and _speed(wanted) > max(0.0, zone) else []
        limited = _slowed(wanted, limit)
        if not config.has_points:
            limited = self._back_by_the_trail(limited, odometry)
            reasons += [Reason.HALF_BLIND] if limited != _slowed(wanted, max(0.0, min(config.speed, zone))) else []
        allowed, contact, why = self._kept_clear(limited, scene)
        if why is not None:
            reasons += [Reason.OBSTACLE_AHEAD if allowed != STILL else Reason.OBSTACLE_NEAR, *why]
            limit = min(limit, _speed(allowed))
        self._last = self._ramped(allowed, elapsed)
        stopped = any(reason not in SLOWING for reason in reasons)
        level = Level.STOPPED if stopped else Level.SLOWED if reasons else Level.CLEAR
        limiting = contact.place if why is not None and _speed(allowed) < REFUSED else None
        return Verdict(self._last, level, tuple(reasons), self.emergency_stop, limit, scene.closest, limiting)

    def _back_by_the_trail(self, wanted: Twist2D, odometry: Odometry) -> Twist2D:
        """A step back only where the dog has just been: it does not see what is low there."""
        if wanted.vx >= 0.0:
            return wanted
        known = self._trail.leads(odometry.pose, -BACK_STEP)
        return wanted if known else Twist2D(0.0, wanted.vy, wanted.omega)

    def _kept_clear(self, wanted: Twist2D, scene: "_Scene") -> tuple[Twist2D, Contact, list[Reason] | None]:
        """As much of ``wanted`` as leaves room to stop, what limits it, and why beside obstacles; None: nothing."""
        config = self.config
        solid = first_contact(scene.solid, wanted, config.outline, config.stopping)
        soon = config.stopping.needed(wanted)
        unseen = first_contact(scene.unseen, wanted, config.outline, config.stopping, soon)
        fence = first_contact(scene.fence, wanted, scene.fenced(config.outline), config.stopping, soon)
        if math.isinf(min(solid.at, unseen.at, fence.at)):
            return wanted, solid, None
        near = scene.closest < config.near and math.isfinite(solid.at)
        gentle = _slowed(wanted, config.near_speed) if near else wanted
        if gentle != wanted:
            scale = _speed(gentle) / _speed(wanted)
            solid = first_contact(scene.solid, gentle, config.outline, config.stopping)
            unseen, fence = replace(unseen, at=unseen.at / scale), replace(fence, at=fence.at / scale)
        contact = min((solid, unseen, fence), key=_when)
        share = allowed_share(contact.at, gentle, config.stopping)
        if share >= 1.0 and gentle == wanted:
            return wanted, contact, None
        first = {Reason.GROUND_UNSEEN: unseen, Reason.GEOFENCE: fence}
        why = [reason for reason, each in first.items() if each.at == contact.at < solid.at]
        if share < LEAST_SHARE:
            return STILL, contact, why
        return Twist2D(gentle.vx * share, gentle.vy * share, gentle.omega * share), contact, why

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
            self._frozen_scan.forget()
            self._frozen_points.forget()
        return min(max(now - last, 0.0), 0.2)

    def _input_faults(self, inputs: Inputs, now: float) -> list[Reason]:
        faults = [Reason.EMERGENCY_STOP] if self.emergency_stop else []
        faults += self._imu_faults(inputs.imu, now)
        faults += self._scan_faults(inputs, now)
        faults += self._points_faults(inputs, now)
        odometry, estimate, command = inputs.odometry, inputs.estimate, inputs.command
        if odometry is None or self._is_stale(odometry.stamp, now):
            faults.append(Reason.ODOM_STALE)
        elif not (odometry.pose.is_finite() and odometry.twist.is_finite()):
            faults.append(Reason.ODOM_INVALID)
        elif self._frozen_odometry.update(odometry, self._last):
            faults.append(Reason.ODOM_FROZEN)
        if estimate is None or self._is_stale(estimate.stamp, now, self.config.pose_stale):
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
        return [Reason.SCAN_FROZEN] if self._frozen_scan.update(scan.ranges, scan.stamp, twist) else []

    def _points_faults(self, inputs: Inputs, now: float) -> list[Reason]:
        if not self.config.has_points:
            return []
        cloud = inputs.cloud
        if cloud is None or self._is_stale(cloud.stamp, now):
            return [Reason.POINTS_STALE]
        if inputs.usable < self.config.fewest_points:
            return [Reason.POINTS_INVALID]
        twist = inputs.odometry.twist if inputs.odometry else STILL
        return [Reason.POINTS_FROZEN] if self._frozen_points.update(cloud.points, cloud.stamp, twist) else []

    def _is_stale(self, stamp: float, now: float, after: float | None = None) -> bool:
        """Too old, or from the future; NaN is both."""
        return not abs(now - stamp) <= (self.config.stale if after is None else after)

    def _ramped(self, wanted: Twist2D, elapsed: float) -> Twist2D:
        config, last = self.config, self._last
        change = Twist2D(
            _towards(last.vx, wanted.vx, config.speed_up * elapsed, config.slow_down * elapsed),
            _towards(last.vy, wanted.vy, config.speed_up * elapsed, config.slow_down * elapsed),
            _towards(last.omega, wanted.omega, config.turn_change * elapsed, config.turn_change * elapsed),
        )
        slowed = _slowed(change, max(_speed(wanted), _speed(last)))  # axes that change one by one add up on the way
        return Twist2D(slowed.vx, slowed.vy, change.omega)


def _when(contact: Contact) -> float:
    return contact.at


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
    if wanted * last < 0:  # to rest first, and from there the other way
        return last - math.copysign(down, last) if abs(last) >= down else _clip(wanted, up * (1 - abs(last) / down))
    return last + _clip(wanted - last, down if abs(wanted) < abs(last) else up)
