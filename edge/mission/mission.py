"""The mission: takes orders and instant actions, walks from node to node, works there, and says how it is.

A walk that fails is tried again after a pause; when that does not help, the order is broken off, reported, and the dog
goes home. A dog that does not know where it is, that has fallen, or whose battery is all but empty stands where it is.
"""

import math
from dataclasses import dataclass, field

from msgspec import UNSET
from msgspec.structs import replace

from edge.mission.check import refusal
from edge.mission.events import (
    Command,
    Commands,
    Event,
    Go,
    GoalEnded,
    Halt,
    InstantActionsCame,
    MalformedCame,
    OrderCame,
    Outcome,
    Phase,
    PhotoEnded,
    SendFactsheet,
    SetEmergencyStop,
    SetPose,
    Situation,
    TakePhoto,
)
from edge.mission.faults import Fault, fatal, warning
from edge.mission.held import Held, Verdict, Work, judge, stitched, taken
from edge.mission.watch import Findings, Watch, WatchConfig
from edge.types import Pose2D
from protocol.order import Action, BlockingType, Node, Order
from protocol.state import ActionStatus, Error

DEVIATION = 0.5  # m, where the order names none
HOME = "home"
AT_DOCK = 0.6  # m from the dock's pose


@dataclass(frozen=True, slots=True)
class MissionConfig:
    """How often, and after how many seconds, a walk that failed is tried again."""

    tries: int = 3
    retry_after: float = 10.0
    watch: WatchConfig = field(default_factory=WatchConfig)


@dataclass(frozen=True, slots=True)
class Report:
    """What the state message says beyond the situation."""

    held: Held
    phase: Phase
    paused: bool
    driving: bool
    errors: tuple[Error, ...]
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Walk:
    """A walk under way, or one to be tried again at ``again_at``."""

    goal: int
    target: str
    tries: int = 1
    again_at: float | None = None


