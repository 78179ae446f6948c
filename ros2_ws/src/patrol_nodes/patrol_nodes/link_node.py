"""anomalies, photos, mission/state -> MQTT and HTTP; orders and the site from there -> mission/inbox, site."""

import hashlib
import queue
import time
import uuid
from pathlib import Path

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import PoseWithCovarianceStamped
from msgspec import UNSET
from msgspec.structs import replace
from nav_msgs.msg import Odometry
from patrol_interfaces.msg import Anomaly as AnomalyMsg
from patrol_interfaces.msg import MissionState, Photo, WireMessage
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data

from edge.link.link import HEARD, Link, Say
from edge.link.outbox import Loss, Outbox
from edge.link.session import Down, Session, Up, Will
from edge.link.upload import Carrier, Outcome, Tried
from edge.mission.factsheet import factsheet
from edge.mission.latest import Latest
from edge.mission.state import position, velocity
from patrol_nodes import convert
from protocol.anomaly import Anomaly, AnomalyKind, MapPoint
from protocol.codec import decode, encode, header, timestamp
from protocol.evidence import Evidence, EvidencePurpose
from protocol.state import AgvPosition, State, Velocity
from protocol.topics import PREFIX, TABLE, Address, Topic

PERIOD = 0.1  # s, of the steady clock: what waits goes out even if the simulation's time stands still


