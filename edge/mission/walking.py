"""The walk to the next node, home, or off the dock, and a turn on the spot: begun, tried again, given up."""

import math
from dataclasses import dataclass

from msgspec import UNSET
from msgspec.structs import replace

from edge.mission.docks import choose_dock, place_before
from edge.mission.errors import Fault, fatal, warning
from edge.mission.events import Go, GoalEnded, GoalProgress, Halt, Outcome
from edge.mission.mission_context import MissionContext
from edge.mission.node_position import heading, is_at, key, missed
from edge.mission.order_policies import Blocked
from edge.mission.order_progress import Work
from edge.mission.standstill import Standstill
from edge.types import Obstruction, Pose2D
from protocol.on_blocked import BlockedPolicy
from protocol.order import Node
from protocol.state import ActionStatus, Error

HOME = "home"  # to the place before the dock
DOCK = "home, onto the dock"
DOCK_TOLERANCE = (0.05, math.radians(5))  # m, rad
BEFORE_DOCK_M = 0.5  # this near to the place before the dock, the rest of the way is straight
OFF_DOCK = "off the dock"
BACK = "back to "
TURN = "turn at "
STEP_OFF_M = 1.2  # beyond it no charger's contacts reach
NOT_ON = "it does not get on"
HINT = "clear the way, or wait: it looks for another, and tries again"
IN_THE_WAY = (Outcome.BLOCKED, Outcome.UNREACHABLE)
PASSING = (Outcome.LOST, Outcome.CANCELED)  # nothing is in the way; what made it stop passes


@dataclass(slots=True)
class Walk:
    """A walk under way, or one to be tried again at ``again_at``. ``obstruction`` is what stands in its way."""

    goal: int
    target: str
    failures: int = 0
    interruptions: int = 0
    again_at: float | None = None
    why: str = ""
    obstruction: Obstruction | None = None

    @property
    def node_id(self) -> str:
        """The node where it leads, or home."""
        return self.target.removeprefix(BACK).removeprefix(TURN).rpartition("#")[0] or "home"


@dataclass(frozen=True, slots=True)
class WalkingConfig:
    """When a walk is tried again, and when it is given up.

    ``retries`` after a walk that failed, where the order says nothing else, ``retry_after`` s later; where it says to
    wait, ever later, up to ``longest_pause``. ``most_interruptions`` of one that was only interrupted. A dog that has
    not got on for ``told_after`` s says so.
    """

    retries: int = 3
    retry_after: float = 10.0
    longest_pause: float = 60.0
    most_interruptions: int = 30
    told_after: float = 8.0


