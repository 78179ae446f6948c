"""anomalies, photos, mission/state -> MQTT and HTTP; orders and the site from there -> mission/inbox, site."""

import json
import time
import uuid
from pathlib import Path

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import PoseWithCovarianceStamped
from msgspec import UNSET
from nav_msgs.msg import Odometry
from patrol_interfaces.msg import Anomaly as AnomalyMsg
from patrol_interfaces.msg import MissionState, Photo, WireMessage
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data

from edge.link.command_authentication import read_authority
from edge.link.outbox_rows import Place, Sighting, Snapshot
from edge.link.whole_link import Note, Reach, Weight, open_link
from edge.mission.factsheet import VISUALIZATION_S, factsheet
from edge.mission.latest_inputs import LatestInputs
from edge.mission.state import position, velocity
from patrol_nodes import ros_conversion
from patrol_nodes.parameters import declared_make
from protocol.anomaly import Covariance
from protocol.codec import MalformedMessage, decode
from protocol.evidence import EvidencePurpose
from protocol.factsheet import Factsheet
from protocol.manual_driving import DriveState
from protocol.mqtt_client import Tls
from protocol.site import Text
from protocol.state import AgvPosition, State, Velocity
from protocol.topics import PREFIX, Address, Topic
from protocol.version import VERSION

PERIOD = 0.1  # s, of the steady clock: what waits goes out even if the simulation's time stands still
DRIVEN_PERIOD = 0.02  # s while somebody drives the dog: a command is worth little more than ten of these
LINK = "link"  # on mission/inbox: {"connected": whether the station can be reached}
SAY_LINK_S = 5.0
STANDS = "the clock stands: nothing that waits for time goes on"


