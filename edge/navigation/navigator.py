"""From a goal to its end: plan, walk among who moves, go round what stands, or say why not and what stands there."""

import math
from collections import deque
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from edge.navigation.clearance import Clearance
from edge.navigation.docking import Docking, DockingConfig, Outcome
from edge.navigation.local_control import Choice, LocalControl, LocalControlConfig, Why
from edge.navigation.maps import Terrain
from edge.navigation.moving_obstacles import MovingObstacle, clustered
from edge.navigation.obstacle_layer import ObstacleConfig, ObstacleLayer, to_map
from edge.navigation.obstructions import Refused, Unseen, described, first_in_way
from edge.navigation.path_following import Follower, FollowingConfig, Stage
from edge.navigation.planning import CostMap, NoWay, Path, Plan, PlanningConfig, cost_map, plan, with_obstacles
from edge.navigation.reachability import explained
from edge.navigation.recovery import Advance, Pushing, RecoveryConfig, refuge
from edge.navigation.scan_leveling import LevelScan
from edge.navigation.trajectories import PathTable, path_table
from edge.types import STILL, Obstruction, Pose2D, PoseEstimate, Twist2D

NEAR = 3.0  # m within which the safety gate may mind what is there


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
    local: LocalControlConfig = field(default_factory=LocalControlConfig)
    recovery: RecoveryConfig = field(default_factory=RecoveryConfig)
    docking: DockingConfig = field(default_factory=DockingConfig)
    look: float = 7.0  # m of path that are watched for obstacles
    table: float = 4.5  # m of path that local control follows
    room: float = 0.38  # m more than from walls that a plan keeps from what may be somebody: half a metre from its side
    long: float = 2.4  # m: what is longer than this is nobody, and may be passed as closely as a wall
    in_way: float = 0.45  # m: something this near to the path is in the way
    retry: float = 1.0  # s between plans
    held_after: float = 4.0  # s without getting on until another way is looked for
    blocked_after: float = 8.0  # s without any way until the goal fails ...
    blocked_by_mover_after: float = 30.0  # s: ... where who stands there was seen moving, and will move again
    recoveries: int = 12  # of all kinds, until the goal fails
    aside_for: float = 12.0  # s that the dog waits out of somebody's way, at most
    aside_pace: float = 0.8  # s later for each metre that it would have to go there
    asides: int = 2  # for who stands at the same place; who has not gone then has not waited for the dog to make room
    same_place: float = 0.7  # m
    in_a_hurry: float = 0.6  # m for each radian to turn: it is slow sideways and backwards, half blind not let back
    clear_of_course: float = 0.9  # m from the side of who comes at a dog without a goal: there it goes
    forward_for: float = 5.0  # s without a step back for a half blind dog, after one that the gate did not let pass
    stagger: float = 3.0  # s that the patience of two dogs may differ
    lost_after: float = 20.0  # s of not knowing where it is until the goal fails
    pose_age: float = 0.5  # s


@dataclass(frozen=True, slots=True)
class Goal:
    """Where to go: ``pose.theta`` NaN means that any heading will do. ``speed`` in m/s.

    ``tolerance`` (m) and ``tolerance_heading`` (rad): how near is near enough; 0 leaves it to the navigator.
    """

    pose: Pose2D
    speed: float = math.inf
    tolerance: float = 0.0
    tolerance_heading: float = 0.0


@dataclass(frozen=True, slots=True)
class Sight:
    """What the navigator is told at each step. ``held`` is why the gate holds the dog for other than obstacles.

    ``twist`` is how the dog moves by its odometry; without it, what was commanded is taken for it. ``half_blind``: the
    gate lets less pass because the dog does not see what is low.
    """

    estimate: PoseEstimate | None
    held: bool = False
    twist: Twist2D | None = None
    half_blind: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """What to do now, and how the goal stands.

    ``obstruction`` is what stands in the way, where something does. ``nearest`` (x, y), with UNREACHABLE, is the place
    nearest to the goal that can be reached.
    """

    status: Status
    command: Twist2D = STILL
    failure: Failure | None = None
    reason: str = ""
    remaining: float = 0.0
    recoveries: int = 0
    obstruction: Obstruction | None = None
    nearest: tuple[float, float] | None = None


