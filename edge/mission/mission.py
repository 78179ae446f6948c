"""The mission: takes orders and instant actions, walks from node to node, works there, and says how it is.

A walk that fails is tried again after a pause, so many times; when that does not help, the order is broken off,
reported, and the dog goes home to the nearest dock. So it does when its battery is low. A dog that does not know where
it is, that has fallen, or whose battery is all but empty stands where it is and says so. A dog that starts again stands
first, tells of the interruption, and goes on with its order as soon as it knows where it is.
"""

import math
from dataclasses import dataclass, field
from dataclasses import replace as replace_fields

from msgspec import UNSET
from msgspec.structs import replace

from edge.mission.check import LONGEST_ID, refusal
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
from edge.mission.faults import Fault, fatal, short, warning
from edge.mission.gate import Latch
from edge.mission.held import CANCEL, Held, Verdict, Work, judge, stitched, taken
from edge.mission.places import heading, is_at, key
from edge.mission.watch import Findings, Watch, WatchConfig
from edge.types import Pose2D
from protocol.order import Action, BlockingType, Node, Order
from protocol.state import ActionStatus, Error

HOME = "home"
AT_DOCK = 0.6  # m from the dock's pose
AT_REST = 0.05  # m/s: below it the dog stands
MOST_REJECTIONS = 10
STOPS = (CANCEL, "startPause")


@dataclass(frozen=True, slots=True)
class MissionConfig:
    """How often, and after how many seconds, a walk that failed is tried again."""

    retries: int = 3
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
    failures: int = 0
    again_at: float | None = None
    why: str = ""


