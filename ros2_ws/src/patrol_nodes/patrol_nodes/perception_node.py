"""camera, scan, points, pose, site -> anomalies and photos: what the dog sees, placed on the map, judged by zones."""

import json
import uuid
from pathlib import Path
from time import perf_counter

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import PoseWithCovarianceStamped
from msgspec import UNSET
from patrol_interfaces.msg import Anomaly, MissionState, Photo, WireMessage
from patrol_interfaces.srv import TakePhoto
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy, qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, Image, Imu, LaserScan, PointCloud2

from edge.dog import perception_core as core
from edge.dog.perception_core import MOUNT, POINTS, SCAN, Frame, Look, PerceptionCore, Sighted, Wanted
from edge.perception.checkpoint_references import References
from edge.perception.detector_selection import AUTO, choose, places
from patrol_nodes import ros_conversion
from patrol_nodes.camera_streaming import CameraStreaming
from patrol_nodes.clip_recording import ClipRecording
from patrol_nodes.original_keeping import OriginalKeeping
from patrol_nodes.parameters import declared
from protocol.codec import MalformedMessage, decode
from protocol.sealed_original import BadEvidenceKey, read_evidence_key
from protocol.site import Site
from protocol.site_folder import read_site

NEWEST = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
"""When the eyes fall behind the camera the middleware keeps its newest frame; the holes are counted."""