class Navigator:
    """Brings the dog to one goal at a time.

    ``seed`` (0 to 1, of the dog's own name) makes the patience of two dogs differ who stand before one another.
    """

    def __init__(self, terrain: Terrain, config: NavigatorConfig | None = None, seed: float = 0.0) -> None:
        self.config = config or NavigatorConfig()
        self._patience = self.config.held_after + self.config.stagger * (seed % 1.0)
        self._local = LocalControl(self.config.local)
        self.replace_terrain(terrain)

    def replace_terrain(self, terrain: Terrain) -> None:
        """Walk by another map or other zones from now on."""
        self._terrain = terrain
        self._ground = cost_map(terrain, self.config.planning)
        self.obstacles = ObstacleLayer(terrain.grid, self.config.obstacles)
        self._unseen, self.refused = Unseen(), Refused()
        self._near = np.zeros((0, 2))  # what the last scan saw near the dog, on the map
        self._around: Clearance | None = None
        self._reset(None, 0.0)

    def _reset(self, goal: Goal | None, now: float) -> None:
        self._goal: Goal | None = goal
        self._follower: Follower | None = None
        self._aside_until: float | None = None
        self._off, self._off_until = STILL, -math.inf  # away from what pushed back
        self._forward_until = -math.inf
        self._aside_from = self._aside_asked = -math.inf
        self._aside_for: list[tuple[float, float]] = []  # where they stood for whom the dog stepped aside
        self._hold: PathTable | None = None
        self._docking: Docking | None = None
        self._advance = Advance(self.config.recovery, now)
        self._pushing = Pushing(self.config.recovery)
        self._trail: deque[tuple[float, float]] = deque(maxlen=20)
        self._planned_at: float | None = None
        self._blocked_since: float | None = None
        self._obstruction: Obstruction | None = None
        self._held_by: Obstruction | None = None  # the last that held the dog up
        self._planned_with = np.zeros((0, 2))
        self._known_at = now
        self._now = -math.inf
        self._remaining, self._recoveries, self._why = 0.0, 0, ""
        self._local.forget()
        self.path: Path = np.zeros((0, 2))

    def start(self, goal: Goal, now: float) -> None:
        """Go to ``goal``; one that was under way is forgotten."""
        if not (math.isfinite(goal.pose.x) and math.isfinite(goal.pose.y)):
            raise ValueError("a goal needs a finite place")
        self._reset(goal, now)

    def cancel(self) -> None:
        """Forget the goal."""
        self._reset(None, 0.0)

    def look(self, scan: LevelScan, pose: Pose2D, now: float, met: Path | None = None) -> None:
        """Take in a scan, taken at ``pose``; ``met`` (n, 2; base_link) is what truly sent something back just now."""
        self.obstacles.update(scan, pose, now, met)
        hits = scan.hits()
        self._near = to_map(pose, hits[np.hypot(hits[:, 0], hits[:, 1]) < NEAR])
        self._around = None

    def update(self, sight: Sight, now: float) -> Progress:
        """What to do at ``now``."""
        if self._goal is None:
            return Progress(Status.IDLE)
        if now < self._now:  # the clock went back: what was timed by it starts anew
            self._known_at = now
            self._planned_at = self._blocked_since = self._aside_until = None
            self._off_until = self._forward_until = -math.inf
            self._aside_asked = -math.inf
            self._advance.excuse(now)
            self._pushing.forget()
        self._now = now
        pose = self.pose_at(sight, now)
        if pose is None:
            if now - self._known_at > self.config.lost_after:
                return self._failed(Failure.LOST, "the dog does not know where it is")
            return self._waiting("waiting to know where the dog is")
        self._known_at = now
        if sight.held:
            self._advance.excuse(now)
            self._pushing.forget()
            self._local.forget()
            return self._waiting("held by the safety gate")
        self._note_refused_step_back(sight, now)
        return self._go(pose, sight.twist, now)

    # --- without a goal

    def expected(self, pose: Pose2D, now: float, already: bool = False) -> list[MovingObstacle]:
        """Who comes at a dog that stands at ``pose``; ``already``: one that makes room minds who comes near."""
        return self._local.expected(pose, self._walking(now), already)

    def make_room(self, pose: Pose2D, sight: Sight, coming: list[MovingObstacle], now: float) -> Choice:
        """How a dog without a goal gets out of the way of who is ``coming``: to a place beside their courses.

        It is chosen once, for a dog that weighs one side against the other at each step stays in the middle; and anew
        only where they come at that, too. Where there is no such place, as far away as local control finds.
        """
        self._now = now
        self._note_refused_step_back(sight, now)
        legs = self.config.local.legs
        if self._hold is None or (coming and self._is_on_course(coming)):
            self._hold = path_table(np.array([[pose.x, pose.y]]), True)
            self._follower = self._way_off(coming, pose)
        hold = self._hold
        if self._follower is not None:
            self._follower.update(pose)
            hold = path_table(self._follower.ahead(self.config.table), self._follower.ends_within(self.config.table))
        return self._chosen(hold, pose, sight.twist, legs.forward, self._walking(now), now)

    def _way_off(self, coming: list[MovingObstacle], pose: Pose2D) -> Follower | None:
        ground = with_obstacles(self._ground, self.obstacles.points(), 0.1)
        wide = max((mover.width / 2 for mover in coming), default=0.0)
        aside = self.config.clear_of_course + wide
        recovery = replace(self.config.recovery, aside=aside, turning=self.config.in_a_hurry)
        courses = [_course(mover, pose) for mover in coming]
        place = refuge(ground, pose, np.vstack(courses), recovery) if courses else None
        found = plan(ground, (pose.x, pose.y), place) if place is not None else NoWay.CUT_OFF
        return Follower(found.path, math.nan, self.config.following) if isinstance(found, Plan) else None

    def _is_on_course(self, coming: list[MovingObstacle]) -> bool:
        """Whether they come at the place, too, to which the dog makes room."""
        if self._follower is None:
            return False
        x, y = self._follower.path[-1]
        end, clear = Pose2D(float(x), float(y), 0.0), self.config.clear_of_course / 2
        return any(np.hypot(*(_course(each, end) - (x, y)).T).min() < each.width / 2 + clear for each in coming)

    def _chosen(
        self,
        path: PathTable,
        pose: Pose2D,
        twist: Twist2D | None,
        limit: float,
        movers: list[MovingObstacle],
        now: float,
        turn: Twist2D | None = None,
    ) -> Choice:
        around, near = self._seen_about(pose, now), self._near_from(pose)
        return self._local.update(pose, twist, path, limit, around, movers, turn, near, now < self._forward_until)

    def _note_refused_step_back(self, sight: Sight, now: float) -> None:
        if sight.half_blind and self._local.steps_back:
            self._forward_until = now + self.config.forward_for

    def _go(self, pose: Pose2D, twist: Twist2D | None, now: float) -> Progress:
        if self._advance.barren_for(now) > self.config.recovery.barren:
            return self._failed(Failure.BLOCKED, f"no new ground for {self.config.recovery.barren:.0f} s")
        if self._recoveries > self.config.recoveries:
            return self._failed(Failure.BLOCKED, f"{self._recoveries} recoveries did not help")
        self._remember(pose)
        exactly = self._dock(pose, now) if self._aside_until is None else None
        if exactly is not None:
            return exactly
        if self._aside_until is not None:
            self._leave_refuge(pose, now)
        if now < self._off_until:
            return self._told(Why.FREE, self._off)
        if self._must_plan(now):
            failed = self._plan(pose, now)
            if failed is not None:
                return failed
        if self._follower is None:
            return self._stand(pose, twist, now)
        return self._walk(self._follower, pose, twist, now)

    def _walk(self, follower: Follower, pose: Pose2D, twist: Twist2D | None, now: float) -> Progress:
        assert self._goal is not None
        stage = follower.update(pose)
        self._remaining = follower.remaining
        self._advance.update(pose, follower.remaining, now)
        if stage is Stage.ARRIVED:
            return self._arrived(now)
        limit = min(self._goal.speed, self._terrain.speed_limit_at(pose.x, pose.y), self.config.following.speed)
        path = path_table(follower.ahead(self.config.table), follower.ends_within(self.config.table))
        turn = follower.align(pose) if stage is Stage.ALIGNING else None
        choice = self._chosen(path, pose, twist, limit, self._walking(now), now, turn)
        self._recover(choice.command, pose, now)
        return self._told(choice.why, choice.command)

    def _stand(self, pose: Pose2D, twist: Twist2D | None, now: float) -> Progress:
        """No way for now: stay, but make room for who comes."""
        if self._hold is None:
            self._hold = path_table(np.array([[pose.x, pose.y]]), True)
        movers = self._walking(now)
        choice = self._chosen(self._hold, pose, twist, self.config.following.speed, movers, now)
        if self._blocked_since is not None and self._aside_until is None:
            self._make_way(pose, now - self._blocked_since, now)
        if choice.command == STILL or not movers:
            return self._waiting(self._why)
        return self._told(choice.why, choice.command)

    def _told(self, why: Why, command: Twist2D) -> Progress:
        if why is Why.UNAVOIDABLE:
            return self._waiting("somebody comes who cannot be avoided: standing still")
        if command == STILL:
            return self._waiting(self._why or "giving way to someone")
        reason = "making room for someone" if why is Why.MAKING_ROOM else self._why
        return Progress(Status.WALKING, command, None, reason, self._remaining, self._recoveries, self._obstruction)

    def _arrived(self, now: float) -> Progress:
        if self._aside_until is not None:
            self._follower = None
            self._why = "waiting out of somebody's way"
            return self._waiting(self._why)
        reached = Progress(Status.REACHED, remaining=self._remaining, recoveries=self._recoveries)
        self._reset(None, now)
        return reached

    def _dock(self, pose: Pose2D, now: float) -> Progress | None:
        """The last metre of a goal that wants to be met exactly; None where that is not the case, or not yet."""
        goal, config = self._goal, self.config
        if goal is None or goal.tolerance <= 0.0:
            return None
        if self._docking is None:
            if pose.distance(goal.pose) > config.docking.begins or not self._is_straight(pose, goal.pose):
                return None
            heading = goal.tolerance_heading or config.following.goal_heading
            self._docking = Docking(goal.pose, goal.tolerance, heading, config.docking, now)
        self._remaining = pose.distance(goal.pose)
        outcome, command = self._docking.update(pose, now)
        if outcome is Outcome.THERE:
            return self._arrived(now)
        if outcome is Outcome.STUCK:
            return self._failed(Failure.BLOCKED, f"{self._remaining:.2f} m short of where it has to stand exactly")
        return Progress(Status.WALKING, command, remaining=self._remaining, recoveries=self._recoveries)

    def _is_straight(self, pose: Pose2D, goal: Pose2D) -> bool:
        """Whether nothing of the map lies between; the goal itself may be as near to a wall as a dock is."""
        shares = (step / 20 for step in range(21))
        return all(self._terrain.clearance_at(*_between(pose, goal, share)) > 0.0 for share in shares)

    # --- planning

    def _must_plan(self, now: float) -> bool:
        if self._aside_until is not None or (
            self._planned_at is not None and now - self._planned_at < self.config.retry
        ):
            return False
        if self._follower is None:
            return True
        fresh = _not_among(self.obstacles.standing(), self._planned_with)
        return first_in_way(self._follower.ahead(self.config.look), fresh, [], self.config.in_way) is not None

    def _plan(self, pose: Pose2D, now: float, everything: bool = False) -> Progress | None:
        """Look for a way round what stands (round everything seen, if so told)."""
        assert self._goal is not None
        self._planned_at = now
        seen = self.obstacles.points() if everything else self.obstacles.standing()
        start, goal = (pose.x, pose.y), (self._goal.pose.x, self._goal.pose.y)
        found = self._way(start, goal, seen, now)
        if isinstance(found, Plan):
            self._take(found.path, self._goal.pose.theta, seen, now)
            return None
        bare = plan(self._ground, start, goal)
        if isinstance(bare, NoWay):
            told = explained(self._ground, self._terrain, start, goal)
            return self._failed(Failure.UNREACHABLE, f"no way on the map: {told.why}", told.nearest)
        return self._blocked(bare.path, found, seen, now)

    def _way(self, start: tuple[float, float], goal: tuple[float, float], seen: Path, now: float) -> Plan | NoWay:
        """A way with room for who may stand there; else one that passes long things as closely as walls."""
        hard = with_obstacles(self._ground, self._known_blocked(now))
        found = plan(with_obstacles(hard, seen, self.config.room), start, goal)
        if isinstance(found, Plan) or not len(seen):
            return found
        return plan(self._narrow(hard, seen, start), start, goal)

    def _narrow(self, ground: CostMap, seen: Path, eye: tuple[float, float]) -> CostMap:
        long = np.zeros(len(seen), np.bool_)
        for index in clustered(seen, eye):
            long[index] = float(np.hypot(*np.ptp(seen[index], axis=0))) > self.config.long
        return with_obstacles(with_obstacles(ground, seen[long]), seen[~long], self.config.room)

    def _take(self, path: Path, heading: float, seen: Path, now: float) -> None:
        self._follower = Follower(path, heading, self.config.following)
        self.path, self._planned_with = path, seen
        self._blocked_since, self._obstruction, self._hold, self._why = None, None, None, ""
        self._advance.restart(now)

    def _blocked(self, bare: Path, why: NoWay, seen: Path, now: float) -> Progress | None:
        """There is no way but through what stands: wait a while for it to go, then say what it is."""
        self._follower = None
        things = np.vstack([seen, self._known_blocked(now)])
        self._obstruction = first_in_way(
            bare, things, self.obstacles.movers.all(now), self.config.planning.inscribed + self.config.room
        )
        self._why = f"the way is blocked: {self._obstruction or why}"
        self._blocked_since = now if self._blocked_since is None else self._blocked_since
        moves = self._obstruction is not None and self._obstruction.moves
        patience = self.config.blocked_by_mover_after if moves else self.config.blocked_after
        if now - self._blocked_since > patience:
            return self._failed(Failure.BLOCKED, self._why)
        return None

    # --- recoveries

    def _recover(self, command: Twist2D, pose: Pose2D, now: float) -> None:
        """Where the dog does not get on: note what pushed back, go round what stands, or step out of somebody's way."""
        pushed = self._pushing.update(pose, command, now)
        if pushed is not None:
            self._recoveries += 1
            self._held_by = self._pushed_back(pose, pushed, now)
            self._around, self._planned_at, self._follower = None, None, None
            away = -self.config.recovery.off_speed
            self._off = Twist2D(away * math.cos(pushed), away * math.sin(pushed), 0.0)
            self._off_until = now + self.config.recovery.off_for
            return
        held = self._advance.held_for(now)
        if self._aside_until is not None or self._make_way(pose, held, now) or held < self._patience:
            return
        self._recoveries += 1
        self._advance.restart(now)
        assert self._follower is not None
        movers, ahead = self.obstacles.movers.all(now), self._follower.ahead(3.0)
        self._held_by = first_in_way(ahead, self.obstacles.points(), movers, self.config.in_way) or self._held_by
        assert self._goal is not None
        seen = self.obstacles.points()
        found = self._way((pose.x, pose.y), (self._goal.pose.x, self._goal.pose.y), seen, now)
        if isinstance(found, Plan):
            self._take(found.path, self._goal.pose.theta, seen, now)

    def _pushed_back(self, pose: Pose2D, direction: float, now: float) -> Obstruction:
        """What the dog pushes against in vain: what the gate refuses to go nearer to, else what nobody sees."""
        refused = self.refused.lately(now)
        if not len(refused):
            return self._unseen.add(pose, direction, 0.42 - 0.2 * abs(math.sin(direction)), now)
        movers = self.obstacles.movers.all(now)
        obstruction = described(refused, movers)
        if not obstruction.moves:
            self.refused.keep(refused, now)
        return obstruction

    def _known_blocked(self, now: float) -> Path:
        """Places where the dog has been held up, and no sensor of its own shows why."""
        return np.vstack([self._unseen.points(now), self.refused.points(now)])

    def _before(self, pose: Pose2D, now: float) -> MovingObstacle | None:
        """Somebody near who has moved, and is ahead on the path or, where there is none, in the way."""
        ahead = self._follower.ahead(3.0) if self._follower else self.path[:0]
        if self._obstruction is not None:
            ahead = np.vstack([ahead, [[self._obstruction.x, self._obstruction.y]]])
        if not len(ahead):
            return None
        near = [
            mover
            for mover in self.obstacles.movers.all(now)
            if mover.moved
            and math.hypot(mover.x - pose.x, mover.y - pose.y) < 3.5
            and float(np.hypot(ahead[:, 0] - mover.x, ahead[:, 1] - mover.y).min()) < 1.0
        ]
        return min(near, key=lambda mover: math.hypot(mover.x - pose.x, mover.y - pose.y), default=None)

    def _make_way(self, pose: Pose2D, held: float, now: float) -> bool:
        """Step out of the lane of who stands before the dog: the sooner, the less far that is.

        So who is deeper in a doorway goes first.
        """
        if held < self._patience / 2 or now < self._aside_asked + self.config.retry:
            return False
        self._aside_asked = now
        other = self._before(pose, now)
        if other is None or other.speed > 0.0 or self._has_made_way_for(other):
            return False
        found = self._way_aside(other, pose)
        if found is None or held < self._patience / 2 + self.config.aside_pace * found.length:
            return False
        self._take(found.path, math.nan, self._planned_with, now)
        self._recoveries += 1
        self._why = "stepping out of somebody's way"
        self._aside_until = now + self.config.aside_for
        self._aside_from = now
        self._aside_for.append((other.x, other.y))
        return True

    def _has_made_way_for(self, other: MovingObstacle) -> bool:
        """Whether the dog has stepped aside for them in vain, as often as is polite: they stand, and do not wait."""
        times = sum(math.dist(place, (other.x, other.y)) < self.config.same_place for place in self._aside_for)
        return times >= self.config.asides

    def _way_aside(self, other: MovingObstacle, pose: Pose2D) -> Plan | None:
        """A way out of the lane of ``other``; None where there is no such place."""
        off = (pose.x - other.x, pose.y - other.y)
        far = max(math.hypot(*off), 0.1)
        reach = np.arange(0.0, far + 2.5, 0.2)[:, None]
        lane = np.array([[other.x, other.y]]) + reach * np.array([off]) / far
        ground = with_obstacles(self._ground, self.obstacles.points(), 0.1)
        place = refuge(ground, pose, np.vstack([lane, *[[spot] for spot in self._trail]]), self.config.recovery)
        found = plan(ground, (pose.x, pose.y), place) if place is not None else NoWay.CUT_OFF
        return found if isinstance(found, Plan) else None

    def _leave_refuge(self, pose: Pose2D, now: float) -> None:
        """Go on when the time is up, or nobody is left who moved and is near."""
        assert self._aside_until is not None
        there = self._follower is None and now > self._aside_from + 2.0
        near = self.obstacles.movers.anybody_near((pose.x, pose.y), 3.5, now)
        if now > self._aside_until or (there and not near):
            self._aside_until, self._follower, self._planned_at = None, None, None
            self._why = ""

    def _remember(self, pose: Pose2D) -> None:
        if not self._trail or math.hypot(pose.x - self._trail[-1][0], pose.y - self._trail[-1][1]) > 0.2:
            self._trail.append((pose.x, pose.y))

    # --- what is seen

    def _walking(self, now: float) -> list[MovingObstacle]:
        return self.obstacles.movers.walking(now)

    def _seen_about(self, pose: Pose2D, now: float) -> Clearance:
        if self._around is None or not self._around.covers(pose):
            seen: NDArray[np.float64] = np.vstack([self.obstacles.points(), self._known_blocked(now)])
            self._around = Clearance(self._terrain, seen, pose)
        return self._around

    def _near_from(self, pose: Pose2D) -> Path:
        """What the last scan saw near by, in the dog's frame."""
        return to_map(pose.inverse(), self._near)

    def pose_at(self, sight: Sight, now: float) -> Pose2D | None:
        """The newest pose, carried on by how the dog moves since until ``now`` (s); None where it is not known."""
        estimate, twist = sight.estimate, sight.twist
        if estimate is None or estimate.quality <= 0.0 or not estimate.pose.is_finite():
            return None
        passed = now - estimate.stamp
        if not abs(passed) <= self.config.pose_age:
            return None
        if twist is None or passed <= 0.0:
            return estimate.pose
        return estimate.pose.compose(Pose2D(twist.vx * passed, twist.vy * passed, twist.omega * passed))

    def _waiting(self, why: str) -> Progress:
        return Progress(Status.WAITING, STILL, None, why, self._remaining, self._recoveries, self._obstruction)

    def _failed(self, failure: Failure, why: str, nearest: tuple[float, float] | None = None) -> Progress:
        obstruction = (self._obstruction or self._held_by) if failure is Failure.BLOCKED else None
        failed = Progress(Status.FAILED, STILL, failure, why, self._remaining, self._recoveries, obstruction, nearest)
        self._reset(None, self._now)
        return failed


def _course(mover: MovingObstacle, pose: Pose2D) -> Path:
    """Where (n, 2) the mover is and will be, until it is well past ``pose``."""
    far = math.hypot(pose.x - mover.x, pose.y - mover.y) + 3.0
    along = np.array([[math.cos(mover.heading), math.sin(mover.heading)]])
    course: Path = np.array([[mover.x, mover.y]]) + np.arange(0.0, far, 0.2)[:, None] * along
    return course


def _between(a: Pose2D, b: Pose2D, share: float) -> tuple[float, float]:
    return a.x + share * (b.x - a.x), a.y + share * (b.y - a.y)


def _not_among(points: Path, known: Path) -> Path:
    """Those of ``points`` (n, 2) that are not in ``known`` (m, 2); both are middles of the same cells."""
    if not (len(points) and len(known)):
        return points
    here, there = (np.round(part * 100).astype(np.int64) @ np.array([1 << 24, 1]) for part in (points, known))
    fresh: Path = points[~np.isin(here, there)]
    return fresh