class LinkNode(Node):
    """Callbacks hand to the core; `_step` talks to the session, which has a thread of its own, as has the upload."""

    def __init__(self) -> None:
        super().__init__("link")
        name = self.declare_parameter("dog", "").value or self.get_namespace().strip("/") or "dog"
        maker = self.declare_parameter("manufacturer", "xiaotian").value
        self._address = Address(maker, name, self.declare_parameter("mqtt_prefix", PREFIX).value)
        data = Path(self.declare_parameter("data_dir", "var/dog").value)
        key_file = self.declare_parameter("station_key_file", "").value
        authority = read_authority(Path(key_file)) if key_file else None
        every = float(self.declare_parameter("visualization_every", VISUALIZATION_S).value)
        self._visualization_s = every if every > 0 else VISUALIZATION_S
        self._make = declared_make(self)
        version = self.declare_parameter("vda5050_version", VERSION).value
        self._line = open_link(
            self._address, data, self._reach(), self._stamp(), authority, self._visualization_s, version
        )
        self._link = self._line.link
        self._latest = LatestInputs()
        self._said_link: tuple[bool, float] = (False, -SAY_LINK_S)  # and when, in steady seconds
        self._inbox = self.create_publisher(WireMessage, "mission/inbox", 50)
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self._site = self.create_publisher(WireMessage, "site", latched)
        self._drives = self.create_publisher(WireMessage, "driving/command", 20)
        self._diagnostics = self.create_publisher(DiagnosticArray, "diagnostics", 5)
        self.create_subscription(AnomalyMsg, "anomalies", self._on_anomaly, 10)
        self.create_subscription(Photo, "photos", self._on_photo, 10)
        self.create_subscription(MissionState, "mission/state", self._on_state, 10)
        self.create_subscription(WireMessage, "mission/outbox", self._on_outbox, 10)
        self.create_subscription(WireMessage, "driving/state", self._on_drive_state, 10)
        self.create_subscription(PoseWithCovarianceStamped, "pose", self._on_pose, 10)
        self.create_subscription(Odometry, "odom", self._on_odom, qos_profile_sensor_data)
        if self._link.site_copy.payload:
            self._publish_site(self._link.site_copy.payload)
        self._told_time = False
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._timer = self.create_timer(PERIOD, self._step, clock=steady)
        self.create_timer(1.0, self._diagnose, clock=steady)

    def _reach(self) -> Reach:
        tls = [str(self.declare_parameter(name, "").value) for name in ("tls_ca", "tls_certificate", "tls_key")]
        token_file = self.declare_parameter("upload_token_file", "").value
        return Reach(
            mqtt_host=self.declare_parameter("mqtt_host", "127.0.0.1").value,
            mqtt_port=self.declare_parameter("mqtt_port", 1883).value,
            server_url=self.declare_parameter("server_url", "http://127.0.0.1:8080").value,
            upload_token_file=Path(token_file) if token_file else None,
            tls=Tls(*map(Path, tls)) if all(tls) else None,
        )

    def destroy_node(self) -> None:
        """Say goodbye, and let go of thread and files."""
        if self._told_time:
            self._line.stop(self._stamp())
        else:
            self._link.outbox.close()
        super().destroy_node()

    def _stamp(self) -> float:
        """UTC seconds: the simulation's where it rules; 0 until its clock is heard."""
        return float(self.get_clock().now().nanoseconds * 1e-9)

    # From the dog

    def _on_anomaly(self, message: AnomalyMsg) -> None:
        point = message.position
        seen = Sighting(
            anomaly_id=message.anomaly_id,
            kind=message.kind,
            observed_at=ros_conversion.seconds(message.header.stamp),
            place=Place(point.x, point.y, self._link.map_id, message.deviation, self._covariance(message)),
            score=message.score,
            detector=message.detector,
            zone_id=message.zone_id,
            track_id=message.track_id,
            order_id=self._link.order_id,
            picture=bytes(message.picture.data),
            other_than=tuple(message.other_than),
            reason=Text(zh=message.reason_zh, en=message.reason_en) if message.reason_en else None,
            weights_sha256=message.weights_sha256,
        )
        try:
            self._tell(seen, time.monotonic(), self._stamp())
        except ValueError as error:
            self._refuse(f"anomaly {message.anomaly_id!r}", error)
        else:
            self.get_logger().info(f"anomaly {message.anomaly_id} is kept")

    def _covariance(self, message: AnomalyMsg) -> Covariance | None:
        """None where it was not told, or cannot be one: a station would refuse the anomaly with it."""
        xx, xy, yy = (float(each) for each in message.covariance)
        if not (xx or xy or yy):
            return None
        try:
            return Covariance(xx=xx, xy=xy, yy=yy)
        except ValueError as error:
            self._refuse(f"covariance of anomaly {message.anomaly_id!r}", error)
            return None

    def _tell(self, seen: Sighting, now: float, stamp: float) -> None:
        """It does not wait for the timer; before the clock is heard it is kept alone."""
        evidence_id = str(uuid.uuid4())
        if self._told_time:
            self._line.tell_anomaly(seen, evidence_id, self._place(stamp), now, stamp)
        else:
            self._link.keep_anomaly(seen, evidence_id, stamp)

    def _on_photo(self, message: Photo) -> None:
        point = message.pose.position
        shot = Snapshot(
            evidence_id=message.evidence_id,
            purpose=EvidencePurpose.CHECKPOINT,
            captured_at=ros_conversion.seconds(message.header.stamp),
            place=Place(point.x, point.y, self._link.map_id),
            picture=bytes(message.picture.data),
            order_id=self._link.order_id,
            node_id=message.node_id,
            action_id=message.action_id,
        )
        try:
            self._link.keep_photo(shot, self._stamp())
        except ValueError as error:
            self._refuse(f"photo {message.evidence_id!r}", error)

    def _refuse(self, what: str, error: ValueError) -> None:
        """What another node of this dog sent cannot be told to the station; it is counted, and the dog goes on."""
        self._link.refused[what.split()[0]] += 1
        self.get_logger().error(f"{what} cannot be sent: {error}")

    def _on_state(self, message: MissionState) -> None:
        try:
            self._link.take_state(decode(message.state, State))
        except MalformedMessage as error:
            self._refuse("state", error)

    def _on_drive_state(self, message: WireMessage) -> None:
        try:
            self._link.take_drive_state(decode(message.payload, DriveState), time.monotonic())
        except MalformedMessage as error:
            self._refuse("drive state", error)

    def _on_outbox(self, message: WireMessage) -> None:
        if message.topic == Topic.FACTSHEET:
            self._line.say(self._link.take_factsheet(self._factsheet(), self._stamp()))

    def _factsheet(self) -> Factsheet:
        return factsheet(self._address, self._stamp(), self._visualization_s, self._make)

    def _on_pose(self, message: PoseWithCovarianceStamped) -> None:
        self._latest.take_pose(ros_conversion.pose_estimate(message))

    def _on_odom(self, message: Odometry) -> None:
        self._latest.take_twist(ros_conversion.odometry(message).twist)

    # On

    def _step(self) -> None:
        now, stamp = time.monotonic(), self._stamp()
        if not self._told_time and not self._begin(stamp):
            return
        step = self._line.step(self._place(stamp), now, stamp)
        for passed in step.inbox:
            at = self.get_clock().now().to_msg()
            self._inbox.publish(WireMessage(stamp=at, topic=passed.topic, payload=passed.payload))
        for drive in step.drives:
            self._drives.publish(
                WireMessage(stamp=ros_conversion.stamp(drive.at), topic=drive.topic, payload=drive.payload)
            )
        self._pace(now)
        self._say_link(now)
        if step.site:
            self.get_logger().info("a newer site came")
            self._publish_site(step.site)
        for note in self._line.notes():
            self._log(note)

    def _pace(self, now: float) -> None:
        """Often while somebody drives, and else as often as telemetry needs."""
        period = DRIVEN_PERIOD if self._link.is_driven(now) else PERIOD
        if self._timer.timer_period_ns != round(period * 1e9):
            self._timer.timer_period_ns = round(period * 1e9)

    def _begin(self, stamp: float) -> bool:
        """Nothing is said before it is known what time it is: else the station takes our clock for wrong."""
        if stamp > 0.0:
            self._told_time = True
            self._link.take_factsheet(self._factsheet(), stamp)
            self._line.start()
        return self._told_time

    def _log(self, note: Note) -> None:
        log = self.get_logger()
        if note.weight is Weight.INFO:
            log.info(note.text)
        elif note.weight is Weight.WARNING:
            log.warning(note.text)
        else:
            log.error(note.text)

    def _say_link(self, now: float) -> None:
        """The mission is told on each change and every few seconds whether the station can be reached."""
        said, at = self._said_link
        connected = self._link.connected
        if connected is not said or now - at >= SAY_LINK_S:
            self._said_link = connected, now
            stamp = self.get_clock().now().to_msg()
            self._inbox.publish(WireMessage(stamp=stamp, topic=LINK, payload=json.dumps({"connected": connected})))

    def _publish_site(self, payload: str) -> None:
        self._site.publish(WireMessage(stamp=self.get_clock().now().to_msg(), topic=Topic.SITE, payload=payload))

    def _place(self, stamp: float) -> tuple[AgvPosition, Velocity] | None:
        map_id = self._link.map_id
        self._latest.take_site(map_id, 0, [])
        situation = self._latest.situation(stamp)
        where, speed = position(situation), velocity(situation)
        return (where, speed) if where is not UNSET and speed is not UNSET and map_id else None

    def _diagnose(self) -> None:
        outbox = self._link.outbox
        outbox.settle()
        values = {
            "connected": str(self._link.connected).lower(),
            "rows": str(len(outbox)),
            "picture_bytes": str(outbox.picture_bytes),
            "unstored": str(outbox.unstored),
            "lost": str(outbox.lost.total()),
            "parked": str(outbox.refused),
            "dropped": str(self._line.dropped),
            "refused": str(self._link.refused.total()),
        }
        stands = STANDS if self._link.clock_stands else ""
        away = "" if self._link.connected else "the station is out of reach"
        trouble = stands or outbox.trouble or self._link.site_copy.trouble or away
        level = DiagnosticStatus.WARN if trouble else DiagnosticStatus.OK
        at = self.get_clock().now().to_msg()
        self._diagnostics.publish(ros_conversion.diagnostics("link", level, trouble or "connected", values, at))
