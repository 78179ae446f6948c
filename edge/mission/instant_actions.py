"""Instant actions (VDA 5050 2.1.0, 6.8 and 6.9): taken, and followed until they have ended."""

import math
from dataclasses import dataclass
from dataclasses import replace as replace_fields

from msgspec.structs import replace

from edge.mission.camera_stream import CameraLease
from edge.mission.emergency_stop import EmergencyStopRequest
from edge.mission.errors import Fault, short, warning
from edge.mission.events import ClearFall, KeepLog, LogKept, SendFactsheet, SetEmergencyStop, SetPose
from edge.mission.fall import Clearing, FallStage, fall_stage
from edge.mission.manual_mode import ManualMode
from edge.mission.mission_context import MissionContext
from edge.mission.order_progress import CANCEL, CHARGE_WITHIN_S
from edge.mission.order_validation import LONGEST_ID
from edge.mission.speech import Speech
from edge.mission.supported_actions import INSTANT, undoable
from edge.types import Pose2D
from protocol import camera_stream
from protocol.manual_driving import START, STOP
from protocol.order import Action
from protocol.speech import SPEAK
from protocol.state import ActionStatus

AT_REST = 0.05  # m/s: below it the dog stands
PLACED_M, PLACED_RAD, PLACED_S = 0.5, 0.35, 5.0  # where localization is believed to have taken a pose, and by when
STOPS = (CANCEL, "startPause")
ON_RESTART = (*STOPS, "startCharging")  # these go on in a dog that starts again
FINISHED, FAILED, RUNNING = ActionStatus.FINISHED, ActionStatus.FAILED, ActionStatus.RUNNING


@dataclass(frozen=True, slots=True)
class _Placing:
    """An initPosition that localization has been told of."""

    action_id: str
    pose: Pose2D
    node_id: str
    until: float


class InstantActionStates:
    """What is under way beside the order."""

    def __init__(self) -> None:
        self.latch: EmergencyStopRequest | None = None
        self.manual = ManualMode()
        self._placing: _Placing | None = None
        self._clearing: Clearing | None = None
        self.camera = CameraLease()
        self.speech = Speech()

    @property
    def asked_to_stop(self) -> bool:
        """Whether an emergency stop was asked for, confirmed or not."""
        return self.latch is not None and self.latch.on

    def wake(self, scene: MissionContext) -> None:
        """What was under way when the process ended has failed, but for what ends by itself."""
        for work in scene.held.works:
            if work.sequence_id < 0 and work.action.action_type not in ON_RESTART:
                scene.end_work(work.action.action_id, success=False, result="interrupted by a restart")

    def take(self, scene: MissionContext, action: Action) -> None:
        """Begin ``action``, or refuse it with a reason; one that is known is passed over, but for a stream's."""
        if self.camera.renews(action) and undoable(action, INSTANT) is None:
            self.camera.start(scene, action)
            return
        if any(work.action.action_id == action.action_id for work in scene.held.works):
            return
        why = "the actionId is too long" if len(action.action_id) > LONGEST_ID else undoable(action, INSTANT)
        if why is not None:
            self._refuse(scene, action, why)
            return
        match action.action_type:
            case "cancelOrder":
                _cancel(scene, action)
            case "startPause" | "stopPause":
                scene.held = replace(scene.held, paused=action.action_type == "startPause")
                scene.add_instant(action, RUNNING if scene.held.paused else FINISHED)
            case "emergencyStop" | "releaseEmergencyStop":
                self._latch(scene, action, action.action_type == "emergencyStop")
            case "clearFall":
                self._clear_fall(scene, action)
            case str(kind) if kind == START:
                self.manual.start(scene, action)
            case str(kind) if kind == STOP:
                self.manual.stop(scene, action)
            case camera_stream.START_STREAM:
                self.camera.start(scene, action)
            case camera_stream.STOP_STREAM:
                self.camera.stop(scene, action)
            case str(kind) if kind == SPEAK:
                self.speech.start(scene, action)
            case "initPosition":
                self._place(scene, action)
            case "startCharging":
                _start_charging(scene, action)
            case "stopCharging":
                _stop_charging(scene, action)
            case "logReport":
                scene.ask(KeepLog(action.action_id, short(str(action.parameter("reason") or ""))))
                scene.add_instant(action, RUNNING)
            case "factsheetRequest":
                scene.ask(SendFactsheet())
                scene.add_instant(action, FINISHED)
            case _:  # stateRequest: the state is told of any action that came
                scene.add_instant(action, FINISHED)

    def end_log(self, scene: MissionContext, event: LogKept) -> None:
        """The report is kept under a name (6.8.2), or could not be."""
        scene.end_work(event.action_id, not event.error, event.error or event.name)

    def update(self, scene: MissionContext) -> None:
        """Follow what is under way."""
        self._hear_gate(scene)
        self._hear_clearing(scene)
        self._hear_localization(scene)
        self.camera.update(scene)
        self.speech.update(scene)
        _follow_charging(scene)

    def finish_stops(self, scene: MissionContext) -> None:
        """cancelOrder (6.6.3) and startPause (6.8.2) are FINISHED once the dog stands."""
        twist = scene.situation.twist
        if math.hypot(twist.vx, twist.vy) > AT_REST:
            return
        if scene.held.cancelling:
            scene.held = scene.held.broken_off("canceled")
        for work in scene.open_instants(*STOPS):
            scene.end_work(work.action.action_id, success=True)

    def _refuse(self, scene: MissionContext, action: Action, why: str) -> None:
        references = {"topic": "instantActions", "actionId": action.action_id, "actionType": action.action_type}
        scene.reject(warning(Fault.INSTANT_ACTION, why, **references))
        if len(action.action_id) <= LONGEST_ID:
            scene.add_instant(action, FAILED, short(why))

    def _latch(self, scene: MissionContext, action: Action, on: bool) -> None:
        if self.latch is not None:
            scene.end_work(self.latch.action_id, success=False, result="another request came after it")
        self.latch = EmergencyStopRequest(action.action_id, on, scene.now)
        scene.ask(SetEmergencyStop(on))
        scene.add_instant(action, RUNNING)

    def _hear_gate(self, scene: MissionContext) -> None:
        """A stop that the gate does not confirm is told as failed, and the dog stands nevertheless."""
        latch = self.latch
        if latch is None:
            return
        if latch.done(scene.situation.safety):
            scene.end_work(latch.action_id, success=True)
            self.latch = None
        elif latch.late(scene.now):
            scene.end_work(latch.action_id, success=False, result="the safety gate does not answer")
            self.latch = replace_fields(latch, failed=True) if latch.on else None

    def _clear_fall(self, scene: MissionContext, action: Action) -> None:
        stage = fall_stage(scene.situation.safety)
        if stage is FallStage.WAITING:
            self._clearing = Clearing(action.action_id, scene.now)
            scene.ask(ClearFall())
            scene.add_instant(action, RUNNING)
        elif stage is None:
            scene.add_instant(action, FAILED, "it does not wait after a fall")
        else:
            scene.add_instant(action, FAILED, f"it does not wait for a person yet: it is {stage}")

    def _hear_clearing(self, scene: MissionContext) -> None:
        clearing = self._clearing
        if clearing is None or scene.situation.safety is None:
            return
        held = fall_stage(scene.situation.safety) is not None
        if not held or clearing.late(scene.now):
            scene.end_work(clearing.action_id, success=not held, result="the gate does not let go" if held else "")
            self._clearing = None

    def _place(self, scene: MissionContext, action: Action) -> None:
        map_id = scene.situation.map_id
        if action.parameter("mapId") not in (None, map_id):
            scene.add_instant(action, FAILED, short(f"the dog has no map {action.parameter('mapId')!r}"))
            return
        if self._placing is not None:
            scene.end_work(self._placing.action_id, success=False, result="another position came after it")
        pose = Pose2D(*(float(action.parameter(key)) for key in ("x", "y", "theta")))
        node_id = short(action.parameter("lastNodeId") or "")
        self._placing = _Placing(action.action_id, pose, node_id, scene.now + PLACED_S)
        scene.ask(SetPose(pose))
        scene.add_instant(action, RUNNING)

    def _hear_localization(self, scene: MissionContext) -> None:
        placing, here = self._placing, scene.situation.pose
        if placing is None:
            return
        turned = here is not None and abs(math.remainder(here.pose.theta - placing.pose.theta, math.tau))
        if here is not None and here.pose.distance(placing.pose) < PLACED_M and turned < PLACED_RAD:
            if placing.node_id and not scene.held.busy:
                scene.held = replace(scene.held, last_node_id=placing.node_id, last_node_sequence_id=0)
            scene.end_work(placing.action_id, success=True)
            self._placing = None
        elif scene.now > placing.until:
            scene.end_work(placing.action_id, success=False, result="localization does not take the position")
            self._placing = None


