"""The whole dog as one object: sensors and wishes in, what the legs are to do out. No threads, no ROS, no clock.

On a robot its parts are nodes in processes of their own; here they are called one after the other, at the same rates.
"""

from dataclasses import dataclass, field

from edge.dog.every import Every
from edge.dog.localization import LocalizationCore
from edge.dog.navigator import PERIOD as NAVIGATOR_PERIOD
from edge.dog.navigator import NavigatorCore
from edge.dog.safety import PERIOD as SAFETY_PERIOD
from edge.dog.safety import SafetyCore
from edge.navigation.cloud import CloudMounting
from edge.navigation.ground import Ground
from edge.navigation.likelihood import Field
from edge.navigation.localization import Fix, LocalizationConfig
from edge.navigation.low_obstacles import LowObstacles
from edge.navigation.navigator import Goal, NavigatorConfig, Progress, Status
from edge.navigation.safety import Level, SafetyConfig, Verdict
from edge.navigation.scan import Mounting
from edge.types import Cloud, Imu, Odometry, Pose2D, PoseEstimate, Scan, Twist2D


@dataclass(frozen=True, slots=True)
class DogConfig:
    """The settings of all parts; a robot's parameters by the same names."""

    localization: LocalizationConfig = field(default_factory=LocalizationConfig)
    navigator: NavigatorConfig = field(default_factory=NavigatorConfig)
    safety: SafetyConfig = field(default_factory=SafetyConfig)
    lidar: Mounting = field(default_factory=Mounting)
    points: CloudMounting = field(default_factory=CloudMounting)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What came since the last update; None where nothing did. ``place`` is a pose that somebody says the dog has."""

    scan: Scan | None = None
    imu: Imu | None = None
    odometry: Odometry | None = None
    cloud: Cloud | None = None
    goal: Goal | None = None
    cancel: bool = False
    place: Pose2D | None = None
    emergency_stop: bool | None = None


@dataclass(frozen=True, slots=True)
class Outputs:
    """``command`` is for the legs, None where none is due; ``ended`` is how a goal ended, in the step it did."""

    command: Twist2D | None
    estimate: PoseEstimate | None
    progress: Progress
    verdict: Verdict | None
    fix: Fix
    ended: Progress | None = None


class Dog:
    """``update`` with what came since the last time, at 50 Hz or so; the same inputs give the same outputs."""

    def __init__(
        self,
        ground: Ground,
        start: Pose2D | None = None,
        config: DogConfig | None = None,
        seed: int = 0,
        on: Field | None = None,
    ) -> None:
        """A dog on ``ground`` that believes to be at ``start``, or looks for itself; ``on``: the map's field."""
        config = config or DogConfig()
        self.localization = LocalizationCore(config.localization, config.lidar, start, seed)
        low = LowObstacles(config.points)  # on a robot each has its own; of the same clouds they would be the same
        self.navigator = NavigatorCore(config.navigator, config.lidar, 0.618 * seed, low)
        self.safety = SafetyCore(config.safety, config.lidar, low)
        self.localization.stand_on(ground, on)
        self.navigator.walk_on(ground)
        self.safety.walk_on(ground)
        self._progress = Progress(Status.IDLE)
        self._navigator_due, self._safety_due = Every(NAVIGATOR_PERIOD), Every(SAFETY_PERIOD)

    def update(self, inputs: Inputs, now: float) -> Outputs:
        """Take in ``inputs`` at ``now`` (s), and go on with what is due."""
        self._sense(inputs)
        ended = self._wish(inputs, now)
        if self._navigator_due.is_due(now):
            step = self.navigator.update(now)
            self._progress, ended = step.progress, ended or step.ended
            self.safety.take_command(self._progress.command, now)
        command = self._pass(now) if self._safety_due.is_due(now) or inputs.emergency_stop is not None else None
        verdict = self.safety.verdict
        return Outputs(command, self.navigator.estimate, self._progress, verdict, self.localization.fix, ended)

    def _sense(self, inputs: Inputs) -> None:
        if inputs.imu is not None:
            for part in (self.localization, self.navigator, self.safety):
                part.take_imu(inputs.imu)
        if inputs.odometry is not None:
            self.safety.take_odometry(inputs.odometry)
            self.navigator.take_odometry(inputs.odometry)
            placed = self.localization.take_odometry(inputs.odometry)
            if placed is not None:
                self.navigator.take_pose(placed.estimate)
                self.safety.take_pose(placed.estimate)
        if inputs.cloud is not None:
            self.navigator.take_cloud(inputs.cloud)
            self.safety.take_cloud(inputs.cloud)
        if inputs.scan is not None:
            self.localization.take_scan(inputs.scan)
            self.navigator.take_scan(inputs.scan)
            self.safety.take_scan(inputs.scan)

    def _wish(self, inputs: Inputs, now: float) -> Progress | None:
        if inputs.place is not None:
            self.localization.take_initial_pose(inputs.place, 0.0)
        if inputs.emergency_stop is not None:
            self.safety.stop(inputs.emergency_stop)
        if inputs.goal is not None:
            return self.navigator.begin(inputs.goal, now)
        return self.navigator.cancel("cancelled") if inputs.cancel else None

    def _pass(self, now: float) -> Twist2D:
        verdict, tell = self.safety.update(now, now)
        if tell:
            self.navigator.take_safety(verdict.level is Level.STOPPED, verdict.reasons)
        return verdict.command