class Walking:
    """One walk at a time. How often a way was tried in vain outlives what interrupts it, but not the order."""

    def __init__(self, config: WalkingConfig) -> None:
        self._config = config
        self._goals = 0
        self._given_up: Walk | None = None
        self._standstill = Standstill()
        self._stood = 0.0  # s
        self._failed_home = 0  # walks, since the dog last stood at a dock
        self._dock: Pose2D | None = None  # the one that it is on its way to, until it is there or a walk there fails
        self.walk: Walk | None = None

    @property
    def driving(self) -> bool:
        """Whether the dog is on its way."""
        return self.walk is not None and self.walk.again_at is None

    @property
    def homeward(self) -> bool:
        """Whether it walks home, or waits to."""
        return self.walk is not None and self.walk.target in (HOME, DOCK)

    def errors(self) -> tuple[Error, ...]:
        """What keeps it from walking: where, what stands there as far as that is known, and how often it was tried."""
        walk = self.walk
        if walk is None or (walk.again_at is None and self._stood < self._config.told_after):
            return ()
        seen = walk.obstruction
        size = {} if seen is None else {"x": seen.x, "y": seen.y, "length": seen.length, "width": seen.width}
        numbers = {name: f"{value:.2f}" for name, value in size.items()}
        tries = str(walk.failures) if walk.again_at is not None else ""
        return (warning(Fault.WAY_BLOCKED, walk.why or NOT_ON, hint=HINT, nodeId=walk.node_id, tries=tries, **numbers),)

    def forget(self) -> None:
        """Another order: what was tried in vain is of no account."""
        self._given_up = None

    def take_progress(self, event: GoalProgress) -> None:
        """The navigator's word on the walk under way."""
        walk = self.walk
        if walk is not None and event.goal == walk.goal and walk.again_at is None:
            walk.why, walk.obstruction = event.waiting, event.obstruction

    def take_end(self, scene: MissionContext, event: GoalEnded) -> None:
        """The navigator's word on a walk that is over; one that was given up is nobody's."""
        walk = self.walk
        if walk is None or event.goal != walk.goal:
            return
        self._standstill.forget()
        miss = _missed(scene, walk) if event.outcome is Outcome.REACHED else ""
        if event.outcome is Outcome.REACHED and not miss:
            self.walk = None
            if walk.target == DOCK:
                self._failed_home, self._dock = 0, None
            _arrive(scene, walk)
            return
        walk.why = miss or f"{event.outcome} {event.reason}".strip()
        walk.obstruction = event.obstruction or walk.obstruction
        if event.outcome in PASSING:
            walk.interruptions += 1
        else:
            walk.failures += 1
            if walk.target in (HOME, DOCK):
                self._failed_home, self._dock = self._failed_home + 1, None
        walk.again_at = scene.now + self._pause(walk.failures)
        if self._is_hopeless(scene, walk, event.outcome):
            self._give_up(scene, walk, event.outcome)

    def _pause(self, failures: int) -> float:
        config = self._config
        return min(
            config.retry_after * max(failures - config.retries, 1), max(config.longest_pause, config.retry_after)
        )

    def _is_hopeless(self, scene: MissionContext, walk: Walk, outcome: Outcome) -> bool:
        if walk.interruptions > self._config.most_interruptions:
            return True
        node = scene.held.next_node
        rule = scene.held.rule_for(node) if node is not None and key(node) == walk.target else Blocked()
        if rule.policy is BlockedPolicy.WAIT and outcome in IN_THE_WAY:
            return False
        return walk.failures >= (rule.tries or self._config.retries + 1)

    def update(self, scene: MissionContext) -> None:
        """Pass what can be passed, and walk on, unless work holds the dog."""
        self._stood = self._standing_for(scene)
        while (node := scene.held.next_node) is not None and self._passes(scene, node):
            scene.held = scene.held.reached()
            scene.tell()
        if scene.held.held_by_work:
            return
        if node is not None:
            self._to_node(scene, node)
        elif scene.open_instants("stopCharging"):
            self._off_dock(scene)
        elif scene.held.going_home or (scene.findings.go_home and not scene.at_dock):
            self.home(scene)
        else:
            self.halt(scene)

    def go_back(self, scene: MissionContext, node: Node) -> None:
        """Return to a node beside which the dog fell, before the work there goes on."""
        pose, place = scene.situation.pose, node.node_position
        assert place is not UNSET
        if self.walk is None and pose is not None and is_at(node, pose.pose):
            scene.held = replace(scene.held, displaced=False)
        elif self._is_due(scene, BACK + key(node)):
            self._go(scene, BACK + key(node), place.x, place.y, heading(node), 0.0)

    def turn(self, scene: MissionContext, work: Work, theta: float) -> None:
        """Face ``theta`` (rad) where the dog stands: a quarter of a turn of that work."""
        pose, target = scene.situation.pose, f"{TURN}{work.node_id}#{work.action.action_id}"
        if pose is not None and self._is_due(scene, target):
            self._go(scene, target, pose.pose.x, pose.pose.y, theta, 0.0)

    def halt(self, scene: MissionContext) -> None:
        """Give up the walk under way."""
        self._stood = 0.0
        self._standstill.forget()
        if self.walk is not None:
            self.walk, self._given_up = None, self.walk
            scene.ask(Halt())
            scene.tell()

    def _standing_for(self, scene: MissionContext) -> float:
        """Seconds that the dog has not got on; 0 where that has a reason that is told otherwise."""
        pose, safety = scene.situation.pose, scene.situation.safety
        held = safety is None or (safety.stopped and not any(r.startswith("OBSTACLE") for r in safety.reasons))
        if not self.driving or pose is None or held:
            self._standstill.forget()
            return 0.0
        return self._standstill.update(pose.pose, scene.now)

    def _passes(self, scene: MissionContext, node: Node) -> bool:
        """Whether the node counts as traversed without the navigator's word: near enough, nothing to do or face."""
        pose, held = scene.situation.pose, scene.held
        if pose is None or (node.actions and self.walk is not None) or held.held_by_work:
            return False
        to_begin = any(work.status is ActionStatus.WAITING for work in held.open_works())
        return not to_begin and is_at(node, pose.pose)

    def _to_node(self, scene: MissionContext, node: Node) -> None:
        place = node.node_position
        assert place is not UNSET  # an order without it is not taken
        speed = scene.held.edges[0].max_speed if scene.held.edges else UNSET
        if self._is_due(scene, key(node)):
            self._go(scene, key(node), place.x, place.y, heading(node), 0.0 if speed is UNSET else speed)

    def home(self, scene: MissionContext) -> None:
        """To a dock: first to the place before it, then slowly and straight onto it."""
        pose, docks = scene.situation.pose, scene.situation.docks
        if pose is None or not docks or (self.homeward and self.driving):
            return
        if self._dock not in docks:
            self._dock = choose_dock(scene, self._failed_home)
        dock = self._dock
        assert dock is not None
        before = place_before(dock, scene.situation)
        if before is not None and before.distance(pose.pose) > BEFORE_DOCK_M:
            if self._is_due(scene, HOME):
                scene.held = replace(scene.held, going_home=True)
                self._go(scene, HOME, before.x, before.y, before.theta, 0.0)
        elif self._is_due(scene, DOCK):
            scene.held = replace(scene.held, going_home=True)
            self._go(scene, DOCK, dock.x, dock.y, dock.theta, 0.0, DOCK_TOLERANCE)

    def _off_dock(self, scene: MissionContext) -> None:
        pose, can_stand = scene.situation.pose, scene.situation.can_stand
        if pose is None or not self._is_due(scene, OFF_DOCK):
            return
        places = [_ahead(pose.pose, turn) for turn in (0.0, math.pi, math.pi / 2, -math.pi / 2)]
        free = next((p for p in places if can_stand is None or can_stand(p.x, p.y)), None)
        if free is None:
            _end_stop_charging(scene, "there is no room beside the dock")
        else:
            self._go(scene, OFF_DOCK, free.x, free.y, None, 0.0)

    def _is_due(self, scene: MissionContext, target: str) -> bool:
        walk = self.walk
        if walk is None or walk.target != target:
            return True
        return walk.again_at is not None and scene.now >= walk.again_at

    def _go(
        self,
        scene: MissionContext,
        target: str,
        x: float,
        y: float,
        theta: float | None,
        speed: float,
        tolerance: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        known = (walk for walk in (self.walk, self._given_up) if walk is not None and walk.target == target)
        same = next(known, Walk(0, target))
        self._goals += 1
        self.walk = Walk(self._goals, target, same.failures, same.interruptions)
        scene.ask(Go(self._goals, x, y, theta, speed, tolerance))
        scene.tell()

    def _give_up(self, scene: MissionContext, walk: Walk, outcome: Outcome) -> None:
        self.walk = None
        if walk.target in (HOME, DOCK):
            scene.held = scene.held.stranded(fatal(Fault.NO_ROUTE, f"no way home: {walk.why}"))
        elif walk.target == OFF_DOCK:
            _end_stop_charging(scene, walk.why)
        elif walk.target.startswith(BACK):
            scene.held = replace(scene.held, displaced=False)  # the work is done where the dog got to
        elif walk.target.startswith(TURN):
            scene.end_work(_turning(walk), success=False, result=f"it could not turn: {walk.why}")
        elif outcome in IN_THE_WAY and self._may_skip(scene, walk):
            scene.held = scene.held.skipping(walk.why)
        else:
            scene.break_off(fatal(Fault.ORDER_ABORTED, walk.why, orderId=scene.held.order_id, nodeId=walk.node_id))

    def _may_skip(self, scene: MissionContext, walk: Walk) -> bool:
        node = scene.held.next_node
        ahead = node is not None and key(node) == walk.target
        return ahead and node is not None and scene.held.rule_for(node).policy is BlockedPolicy.SKIP


def _missed(scene: MissionContext, walk: Walk) -> str:
    """What is wrong with where the dog stands, which the navigator calls the goal; empty: nothing."""
    node, pose = scene.held.next_node, scene.situation.pose
    if node is None or key(node) != walk.target or pose is None or pose.quality <= 0:
        return ""
    return missed(node, pose.pose)


def _arrive(scene: MissionContext, walk: Walk) -> None:
    if walk.target == HOME:
        return
    if walk.target == DOCK:
        scene.held = replace(scene.held, going_home=False)
    elif walk.target == OFF_DOCK:
        _end_stop_charging(scene, "" if not scene.charging else "it charges still")
    elif walk.target.startswith(BACK):
        scene.held = replace(scene.held, displaced=False)
    elif walk.target.startswith(TURN):
        scene.held = scene.held.turned(_turning(walk))
    elif scene.held.next_node is not None and key(scene.held.next_node) == walk.target:
        scene.held = scene.held.reached()


def _turning(walk: Walk) -> str:
    """The action id of the work for which it turns."""
    return walk.target.rpartition("#")[2]


def _end_stop_charging(scene: MissionContext, why: str) -> None:
    for work in scene.open_instants("stopCharging"):
        scene.end_work(work.action.action_id, success=not why, result=why)


def _ahead(pose: Pose2D, turn: float) -> Pose2D:
    way = pose.theta + turn
    return Pose2D(pose.x + STEP_OFF_M * math.cos(way), pose.y + STEP_OFF_M * math.sin(way), way)
