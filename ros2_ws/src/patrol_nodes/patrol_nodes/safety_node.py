"""cmd_vel_nav -> cmd_vel: the only node that speaks to the legs."""

import math
import time
from pathlib import Path

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import PoseWithCovarianceStamped, Twist
from nav_msgs.msg import Odometry
from patrol_interfaces.msg import SafetyState, WireMessage
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
from sensor_msgs.msg import Imu, LaserScan
from std_srvs.srv import SetBool

from edge.navigation.ground import Ground, ground_from, ground_in
from edge.navigation.maps import UnusableMap
from edge.navigation.motion import Motion
from edge.navigation.safety import Inputs, Level, SafetyConfig, SafetyGate, Verdict
from edge.navigation.scan import LevelScan, Mounting, level
from edge.types import Imu as Lean
from edge.types import Odometry as Walk
from edge.types import PoseEstimate, Scan, Twist2D
from patrol_nodes import convert
from patrol_nodes.parameters import declared
from protocol.codec import MalformedMessage

PERIOD = 0.05  # s
STATE_EVERY = 0.2  # s
LEVELS = {Level.CLEAR: DiagnosticStatus.OK, Level.SLOWED: DiagnosticStatus.OK, Level.STOPPED: DiagnosticStatus.WARN}


class SafetyNode(Node):
    """Sends a command every 50 ms of wall time, whatever happens to the clock of the simulation."""

    def __init__(self) -> None:
        super().__init__("safety")
        self._gate = SafetyGate(declared(self, "safety", SafetyConfig()))
        self._mounting = declared(self, "lidar", Mounting())
        folder = self.declare_parameter("site_folder", "").value
        self._ground: Ground | None = ground_in(Path(folder)) if folder else None
        self._motion = Motion()
        self._command: Twist2D | None = None
        self._command_stamp = -math.inf
        self._scan: Scan | None = None
        self._level_scan: LevelScan | None = None
        self._lean: Lean | None = None
        self._walk: Walk | None = None
        self._estimate: PoseEstimate | None = None
        self._verdict: Verdict | None = None
        self._told = -math.inf
        self._cmd_vel = self.create_publisher(Twist, "cmd_vel", 1)
        self._state = self.create_publisher(SafetyState, "safety/state", 10)
        self._diagnostics = self.create_publisher(DiagnosticArray, "diagnostics", 5)
        self.create_subscription(Twist, "cmd_vel_nav", self._on_command, 1)
        self.create_subscription(LaserScan, "scan", self._on_scan, qos_profile_sensor_data)
        self.create_subscription(Imu, "imu", self._on_imu, qos_profile_sensor_data)
        self.create_subscription(Odometry, "odom", self._on_odometry, qos_profile_sensor_data)
        self.create_subscription(PoseWithCovarianceStamped, "pose", self._on_pose, 10)
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self.create_subscription(WireMessage, "site", self._on_site, latched)
        self.create_service(SetBool, "safety/emergency_stop", self._on_emergency_stop)
        self.create_timer(PERIOD, self._judge, clock=Clock(clock_type=ClockType.STEADY_TIME))
        self.create_timer(1.0, self._report)

    def _now(self) -> float:
        return float(self.get_clock().now().nanoseconds * 1e-9)

    def _on_command(self, message: Twist) -> None:
        self._command, self._command_stamp = convert.twist2d(message), self._now()

    def _on_scan(self, message: LaserScan) -> None:
        scan = convert.scan(message)
        lean = self._motion.lean_at(scan.stamp)
        if lean is not None:  # without it the IMU is stale, or the scan is
            self._scan, self._level_scan = scan, level(scan, lean, self._mounting)

    def _on_imu(self, message: Imu) -> None:
        self._lean = convert.imu(message)
        self._motion.add_imu(self._lean)

    def _on_odometry(self, message: Odometry) -> None:
        self._walk = convert.odometry(message)

    def _on_pose(self, message: PoseWithCovarianceStamped) -> None:
        self._estimate = convert.pose_estimate(message)

    def _on_site(self, message: WireMessage) -> None:
        try:
            self._ground = ground_from(message.payload, self._ground) or self._ground
        except (MalformedMessage, UnusableMap) as error:
            self.get_logger().error(f"a site was refused: {error}")

    def _on_emergency_stop(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        if request.data:
            self._gate.latch()
        else:
            self._gate.release()
        response.success, response.message = True, "latched" if request.data else "released"
        self._judge()
        return response

    def _judge(self) -> None:
        wall = time.monotonic()
        verdict = self._gate.update(self._inputs(wall), self._now())
        self._cmd_vel.publish(convert.twist_message(verdict.command))
        changed = self._verdict is None or (verdict.level, verdict.reasons, verdict.emergency_stop) != (
            self._verdict.level,
            self._verdict.reasons,
            self._verdict.emergency_stop,
        )
        if changed or wall - self._told >= STATE_EVERY:
            self._told = wall
            self._state.publish(convert.safety_state(verdict, self.get_clock().now().to_msg()))
        self._verdict = verdict

    def _inputs(self, wall: float) -> Inputs:
        pose = self._estimate.pose if self._estimate else None
        limit = self._ground.terrain.speed_limit_at(pose.x, pose.y) if self._ground and pose else math.inf
        return Inputs(
            command=self._command,
            command_stamp=self._command_stamp,
            scan=self._scan,
            level_scan=self._level_scan,
            imu=self._lean,
            odometry=self._walk,
            estimate=self._estimate,
            zone_limit=limit,
            wall=wall,
        )

    def _report(self) -> None:
        if self._verdict is None:
            return
        text = ", ".join(self._verdict.reasons) or "clear"
        values = {"nearest_obstacle": f"{self._verdict.nearest_obstacle:.2f}"}
        at = self.get_clock().now().to_msg()
        self._diagnostics.publish(convert.diagnostics("safety", LEVELS[self._verdict.level], text, values, at))