class LinkNode(Node):
    """Callbacks hand to the core; `_step` talks to the session, which has a thread of its own, as has the upload."""

    def __init__(self) -> None:
        super().__init__("link")
        name = self.declare_parameter("dog", "").value or self.get_namespace().strip("/") or "dog"
        maker = self.declare_parameter("manufacturer", "xiaotian").value
        self._address = Address(maker, name, self.declare_parameter("mqtt_prefix", PREFIX).value)
        data = Path(self.declare_parameter("data_dir", "var/dog").value)
        self._link = Link(self._address, Outbox(data), data / "site.json")
        host = self.declare_parameter("mqtt_host", "127.0.0.1").value
        port = self.declare_parameter("mqtt_port", 1883).value
        will = Will(self._address.topic(Topic.CONNECTION), self._link.will(self._stamp()))
        topics = {self._address.topic(topic): TABLE[topic].qos for topic in HEARD}
        self._session = Session(host, port, f"{maker}-{name}", topics, will)
        self._tried: queue.SimpleQueue[Tried] = queue.SimpleQueue()
        url = self.declare_parameter("server_url", "http://127.0.0.1:8080").value
        token = Path(self.declare_parameter("upload_token_file", "").value)
        self._carrier = Carrier(url, token, self._tried.put)
        self._latest = Latest()
        self._map_id = self._order_id = ""
        self._inbox = self.create_publisher(WireMessage, "mission/inbox", 50)
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self._site = self.create_publisher(WireMessage, "site", latched)
        self._diagnostics = self.create_publisher(DiagnosticArray, "diagnostics", 5)
        self.create_subscription(AnomalyMsg, "anomalies", self._on_anomaly, 10)
        self.create_subscription(Photo, "photos", self._on_photo, 10)
        self.create_subscription(MissionState, "mission/state", self._on_state, 10)
        self.create_subscription(WireMessage, "mission/outbox", self._on_outbox, 10)
        self.create_subscription(PoseWithCovarianceStamped, "pose", self._on_pose, 10)
        self.create_subscription(Odometry, "odom", self._on_odom, qos_profile_sensor_data)
        self._link.take_factsheet(factsheet(self._address, self._stamp()))
        if self._link.site is not None:
            self._publish_site(encode(self._link.site).decode())
        self._session.start()
        self._carrier.start()
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(PERIOD, self._step, clock=steady)
        self.create_timer(1.0, self._diagnose, clock=steady)

    def destroy_node(self) -> None:
        """Say goodbye, and let go of thread and files."""
        self._carrier.stop()
        self._session.stop(self._address.topic(Topic.CONNECTION), self._link.goodbye(self._stamp()))
        self._link.outbox.close()
        super().destroy_node()

    def _stamp(self) -> float:
        """UTC seconds: the simulation's where it rules."""
        return float(self.get_clock().now().nanoseconds * 1e-9)

    # From the dog

    def _on_anomaly(self, message: AnomalyMsg) -> None:
        picture = bytes(message.picture.data)
        anomaly = Anomaly(
            **header(self._address, 0, self._stamp()),
            anomaly_id=uuid.UUID(message.anomaly_id),
            kind=AnomalyKind(message.kind),
            observed_at=timestamp(convert.seconds(message.header.stamp)),
            position=self._point(message.position.x, message.position.y, message.deviation),
            score=min(1.0, max(0.0, message.score)),
            detector=message.detector,
            zone_id=message.zone_id or UNSET,
            track_id=message.track_id,
            order_id=self._order_id or UNSET,
        )
        evidence = None
        if picture:
            at = convert.seconds(message.header.stamp)
            evidence = self._evidence(uuid.uuid4(), EvidencePurpose.ANOMALY, picture, at, anomaly.position)
            evidence = replace(evidence, anomaly_id=anomaly.anomaly_id)
        self._link.keep_anomaly(anomaly, evidence, picture)
        self.get_logger().info(f"anomaly {message.anomaly_id} is kept")

    def _on_photo(self, message: Photo) -> None:
        picture = bytes(message.picture.data)
        at = convert.seconds(message.header.stamp)
        place = self._point(message.pose.position.x, message.pose.position.y, None)
        evidence = self._evidence(uuid.UUID(message.evidence_id), EvidencePurpose.CHECKPOINT, picture, at, place)
        evidence = replace(evidence, node_id=message.node_id or UNSET, action_id=message.action_id or UNSET)
        self._link.keep_photo(evidence, picture)

    def _evidence(
        self, key: uuid.UUID, purpose: EvidencePurpose, picture: bytes, at: float, place: MapPoint
    ) -> Evidence:
        return Evidence(
            **header(self._address, 0, self._stamp()),
            evidence_id=key,
            purpose=purpose,
            sha256=hashlib.sha256(picture).hexdigest(),
            size_bytes=len(picture),
            media_type="image/jpeg",
            captured_at=timestamp(at),
            masked=True,
            position=place,
            order_id=self._order_id or UNSET,
        )

    def _point(self, x: float, y: float, deviation: float | None) -> MapPoint:
        return MapPoint(x=x, y=y, map_id=self._map_id, deviation=UNSET if deviation is None else max(0.0, deviation))

    def _on_state(self, message: MissionState) -> None:
        state = decode(message.state, State)
        self._order_id = state.order_id
        if state.agv_position is not UNSET:
            self._map_id = state.agv_position.map_id
        self._link.take_state(state)

    def _on_outbox(self, message: WireMessage) -> None:
        if message.topic == Topic.FACTSHEET:
            self._publish(self._link.take_factsheet(factsheet(self._address, self._stamp())))

    def _on_pose(self, message: PoseWithCovarianceStamped) -> None:
        self._latest.take_pose(convert.pose_estimate(message))

    def _on_odom(self, message: Odometry) -> None:
        self._latest.take_twist(convert.odometry(message).twist)

    # On

    def _step(self) -> None:
        now, stamp = time.monotonic(), self._stamp()
        events = self._session.take()
        for event in events:
            self._tell(event)
        step = self._link.step(events, self._place(stamp), now, stamp)
        for said in step.say:
            if self._publish(said):
                self._link.sent(said, now)
        for passed in step.inbox:
            at = self.get_clock().now().to_msg()
            self._inbox.publish(WireMessage(stamp=at, topic=passed.topic, payload=passed.payload))
        if step.site:
            self.get_logger().info("a newer site came")
            self._publish_site(step.site)
        self._carry()

    def _tell(self, event: object) -> None:
        if isinstance(event, Up):
            self.get_logger().info("connected to the station")
            self._carrier.hurry()
        elif isinstance(event, Down):
            self.get_logger().warning(f"the station is out of reach: {event.reason}")

    def _carry(self) -> None:
        while not self._tried.empty():
            tried = self._tried.get()
            if tried.outcome is Outcome.DAMAGED:
                self._link.outbox.lose([tried.parcel.evidence_id], Loss.DAMAGED)
            elif tried.outcome not in (Outcome.WHOLE, Outcome.UNKNOWN):
                self.get_logger().warning(f"evidence waits: {tried.outcome} {tried.detail}", throttle_duration_sec=10.0)
        for key, loss in self._link.outbox.losses():
            self.get_logger().error(f"{key} is lost: {loss}")
        self._carrier.offer(self._link.parcels() if self._link.connected else [])

    def _publish(self, said: Say) -> bool:
        row = TABLE[said.topic]
        return self._session.publish(self._address.topic(said.topic), said.payload, row.qos, row.retain)

    def _publish_site(self, payload: str) -> None:
        self._site.publish(WireMessage(stamp=self.get_clock().now().to_msg(), topic=Topic.SITE, payload=payload))

    def _place(self, stamp: float) -> tuple[AgvPosition, Velocity] | None:
        self._latest.take_site(self._map_id, 0, [])
        situation = self._latest.situation(stamp)
        where, speed = position(situation), velocity(situation)
        return (where, speed) if where is not UNSET and speed is not UNSET and self._map_id else None

    def _diagnose(self) -> None:
        outbox = self._link.outbox
        outbox.settle()
        values = {
            "connected": str(self._link.connected).lower(),
            "rows": str(len(outbox)),
            "picture_bytes": str(outbox.picture_bytes),
            "lost": str(outbox.lost.total()),
            "refused": str(self._link.refused.total()),
        }
        trouble = outbox.trouble or ("" if self._link.connected else "the station is out of reach")
        level = DiagnosticStatus.WARN if trouble else DiagnosticStatus.OK
        at = self.get_clock().now().to_msg()
        self._diagnostics.publish(convert.diagnostics("link", level, trouble or "connected", values, at))
