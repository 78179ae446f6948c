"""From a goal to its end: plan, walk, wait for what crosses, go round what stands, or say why not."""

import math
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from edge.navigation.following import Follower, FollowingConfig, Stage
from edge.navigation.maps import Terrain
from edge.navigation.obstacles import ObstacleConfig, ObstacleLayer
from edge.navigation.planning import NoWay, Path, Plan, PlanningConfig, cost_map, plan, with_obstacles
from edge.navigation.scan import LevelScan
from edge.navigation.yielding import YieldingConfig, speed_among
from edge.types import STILL, Pose2D, PoseEstimate, Twist2D


class Failure(StrEnum):
    """Why a goal was not reached; the names are NavigateTo.action's."""

    UNREACHABLE = "UNREACHABLE"
    BLOCKED = "BLOCKED"
    LOST = "LOST"
    CANCELED = "CANCELED"


class Status(StrEnum):
    """What the navigator is at."""

    IDLE = "IDLE"
    WALKING = "WALKING"
    WAITING = "WAITING"  # for something to move away, or for the gate to open
    REACHED = "REACHED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class NavigatorConfig:
    """When to wait, when to try anew, and when to give up."""

    planning: PlanningConfig = field(default_factory=PlanningConfig)
    following: FollowingConfig = field(default_factory=FollowingConfig)
    obstacles: ObstacleConfig = field(default_factory=ObstacleConfig)
    yielding: YieldingConfig = field(default_factory=YieldingConfig)
    look: float = 5.0  # m of path that are watched for obstacles
    body: float = 0.24  # m: something this near to the path is in the way: less than a plan keeps clear of
    keep: float = 0.9  # m short of something in the way the dog waits
    slow_from: float = 2.5  # m short of it the dog slows down
    retry: float = 2.0  # s between plans while there is no way
    blocked_after: float = 45.0  # s without a way, or without a step, until the goal fails
    stuck_after: float = 6.0  # s without a step until the dog steps back and looks for another way
    back: float = 1.5  # s of stepping back ...
    back_speed: float = 0.2  # m/s: ... as fast as this
    step: float = 0.15  # m, or rad: what counts as one
    lost_after: float = 20.0  # s of not knowing where it is until the goal fails
    pose_age: float = 0.5  # s


@dataclass(frozen=True, slots=True)
class Goal:
    """Where to go: ``pose.theta`` NaN means that any heading will do. ``speed`` in m/s."""

    pose: Pose2D
    speed: float = math.inf


@dataclass(frozen=True, slots=True)
class Sight:
    """What the navigator is told at each step. ``held`` is why the gate holds the dog for other than obstacles."""

    estimate: PoseEstimate | None
    held: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """What to do now, and how the goal stands."""

    status: Status
    command: Twist2D = STILL
    failure: Failure | None = None
    reason: str = ""
    remaining: float = 0.0
    recoveries: int = 0


