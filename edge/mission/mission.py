"""The mission: takes orders and instant actions, walks from node to node, works there, and says how it is.

A walk that fails is tried again after a pause, so many times; when that does not help, the order is broken off,
reported, and the dog goes home to the nearest dock. So it does when its battery is low. A dog that does not know where
it is, that has fallen, or whose battery is all but empty stands where it is and says so. A dog that starts again stands
first, tells of the interruption, and goes on with its order as soon as it knows where it is. What a dog does without
its station is the order's choice, and it keeps to it alone.
"""

from dataclasses import dataclass, field

from msgspec import UNSET
from msgspec.structs import replace

from edge.mission.action_execution import ActionExecution
from edge.mission.battery_reserve import FULL_REACH_M
from edge.mission.errors import Fault, fatal, warning
from edge.mission.events import (
    CameraStreamTold,
    Commands,
    DriverLost,
    Event,
    GoalEnded,
    GoalProgress,
    InstantActionsCame,
    LinkHeard,
    LogKept,
    LookEnded,
    MalformedCame,
    OrderCame,
    Phase,
    Situation,
)
from edge.mission.fall import fall_stage
from edge.mission.health_monitor import HealthConfig, HealthMonitor
from edge.mission.instant_actions import InstantActionStates
from edge.mission.link_loss import LinkWatch
from edge.mission.link_loss import Verdict as LinkVerdict
from edge.mission.mission_context import MissionContext
from edge.mission.order_progress import OrderProgress, Verdict, judge, stitched, taken
from edge.mission.order_validation import far, refusal
from edge.mission.recharging import Recharging
from edge.mission.supported_actions import meant
from edge.mission.walking import Walking, WalkingConfig
from edge.speech.sentence import SpeechEnded
from protocol.codec import timestamp
from protocol.on_low_battery import LowBatteryPolicy
from protocol.order import Action, Node, Order
from protocol.state import Error

MOST_NOTES = 5


@dataclass(frozen=True, slots=True)
class MissionConfig:
    """``walking``: when a walk is tried again and given up; ``watch``: when a charge is too low, or a hold is told.

    ``schema_bound``: a paused action is told as RUNNING, for a master that checks by the standard's schema, which
    forgot PAUSED, and not by its text, which binds (6).
    """

    schema_bound: bool = False
    walking: WalkingConfig = field(default_factory=WalkingConfig)
    watch: HealthConfig = field(default_factory=HealthConfig)


@dataclass(frozen=True, slots=True)
class Report:
    """What the state message says beyond the situation."""

    held: OrderProgress
    phase: Phase
    paused: bool
    driving: bool
    errors: tuple[Error, ...]
    notes: tuple[str, ...]
    schema_bound: bool = False
    full_reach: float = FULL_REACH_M
    camera_stream: str = ""


