"""cmd_vel_nav -> cmd_vel: the only node that speaks to the legs."""

import time
from dataclasses import replace
from pathlib import Path

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import PointStamped, PoseWithCovarianceStamped, Twist
from nav_msgs.msg import Odometry
from patrol_interfaces.msg import SafetyState, WireMessage
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
from sensor_msgs.msg import Imu, LaserScan
from std_msgs.msg import Bool
from std_srvs.srv import SetBool, Trigger

from edge.dog.safety_core import PERIOD, SafetyCore
from edge.dog.safety_latch import SafetyLatch
from edge.navigation.maps import UnusableMap
from edge.navigation.safety_gate import Level, SafetyConfig
from edge.navigation.scan_leveling import Mounting
from edge.navigation.site_map import site_map_in
from patrol_nodes import ros_conversion
from patrol_nodes.low_obstacle_sensor import low_sensor
from patrol_nodes.parameters import declared
from protocol.codec import MalformedMessage, decode, encode
from protocol.manual_driving import DriveCommand
from protocol.topics import PREFIX, Address, Topic

LEVELS = {Level.CLEAR: DiagnosticStatus.OK, Level.SLOWED: DiagnosticStatus.OK, Level.STOPPED: DiagnosticStatus.WARN}


class SafetyNode(Node):
    """Sends a command every 50 ms of wall time, whatever happens to the clock of the simulation."""

    def __init__(self) -> None:
        super().__init__("safety")
        name = self.declare_parameter("dog", "").value or self.get_namespace().strip("/") or "dog"
        maker = self.declare_parameter("manufacturer", "xiaotian").value
        self._address = Address(maker, name, self.declare_parameter("mqtt_prefix", PREFIX).value)
        low = low_sensor(self, lambda cloud: self._core.take_cloud(cloud))
        config = replace(declared(self, "safety", SafetyConfig()), has_points=low is not None)
        self._core = SafetyCore(
            config,
            declared(self, "lidar", Mounting()),
            low,
        )
        data = self.declare_parameter("data_dir", "").value
        self._latch = SafetyLatch(Path(data) / "safety.json", self.get_logger().error) if data else None
        if self._latch is not None:
            self._core.gate.restore(self._latch.load())
        folder = self.declare_parameter("site_folder", "").value
        if folder:
            self._core.walk_on(site_map_in(Path(folder)))
        self._cmd_vel = self.create_publisher(Twist, "cmd_vel", 1)
        self._state = self.create_publisher(SafetyState, "safety/state", 10)
        self._limiting = self.create_publisher(PointStamped, "safety/limiting", 10)
        self._drive_state = self.create_publisher(WireMessage, "driving/state", 10)
        self._diagnostics = self.create_publisher(DiagnosticArray, "diagnostics", 5)
        self.create_subscription(Twist, "cmd_vel_nav", self._on_command, 1)
        self.create_subscription(LaserScan, "scan", self._on_scan, qos_profile_sensor_data)
        self.create_subscription(Imu, "imu", self._on_imu, qos_profile_sensor_data)
        self.create_subscription(Odometry, "odom", self._on_odometry, qos_profile_sensor_data)
        self.create_subscription(PoseWithCovarianceStamped, "pose", self._on_pose, 10)
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self.create_subscription(WireMessage, "site", self._on_site, latched)
        self.create_subscription(WireMessage, "driving/session", self._on_session, latched)
        self.create_subscription(WireMessage, "driving/command", self._on_drive, 20)
        self.create_subscription(Bool, "emergency_stop", self._on_button, 10)
        self.create_service(SetBool, "safety/emergency_stop", self._on_emergency_stop)
        self.create_service(Trigger, "safety/clear_fall", self._on_clear_fall)
        self.create_timer(PERIOD, self._judge, clock=Clock(clock_type=ClockType.STEADY_TIME))
        self.create_timer(1.0, self._report)

    def _now(self) -> float:
        return float(self.get_clock().now().nanoseconds * 1e-9)

    def _on_command(self, message: Twist) -> None:
        self._core.take_command(ros_conversion.twist2d(message), self._now())

    def _on_scan(self, message: LaserScan) -> None:
        self._core.take_scan(ros_conversion.scan(message))

    def _on_imu(self, message: Imu) -> None:
        self._core.take_imu(ros_conversion.imu(message))

    def _on_odometry(self, message: Odometry) -> None:
        self._core.take_odometry(ros_conversion.odometry(message))

    def _on_pose(self, message: PoseWithCovarianceStamped) -> None:
        self._core.take_pose(ros_conversion.pose_estimate(message))

    def _on_site(self, message: WireMessage) -> None:
        try:
            self._core.take_site(message.payload)
        except (MalformedMessage, UnusableMap) as error:
            self.get_logger().error(f"a site was refused: {error}")

    def _on_session(self, message: WireMessage) -> None:
        """The mission lets a person drive, or ends it."""
        self._core.drive(message.payload, time.monotonic())

    def _on_drive(self, message: WireMessage) -> None:
        """A driver's command; its stamp is the steady clock of this computer, when the link heard it."""
        heard_at = message.stamp.sec + 1e-9 * message.stamp.nanosec
        try:
            self._core.take_drive(decode(message.payload, DriveCommand), heard_at, time.monotonic())
        except MalformedMessage as error:
            self.get_logger().error(f"a driver's command was refused: {error}")

    def _on_emergency_stop(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        self._core.stop(request.data)
        response.success, response.message = True, "latched" if request.data else "released"
        self._judge()
        return response

    def _on_button(self, message: Bool) -> None:
        """A button on the dog, or a radio's: it stops the dog, and letting it go releases nothing."""
        if message.data:
            self._core.stop(True)
            self._judge()

    def _on_clear_fall(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        response.success = self._core.clear_fall()
        response.message = "goes on" if response.success else "the dog does not stand, well, and wait after a fall"
        self._judge()
        return response

    def _judge(self) -> None:
        verdict, tell = self._core.update(self._now(), time.monotonic())
        self._cmd_vel.publish(ros_conversion.twist_message(verdict.command))
        if self._latch is not None:
            self._latch.save(self._core.gate.latched)
        self._tell_drive()
        if tell:
            self._refuse()
            self._state.publish(ros_conversion.safety_state(verdict, self.get_clock().now().to_msg()))

    def _tell_drive(self) -> None:
        state = self._core.drive_state(self._address, self._now(), time.monotonic())
        if state is not None:
            at = self.get_clock().now().to_msg()
            self._drive_state.publish(WireMessage(stamp=at, topic=Topic.DRIVE_STATE, payload=encode(state).decode()))

    def _refuse(self) -> None:
        place = self._core.limiting
        if place is not None:
            self._limiting.publish(ros_conversion.place_message(place, self.get_clock().now().to_msg()))

    def _report(self) -> None:
        verdict = self._core.verdict
        if verdict is None:
            return
        text = ", ".join(verdict.reasons) or "clear"
        blind = not self._core.gate.config.has_points
        values = {"nearest_obstacle": f"{verdict.nearest_obstacle:.2f}", "half_blind": str(blind).lower()}
        at = self.get_clock().now().to_msg()
        self._diagnostics.publish(ros_conversion.diagnostics("safety", LEVELS[verdict.level], text, values, at))
