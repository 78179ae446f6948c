"""scan + imu + odom -> pose and tf: where the dog is on the map."""

import math
from pathlib import Path

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import PoseWithCovarianceStamped
from nav_msgs.msg import Odometry
from patrol_interfaces.msg import WireMessage
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
from sensor_msgs.msg import Imu, LaserScan
from tf2_msgs.msg import TFMessage

from edge.navigation.ground import Ground, ground_from, ground_in
from edge.navigation.likelihood import field
from edge.navigation.localization import Fix, LocalizationConfig, Localizer
from edge.navigation.maps import UnusableMap
from edge.navigation.motion import Motion
from edge.navigation.scan import Mounting, level
from edge.types import Pose2D, PoseEstimate
from patrol_nodes import convert
from patrol_nodes.parameters import declared
from protocol.codec import MalformedMessage

SCAN_AGE = 0.5  # s: without scans the pose is not carried on for longer
LEVELS = {Fix.TRACKING: DiagnosticStatus.OK, Fix.UNSET: DiagnosticStatus.WARN, Fix.LOST: DiagnosticStatus.ERROR}


class LocalizationNode(Node):
    """Publishes ``pose`` and ``tf`` at the rate of odometry, corrected by each scan."""

    def __init__(self) -> None:
        super().__init__("localization")
        self._config = declared(self, "localization", LocalizationConfig())
        self._mounting = declared(self, "lidar", Mounting())
        start = [self.declare_parameter(f"initial_{axis}", math.nan).value for axis in ("x", "y", "theta")]
        self._given: tuple[Pose2D, float] | None = (Pose2D(*start), 0.3) if Pose2D(*start).is_finite() else None
        self._motion = Motion()
        self._ground: Ground | None = None
        self._localizer: Localizer | None = None
        self._estimate: PoseEstimate | None = None
        self._matched_at: float | None = None  # the stamp of the last scan
        folder = self.declare_parameter("site_folder", "").value
        if folder:
            self._stand_on(ground_in(Path(folder)))
        self._pose = self.create_publisher(PoseWithCovarianceStamped, "pose", 10)
        self._tf = self.create_publisher(TFMessage, "tf", 10)
        self._diagnostics = self.create_publisher(DiagnosticArray, "diagnostics", 5)
        self.create_subscription(Imu, "imu", self._on_imu, qos_profile_sensor_data)
        self.create_subscription(Odometry, "odom", self._on_odometry, qos_profile_sensor_data)
        self.create_subscription(LaserScan, "scan", self._on_scan, qos_profile_sensor_data)
        self.create_subscription(PoseWithCovarianceStamped, "initialpose", self._on_initial_pose, 1)
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self.create_subscription(WireMessage, "site", self._on_site, latched)
        self.create_timer(1.0, self._report)

    def _stand_on(self, ground: Ground) -> None:
        if self._ground is None or ground.grid is not self._ground.grid:
            self._localizer = Localizer(field(ground.grid), self._config)
            if self._given is None and self._estimate is not None:
                self._given = (self._estimate.pose, 0.3)
        self._ground = ground

    def _on_site(self, message: WireMessage) -> None:
        try:
            ground = ground_from(message.payload, self._ground)
        except (MalformedMessage, UnusableMap) as error:
            self.get_logger().error(f"a site was refused: {error}")
            return
        if ground is not None:
            self._stand_on(ground)

    def _on_imu(self, message: Imu) -> None:
        self._motion.add_imu(convert.imu(message))

    def _on_initial_pose(self, message: PoseWithCovarianceStamped) -> None:
        pose = convert.pose2d(message.pose.pose)
        if not pose.is_finite():
            self.get_logger().warning("an initial pose that is no number was passed over")
            return
        variance = max(message.pose.covariance[0], message.pose.covariance[7])
        self._given = (pose, min(max(math.sqrt(variance), 0.2), 2.0) if variance > 0 else 0.3)

    def _on_scan(self, message: LaserScan) -> None:
        scan = convert.scan(message)
        lean, pose = self._motion.lean_at(scan.stamp), self._motion.pose_at(scan.stamp)
        if self._localizer is None or lean is None or pose is None:
            return
        if self._given is not None:
            self._localizer.place(self._given[0], scan.stamp, deviation=self._given[1])
            self._given, self._matched_at = None, None
        before = self._motion.pose_at(self._matched_at) if self._matched_at is not None else None
        moved = before.between(pose) if before else Pose2D(0.0, 0.0, 0.0)
        self._matched_at = scan.stamp
        was = self._localizer.fix
        self._estimate = self._localizer.update(level(scan, lean, self._mounting), moved, scan.stamp)
        if self._localizer.fix is not was:
            self.get_logger().info(f"localization is now {self._localizer.fix}")

    def _on_odometry(self, message: Odometry) -> None:
        odometry = convert.odometry(message)
        self._motion.add_odometry(odometry)
        now = self._motion.pose_at(odometry.stamp)
        then = self._motion.pose_at(self._matched_at) if self._matched_at is not None else None
        if self._estimate is None or now is None or then is None:
            return
        if abs(odometry.stamp - self._estimate.stamp) > SCAN_AGE:
            return
        pose = self._estimate.pose.compose(then.between(now))
        self._publish(PoseEstimate(pose, self._estimate.covariance, self._estimate.quality, odometry.stamp))
        to_odom = pose.compose(odometry.pose.inverse())
        at = message.header.stamp
        transforms = [
            convert.transform("map", "odom", to_odom, at),
            convert.transform("odom", "base_link", odometry.pose, at),
        ]
        self._tf.publish(TFMessage(transforms=transforms))

    def _publish(self, estimate: PoseEstimate) -> None:
        self._pose.publish(convert.pose_estimate_message(estimate))

    def _report(self) -> None:
        fix = self._localizer.fix if self._localizer else Fix.UNSET
        quality = self._estimate.quality if self._estimate else 0.0
        at = self.get_clock().now().to_msg()
        values = {"quality": f"{quality:.2f}"}
        self._diagnostics.publish(convert.diagnostics("localization", LEVELS[fix], str(fix), values, at))
