"""The walk to the next node, home, or off the dock: begun, tried again, given up."""

import math
from dataclasses import dataclass

from msgspec import UNSET
from msgspec.structs import replace

from edge.mission.events import Go, GoalEnded, Halt, Outcome
from edge.mission.faults import Fault, fatal, warning
from edge.mission.places import heading, is_at, key
from edge.mission.scene import Scene
from edge.types import Pose2D
from protocol.order import Node
from protocol.state import ActionStatus, Error

HOME = "home"
OFF_DOCK = "off the dock"
BACK = "back to "
STEP_OFF_M = 1.2  # beyond it no charger's contacts reach
PASSING = (Outcome.LOST, Outcome.CANCELED)  # nothing is in the way; what made it stop passes


@dataclass(slots=True)
class Walk:
    """A walk under way, or one to be tried again at ``again_at``."""

    goal: int
    target: str
    failures: int = 0
    interruptions: int = 0
    again_at: float | None = None
    why: str = ""


class Walking:
    """A walk that fails is tried again ``retries`` times, one that was interrupted ``most_interruptions`` times."""

    def __init__(self, retries: int, retry_after: float, most_interruptions: int) -> None:
        self._retries, self._retry_after, self._most_interruptions = retries, retry_after, most_interruptions
        self._goals = 0
        self.walk: Walk | None = None

    @property
    def driving(self) -> bool:
        """Whether the dog is on its way."""
        return self.walk is not None and self.walk.again_at is None

    @property
    def homeward(self) -> bool:
        """Whether it walks home, or waits to."""
        return self.walk is not None and self.walk.target == HOME

    def errors(self) -> tuple[Error, ...]:
        """What keeps it from walking."""
        if self.walk is None or self.walk.again_at is None:
            return ()
        return (
            warning(
                Fault.WAY_BLOCKED, self.walk.why, nodeId=self.walk.target.removeprefix(BACK).rpartition("#")[0] or HOME
            ),
        )

    def take_end(self, scene: Scene, event: GoalEnded) -> None:
        """The navigator's word on a walk; one that was given up is nobody's."""
        walk = self.walk
        if walk is None or event.goal != walk.goal:
            return
        if event.outcome is Outcome.REACHED:
            self.walk = None
            _arrive(scene, walk)
            return
        walk.why = f"{event.outcome} {event.reason}".strip()
        walk.again_at = scene.now + self._retry_after
        if event.outcome in PASSING:
            walk.interruptions += 1
        else:
            walk.failures += 1
        if walk.failures > self._retries or walk.interruptions > self._most_interruptions:
            self._give_up(scene, walk)

    def update(self, scene: Scene) -> None:
        """Pass what can be passed, and walk on, unless work holds the dog."""
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
            self._home(scene)
        else:
            self.halt(scene)

    def go_back(self, scene: Scene, node: Node) -> None:
        """Return to a node beside which the dog fell, before the work there goes on."""
        pose, place = scene.situation.pose, node.node_position
        assert place is not UNSET
        if self.walk is None and pose is not None and is_at(node, pose.pose):
            scene.held = replace(scene.held, displaced=False)
        elif self._is_due(scene, BACK + key(node)):
            self._go(scene, BACK + key(node), place.x, place.y, heading(node), 0.0)

    def halt(self, scene: Scene) -> None:
        """Give up the walk under way."""
        if self.walk is not None:
            self.walk = None
            scene.ask(Halt())
            scene.tell()

    def _passes(self, scene: Scene, node: Node) -> bool:
        """Whether the node counts as traversed without the navigator's word: near enough, nothing to do or face."""
        pose, held = scene.situation.pose, scene.held
        if pose is None or (node.actions and self.walk is not None) or held.held_by_work:
            return False
        to_begin = any(work.status is ActionStatus.WAITING for work in held.open_works())
        return not to_begin and is_at(node, pose.pose)

    def _to_node(self, scene: Scene, node: Node) -> None:
        place = node.node_position
        assert place is not UNSET  # an order without it is not taken
        speed = scene.held.edges[0].max_speed if scene.held.edges else UNSET
        if self._is_due(scene, key(node)):
            self._go(scene, key(node), place.x, place.y, heading(node), 0.0 if speed is UNSET else speed)

    def _home(self, scene: Scene) -> None:
        pose, docks = scene.situation.pose, scene.situation.docks
        if pose is None or not docks:
            return
        dock = min(docks, key=pose.pose.distance)
        if self._is_due(scene, HOME):
            scene.held = replace(scene.held, going_home=True)
            self._go(scene, HOME, dock.x, dock.y, dock.theta, 0.0)

    def _off_dock(self, scene: Scene) -> None:
        pose, can_stand = scene.situation.pose, scene.situation.can_stand
        if pose is None or not self._is_due(scene, OFF_DOCK):
            return
        places = [_ahead(pose.pose, turn) for turn in (0.0, math.pi, math.pi / 2, -math.pi / 2)]
        free = next((p for p in places if can_stand is None or can_stand(p.x, p.y)), None)
        if free is None:
            _end_stop_charging(scene, "there is no room beside the dock")
        else:
            self._go(scene, OFF_DOCK, free.x, free.y, None, 0.0)

    def _is_due(self, scene: Scene, target: str) -> bool:
        walk = self.walk
        if walk is None or walk.target != target:
            return True
        return walk.again_at is not None and scene.now >= walk.again_at

    def _go(self, scene: Scene, target: str, x: float, y: float, theta: float | None, speed: float) -> None:
        same = self.walk if self.walk is not None and self.walk.target == target else Walk(0, target)
        self._goals += 1
        self.walk = Walk(self._goals, target, same.failures, same.interruptions)
        scene.ask(Go(self._goals, x, y, theta, speed))
        scene.tell()

    def _give_up(self, scene: Scene, walk: Walk) -> None:
        self.walk = None
        if walk.target == HOME:
            scene.held = scene.held.stranded(fatal(Fault.NO_ROUTE, f"no way home: {walk.why}"))
        elif walk.target == OFF_DOCK:
            _end_stop_charging(scene, walk.why)
        elif walk.target.startswith(BACK):
            scene.held = replace(scene.held, displaced=False)  # the work is done where the dog got to
        else:
            node_id = walk.target.rpartition("#")[0]
            scene.break_off(fatal(Fault.ORDER_ABORTED, walk.why, orderId=scene.held.order_id, nodeId=node_id))


def _arrive(scene: Scene, walk: Walk) -> None:
    if walk.target == HOME:
        scene.held = replace(scene.held, going_home=False)
    elif walk.target == OFF_DOCK:
        _end_stop_charging(scene, "" if not scene.charging else "it charges still")
    elif walk.target.startswith(BACK):
        scene.held = replace(scene.held, displaced=False)
    elif scene.held.next_node is not None and key(scene.held.next_node) == walk.target:
        scene.held = scene.held.reached()


def _end_stop_charging(scene: Scene, why: str) -> None:
    for work in scene.open_instants("stopCharging"):
        scene.end_work(work.action.action_id, success=not why, result=why)


def _ahead(pose: Pose2D, turn: float) -> Pose2D:
    way = pose.theta + turn
    return Pose2D(pose.x + STEP_OFF_M * math.cos(way), pose.y + STEP_OFF_M * math.sin(way), way)
