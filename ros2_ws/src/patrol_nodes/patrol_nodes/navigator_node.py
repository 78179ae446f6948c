"""navigate_to -> cmd_vel_nav: brings the dog to a goal, or says why not."""

import math
from pathlib import Path
from zlib import crc32

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import PointStamped, PoseWithCovarianceStamped, Twist
from nav_msgs.msg import Odometry
from nav_msgs.msg import Path as PathMsg
from patrol_interfaces.action import NavigateTo
from patrol_interfaces.msg import MissionState, SafetyState, WireMessage
from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.action.server import ServerGoalHandle
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
from sensor_msgs.msg import Imu, LaserScan

from edge.dog.navigator_core import PERIOD, NavigatorCore
from edge.navigation.maps import UnusableMap
from edge.navigation.navigator import Failure, Goal, NavigatorConfig, Progress, Status
from edge.navigation.scan_leveling import Mounting
from edge.navigation.site_map import site_map_in
from patrol_nodes import ros_conversion
from patrol_nodes.low_obstacle_sensor import low_sensor
from patrol_nodes.parameters import declared
from protocol.codec import MalformedMessage

FEEDBACK_EVERY = 10  # periods


class NavigatorNode(Node):
    """Serves one goal at a time; a new one takes the place of the old, which ends as CANCELED.

    A goal whose orientation is all zeros, and so none, leaves the final heading to the dog.
    """

    def __init__(self) -> None:
        super().__init__("navigator")
        config = declared(self, "navigator", NavigatorConfig())
        seed = crc32(self.get_namespace().encode()) / 2**32
        low = low_sensor(self, lambda cloud: self._core.take_cloud(cloud))
        self._core = NavigatorCore(
            config,
            declared(self, "lidar", Mounting()),
            seed,
            low,
        )
        self._goal: ServerGoalHandle | None = None
        self._ticks = 0
        self._progress = Progress(Status.IDLE)
        self._drawn = None
        self._aside = self._core.aside
        folder = self.declare_parameter("site_folder", "").value
        if folder:
            self._core.walk_on(site_map_in(Path(folder)))
        self._cmd_vel = self.create_publisher(Twist, "cmd_vel_nav", 1)
        self._plan = self.create_publisher(PathMsg, "plan", 1)
        self._diagnostics = self.create_publisher(DiagnosticArray, "diagnostics", 5)
        self.create_subscription(LaserScan, "scan", self._on_scan, qos_profile_sensor_data)
        self.create_subscription(Imu, "imu", self._on_imu, qos_profile_sensor_data)
        self.create_subscription(Odometry, "odom", self._on_odom, qos_profile_sensor_data)
        self.create_subscription(PoseWithCovarianceStamped, "pose", self._on_pose, 10)
        self.create_subscription(SafetyState, "safety/state", self._on_safety, 10)
        self.create_subscription(MissionState, "mission/state", lambda told: self._core.take_phase(told.phase), 10)
        self.create_subscription(PointStamped, "safety/limiting", self._on_limiting, 10)
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self.create_subscription(WireMessage, "site", self._on_site, latched)
        self._action = ActionServer(
            self,
            NavigateTo,
            "navigate_to",
            execute_callback=self._conclude,
            goal_callback=self._judge_goal,
            handle_accepted_callback=self._begin,
            cancel_callback=lambda _: CancelResponse.ACCEPT,
        )
        self.create_timer(PERIOD, self._step)
        self.create_timer(1.0, self._report)

    def _now(self) -> float:
        return float(self.get_clock().now().nanoseconds * 1e-9)

    def _on_site(self, message: WireMessage) -> None:
        try:
            self._core.take_site(message.payload)
        except (MalformedMessage, UnusableMap) as error:
            self.get_logger().error(f"a site was refused: {error}")

    def _on_scan(self, message: LaserScan) -> None:
        self._core.take_scan(ros_conversion.scan(message))

    def _on_imu(self, message: Imu) -> None:
        self._core.take_imu(ros_conversion.imu(message))

    def _on_odom(self, message: Odometry) -> None:
        self._core.take_odometry(ros_conversion.odometry(message))

    def _on_pose(self, message: PoseWithCovarianceStamped) -> None:
        self._core.take_pose(ros_conversion.pose_estimate(message))

    def _on_safety(self, message: SafetyState) -> None:
        self._core.take_safety(message.level == SafetyState.STOPPED, tuple(message.reasons))

    def _on_limiting(self, message: PointStamped) -> None:
        self._core.take_refusal((message.point.x, message.point.y), self._now())

    def _judge_goal(self, request: NavigateTo.Goal) -> GoalResponse:
        place = request.pose.pose.position
        known_frame = request.pose.header.frame_id in ("", "map")
        sound = math.isfinite(place.x) and math.isfinite(place.y) and _speed(request) is not None
        return GoalResponse.ACCEPT if self._core.is_ready and known_frame and sound else GoalResponse.REJECT

    def _begin(self, handle: ServerGoalHandle) -> None:
        """A goal under way is only noted here; `_step` ends it, and no callback ever waits for it."""
        speed = _speed(handle.request)
        wanted = handle.request
        goal = Goal(
            ros_conversion.pose2d(wanted.pose.pose), speed or math.inf, wanted.tolerance_xy, wanted.tolerance_heading
        )
        self._end(self._core.begin(goal, self._now()))
        self._goal = handle

    def _step(self) -> None:
        now = self._now()
        if self._goal is not None and self._goal.is_cancel_requested:
            self._end(self._core.cancel("cancelled"))
        step, aside = self._core.update(now), self._core.aside
        self._progress = step.progress
        if aside != self._aside:  # told at once: it may be over in a second
            self._aside = aside
            self._report()
        self._cmd_vel.publish(ros_conversion.twist_message(step.progress.command))
        self._draw()
        self._end(step.ended)
        self._ticks += 1
        if self._goal is not None and self._ticks % FEEDBACK_EVERY == 0:
            self._goal.publish_feedback(self._feedback(now))

    def _end(self, progress: Progress | None) -> None:
        """Hand the goal back. The action server sends the result once `_conclude` has set its final state."""
        handle = self._goal
        if progress is None or handle is None:
            return
        self._goal = None
        self.get_logger().info(f"goal {progress.failure or progress.status} {progress.reason}")
        handle.execute(lambda ended: self._conclude(ended, progress))

    def _conclude(self, handle: ServerGoalHandle, progress: Progress | None = None) -> NavigateTo.Result:
        progress = progress or Progress(Status.FAILED, failure=Failure.CANCELED)
        if handle.is_cancel_requested:
            handle.canceled()
        elif progress.status is Status.REACHED:
            handle.succeed()
        else:
            handle.abort()
        code = getattr(NavigateTo.Result, progress.failure or "NONE")
        seen = ros_conversion.obstruction_message(progress.obstruction)
        return NavigateTo.Result(error_code=code, error_msg=progress.reason, obstruction=seen)

    def _feedback(self, now: float) -> NavigateTo.Feedback:
        feedback = NavigateTo.Feedback()
        newest = self._core.estimate
        if newest is not None:
            feedback.current_pose.header.frame_id = "map"
            feedback.current_pose.header.stamp = ros_conversion.stamp(newest.stamp)
            feedback.current_pose.pose = ros_conversion.pose_message(newest.pose)
        feedback.navigation_time = Duration(seconds=max(0.0, now - self._core.started)).to_msg()
        seconds = self._progress.remaining / self._core.config.following.speed
        feedback.estimated_time_remaining = Duration(seconds=seconds).to_msg()
        feedback.number_of_recoveries = self._progress.recoveries
        feedback.distance_remaining = self._progress.remaining
        feedback.waiting = self._progress.reason if self._progress.status is Status.WAITING else ""
        feedback.obstruction = ros_conversion.obstruction_message(self._progress.obstruction)
        return feedback

    def _draw(self) -> None:
        path = self._core.path
        if path is not None and path is not self._drawn:
            self._drawn = path
            self._plan.publish(ros_conversion.path_message(path, self.get_clock().now().to_msg()))

    def _report(self) -> None:
        progress = self._progress
        level = DiagnosticStatus.WARN if progress.status is Status.WAITING else DiagnosticStatus.OK
        text = f"{progress.status} {progress.reason}".strip()
        values = {"remaining": f"{progress.remaining:.2f}", "recoveries": str(progress.recoveries)}
        values["aside"], values["not_back_because"] = self._core.aside
        at = self.get_clock().now().to_msg()
        self._diagnostics.publish(ros_conversion.diagnostics("navigator", level, text, values, at))


def _speed(request: NavigateTo.Goal) -> float | None:
    """The goal's maximum speed in m/s; infinite where it names none, None where it is no speed."""
    if not request.behavior_tree:
        return math.inf
    try:
        speed = float(request.behavior_tree)
    except ValueError:
        return None
    return speed if speed > 0 else None