class Mission:
    """``update`` with what happened since the last time; it never waits."""

    def __init__(self, config: MissionConfig | None = None, held: Held | None = None) -> None:
        self._config = config or MissionConfig()
        self.held = held or Held()
        self._watch = Watch(self._config.watch)
        self._goals = 0
        self._walk: _Walk | None = None
        self._paused = False
        self._going_home = False
        self._cancelling: str | None = None  # id of the cancelOrder that waits for the dog to stand
        self._rejections: list[Error] = []  # each stands until an order is accepted (6.6.4)
        self._aborted: list[Error] = []
        self._notes: tuple[str, ...] = ("resumed after a restart",) if self.held.busy else ()
        self._photos: set[str] = set()
        self._last: float | None = None
        self._situation = Situation()
        self._findings = Findings()
        self._out = Commands()

    def update(self, events: list[Event], situation: Situation, now: float) -> Commands:
        """Take what happened, go one step on, and say what is to be done."""
        self._out, self._situation = Commands(), situation
        elapsed = max(0.0, now - self._last) if self._last is not None else 0.0
        self._last = now
        for event in events:
            self._take(event, now)
        self._findings = self._watch.update(situation, self._walk is not None, now)
        if self._findings.go_home and self.held.busy:
            self._break_off(fatal(Fault.ORDER_ABORTED, "the battery is low", orderId=self.held.order_id))
        if self._standing():
            self._halt()
        else:
            self._work(elapsed)
            self._drive(now)
        self._finish_cancel()
        return self._out

    def report(self) -> Report:
        """What is to be told now."""
        return Report(
            held=self.held,
            phase=self._phase(),
            paused=self._paused,
            driving=self._walk is not None and self._walk.again_at is None,
            errors=(*self._rejections, *self._aborted, *self._findings.errors, *self._blocked()),
            notes=self._notes,
        )

    # What comes in

    def _take(self, event: Event, now: float) -> None:
        self._out.report = True
        match event:
            case OrderCame(order):
                self._take_order(order)
            case InstantActionsCame(message):
                for action in message.actions:
                    self._take_instant(action)
            case MalformedCame(topic, error):
                self._reject(warning(Fault.VALIDATION, error, topic=topic))
            case GoalEnded():
                self._take_goal_end(event, now)
            case PhotoEnded(action_id, success, message_text):
                self._end_work(action_id, success, message_text)

    def _reject(self, error: Error) -> None:
        if error not in self._rejections:
            self._rejections = [*self._rejections, error][-10:]

    def _take_order(self, order: Order) -> None:
        unsound = refusal(order, self._situation.map_id)
        if unsound is not None:
            self._reject(unsound)
            return
        verdict, why = judge(self.held, order)
        if verdict is Verdict.DUPLICATE:
            return
        if why is None and verdict is Verdict.NEW and self._findings.go_home:
            why = warning(Fault.ORDER, "the battery is low", orderId=order.order_id)
        if why is not None:
            self._reject(why)
            return
        self.held = stitched(self.held, order) if verdict is Verdict.UPDATE else taken(order, self.held)
        self._rejections, self._aborted, self._notes = [], [], ()
        if verdict is Verdict.NEW:
            self._going_home = False
            self._halt()

    def _take_instant(self, action: Action) -> None:
        if any(work.action.action_id == action.action_id for work in self.held.works):
            return
        match action.action_type:
            case "cancelOrder" if not self.held.busy:
                self._reject(warning(Fault.NO_ORDER_TO_CANCEL, "there is no order", actionId=action.action_id))
                self._instant(action, ActionStatus.FAILED, "there is no order to cancel")
            case "cancelOrder":
                self._instant(action, ActionStatus.RUNNING)
                self._cancelling = action.action_id
                self.held = self.held.broken_off("canceled")
                self._photos.clear()
                self._halt()
            case "startPause" | "stopPause":
                self._paused = action.action_type == "startPause"
                self._instant(action, ActionStatus.FINISHED)
            case "emergencyStop" | "releaseEmergencyStop":
                self._ask(SetEmergencyStop(action.action_type == "emergencyStop"))
                self._instant(action, ActionStatus.FINISHED)
            case "stateRequest":
                self._instant(action, ActionStatus.FINISHED)
            case "factsheetRequest":
                self._ask(SendFactsheet())
                self._instant(action, ActionStatus.FINISHED)
            case "initPosition":
                self._init_position(action)
            case unknown:
                why = f"{unknown!r} is unknown"
                self._reject(warning(Fault.INSTANT_ACTION, why, actionId=action.action_id, actionType=unknown))
                self._instant(action, ActionStatus.FAILED, why)

    def _init_position(self, action: Action) -> None:
        given = [action.parameter(key) for key in ("x", "y", "theta")]
        numbers = [float(v) for v in given if isinstance(v, int | float) and not isinstance(v, bool)]
        if len(numbers) != 3 or not all(math.isfinite(v) for v in numbers):
            self._instant(action, ActionStatus.FAILED, "x, y and theta have to be numbers")
        elif action.parameter("mapId") not in (None, self._situation.map_id):
            self._instant(action, ActionStatus.FAILED, f"the dog has no map {action.parameter('mapId')!r}")
        else:
            self._ask(SetPose(Pose2D(*numbers)))
            self._instant(action, ActionStatus.FINISHED)

    def _instant(self, action: Action, status: ActionStatus, result: str = "") -> None:
        self.held = self.held.with_work(Work(action, status=status, result=result))

    def _take_goal_end(self, event: GoalEnded, now: float) -> None:
        walk = self._walk
        if walk is None or event.goal != walk.goal:
            return  # of a walk that was given up
        if event.outcome is Outcome.REACHED:
            self._walk = None
            if self._going_home:
                self._going_home = False
            elif self.held.next_node is not None:
                self.held = self.held.reached()
        elif event.outcome in (Outcome.LOST, Outcome.CANCELED):
            self._walk = None  # what made it stop is among the findings; when that is gone it walks again
        elif walk.tries < self._config.tries:
            walk.again_at = now + self._config.retry_after
            self._notes = (f"{walk.target}: {event.outcome} {event.reason}".strip(),)
        else:
            self._give_up(walk, event)

    def _give_up(self, walk: _Walk, event: GoalEnded) -> None:
        why = f"{event.outcome} {event.reason}".strip()
        self._walk = None
        if walk.target == HOME:
            self._going_home = False
            self._aborted = [*self._aborted, fatal(Fault.NO_ROUTE, f"no way home: {why}")]
        else:
            self._break_off(
                fatal(Fault.ORDER_ABORTED, why, orderId=self.held.order_id, nodeId=walk.target),
            )

    def _break_off(self, error: Error) -> None:
        self.held = self.held.broken_off(error.error_description or "broken off")
        self._photos.clear()
        self._aborted = [error]
        self._halt()
        self._going_home = bool(self._situation.docks)
        self._out.report = True

    # One step on

    def _standing(self) -> bool:
        safety = self._situation.safety
        stopped = safety is not None and safety.emergency_stop
        return self._paused or self._findings.stand or stopped or self._cancelling is not None

    def _work(self, elapsed: float) -> None:
        """Go on with the works at the node reached last; a HARD one has the dog for itself."""
        running: list[Work] = []
        for work in self.held.open_works():
            alone = BlockingType.HARD in (work.action.blocking_type, *(w.action.blocking_type for w in running))
            if running and alone:
                break
            running.append(self._go_on(work, elapsed))
        self._forget_ended_photos()

    def _go_on(self, work: Work, elapsed: float) -> Work:
        if work.action.action_type == "takePhoto":
            if work.action.action_id not in self._photos:
                self._photos.add(work.action.action_id)
                self._ask(TakePhoto(work.action.action_id, work.node_id))
            gone_on = replace(work, status=ActionStatus.RUNNING)
        elif work.status is ActionStatus.RUNNING and work.remaining <= elapsed:
            gone_on = replace(work, status=ActionStatus.FINISHED, remaining=0.0)
        else:
            left = work.remaining - elapsed if work.status is ActionStatus.RUNNING else work.remaining
            gone_on = replace(work, status=ActionStatus.RUNNING, remaining=left)
        self._out.report |= gone_on.status is not work.status
        self.held = self.held.with_work(gone_on)
        return gone_on

    def _end_work(self, action_id: str, success: bool, message: str) -> None:
        for work in self.held.works:
            if work.action.action_id == action_id and not work.ended:
                status = ActionStatus.FINISHED if success else ActionStatus.FAILED
                self.held = self.held.with_work(replace(work, status=status, result=message))

    def _forget_ended_photos(self) -> None:
        self._photos &= {work.action.action_id for work in self.held.open_works()}

    def _drive(self, now: float) -> None:
        if any(work.action.blocking_type is not BlockingType.NONE for work in self.held.open_works()):
            return
        node = self.held.next_node
        if node is not None:
            self._drive_to(node, now)
        elif self._going_home or (self._findings.go_home and not self._at_dock()):
            self._drive_home(now)

    def _drive_to(self, node: Node, now: float) -> None:
        place = node.node_position
        assert place is not UNSET  # an order without it is not taken
        if self._passes(node):
            self.held = self.held.reached()
            self._out.report = True
            if self._walk is not None and self.held.next_node is None:
                self._halt()
            self._drive(now)
            return
        theta = None if place.theta is UNSET or _any_heading(node) else place.theta
        speed = self.held.edges[0].max_speed if self.held.edges else UNSET
        here = self._walk is not None and self._walk.target == _key(node)
        if not here or self._again(now):
            self._go(_key(node), place.x, place.y, theta, 0.0 if speed is UNSET else speed)

    def _drive_home(self, now: float) -> None:
        pose, docks = self._situation.pose, self._situation.docks
        if pose is None or not docks:
            return
        dock = min(docks, key=pose.pose.distance)
        if self._walk is None or self._walk.target != HOME or self._again(now):
            self._going_home = True
            self._go(HOME, dock.x, dock.y, dock.theta, 0.0)

    def _passes(self, node: Node) -> bool:
        """Whether the node counts as traversed without the navigator's word: near enough, nothing to do or face."""
        place, pose = node.node_position, self._situation.pose
        if place is UNSET or pose is None or (node.actions and self._walk is not None):
            return False
        near = math.hypot(pose.pose.x - place.x, pose.pose.y - place.y) <= _deviation(node)
        faces = place.theta is UNSET or _any_heading(node) or _within(pose.pose.theta, place.theta, node)
        return near and faces

    def _again(self, now: float) -> bool:
        return self._walk is not None and self._walk.again_at is not None and now >= self._walk.again_at

    def _go(self, target: str, x: float, y: float, theta: float | None, speed: float) -> None:
        tries = self._walk.tries + 1 if self._walk is not None and self._walk.target == target else 1
        self._goals += 1
        self._walk = _Walk(self._goals, target, tries)
        self._ask(Go(self._goals, x, y, theta, speed))
        self._out.report = True

    def _halt(self) -> None:
        if self._walk is not None:
            self._walk = None
            self._ask(Halt())
            self._out.report = True

    def _finish_cancel(self) -> None:
        """cancelOrder is FINISHED once the dog stands (6.6.3)."""
        twist = self._situation.twist
        if self._cancelling is None or math.hypot(twist.vx, twist.vy) > 0.05:
            return
        self._end_work(self._cancelling, success=True, message="")
        self._cancelling = None
        self._out.report = True

    def _ask(self, command: Command) -> None:
        self._out.items.append(command)

    # What is told

    def _phase(self) -> Phase:
        battery = self._situation.battery
        if self._paused:
            return Phase.PAUSED
        if self._standing():
            return Phase.STOPPED
        if self.held.open_works():
            return Phase.ACTING
        if self._going_home or (self._walk is not None and self._walk.target == HOME):
            return Phase.GOING_HOME
        if self._walk is not None:
            return Phase.WAITING if self._walk.again_at is not None else Phase.DRIVING
        if self.held.waits_for_base:
            return Phase.WAITING
        return Phase.CHARGING if battery is not None and battery.charging else Phase.IDLE

    def _blocked(self) -> tuple[Error, ...]:
        if self._walk is None or self._walk.again_at is None:
            return ()
        return (warning(Fault.WAY_BLOCKED, "; ".join(self._notes), nodeId=self._walk.target),)

    def _at_dock(self) -> bool:
        pose = self._situation.pose
        return pose is not None and any(pose.pose.distance(dock) < AT_DOCK for dock in self._situation.docks)


def _key(node: Node) -> str:
    return f"{node.node_id}#{node.sequence_id}"


def _deviation(node: Node) -> float:
    place = node.node_position
    given = place.allowed_deviation_xy if place is not UNSET else UNSET
    return given if given is not UNSET and given > 0 else DEVIATION


def _any_heading(node: Node) -> bool:
    place = node.node_position
    given = place.allowed_deviation_theta if place is not UNSET else UNSET
    return given is not UNSET and abs(given) >= math.pi - 0.01


def _within(theta: float, wanted: float, node: Node) -> bool:
    place = node.node_position
    given = place.allowed_deviation_theta if place is not UNSET else UNSET
    return abs(math.remainder(theta - wanted, math.tau)) <= (abs(given) if given is not UNSET else 0.1)