class PerceptionNode(Node):
    """Works on one frame at a time, with the pose at its stamp: it waits for that pose until the next frame comes."""

    def __init__(self) -> None:
        super().__init__("perception")
        wish = self.declare_parameter("detector", AUTO).value
        dirs = [Path(d) for d in self.declare_parameter("model_dirs", [""]).value if d]
        mount = declared(self, "camera", MOUNT)
        self._choice = choose(wish, places(dirs))
        self.get_logger().info(str(self._choice))
        seats = declared(self, "lidar", SCAN), declared(self, "points", POINTS)
        data = self.declare_parameter("data_dir", "").value
        known = References(Path(data) / "references" if data else None)
        self._core = PerceptionCore(self._choice.detector, _new_id, mount, perf_counter, *seats, known)
        folder = self.declare_parameter("site_folder", "").value
        if folder:
            site, grid = read_site(Path(folder))
            self._core.take_site(site.zones, site.timezone, -1, grid)
        self._streaming = CameraStreaming(self, self._core, self._choice.detector)
        self._clips = ClipRecording(self, self._choice.detector, wish, dirs)
        self._originals = OriginalKeeping(self, self._core)
        self._anomalies = self.create_publisher(Anomaly, "anomalies", 10)
        self._photos = self.create_publisher(Photo, "photos", 10)
        self._diagnostics = self.create_publisher(DiagnosticArray, "diagnostics", 5)
        self._compared = self.create_publisher(WireMessage, "reference/compared", 10)
        # In this order they are heard: a state of the last order, told before a comparison for the next, ends it not.
        self.create_subscription(MissionState, "mission/state", self._on_mission, 10)
        self.create_subscription(WireMessage, "reference/compare", self._on_compare, 10)
        self.create_subscription(Image, "camera/image_raw", self._on_image, NEWEST)
        self.create_subscription(CameraInfo, "camera/camera_info", self._on_camera_info, qos_profile_sensor_data)
        self.create_subscription(PoseWithCovarianceStamped, "pose", self._on_pose, 10)
        self.create_subscription(Imu, "imu", self._on_imu, qos_profile_sensor_data)
        self.create_subscription(LaserScan, "scan", self._on_scan, qos_profile_sensor_data)
        self.create_subscription(PointCloud2, "points", self._on_points, qos_profile_sensor_data)
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self.create_subscription(WireMessage, "site", self._on_site, latched)
        self.create_service(TakePhoto, "take_photo", self._on_take_photo)
        self.create_timer(1.0, self._report)

    def _on_site(self, message: WireMessage) -> None:
        try:
            site = decode(message.payload, Site)
            self._core.take_site(site.zones, site.timezone, site.site_version, site.map, self._evidence_key(site))
        except (MalformedMessage, ValueError, KeyError) as error:  # KeyError: no such time zone
            self.get_logger().error(f"a site was refused: {error}")

    def _evidence_key(self, site: Site) -> X25519PublicKey | None:
        """None where no original is kept: the site has no key, or one that keeps no secret."""
        try:
            return read_evidence_key(site.evidence_key) if site.evidence_key is not UNSET else None
        except BadEvidenceKey as error:
            self.get_logger().error(f"no original is kept: {error}")
            return None

    def _on_mission(self, message: MissionState) -> None:
        self._core.take_order(message.order_id)
        self._clips.take_order(message.order_id)
        self._originals.take_order(message.order_id)

    def _on_camera_info(self, message: CameraInfo) -> None:
        self._core.take_intrinsics(ros_conversion.intrinsics(message))

    def _on_imu(self, message: Imu) -> None:
        self._core.take_imu(ros_conversion.imu(message))

    def _on_scan(self, message: LaserScan) -> None:
        scan = ros_conversion.scan(message)
        self._core.take_scan(scan)
        self._clips.take_scan(scan)

    def _on_points(self, message: PointCloud2) -> None:
        self._core.take_cloud(ros_conversion.cloud(message))

    def _on_pose(self, message: PoseWithCovarianceStamped) -> None:
        estimate = ros_conversion.pose_estimate(message)
        self._clips.take_pose(estimate)
        look = self._core.take_pose(estimate)
        if look is not None:
            self._tell(look)

    def destroy_node(self) -> None:
        """Show nothing any more, make no more clips, and seal what waits."""
        self._streaming.end()
        self._clips.end()
        self._originals.end()
        super().destroy_node()

    def _on_image(self, message: Image) -> None:
        for look in self._core.take_frame(
            Frame(ros_conversion.picture(message), ros_conversion.seconds(message.header.stamp))
        ):
            self._tell(look)

    def _tell(self, look: Look) -> None:
        if look.live is not None:
            self._streaming.take(look.live)
        for sighted in look.sighted:
            self._anomalies.publish(self._anomaly(sighted))
        for photo in look.photos:
            self._send_photo(photo)
        if look.compared is not None:
            self._say_compared(look.compared.action_id, look.compared.success, look.compared.text)
        again = self._core.look_again()
        for sighted in again:
            self._anomalies.publish(self._anomaly(sighted))
        self._clips.take(look, again)
        self._originals.take(look, again)
        if look.missed:
            missed = self._core.meter.missed
            self.get_logger().warning(f"{look.missed} frames missed, {missed} in all", throttle_duration_sec=10.0)

    def _anomaly(self, sighted: Sighted) -> Anomaly:
        alert, at = sighted.alert, ros_conversion.stamp(sighted.stamp)
        message = Anomaly(anomaly_id=sighted.anomaly_id, kind=alert.kind)
        message.header.stamp, message.header.frame_id = at, "map"
        message.zone_id, message.track_id = alert.zone_id, alert.track.track_id
        message.position.x, message.position.y = alert.place.x, alert.place.y
        message.deviation, message.score = alert.place.deviation, alert.track.score
        message.covariance = [alert.place.xx, alert.place.xy, alert.place.yy]
        message.detector, message.weights_sha256 = self._choice.detector.name, self._choice.detector.weights_sha256
        message.reason_zh, message.reason_en = alert.reason.zh, alert.reason.en
        message.other_than = list(alert.other_than)
        message.picture = ros_conversion.jpeg_file(sighted.jpeg(), at)
        self.get_logger().info(
            f"{alert.kind} {alert.zone_id} at {alert.place.x:.1f} {alert.place.y:.1f} "
            f"({alert.place.deviation:.1f} m), score {alert.track.score:.2f}"
        )
        return message

    def _on_compare(self, message: WireMessage) -> None:
        asked = json.loads(message.payload)
        self._core.take_order(asked["orderId"])  # its state may come later
        now = self.get_clock().now().nanoseconds * 1e-9
        blind = self._core.ask_comparison(asked["actionId"], asked["nodeId"], now)
        if blind:
            self._say_compared(asked["actionId"], False, blind)

    def _say_compared(self, action_id: str, success: bool, text: str) -> None:
        self.get_logger().info(f"comparison {action_id}: {text}")
        told = json.dumps({"actionId": action_id, "success": success, "text": text})
        self._compared.publish(WireMessage(stamp=self.get_clock().now().to_msg(), topic="compared", payload=told))

    def _on_take_photo(self, request: TakePhoto.Request, response: TakePhoto.Response) -> TakePhoto.Response:
        """Promise the next frame; refused where none may be kept or none comes."""
        now = self.get_clock().now().nanoseconds * 1e-9
        answer = self._core.ask_photo(request.action_id, request.node_id, now)
        if isinstance(answer, Wanted):
            response.success, response.evidence_id = True, answer.evidence_id
        else:
            response.message = answer
        return response

    def _send_photo(self, photo: core.Photo) -> None:
        wanted, at = photo.wanted, ros_conversion.stamp(photo.stamp)
        if photo.picture is None:
            self.get_logger().error(f"photo {wanted.evidence_id} of {wanted.action_id} was not kept: privacy zone")
            return
        message = Photo(evidence_id=wanted.evidence_id, action_id=wanted.action_id, node_id=wanted.node_id)
        message.header.stamp, message.header.frame_id = at, "map"
        if photo.view is not None:
            message.pose = ros_conversion.pose_message(photo.view.pose)
        message.picture = ros_conversion.jpeg(photo.picture, at)
        self._photos.publish(message)

    def _report(self) -> None:
        now = self.get_clock().now()
        fps = self._core.meter.fps(now.nanoseconds * 1e-9)
        name = self._choice.detector.name
        level = DiagnosticStatus.OK if fps else DiagnosticStatus.ERROR
        values = {
            "detector": name,
            "reason": self._choice.reason,
            "fps": f"{fps:.1f}",
            "latency_ms": f"{self._core.meter.latency_ms():.1f}",
            "frames": str(self._core.meter.frames),
            "frames_missed": str(self._core.meter.missed),
        }
        values |= self._clips.values() | self._originals.values()
        text = name if fps else "no pictures from the camera"
        self._diagnostics.publish(ros_conversion.diagnostics("perception", level, text, values, now.to_msg()))


def _new_id() -> str:
    return str(uuid.uuid4())