class Mission:
    """``update`` with what happened since the last time; it never waits."""

    def __init__(self, config: MissionConfig | None = None, held: OrderProgress | None = None) -> None:
        config = config or MissionConfig()
        self._schema_bound = config.schema_bound
        self._scene = MissionContext(held or OrderProgress())
        self._watch = HealthMonitor(config.watch)
        self._walking = Walking(config.walking)
        self._working = ActionExecution()
        self._instants = InstantActionStates()
        self._recharging = Recharging(config.watch.reserve.resume)
        self._link = LinkWatch()
        going_on = self.held.busy or self.held.going_home
        self._notes: tuple[str, ...] = ("interrupted by a restart; goes on",) if going_on else ()
        self._loosely: tuple[str, ...] = ()  # how commands were written that were taken nevertheless, each once
        self._told: object = None
        self._fell_at = 0.0
        self._instants.wake(self._scene)

    @property
    def held(self) -> OrderProgress:
        """The order, and how far it has come."""
        return self._scene.held

    def update(self, events: list[Event], situation: Situation, now: float) -> Commands:
        """Take what happened, go one step on, and say what is to be done."""
        scene = self._scene
        scene.begin(situation, now)
        for event in events:
            self._take(event)
        scene.findings = self._watch.update(situation, self._walking.walk is not None, now)
        self._instants.manual.update(scene)
        if scene.findings.go_home and self.held.busy and not self.held.recharging:
            self._turn_home()
        self._follow_link()
        self._follow_fall()
        self._know_dock()
        self._instants.update(scene)
        if self._standing():
            self._walking.halt(scene)
            self._working.pause(scene)
        elif self.held.recharging:
            self._recharging.update(scene, self._walking)
        else:
            self._go_on()
        self._instants.finish_stops(scene)
        self._note_changes()
        return scene.out

    def report(self) -> Report:
        """What is to be told now."""
        return Report(
            held=self.held,
            phase=self.phase,
            paused=self.held.paused,
            driving=self._walking.driving,
            errors=(
                *self._scene.rejections,
                *self.held.aborted,
                *self._scene.findings.errors,
                *self._instants.manual.errors(self.held.manual),
                *self._way_errors(),
            ),
            notes=(*self._notes, *(f"taken, though not to the letter: {each}" for each in self._loosely)),
            schema_bound=self._schema_bound,
            full_reach=self._watch.consumption.full_reach,
            camera_stream=self._instants.camera.stream_id,
        )

    def _way_errors(self) -> tuple[Error, ...]:
        """What keeps it from walking; nothing where the gate holds it and no more is known than that."""
        walk = self._walking.walk
        held = any(e.error_type == Fault.HELD_BY_SAFETY for e in self._scene.findings.errors)
        if held and self._walking.driving and walk is not None and walk.obstruction is None:
            return ()
        return self._walking.errors()

    def _take(self, event: Event) -> None:
        scene = self._scene
        if not isinstance(event, LinkHeard | GoalProgress):
            scene.tell()
        match event:
            case OrderCame(order):
                self._take_order(self._meant(order))
            case InstantActionsCame(message):
                for action in message.actions:
                    self._instants.take(scene, self._meant_action(action))
                self._working.forget_ended(scene)
            case MalformedCame(topic, error):
                scene.reject(warning(Fault.VALIDATION, error, topic=topic))
            case GoalEnded():
                self._walking.take_end(scene, event)
            case GoalProgress():
                self._walking.take_progress(event)
            case LookEnded():
                self._working.end_look(scene, event)
            case CameraStreamTold():
                self._instants.camera.hear(scene, event)
            case SpeechEnded():
                self._instants.speech.hear(scene, event)
            case LogKept():
                self._instants.end_log(scene, event)
            case DriverLost():
                self._instants.manual.lose(scene, event)
            case LinkHeard(connected):
                self._link.hear(connected, scene.now)

    def _meant(self, order: Order) -> Order:
        return replace(
            order,
            nodes=[self._meant_node(n) for n in order.nodes],
            edges=[replace(e, actions=[self._meant_action(a) for a in e.actions]) for e in order.edges],
        )

    def _meant_node(self, node: Node) -> Node:
        place, map_id = node.node_position, self._scene.situation.map_id
        if place is not UNSET and not place.map_id and map_id:
            self._note_loosely("nodePosition.mapId: empty, taken as the one map that the dog has")
            place = replace(place, map_id=map_id)
        return replace(node, node_position=place, actions=[self._meant_action(a) for a in node.actions])

    def _note_loosely(self, *what: str) -> None:
        self._loosely = tuple(dict.fromkeys((*self._loosely, *what)))[:MOST_NOTES]

    def _meant_action(self, action: Action) -> Action:
        made, loosely = meant(action)
        self._note_loosely(*loosely)
        return made

    def _take_order(self, order: Order) -> None:
        scene = self._scene
        verdict, why = Verdict.REFUSED, refusal(order, scene.situation)
        if why is None:
            verdict, why = judge(self.held, order)
        if verdict is Verdict.DUPLICATE:
            return
        if verdict is Verdict.NEW:
            why = far(order, scene.situation)
        if why is None and self.held.manual:
            why = warning(Fault.ORDER, "a person has it in hand: operatingMode MANUAL", orderId=order.order_id)
        if why is None and scene.findings.go_home and not self.held.recharging:
            why = warning(Fault.ORDER, "the battery is low", orderId=order.order_id)
        if why is not None:
            scene.reject(why)
            return
        scene.held = stitched(self.held, order) if verdict is Verdict.UPDATE else taken(order, self.held)
        scene.rejections, self._notes = [], ()
        if verdict is Verdict.NEW:
            self._walking.halt(scene)
            self._walking.forget()

    def _go_on(self) -> None:
        """Work and walk; what is due at a node or on an edge begins as soon as that is reached (6.10.2)."""
        scene, passed = self._scene, self.held.passed
        beside = self.held.to_return_to
        if beside is not None:
            self._working.pause(scene)
            self._walking.go_back(scene, beside)
            return
        self._working.update(scene, self._walking)
        self._walking.update(scene)
        if self.held.passed != passed:
            scene.elapsed = 0.0
            self._working.update(scene, self._walking)

    def _turn_home(self) -> None:
        """Home while the charge suffices for the way: the order waits for the battery, or ends, as it wants."""
        if self.held.low_battery is LowBatteryPolicy.RESUME and self._scene.situation.docks:
            self._walking.halt(self._scene)
            self._working.pause(self._scene)
            self._scene.held = replace(self.held, recharging=True, going_home=True, displaced=True)
            return
        self._break_off(fatal(Fault.ORDER_ABORTED, "the battery is low", orderId=self.held.order_id))

    def _break_off(self, error: Error) -> None:
        self._scene.break_off(error)
        self._working.forget_ended(self._scene)
        self._walking.halt(self._scene)

    def _follow_fall(self) -> None:
        """A fall is told of until another order comes; and the dog may lie beside where it worked."""
        scene, fallen = self._scene, fall_stage(self._scene.situation.safety) is not None
        if fallen and not self._fell_at:
            self._fell_at = scene.now
            scene.held = replace(self.held, displaced=True)
        elif self._fell_at and not fallen and scene.situation.safety is not None:
            self._notes = (*self._notes, f"fell at {_iso(self._fell_at)}, got up and goes on")[-MOST_NOTES:]
            self._fell_at = 0.0

    def _know_dock(self) -> None:
        """A dog goes back to the dock where it charged, for others may have theirs."""
        scene, pose = self._scene, self._scene.situation.pose
        if not (scene.charging and scene.at_dock) or pose is None:
            return
        dock = min(scene.situation.docks, key=pose.pose.distance)
        if self.held.dock != [dock.x, dock.y]:
            scene.held = replace(self.held, dock=[dock.x, dock.y])

    # Without the station

    def _lost_s(self) -> float:
        return self._scene.now - self.held.link_lost_at if self.held.link_lost_at else 0.0

    def _follow_link(self) -> None:
        scene, before = self._scene, self.held.link_lost_at
        lost_at = self._link.lost_at(before, scene.now)
        if before and not lost_at:
            self._note_return(before)
        if lost_at != self.held.link_lost_at:
            scene.held = replace(self.held, link_lost_at=lost_at)
        if not self.held.busy or self.held.manual:
            return
        match self.held.link_loss.verdict(self._lost_s()):
            case LinkVerdict.HOME:
                deed = f"broke off and went home: {self.held.link_loss}"
                scene.held = replace(self.held, link_deed=deed)
                why = f"no station since {_iso(lost_at)}: {self.held.link_loss}"
                self._break_off(warning(Fault.LINK_LOST, why, orderId=self.held.order_id))
            case LinkVerdict.STAND if not self.held.link_deed:
                scene.held = replace(self.held, link_deed=f"stood: {self.held.link_loss}")

    def _note_return(self, lost_at: float) -> None:
        """What was done without the station is told when it is back, until another order comes."""
        if self.held.busy or self.held.link_deed:
            deed = self.held.link_deed or f"carried on: {self.held.link_loss}"
            note = f"no station from {_iso(lost_at)} to {_iso(self._scene.now)}: {deed}"
            self._scene.held = replace(self.held, link_note=note, link_deed="")
            self._scene.tell()

    def _stands_without_station(self) -> bool:
        return self.held.busy and self.held.link_loss.verdict(self._lost_s()) is LinkVerdict.STAND

    # What is told

    def _standing(self) -> bool:
        safety = self._scene.situation.safety
        stopped = safety is not None and safety.emergency_stop
        asked = self._instants.asked_to_stop or bool(self.held.cancelling) or self._stands_without_station()
        return self.held.manual or self.held.paused or self._scene.findings.stand or stopped or asked

    def _note_changes(self) -> None:
        """What is told has changed: it is told at once (6.10)."""
        report = self.report()
        told = (report.phase, report.paused, report.driving, report.errors, report.notes, self._scene.situation.aside)
        self._scene.out.report |= told != self._told
        self._told = told

    @property
    def phase(self) -> Phase:
        """What the dog is doing."""
        walk = self._walking.walk
        if self.held.manual:
            return Phase.MANUAL
        if self.held.paused:
            return Phase.PAUSED
        if self._standing():
            return Phase.WAITING if self._stands_without_station() else Phase.STOPPED
        if self.held.recharging:
            return Phase.CHARGING if self._scene.charging and walk is None else Phase.GOING_HOME
        if self.held.open_works():
            return Phase.ACTING
        if self.held.going_home or self._walking.homeward:
            return Phase.GOING_HOME
        if walk is not None:
            return Phase.WAITING if walk.again_at is not None else Phase.DRIVING
        if self.held.waits_for_base:
            return Phase.WAITING
        return Phase.CHARGING if self._scene.charging else Phase.IDLE


def _iso(seconds: float) -> str:
    return timestamp(seconds).isoformat(timespec="seconds").replace("+00:00", "Z")
