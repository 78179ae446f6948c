"""mission/inbox -> navigate_to, take_photo -> mission/state: carries out VDA 5050 orders."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import PoseWithCovarianceStamped
from nav_msgs.msg import Odometry
from patrol_interfaces.action import NavigateTo
from patrol_interfaces.msg import MissionState, SafetyState, WireMessage
from patrol_interfaces.srv import TakePhoto as TakePhotoSrv
from rclpy.action import ActionClient
from rclpy.action.client import ClientGoalHandle
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
from rclpy.task import Future
from sensor_msgs.msg import BatteryState
from std_srvs.srv import SetBool, Trigger

from edge.dog.mission_core import PERIOD, MissionCore, Told
from edge.mission.events import (
    CameraStreamTold,
    ClearFall,
    Command,
    CompareToReference,
    DriverLost,
    EndCameraStream,
    Event,
    Go,
    GoalEnded,
    GoalProgress,
    Halt,
    InstantActionsCame,
    KeepLog,
    LetDrive,
    LinkHeard,
    LogKept,
    LookEnded,
    MalformedCame,
    OrderCame,
    Outcome,
    SendFactsheet,
    SetEmergencyStop,
    SetPose,
    Speak,
    StreamCamera,
    TakePhoto,
)
from edge.mission.factsheet import HALF_BLIND
from edge.mission.mission import MissionConfig, Report
from edge.mission.order_storage import OrderFile, write_report
from edge.navigation.maps import UnusableMap
from edge.speech.sentence import SpeechEnded
from edge.speech.speaker import Speaker, SpeechConfig
from patrol_nodes import ros_conversion
from patrol_nodes.parameters import declared, declared_make
from protocol.camera_stream import START_STREAM, STOP_STREAM, StreamEnd
from protocol.codec import MalformedMessage, decode, encode
from protocol.instant_actions import InstantActions
from protocol.manual_driving import START, DriveState
from protocol.order import Order
from protocol.site import Dock, GridMap, Site, Zone
from protocol.site_folder import read_site
from protocol.speech import SAID, SPEAK
from protocol.topics import PREFIX, Address, Topic

LINK = "link"  # on mission/inbox, beside the wire's topics: {"connected": whether the station can be reached}
LOOK_EVERY = 10  # periods, to see whether the navigator is still there
COMPARED_S = 25.0  # after which a comparison that was asked for will not come to an end
NO_ANSWER_S = 5.0  # after which a picture that was asked for will not come, nor a goal that was sent be taken

OUTCOMES = {
    NavigateTo.Result.NONE: Outcome.REACHED,
    NavigateTo.Result.UNREACHABLE: Outcome.UNREACHABLE,
    NavigateTo.Result.BLOCKED: Outcome.BLOCKED,
    NavigateTo.Result.LOST: Outcome.LOST,
    NavigateTo.Result.CANCELED: Outcome.CANCELED,
}


class MissionNode(Node):
    """Callbacks only note what came; `_step` hands it to the core and does what that asks for."""

    def __init__(self) -> None:
        super().__init__("mission")
        name = self.declare_parameter("dog", "").value or self.get_namespace().strip("/") or "dog"
        maker = self.declare_parameter("manufacturer", "xiaotian").value
        self._address = Address(maker, name, self.declare_parameter("mqtt_prefix", PREFIX).value)
        data = Path(self.declare_parameter("data_dir", "var/dog").value)
        self._file = OrderFile(data / "order.json")
        self._reports = data / "reports"
        config, make = declared(self, "mission", MissionConfig()), declared_make(self)
        self._core = MissionCore(self._address, config, self._file.get(), make)
        self._latest = self._core.latest
        self._speaker = Speaker(declared(self, "speech", SpeechConfig()), data / "speech")
        if missing := self._speaker.missing():
            self.get_logger().warning(f"the dog cannot speak: {missing}")
        self._kept = self._core.mission.held
        self._looks: dict[str, float] = {}  # action id of a photo or comparison -> until when its end is waited for
        self._walk: ClientGoalHandle | None = None
        self._goal = 0  # the walk under way, as `Go` counts them
        self._sent_at = 0.0
        self._ticks = 0
        self._said: object = None
        folder = self.declare_parameter("site_folder", "").value
        if folder:
            site, grid = read_site(Path(folder))
            self._take_site(grid, 0, site.docks, site.zones)
        self._state = self.create_publisher(MissionState, "mission/state", 10)
        self._outbox = self.create_publisher(WireMessage, "mission/outbox", 10)
        self._stream = self.create_publisher(WireMessage, "camera_stream/order", 10)
        self.create_subscription(WireMessage, "camera_stream/told", self._on_stream, 10)
        self._spoken = self.create_publisher(WireMessage, "speech/spoken", 10)
        self._compare = self.create_publisher(WireMessage, "reference/compare", 10)
        self.create_subscription(WireMessage, "reference/compared", self._on_compared, 10)
        self._initialpose = self.create_publisher(PoseWithCovarianceStamped, "initialpose", 1)
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self._session = self.create_publisher(WireMessage, "driving/session", latched)
        self._diagnostics = self.create_publisher(DiagnosticArray, "diagnostics", 5)
        self.create_subscription(WireMessage, "mission/inbox", self._on_inbox, 50)
        self.create_subscription(PoseWithCovarianceStamped, "pose", self._on_pose, 10)
        self.create_subscription(Odometry, "odom", self._on_odom, qos_profile_sensor_data)
        self.create_subscription(BatteryState, "battery_state", self._on_battery, qos_profile_sensor_data)
        self.create_subscription(SafetyState, "safety/state", self._on_safety, 10)
        self.create_subscription(DiagnosticArray, "diagnostics", self._on_diagnostics, 10)
        self.create_subscription(WireMessage, "driving/state", self._on_drive_state, 10)
        self.create_subscription(WireMessage, "site", self._on_site, latched)
        self._navigate_to = ActionClient(self, NavigateTo, "navigate_to")
        self._take_photo = self.create_client(TakePhotoSrv, "take_photo")
        self._emergency_stop = self.create_client(SetBool, "safety/emergency_stop")
        self._clear_fall = self.create_client(Trigger, "safety/clear_fall")
        self.create_timer(PERIOD, self._step)
        self.create_timer(1.0, self._diagnose)

    def destroy_node(self) -> None:
        """Keep what was not kept yet. (A node does not destroy its action clients by itself.)"""
        self._keep()
        self._speaker.close()
        self._navigate_to.destroy()
        super().destroy_node()

    def _now(self) -> float:
        return float(self.get_clock().now().nanoseconds * 1e-9)

    # In

    def _on_inbox(self, message: WireMessage) -> None:
        try:
            if message.topic == Topic.ORDER:
                self._core.take(OrderCame(decode(message.payload, Order)))
            elif message.topic == Topic.INSTANT_ACTIONS:
                self._core.take(InstantActionsCame(decode(message.payload, InstantActions)))
            elif message.topic == LINK:
                self._core.take(LinkHeard(bool(json.loads(message.payload)["connected"])))
            else:
                self._core.take(_malformed(message))
        except MalformedMessage as error:
            self._core.take(MalformedCame(message.topic, str(error)))

    def _on_pose(self, message: PoseWithCovarianceStamped) -> None:
        self._latest.take_pose(ros_conversion.pose_estimate(message))

    def _on_odom(self, message: Odometry) -> None:
        self._latest.take_twist(ros_conversion.odometry(message).twist)

    def _on_battery(self, message: BatteryState) -> None:
        battery = ros_conversion.battery(message)
        if battery is not None:
            self._latest.take_battery(battery, self._now())

    def _on_safety(self, message: SafetyState) -> None:
        self._latest.take_safety(ros_conversion.safety(message), self._now())

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            values = {each.key: each.value for each in status.values}
            if status.name == "perception":
                self._latest.detector = values.get("detector", "")
            elif status.name == "navigator":
                self._latest.take_aside(values.get("aside", ""), values.get("not_back_because", ""))

    def _on_drive_state(self, message: WireMessage) -> None:
        try:
            state = decode(message.payload, DriveState)
        except MalformedMessage as error:
            self.get_logger().error(f"the gate's word on a drive was refused: {error}")
            return
        if state.lost:
            self._core.take(DriverLost(state.session_id))

    def _on_site(self, message: WireMessage) -> None:
        try:
            site = decode(message.payload, Site)
        except MalformedMessage as error:
            self.get_logger().error(f"a site was refused: {error}")
            return
        self._take_site(site.map, site.site_version, site.docks, site.zones)

    def _take_site(self, grid: GridMap, version: int, docks: Sequence[Dock], zones: Sequence[Zone]) -> None:
        try:
            self._core.take_site(grid, version, docks, zones)
        except UnusableMap as error:
            self.get_logger().error(f"a site was refused: {error}")
            return
        self.get_logger().info(f"site with map {grid.map_id!r}, version {version}, {len(docks)} docks")

    # On

    def _step(self) -> None:
        now = self._now()
        self._ticks += 1
        self._core.take(*self._unanswered(now), *self._deserted(now), *self._speech_ended())
        step = self._core.update(now)
        for command in step.commands:
            self._do(command)
        if step.told is not None:
            self._keep()
            self._tell(step.told, now)

    def _keep(self) -> None:
        """To the disk before it is told: what the station believes to be taken survives a power cut."""
        held = self._core.mission.held
        if held is self._kept:
            return
        try:
            self._file.put(held)
            self._kept = held
        except OSError as error:
            self.get_logger().error(f"the order cannot be kept: {error}", throttle_duration_sec=10.0)

    def _tell(self, told: Told, now: float) -> None:
        self._log(told.report)
        state, phase = told.state, told.report.phase
        message = MissionState(order_id=state.order_id, order_update_id=state.order_update_id, phase=phase)
        message.header.stamp, message.state = ros_conversion.stamp(now), encode(state).decode()
        self._state.publish(message)

    def _log(self, report: Report) -> None:
        """A line for each change of phase or errors."""
        said = (report.phase, [error.error_type for error in report.errors])
        if said != self._said:
            held, log = report.held, self.get_logger()
            log.info(f"{report.phase}: order {held.order_id!r}, {len(held.nodes)} nodes ahead")
            for error in report.errors:
                log.warning(f"{error.error_level} {error.error_type}: {error.error_description or ''}")
            self._said = said

    # Out

    def _do(self, command: Command) -> None:
        match command:
            case Go():
                self._go(command)
            case Halt():
                self._halt()
            case TakePhoto(action_id, node_id):
                self._ask_photo(action_id, node_id)
            case CompareToReference(action_id, node_id):
                self._looks[action_id] = self._now() + COMPARED_S
                order_id = self._core.mission.held.order_id
                asked = json.dumps({"orderId": order_id, "actionId": action_id, "nodeId": node_id})
                at = self.get_clock().now().to_msg()
                self._compare.publish(WireMessage(stamp=at, topic="compare", payload=asked))
            case SetEmergencyStop(on):
                self.get_logger().warning(f"emergency stop {'on' if on else 'released'}")
                self._emergency_stop.call_async(SetBool.Request(data=on))
            case ClearFall():
                self.get_logger().warning("a person lets the dog go on after its fall")
                self._clear_fall.call_async(Trigger.Request())
            case LetDrive(session_id):
                self.get_logger().warning("a person drives the dog" if session_id else "nobody drives the dog")
                self._session.publish(WireMessage(topic=START, payload=session_id))
            case SetPose(pose):
                self._initialpose.publish(ros_conversion.initial_pose(pose, self.get_clock().now().to_msg()))
            case SendFactsheet():
                sheet = encode(self._core.factsheet(self._now())).decode()
                at = self.get_clock().now().to_msg()
                self._outbox.publish(WireMessage(stamp=at, topic=Topic.FACTSHEET, payload=sheet))
            case StreamCamera(order):
                self._say_stream(START_STREAM, msgspec.json.encode(order).decode())
            case EndCameraStream(stream_id, why):
                self.get_logger().info(f"the camera is shown no more: {why}")
                self._say_stream(STOP_STREAM, json.dumps({"streamId": stream_id, "why": why}))
            case Speak(sentence):
                self._speaker.say(sentence, time.monotonic(), self._now())
            case KeepLog(action_id, reason):
                self._core.take(self._keep_log(action_id, reason))

    def _say_stream(self, topic: str, payload: str) -> None:
        self._stream.publish(WireMessage(stamp=self.get_clock().now().to_msg(), topic=topic, payload=payload))

    def _speech_ended(self) -> list[SpeechEnded]:
        """Sentences that were spoken are told on ``speech/spoken``; a sound lasts as long as it does, by any clock."""
        ended = self._speaker.update(time.monotonic())
        for each in ended:
            if each.end in SAID:
                said = {"actionId": each.sentence.action_id, "text": each.sentence.text}
                told = json.dumps({**said, "language": each.sentence.language, "end": each.end, "file": each.file})
                self._spoken.publish(WireMessage(stamp=self.get_clock().now().to_msg(), topic=SPEAK, payload=told))
            else:
                self.get_logger().error(f"a sentence was not spoken: {each.end}: {each.why}")
        return ended

    def _on_stream(self, message: WireMessage) -> None:
        told = json.loads(message.payload)
        ended = StreamEnd(told["ended"]) if told["ended"] else None
        self._core.take(CameraStreamTold(told["streamId"], ended))

    def _on_compared(self, message: WireMessage) -> None:
        told = json.loads(message.payload)
        if self._looks.pop(told["actionId"], None) is not None:
            self._core.take(LookEnded(told["actionId"], told["success"], told["text"]))

    def _keep_log(self, action_id: str, reason: str) -> LogKept:
        now = self._now()
        name = f"report-{now:.3f}.json"
        try:
            write_report(self._reports / name, reason, self._core.state(now))
        except OSError as error:
            return LogKept(action_id, error=f"the report cannot be kept: {error.strerror}")
        return LogKept(action_id, name=name)

    def _go(self, go: Go) -> None:
        self._halt()
        self._goal, self._sent_at = go.goal, self._now()
        self.get_logger().info(f"goal {go.goal}: {go.x:.1f} {go.y:.1f}")
        if not self._navigate_to.server_is_ready():
            self._refused(go.goal, "the navigator is not there")
            return
        request = ros_conversion.goal(go, self.get_clock().now().to_msg())
        sent = self._navigate_to.send_goal_async(request, lambda told: self._on_feedback(go.goal, told.feedback))
        sent.add_done_callback(lambda done: self._on_accepted(go.goal, done))

    def _on_accepted(self, goal: int, done: Future) -> None:
        handle = done.result()
        if not handle.accepted:
            self._refused(goal, "the navigator refuses the goal")
        elif goal != self._goal:  # given up before it was accepted
            handle.cancel_goal_async()
        else:
            self._walk = handle
            handle.get_result_async().add_done_callback(lambda ended: self._on_result(goal, ended))

    def _on_result(self, goal: int, done: Future) -> None:
        result: Any = done.result().result
        outcome = OUTCOMES.get(result.error_code, Outcome.BLOCKED)
        if goal == self._goal:
            self._goal, self._walk = 0, None
        self._core.take(GoalEnded(goal, outcome, result.error_msg, ros_conversion.obstruction(result.obstruction)))

    def _on_feedback(self, goal: int, told: NavigateTo.Feedback) -> None:
        self._core.take(GoalProgress(goal, told.waiting, ros_conversion.obstruction(told.obstruction)))

    def _refused(self, goal: int, reason: str) -> None:
        if goal == self._goal:
            self._halt()
            self._core.take(GoalEnded(goal, Outcome.REFUSED, reason))

    def _deserted(self, now: float) -> list[Event]:
        """The end of a walk whose navigator is gone, or never answered: nobody else will tell of it."""
        if not self._goal or (self._walk is None and now - self._sent_at < NO_ANSWER_S):
            return []
        if self._walk is not None and (self._ticks % LOOK_EVERY or self._navigate_to.server_is_ready()):
            return []
        goal = self._goal
        self._halt()
        return [GoalEnded(goal, Outcome.REFUSED, "the navigator does not answer")]

    def _halt(self) -> None:
        self._goal = 0
        if self._walk is not None:
            self._walk.cancel_goal_async()
            self._walk = None

    def _ask_photo(self, action_id: str, node_id: str) -> None:
        self._looks[action_id] = self._now() + NO_ANSWER_S
        request = TakePhotoSrv.Request(action_id=action_id, node_id=node_id)
        if self._take_photo.service_is_ready():
            self._take_photo.call_async(request).add_done_callback(lambda done: self._on_photo(action_id, done))

    def _on_photo(self, action_id: str, done: Future) -> None:
        if self._looks.pop(action_id, None) is not None:
            answer = done.result()
            self._core.take(LookEnded(action_id, answer.success, answer.message or answer.evidence_id))

    def _unanswered(self, now: float) -> list[Event]:
        late = [action_id for action_id, until in self._looks.items() if now > until]
        for action_id in late:
            del self._looks[action_id]
        return [LookEnded(action_id, False, "no answer from perception") for action_id in late]

    def _diagnose(self) -> None:
        report = self._core.mission.report()
        level = DiagnosticStatus.WARN if report.errors else DiagnosticStatus.OK
        said = [f"{e.error_type} {e.error_description or ''}".strip() for e in report.errors]
        text = "; ".join([*said, *([HALF_BLIND] if self._core.make.half_blind else [])])
        values = {"phase": str(report.phase), "order": report.held.order_id, "ahead": str(len(report.held.nodes))}
        values["speech"] = self._speaker.missing() or "can speak"
        values["sensors"] = ", ".join(self._core.make.sensors)
        at = self.get_clock().now().to_msg()
        self._diagnostics.publish(ros_conversion.diagnostics("mission", level, text or str(report.phase), values, at))


def _malformed(message: WireMessage) -> MalformedCame:
    """What the link could not read: it names the topic on which that came, and why."""
    try:
        told = json.loads(message.payload)
        return MalformedCame(str(told["topic"]).rpartition("/")[2], str(told["error"]))
    except (ValueError, TypeError, KeyError):
        return MalformedCame(message.topic, message.payload)
