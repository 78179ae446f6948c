"""camera, pose, imu, site -> anomalies and photos: what the dog sees, placed on the map and judged by its zones."""

import uuid
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import PoseWithCovarianceStamped
from patrol_interfaces.msg import Anomaly, MissionState, Photo, WireMessage
from patrol_interfaces.srv import TakePhoto
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy, qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, Image, Imu

from edge.perception.camera import Intrinsics, Mount, View
from edge.perception.choose import AUTO, choose, places
from edge.perception.mask import MaskedPicture
from edge.perception.meter import Meter
from edge.perception.perception import Perception, may_keep
from edge.perception.poses import Poses
from edge.perception.rules import Alert
from edge.perception.zones import Zones
from patrol_nodes import convert
from patrol_nodes.parameters import declared
from protocol.anomaly import AnomalyKind
from protocol.codec import MalformedMessage, decode
from protocol.site import Site
from protocol.site_folder import read_site

NEWEST = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
"""When the eyes fall behind the camera the middleware keeps its newest frame; the holes are counted."""
MOUNT = Mount(x=0.33, z=0.08, pitch=0.0, body_height=0.38)


@dataclass(frozen=True)
class Wanted:
    """A photo that the mission asked for."""

    evidence_id: str
    action_id: str
    node_id: str


