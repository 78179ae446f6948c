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

from edge.dog.localization_core import LocalizationCore
from edge.navigation.localization import Fix, LocalizationConfig
from edge.navigation.maps import UnusableMap
from edge.navigation.scan_leveling import Mounting
from edge.navigation.site_map import site_map_in
from edge.types import Pose2D
from patrol_nodes import ros_conversion
from patrol_nodes.parameters import declared
from protocol.codec import MalformedMessage

LEVELS = {Fix.TRACKING: DiagnosticStatus.OK, Fix.UNSET: DiagnosticStatus.WARN, Fix.LOST: DiagnosticStatus.ERROR}


class LocalizationNode(Node):
    """Publishes ``pose`` and ``tf`` at the rate of odometry, corrected by each scan."""

    def __init__(self) -> None:
        super().__init__("localization")
        config = declared(self, "localization", LocalizationConfig())
        mounting = declared(self, "lidar", Mounting())
        start = [self.declare_parameter(f"initial_{axis}", math.nan).value for axis in ("x", "y", "theta")]
        self._core = LocalizationCore(config, mounting, Pose2D(*start))
        folder = self.declare_parameter("site_folder", "").value
        if folder:
            self._core.stand_on(site_map_in(Path(folder)))
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

    def _on_site(self, message: WireMessage) -> None:
        try:
            self._core.take_site(message.payload)
        except (MalformedMessage, UnusableMap) as error:
            self.get_logger().error(f"a site was refused: {error}")

    def _on_imu(self, message: Imu) -> None:
        self._core.take_imu(ros_conversion.imu(message))

    def _on_initial_pose(self, message: PoseWithCovarianceStamped) -> None:
        variance = max(message.pose.covariance[0], message.pose.covariance[7])
        if not self._core.take_initial_pose(ros_conversion.pose2d(message.pose.pose), variance):
            self.get_logger().warning("an initial pose that is no number was passed over")

    def _on_scan(self, message: LaserScan) -> None:
        was = self._core.fix
        self._core.take_scan(ros_conversion.scan(message))
        if self._core.fix is not was:
            self.get_logger().info(f"localization is now {self._core.fix}")

    def _on_odometry(self, message: Odometry) -> None:
        odometry = ros_conversion.odometry(message)
        placed = self._core.take_odometry(odometry)
        if placed is None:
            return
        self._pose.publish(ros_conversion.pose_estimate_message(placed.estimate))
        at = message.header.stamp
        transforms = [
            ros_conversion.transform("map", "odom", placed.map_to_odom, at),
            ros_conversion.transform("odom", "base_link", odometry.pose, at),
        ]
        self._tf.publish(TFMessage(transforms=transforms))

    def _report(self) -> None:
        fix = self._core.fix
        at = self.get_clock().now().to_msg()
        values = {"quality": f"{self._core.quality:.2f}"}
        self._diagnostics.publish(ros_conversion.diagnostics("localization", LEVELS[fix], str(fix), values, at))