class Mission:
    """``update`` with what happened since the last time; it never waits."""

    def __init__(self, config: MissionConfig | None = None, held: Held | None = None) -> None:
        self._config = config or MissionConfig()
        self.held = held or Held()
        self._watch = Watch(self._config.watch)
        self._goals = 0
        self._walk: _Walk | None = None
        self._latch: Latch | None = None
        self._rejections: list[Error] = []  # each stands until an order is accepted (6.6.4)
        going_on = self.held.busy or self.held.going_home
        self._notes: tuple[str, ...] = ("interrupted by a restart; goes on",) if going_on else ()
        self._photos: set[str] = set()
        self._last: float | None = None
        self._situation = Situation()
        self._findings = Findings()
        self._out = Commands()
        self._told: object = None
        self._fail_lost_instants()

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
        self._hear_gate(now)
        if self._standing():
            self._halt()
        else:
            self._work(elapsed)
            self._drive(now)
        self._finish_stops()
        self._note_changes()
        return self._out

    def report(self) -> Report:
        """What is to be told now."""
        return Report(
            held=self.held,
            phase=self._phase(),
            paused=self.held.paused,
            driving=self._walk is not None and self._walk.again_at is None,
            errors=(*self._rejections, *self.held.aborted, *self._findings.errors, *self._blocked()),
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
                    self._take_instant(action, now)
            case MalformedCame(topic, error):
                self._reject(warning(Fault.VALIDATION, error, topic=topic))
            case GoalEnded():
                self._take_goal_end(event, now)
            case PhotoEnded(action_id, success, message_text):
                self._end_work(action_id, success, message_text)

    def _reject(self, error: Error) -> None:
        if error not in self._rejections:
            self._rejections = [*self._rejections, error][-MOST_REJECTIONS:]

    def _take_order(self, order: Order) -> None:
        unsound = refusal(order, self._situation)
        if unsound is not None:
            self._reject(unsound)
            return
        verdict, why = judge(self.held, order)
        if verdict is Verdict.DUPLICATE:
            return
        if why is None and self._findings.go_home:
            why = warning(Fault.ORDER, "the battery is low", orderId=order.order_id)
        if why is not None:
            self._reject(why)
            return
        self.held = stitched(self.held, order) if verdict is Verdict.UPDATE else taken(order, self.held)
        self._rejections, self._notes = [], ()
        if verdict is Verdict.NEW:
            self._halt()

    def _take_instant(self, action: Action, now: float) -> None:
        if any(work.action.action_id == action.action_id for work in self.held.works):
            return
        match action.action_type:
            case instant if len(action.action_id) > LONGEST_ID:
                self._reject(warning(Fault.INSTANT_ACTION, "the actionId is too long", actionType=instant))
            case "cancelOrder" if not self.held.busy:
                self._reject(warning(Fault.NO_ORDER_TO_CANCEL, "there is no order", actionId=action.action_id))
                self._instant(action, ActionStatus.FAILED, "there is no order to cancel")
            case "cancelOrder":
                self._instant(action, ActionStatus.RUNNING)
                self.held = self.held.broken_off("canceled")
                self._photos.clear()
                self._halt()
            case "startPause" | "stopPause":
                self.held = replace(self.held, paused=action.action_type == "startPause")
                self._instant(action, ActionStatus.RUNNING if self.held.paused else ActionStatus.FINISHED)
            case "emergencyStop" | "releaseEmergencyStop":
                self._set_emergency_stop(action, action.action_type == "emergencyStop", now)
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
                self._instant(action, ActionStatus.FAILED, short(why))

    def _set_emergency_stop(self, action: Action, on: bool, now: float) -> None:
        if self._latch is not None:
            self._end_work(self._latch.action_id, success=False, message="another request came after it")
        self._latch = Latch(action.action_id, on, now)
        self._ask(SetEmergencyStop(on))
        self._instant(action, ActionStatus.RUNNING)

    def _hear_gate(self, now: float) -> None:
        """A stop that the gate does not confirm is told as failed, and the dog stands nevertheless."""
        latch = self._latch
        if latch is None:
            return
        if latch.done(self._situation.safety):
            self._end_work(latch.action_id, success=True, message="")
            self._latch = None
        elif latch.late(now):
            self._end_work(latch.action_id, success=False, message="the safety gate does not answer")
            self._latch = replace_fields(latch, failed=True) if latch.on else None

    def _init_position(self, action: Action) -> None:
        given = [action.parameter(key) for key in ("x", "y", "theta")]
        numbers = [float(v) for v in given if isinstance(v, int | float) and not isinstance(v, bool)]
        if len(numbers) != 3 or not all(math.isfinite(v) for v in numbers):
            self._instant(action, ActionStatus.FAILED, "x, y and theta have to be numbers")
        elif action.parameter("mapId") not in (None, self._situation.map_id):
            self._instant(action, ActionStatus.FAILED, short(f"the dog has no map {action.parameter('mapId')!r}"))
        else:
            self._ask(SetPose(Pose2D(*numbers)))
            self._instant(action, ActionStatus.FINISHED)

    def _instant(self, action: Action, status: ActionStatus, result: str = "") -> None:
        bare = replace(action, action_type=short(action.action_type), action_parameters=UNSET)  # only its state is told
        self.held = self.held.with_instant(Work(bare, status=status, result=result))

    def _fail_lost_instants(self) -> None:
        """What was under way when the process ended; a stop or cancellation ends by itself once the dog stands."""
        for work in self.held.works:
            if work.sequence_id < 0 and not work.ended and work.action.action_type not in STOPS:
                self._end_work(work.action.action_id, success=False, message="interrupted by a restart")

    def _take_goal_end(self, event: GoalEnded, now: float) -> None:
        walk = self._walk
        if walk is None or event.goal != walk.goal:
            return  # of a walk that was given up
        if event.outcome is Outcome.REACHED:
            self._walk = None
            self._arrive(walk)
            return
        walk.why = f"{event.outcome} {event.reason}".strip()
        walk.again_at = now + self._config.retry_after
        if event.outcome in (Outcome.LOST, Outcome.CANCELED):
            return  # nothing is in the way; what made it stop is among the findings, or passes
        walk.failures += 1
        if walk.failures > self._config.retries:
            self._give_up(walk)

    def _arrive(self, walk: _Walk) -> None:
        if walk.target == HOME:
            self.held = replace(self.held, going_home=False)
        elif self.held.next_node is not None and key(self.held.next_node) == walk.target:
            self.held = self.held.reached()

    def _give_up(self, walk: _Walk) -> None:
        self._walk = None
        if walk.target == HOME:
            self.held = self.held.stranded(fatal(Fault.NO_ROUTE, f"no way home: {walk.why}"))
        else:
            node_id = walk.target.rpartition("#")[0]
            self._break_off(fatal(Fault.ORDER_ABORTED, walk.why, orderId=self.held.order_id, nodeId=node_id))

    def _break_off(self, error: Error) -> None:
        why = error.error_description or "broken off"
        self.held = self.held.broken_off(why, error, going_home=bool(self._situation.docks))
        self._photos.clear()
        self._halt()
        self._out.report = True

    # One step on

    def _standing(self) -> bool:
        safety = self._situation.safety
        stopped = safety is not None and safety.emergency_stop
        asked_to_stop = self._latch is not None and self._latch.on
        return self.held.paused or self._findings.stand or stopped or asked_to_stop or bool(self.held.cancelling)

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
        while (node := self.held.next_node) is not None and self._passes(node) and not self._is_held_by_work():
            self.held = self.held.reached()
            self._out.report = True
        if self._is_held_by_work():
            return
        if node is not None:
            self._drive_to(node, now)
        elif self.held.going_home or (self._findings.go_home and not self._at_dock()):
            self._drive_home(now)
        else:
            self._halt()

    def _is_held_by_work(self) -> bool:
        return any(work.action.blocking_type is not BlockingType.NONE for work in self.held.open_works())

    def _drive_to(self, node: Node, now: float) -> None:
        place = node.node_position
        assert place is not UNSET  # an order without it is not taken
        speed = self.held.edges[0].max_speed if self.held.edges else UNSET
        here = self._walk is not None and self._walk.target == key(node)
        if not here or self._again(now):
            self._go(key(node), place.x, place.y, heading(node), 0.0 if speed is UNSET else speed)

    def _drive_home(self, now: float) -> None:
        pose, docks = self._situation.pose, self._situation.docks
        if pose is None or not docks:
            return
        dock = min(docks, key=pose.pose.distance)
        if self._walk is None or self._walk.target != HOME or self._again(now):
            self.held = replace(self.held, going_home=True)
            self._go(HOME, dock.x, dock.y, dock.theta, 0.0)

    def _passes(self, node: Node) -> bool:
        """Whether the node counts as traversed without the navigator's word: near enough, nothing to do or face."""
        pose = self._situation.pose
        if pose is None or (node.actions and self._walk is not None):
            return False
        return is_at(node, pose.pose)

    def _again(self, now: float) -> bool:
        return self._walk is not None and self._walk.again_at is not None and now >= self._walk.again_at

    def _go(self, target: str, x: float, y: float, theta: float | None, speed: float) -> None:
        failures = self._walk.failures if self._walk is not None and self._walk.target == target else 0
        self._goals += 1
        self._walk = _Walk(self._goals, target, failures)
        self._ask(Go(self._goals, x, y, theta, speed))
        self._out.report = True

    def _halt(self) -> None:
        if self._walk is not None:
            self._walk = None
            self._ask(Halt())
            self._out.report = True

    def _finish_stops(self) -> None:
        """cancelOrder (6.6.3) and startPause (6.8.2) are FINISHED once the dog stands."""
        twist = self._situation.twist
        if math.hypot(twist.vx, twist.vy) > AT_REST:
            return
        for work in self.held.works:
            if work.sequence_id < 0 and not work.ended and work.action.action_type in STOPS:
                self._end_work(work.action.action_id, success=True, message="")
                self._out.report = True

    def _note_changes(self) -> None:
        """What is told has changed: it is told at once (6.10)."""
        report = self.report()
        told = (report.phase, report.paused, report.driving, report.errors, report.notes)
        self._out.report |= told != self._told
        self._told = told

    def _ask(self, command: Command) -> None:
        self._out.items.append(command)

    # What is told

    def _phase(self) -> Phase:
        battery = self._situation.battery
        if self.held.paused:
            return Phase.PAUSED
        if self._standing():
            return Phase.STOPPED
        if self.held.open_works():
            return Phase.ACTING
        if self.held.going_home or (self._walk is not None and self._walk.target == HOME):
            return Phase.GOING_HOME
        if self._walk is not None:
            return Phase.WAITING if self._walk.again_at is not None else Phase.DRIVING
        if self.held.waits_for_base:
            return Phase.WAITING
        return Phase.CHARGING if battery is not None and battery.charging else Phase.IDLE

    def _blocked(self) -> tuple[Error, ...]:
        if self._walk is None or self._walk.again_at is None:
            return ()
        return (warning(Fault.WAY_BLOCKED, self._walk.why, nodeId=self._walk.target.rpartition("#")[0] or HOME),)

    def _at_dock(self) -> bool:
        pose = self._situation.pose
        return pose is not None and any(pose.pose.distance(dock) < AT_DOCK for dock in self._situation.docks)