class Navigator:
    """Brings the dog to one goal at a time."""

    def __init__(self, terrain: Terrain, config: NavigatorConfig | None = None) -> None:
        self.config = config or NavigatorConfig()
        self.replace_terrain(terrain)

    def replace_terrain(self, terrain: Terrain) -> None:
        """Walk by another map or other zones from now on."""
        self._terrain = terrain
        self._ground = cost_map(terrain, self.config.planning)
        self.obstacles = ObstacleLayer(terrain.grid, self.config.obstacles)
        self._reset(None)

    def _reset(self, goal: Goal | None) -> None:
        self._goal: Goal | None = goal
        self._follower: Follower | None = None
        self._stepped_from: Pose2D | None = None
        self._planned_at: float | None = None
        self._blocked_since: float | None = None
        self._stepped_at = self._known_at = self._now = self._back_until = -math.inf
        self._remaining, self._recoveries, self._why = 0.0, 0, ""
        self.path: Path = np.zeros((0, 2))

    def start(self, goal: Goal, now: float) -> None:
        """Go to ``goal``; one that was under way is forgotten."""
        if not (math.isfinite(goal.pose.x) and math.isfinite(goal.pose.y)):
            raise ValueError("a goal needs a finite place")
        self._reset(goal)
        self._known_at = self._stepped_at = now

    def cancel(self) -> None:
        """Forget the goal."""
        self._reset(None)

    def look(self, scan: LevelScan, pose: Pose2D, now: float) -> None:
        """Take in a scan, taken at ``pose``."""
        self.obstacles.update(scan, pose, now)

    def update(self, sight: Sight, now: float) -> Progress:
        """What to do at ``now``."""
        if self._goal is None:
            return Progress(Status.IDLE)
        if now < self._now:  # the clock went back: what was timed by it starts anew
            self._known_at = self._stepped_at = now
            self._planned_at = self._blocked_since = None
            self._back_until = -math.inf
        self._now = now
        pose = self._known_pose(sight.estimate, now)
        if pose is None:
            if now - self._known_at > self.config.lost_after:
                return self._failed(Failure.LOST, "the dog does not know where it is")
            return self._waiting("waiting to know where the dog is")
        self._known_at = now
        if sight.held:
            self._stepped_at = now
            return self._waiting("held by the safety gate")
        return self._go(pose, now)

    def _go(self, pose: Pose2D, now: float) -> Progress:
        stuck = self._stuck_for(pose, now)
        if stuck > self.config.blocked_after:
            return self._failed(Failure.BLOCKED, f"no step for {stuck:.0f} s")
        if now < self._back_until:
            return Progress(Status.WALKING, Twist2D(-self.config.back_speed, 0.0, 0.0), remaining=self._remaining)
        if self._must_plan(stuck, now):
            failed = self._plan(pose, now, everything=stuck > self.config.stuck_after)
            if failed is not None:
                return failed
        return self._walk(pose, now) if self._follower else self._waiting(self._why)

    def _walk(self, pose: Pose2D, now: float) -> Progress:
        assert self._follower is not None
        assert self._goal is not None
        limit = min(self._goal.speed, self._terrain.speed_limit_at(pose.x, pose.y), self._obstacle_limit())
        step = self._follower.update(pose, limit)
        if step.stage is Stage.ARRIVED:
            reached = Progress(Status.REACHED, remaining=step.remaining, recoveries=self._recoveries)
            self._reset(None)
            return reached
        self._remaining = step.remaining
        if step.stage is Stage.WALKING and limit <= 0.0:
            return self._waiting("something is in the way")
        command = self._gave_way(step.command, pose, now)
        if command == STILL:
            return self._waiting("giving way to someone")
        return Progress(Status.WALKING, command, remaining=step.remaining, recoveries=self._recoveries)

    def _gave_way(self, command: Twist2D, pose: Pose2D, now: float) -> Twist2D:
        """The command, slowed or turned into a step back for people who would come too near."""
        assert self._follower is not None
        walking = self.obstacles.movers.walking(now)
        speed = speed_among(walking, pose, self._follower.ahead(self.config.look), command.vx, self.config.yielding)
        if speed < 0:
            return Twist2D(speed, 0.0, 0.0)
        if command.vx <= 0:
            return command
        return Twist2D(speed, 0.0, command.omega * speed / command.vx)

    def _plan(self, pose: Pose2D, now: float, everything: bool) -> Progress | None:
        """Look for a way round what stands (round everything seen, if so told)."""
        assert self._goal is not None
        self._planned_at = now
        seen = self.obstacles.points() if everything else self.obstacles.standing()
        goal = (self._goal.pose.x, self._goal.pose.y)
        found = plan(with_obstacles(self._ground, seen), (pose.x, pose.y), goal)
        if isinstance(found, Plan):
            self._blocked_since = None
            stage = Stage.WALKING if self._follower else Stage.TURNING
            self._follower = Follower(found.path, self._goal.pose.theta, self.config.following, stage)
            self.path = found.path
            return None
        bare = plan(self._ground, (pose.x, pose.y), goal) if len(seen) else found
        if isinstance(bare, NoWay):
            return self._failed(Failure.UNREACHABLE, f"no way on the map: {bare}")
        self._follower = None
        self._why = f"the way is blocked: {found}"
        self._blocked_since = now if self._blocked_since is None else self._blocked_since
        if now - self._blocked_since > self.config.blocked_after:
            return self._failed(Failure.BLOCKED, self._why)
        return None

    def _must_plan(self, stuck: float, now: float) -> bool:
        if self._planned_at is not None and now - self._planned_at < self.config.retry:
            return False
        if self._follower is None:
            return True
        if stuck > self.config.stuck_after and now - self._back_until > self.config.stuck_after:
            self._recoveries += 1
            self._back_until = now + self.config.back
            return True
        return self._gap(self.obstacles.standing()) is not None

    def _obstacle_limit(self) -> float:
        """How fast the dog may walk towards what is in its way: 0 at ``keep``, all at ``slow_from``."""
        gap = self._gap(self.obstacles.points())
        if gap is None:
            return math.inf
        share = (gap - self.config.keep) / (self.config.slow_from - self.config.keep)
        return self.config.following.speed * min(1.0, share) if share > 0 else 0.0

    def _gap(self, points: NDArray[np.float64]) -> float | None:
        """Metres along the path to the first of ``points`` that is in the way; None where none is."""
        if self._follower is None or not len(points):
            return None
        ahead = self._follower.ahead(self.config.look)
        near = np.hypot(ahead[:, None, 0] - points[None, :, 0], ahead[:, None, 1] - points[None, :, 1]).min(axis=1)
        hit = np.flatnonzero(near < self.config.body)
        return float(hit[0] * self.config.planning.spacing) if len(hit) else None

    def _known_pose(self, estimate: PoseEstimate | None, now: float) -> Pose2D | None:
        if estimate is None or estimate.quality <= 0.0 or not estimate.pose.is_finite():
            return None
        return estimate.pose if abs(now - estimate.stamp) <= self.config.pose_age else None

    def _stuck_for(self, pose: Pose2D, now: float) -> float:
        """Seconds since the dog last moved by a step."""
        last = self._stepped_from
        turned = abs(math.remainder(pose.theta - last.theta, math.tau)) if last else 0.0
        if last is None or last.distance(pose) > self.config.step or turned > self.config.step:
            self._stepped_from, self._stepped_at = pose, now
        return now - self._stepped_at

    def _waiting(self, why: str) -> Progress:
        return Progress(Status.WAITING, reason=why, remaining=self._remaining, recoveries=self._recoveries)

    def _failed(self, failure: Failure, why: str) -> Progress:
        recoveries = self._recoveries
        self._reset(None)
        return Progress(Status.FAILED, failure=failure, reason=why, recoveries=recoveries)