class PerceptionNode(Node):
    """Works on one frame at a time, with the pose at its stamp: it waits for that pose until the next frame comes."""

    def __init__(self) -> None:
        super().__init__("perception")
        wish = self.declare_parameter("detector", AUTO).value
        dirs = [Path(d) for d in self.declare_parameter("model_dirs", [""]).value if d]
        self._mount = declared(self, "camera", MOUNT)
        self._choice = choose(wish, places(dirs))
        self.get_logger().info(str(self._choice))
        self._perception = Perception(self._choice.detector)
        self._meter, self._poses = Meter(), Poses()
        self._zones: Zones | None = None
        self._site_version = -1
        self._intrinsics: Intrinsics | None = None
        self._waiting: Image | None = None  # for the pose at its stamp
        self._wanted: list[Wanted] = []
        self._order = ""
        folder = self.declare_parameter("site_folder", "").value
        if folder:
            site, _ = read_site(Path(folder))
            self._zones = Zones.of(site.zones, site.timezone)
        self._anomalies = self.create_publisher(Anomaly, "anomalies", 10)
        self._photos = self.create_publisher(Photo, "photos", 10)
        self._diagnostics = self.create_publisher(DiagnosticArray, "diagnostics", 5)
        self.create_subscription(Image, "camera/image_raw", self._on_image, NEWEST)
        self.create_subscription(CameraInfo, "camera/camera_info", self._on_camera_info, qos_profile_sensor_data)
        self.create_subscription(PoseWithCovarianceStamped, "pose", self._on_pose, 10)
        self.create_subscription(Imu, "imu", self._on_imu, qos_profile_sensor_data)
        self.create_subscription(MissionState, "mission/state", self._on_mission, 10)
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self.create_subscription(WireMessage, "site", self._on_site, latched)
        self.create_service(TakePhoto, "take_photo", self._on_take_photo)
        self.create_timer(1.0, self._report)

    def _on_site(self, message: WireMessage) -> None:
        try:
            site = decode(message.payload, Site)
            zones = Zones.of(site.zones, site.timezone)
        except (MalformedMessage, ValueError, KeyError) as error:  # KeyError: no such time zone
            self.get_logger().error(f"a site was refused: {error}")
            return
        if site.site_version >= self._site_version:
            self._zones, self._site_version = zones, site.site_version

    def _on_mission(self, message: MissionState) -> None:
        if message.order_id and message.order_id != self._order:
            self._order = message.order_id
            self._perception.begin()

    def _on_camera_info(self, message: CameraInfo) -> None:
        self._intrinsics = convert.intrinsics(message)

    def _on_imu(self, message: Imu) -> None:
        self._poses.add_lean(convert.imu(message))

    def _on_pose(self, message: PoseWithCovarianceStamped) -> None:
        self._poses.add_pose(convert.pose_estimate(message))
        self._look_if_placed()

    def _on_image(self, message: Image) -> None:
        if self._waiting is not None:
            self._look(self._waiting)
        self._waiting = message
        self._look_if_placed()

    def _look_if_placed(self) -> None:
        if self._waiting is not None and self._poses.covers(convert.seconds(self._waiting.header.stamp)):
            frame, self._waiting = self._waiting, None
            self._look(frame)

    def _look(self, frame: Image) -> None:
        began, at = perf_counter(), convert.seconds(frame.header.stamp)
        view = self._view(at)
        seen = self._perception.update(convert.picture(frame), view, self._zones, bool(self._wanted), at)
        for alert in seen.alerts:
            self._anomalies.publish(self._anomaly(alert, seen.picture, frame))
        for wanted in self._wanted:
            self._send_photo(wanted, seen.picture, view, frame)
        self._wanted.clear()
        missed = self._meter.add(at, perf_counter() - began)
        if missed:
            self.get_logger().warning(
                f"{missed} frames missed, {self._meter.missed} in all", throttle_duration_sec=10.0
            )

    def _view(self, at: float) -> View | None:
        stance = self._poses.at(at)
        if stance is None or self._intrinsics is None:
            return None
        return View(
            self._intrinsics,
            self._mount,
            stance.pose,
            stance.roll,
            stance.pitch,
            stance.position_deviation,
            stance.heading_deviation,
        )

    def _anomaly(self, alert: Alert, picture: MaskedPicture | None, frame: Image) -> Anomaly:
        message = Anomaly(anomaly_id=str(uuid.uuid4()), kind=AnomalyKind.PERSON_IN_RESTRICTED_ZONE)
        message.header.stamp, message.header.frame_id = frame.header.stamp, "map"
        message.zone_id, message.track_id = alert.zone_id, alert.track.track_id
        message.position.x, message.position.y = alert.place.x, alert.place.y
        message.deviation, message.score = alert.place.deviation, alert.track.score
        message.detector = self._choice.detector.name
        message.picture = convert.jpeg(picture, frame.header.stamp)
        self.get_logger().info(
            f"person in {alert.zone_id} at {alert.place.x:.1f} {alert.place.y:.1f} "
            f"({alert.place.deviation:.1f} m), score {alert.track.score:.2f}"
        )
        return message

    def _on_take_photo(self, request: TakePhoto.Request, response: TakePhoto.Response) -> TakePhoto.Response:
        """Promise the next frame; refused where none may be kept or none comes."""
        now = self.get_clock().now().nanoseconds * 1e-9
        if self._meter.fps(now) == 0:
            response.message = "the camera sends no pictures"
        elif not may_keep(self._view(now), self._zones):
            response.message = "in a privacy zone, or unsure of not being in one: no picture is kept"
        else:
            response.success, response.evidence_id = True, str(uuid.uuid4())
            self._wanted.append(Wanted(response.evidence_id, request.action_id, request.node_id))
        return response

    def _send_photo(self, wanted: Wanted, picture: MaskedPicture | None, view: View | None, frame: Image) -> None:
        if picture is None:
            self.get_logger().error(f"photo {wanted.evidence_id} of {wanted.action_id} was not kept: privacy zone")
            return
        message = Photo(evidence_id=wanted.evidence_id, action_id=wanted.action_id, node_id=wanted.node_id)
        message.header.stamp, message.header.frame_id = frame.header.stamp, "map"
        if view is not None:
            message.pose = convert.pose_message(view.pose)
        message.picture = convert.jpeg(picture, frame.header.stamp)
        self._photos.publish(message)

    def _report(self) -> None:
        now = self.get_clock().now()
        fps = self._meter.fps(now.nanoseconds * 1e-9)
        name = self._choice.detector.name
        level = DiagnosticStatus.OK if fps else DiagnosticStatus.ERROR
        values = {
            "detector": name,
            "reason": self._choice.reason,
            "fps": f"{fps:.1f}",
            "latency_ms": f"{self._meter.latency_ms():.1f}",
            "frames": str(self._meter.frames),
            "frames_missed": str(self._meter.missed),
        }
        text = name if fps else "no pictures from the camera"
        self._diagnostics.publish(convert.diagnostics("perception", level, text, values, now.to_msg()))