def _cancel(scene: MissionContext, action: Action) -> None:
    if not scene.held.busy:
        scene.reject(warning(Fault.NO_ORDER_TO_CANCEL, "there is no order", actionId=action.action_id))
        scene.add_instant(action, FAILED, "there is no order to cancel")
        return
    scene.add_instant(action, RUNNING)
    scene.held = scene.held.canceled()


def _start_charging(scene: MissionContext, action: Action) -> None:
    if scene.charging:
        scene.add_instant(action, FINISHED)
    elif scene.held.busy:
        scene.add_instant(action, FAILED, "an order is being carried out")
    elif not scene.situation.docks:
        scene.add_instant(action, FAILED, "no dock is known")
    else:
        scene.held = replace(scene.held, going_home=True, dock=_dock_meant(scene, action))
        scene.add_instant(action, RUNNING, remaining=CHARGE_WITHIN_S)


def _dock_meant(scene: MissionContext, action: Action) -> list[float]:
    """Where the dock is to which a master sends the dog; without its word the one that the dog knows."""
    x, y = action.parameter("x"), action.parameter("y")
    if x is None or y is None:
        return scene.held.dock
    dock = min(scene.situation.docks, key=lambda each: math.dist((each.x, each.y), (x, y)))
    return [dock.x, dock.y]


def _stop_charging(scene: MissionContext, action: Action) -> None:
    if not scene.charging:
        scene.add_instant(action, FINISHED)
    elif scene.held.busy:
        scene.add_instant(action, FAILED, "an order is being carried out")
    elif scene.findings.go_home:
        scene.add_instant(action, FAILED, "the battery is low")
    else:
        scene.held = replace(scene.held, going_home=False)
        scene.add_instant(action, RUNNING)


def _follow_charging(scene: MissionContext) -> None:
    """A dog that came to its dock charges soon, or tells that it does not; an order takes it away from there."""
    for work in scene.open_instants("startCharging"):
        action_id = work.action.action_id
        if scene.charging:
            scene.end_work(action_id, success=True)
        elif scene.held.busy:
            scene.end_work(action_id, success=False, result="an order came")
        elif not scene.held.going_home:
            left = work.remaining - scene.elapsed
            scene.held = scene.held.with_work(replace(work, remaining=left))
            if left <= 0:
                scene.reject(warning(Fault.CHARGING, "no charge at the dock", actionId=action_id))
                scene.end_work(action_id, success=False, result="no charge at the dock")
