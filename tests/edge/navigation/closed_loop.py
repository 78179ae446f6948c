"""The whole of navigation round a World: sensors in, command out, at the rates of the real graph."""

import math
from dataclasses import dataclass, field

import numpy as np

from edge.navigation.likelihood_field import field as field_of
from edge.navigation.localization import Localizer
from edge.navigation.maps import OccupancyGrid, terrain
from edge.navigation.navigator import Goal, Navigator, NavigatorConfig, Progress, Sight, Status
from edge.navigation.safety_gate import Inputs, Reason, SafetyConfig, SafetyGate, Verdict
from edge.navigation.scan_leveling import LevelScan, Mounting, level
from edge.navigation.standing_aside import StandingAside
from edge.types import Odometry, Pose2D, PoseEstimate, Scan, Twist2D
from protocol.site import Zone
from tests.edge.navigation.world import World

DT = 0.05  # s: the gate's period; scans come every second one


@dataclass
class Loop:
    world: World
    known: OccupancyGrid
    zones: list[Zone] = field(default_factory=list)
    config: NavigatorConfig = field(default_factory=NavigatorConfig)
    safety: SafetyConfig = field(default_factory=lambda: SafetyConfig(half_blind_speed=1.0))  # nothing is low here
    free: bool = True  # to move without a goal

    def __post_init__(self) -> None:
        self.terrain = terrain(self.known, self.zones)
        self.localizer = Localizer(field_of(self.known))
        self.localizer.place(self.world.pose, 0.0)
        self.navigator = Navigator(self.terrain, self.config)
        self.aside: StandingAside | None = None  # in the navigator's stead: a dog without a goal
        self.gate = SafetyGate(self.safety)
        self.errors: list[float] = []
        self.verdicts: list[Verdict] = []
        self.closest = math.inf
        self._estimate: PoseEstimate | None = None
        self._odometry: Odometry | None = None
        self._scan: Scan | None = None
        self._level: LevelScan | None = None
        self._yaw = 0.0
        self._ticks = 0

    def go(self, goal: Goal, seconds: float = 200.0) -> Progress:
        """Walk until the goal is reached or has failed, or the time is up."""
        self.navigator.start(goal, self.world.now)
        until = self.world.now + seconds
        progress = Progress(Status.IDLE)
        while self.world.now < until:
            progress = self.step()
            if progress.status in (Status.REACHED, Status.FAILED):
                break
        return progress

    def step(self) -> Progress:
        now = self.world.now
        if self._ticks % 2 == 0:
            self._sense(now)
        self._ticks += 1
        blind = bool(self.verdicts) and Reason.HALF_BLIND in self.verdicts[-1].reasons
        sight = Sight(self._estimate, twist=self.world.odometry().twist, half_blind=blind)
        progress = self.aside.update(sight, now, self.free) if self.aside else self.navigator.update(sight, now)
        zone = self.terrain.speed_limit_at(self._estimate.pose.x, self._estimate.pose.y) if self._estimate else math.inf
        lean, scan, seen = self.world.lean(), self._scan, self._level
        inputs = Inputs(progress.command, now, scan, seen, lean, self._odometry, self._estimate, zone, now)
        verdict = self.gate.update(inputs, now)
        self.verdicts.append(verdict)
        self._move(verdict.command)
        return progress

    def idle(self, seconds: float) -> None:
        for _ in range(round(seconds / DT)):
            self.step()

    def _move(self, command: Twist2D) -> None:
        for _ in range(5):
            self.world.move(command, DT / 5)
            self._yaw += self.world.lean().yaw_rate * DT / 5
        self.closest = min(self.closest, self.world.clearance())

    def _sense(self, now: float) -> None:
        odometry = self.world.odometry()
        last = self._odometry.pose if self._odometry else odometry.pose
        step = last.between(odometry.pose)
        self._odometry, self._scan = odometry, self.world.scan()
        self._level = level(self._scan, self.world.lean(), Mounting())
        self._estimate = self.localizer.update(self._level, Pose2D(step.x, step.y, self._yaw), now)
        self._yaw = 0.0
        assert self._estimate is not None
        self.errors.append(self._estimate.pose.distance(self.world.pose))
        self.navigator.look(self._level, self._estimate.pose, now)


def largest(errors: list[float]) -> float:
    return float(np.max(errors))
