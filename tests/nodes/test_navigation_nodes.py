"""The three nodes of navigation on real ROS 2, round a world of our own that publishes what a driver would."""

import math
import os
import time
from collections.abc import Iterator

import pytest

rclpy = pytest.importorskip("rclpy", reason="needs ROS 2")

from geometry_msgs.msg import Pose, PoseWithCovarianceStamped, Twist  # noqa: E402
from nav_msgs.msg import Odometry  # noqa: E402
from patrol_interfaces.action import NavigateTo  # noqa: E402
from patrol_interfaces.msg import SafetyState, WireMessage  # noqa: E402
from patrol_nodes import ros_conversion  # noqa: E402
from patrol_nodes.executor import NodeExecutor  # noqa: E402
from patrol_nodes.localization_node import LocalizationNode  # noqa: E402
from patrol_nodes.navigator_node import NavigatorNode  # noqa: E402
from patrol_nodes.safety_node import SafetyNode  # noqa: E402
from rclpy.action import ActionClient  # noqa: E402
from rclpy.node import Node  # noqa: E402
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data  # noqa: E402
from rosgraph_msgs.msg import Clock  # noqa: E402
from sensor_msgs.msg import Imu, LaserScan  # noqa: E402
from std_msgs.msg import Bool  # noqa: E402
from std_srvs.srv import SetBool  # noqa: E402

from edge.types import Pose2D, Twist2D  # noqa: E402
from protocol.codec import encode  # noqa: E402
from tests.edge.navigation.site import site_message  # noqa: E402
from tests.edge.navigation.world import World, yard  # noqa: E402
from xiaotian.ros_domain import free_domain  # noqa: E402

pytestmark = pytest.mark.realtime
PATIENCE = 1.0  # s that the world waits for the nodes in each of its steps
START = 1_700_000_000.0  # s, UTC: a clock as a robot has it


class Driver(Node):
    """A dog's driver: publishes the world, obeys cmd_vel."""

    def __init__(self, world: World) -> None:
        super().__init__("driver")
        self.world = world
        self.commands: list[Twist2D] = []
        self.states: list[SafetyState] = []
        self.scanning = True
        self._clock_out = self.create_publisher(Clock, "/clock", 1)
        self._scan = self.create_publisher(LaserScan, "scan", qos_profile_sensor_data)
        self._imu = self.create_publisher(Imu, "imu", qos_profile_sensor_data)
        self._odom = self.create_publisher(Odometry, "odom", qos_profile_sensor_data)
        self.create_subscription(Twist, "cmd_vel", self._on_command, 1)
        self.create_subscription(SafetyState, "safety/state", self.states.append, 10)
        self.create_subscription(PoseWithCovarianceStamped, "pose", self._on_pose, 10)
        self.navigate = ActionClient(self, NavigateTo, "navigate_to")
        self.stop = self.create_client(SetBool, "safety/emergency_stop")
        self.button = self.create_publisher(Bool, "emergency_stop", 10)
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self.site = self.create_publisher(WireMessage, "site", latched)
        self._ticks = 0
        self._placed, self._commanded = math.nan, 0.0

    def _on_pose(self, message: PoseWithCovarianceStamped) -> None:
        self._placed = ros_conversion.seconds(message.header.stamp)

    def _on_command(self, message: Twist) -> None:
        self.commands.append(ros_conversion.twist2d(message))
        self._commanded = self.world.now

    def is_behind(self) -> bool:
        """Whether the dog's pose or command is older than what it was told, or missing: it has yet to think of that."""
        if self.world.now - self._commanded > 0.08:
            return True
        since = 0.15 * (self.world.now > 0.5) if math.isnan(self._placed) else START + self.world.now - self._placed
        return self.scanning and since >= 0.15

    def is_placed(self) -> bool:
        """Whether the dog knows where it is."""
        return not math.isnan(self._placed)

    def tick(self) -> None:
        """20 ms of the world."""
        self.world.move(self.commands[-1] if self.commands else Twist2D(0, 0, 0), 0.02)
        at = ros_conversion.stamp(START + self.world.now)
        self._clock_out.publish(Clock(clock=at))
        self._publish_imu(at)
        if self._ticks % 2 == 0:
            self._publish_odometry(at)
        if self._ticks % 5 == 0 and self.scanning:
            self._publish_scan(at)
        self._ticks += 1

    def _publish_imu(self, at) -> None:
        lean, message = self.world.lean(), Imu()
        message.header.stamp = at
        sr, cr = math.sin(lean.roll / 2), math.cos(lean.roll / 2)
        sp, cp = math.sin(lean.pitch / 2), math.cos(lean.pitch / 2)
        message.orientation.x, message.orientation.y = sr * cp, cr * sp
        message.orientation.z, message.orientation.w = -sr * sp, cr * cp
        message.angular_velocity.z = lean.yaw_rate
        self._imu.publish(message)

    def _publish_odometry(self, at) -> None:
        odometry, message = self.world.odometry(), Odometry()
        message.header.stamp = at
        message.pose.pose = ros_conversion.pose_message(odometry.pose)
        message.twist.twist = ros_conversion.twist_message(odometry.twist)
        self._odom.publish(message)

    def _publish_scan(self, at) -> None:
        scan, message = self.world.scan(), LaserScan()
        message.header.stamp = at
        message.angle_min, message.angle_increment = scan.angle_min, scan.angle_increment
        message.range_min, message.range_max = scan.range_min, scan.range_max
        message.ranges = scan.ranges.tolist()
        self._scan.publish(message)


class Graph:
    """The nodes and the driver in one executor, at up to twice real time: on a busy machine the world waits."""

    def __init__(self, world: World) -> None:
        arguments = ["--ros-args", "-r", "__ns:=/dog22"]
        for name, value in (("x", world.pose.x), ("y", world.pose.y), ("theta", world.pose.theta)):
            arguments += ["-p", f"initial_{name}:={float(value)}"]
        for limit in ("stale", "pose_stale"):
            arguments += ["-p", f"safety.{limit}:=0.8"]  # on a busy machine all nodes of this one executor are late
        rclpy.init(args=[*arguments, "-p", "use_sim_time:=true"], domain_id=free_domain())
        self.driver = Driver(world)
        self.nodes = [LocalizationNode(), NavigatorNode(), SafetyNode()]
        self.executor = NodeExecutor()
        for node in (self.driver, *self.nodes):
            self.executor.add_node(node)
        site = WireMessage(topic="site", payload=encode(site_message(yard())).decode())
        self.driver.site.publish(site)

    def run(self, seconds: float, until=lambda: False) -> bool:
        """Simulated seconds, or until something holds."""
        end = self.driver.world.now + seconds
        while self.driver.world.now < end:
            due = time.monotonic() + 0.012
            self.driver.tick()
            while time.monotonic() < due or (self.driver.is_behind() and time.monotonic() < due + PATIENCE):
                self.executor.spin_once(timeout_sec=max(0.0, due - time.monotonic()))
            if until():
                return True
        return until()

    def wake(self) -> None:
        """Until the dog serves goals, and knows the ground and its place on it."""
        assert self.run(60, lambda: self.driver.navigate.server_is_ready() and self.driver.is_placed())
        self.run(1)

    def wait(self, future, seconds: float = 60.0):
        assert self.run(seconds, future.done), "no answer in time"
        return future.result()

    def goal(self, x: float, y: float, theta: float):
        goal = NavigateTo.Goal()
        goal.pose.header.frame_id = "map"
        goal.pose.pose = ros_conversion.pose_message(Pose2D(x, y, theta))
        return self.driver.navigate.send_goal_async(goal)

    def close(self) -> None:
        self.executor.shutdown()
        for node in (self.driver, *self.nodes):
            node.destroy_node()
        rclpy.try_shutdown()


@pytest.fixture
def graph() -> Iterator[Graph]:
    os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    graph = Graph(World(yard(), Pose2D(8.0, 4.0, 0.0), tilt=0.08))
    yield graph
    graph.close()


def test_a_goal_is_walked_to_and_its_result_says_so(graph: Graph) -> None:
    graph.wake()
    handle = graph.wait(graph.goal(13.0, 5.0, 1.0))
    assert handle.accepted
    answer = graph.wait(handle.get_result_async())
    assert answer.result.error_code == NavigateTo.Result.NONE, answer.result.error_msg
    world = graph.driver.world
    assert math.dist((13.0, 5.0), (world.pose.x, world.pose.y)) < 0.3
    assert abs(world.pose.theta - 1.0) < 0.25
    assert world.contacts == 0


def test_a_silent_lidar_stops_the_dog_and_zero_is_still_sent(graph: Graph) -> None:
    graph.wake()
    graph.wait(graph.goal(20.0, 4.0, 0.0))
    assert graph.run(15, lambda: graph.driver.world.twist.vx > 0.4)
    graph.driver.scanning = False
    graph.run(1.0)
    graph.driver.commands.clear()
    graph.run(0.5)
    assert graph.driver.commands
    assert all(command == Twist2D(0.0, 0.0, 0.0) for command in graph.driver.commands)
    assert "SCAN_STALE" in graph.driver.states[-1].reasons


def test_the_emergency_stop_holds_until_released_and_the_goal_outlives_it(graph: Graph) -> None:
    graph.wake()
    handle = graph.wait(graph.goal(11.0, 4.0, 0.0))
    assert graph.run(15, lambda: graph.driver.world.twist.vx > 0.3)
    graph.driver.button.publish(Bool(data=True))
    graph.run(1.0)
    graph.driver.button.publish(Bool(data=False))  # a button that is let go releases nothing
    graph.run(0.5)
    assert graph.driver.states[-1].emergency_stop
    assert abs(graph.driver.world.twist.vx) < 0.05
    graph.wait(graph.driver.stop.call_async(SetBool.Request(data=False)))
    assert graph.wait(handle.get_result_async()).result.error_code == NavigateTo.Result.NONE


def test_a_cancelled_goal_ends_as_cancelled_with_the_dog_at_rest(graph: Graph) -> None:
    graph.wake()
    handle = graph.wait(graph.goal(20.0, 4.0, 0.0))
    assert graph.run(15, lambda: graph.driver.world.twist.vx > 0.3)
    graph.wait(handle.cancel_goal_async())
    answer = graph.wait(handle.get_result_async())
    assert answer.result.error_code == NavigateTo.Result.CANCELED
    graph.run(2.0)
    assert abs(graph.driver.world.twist.vx) < 0.05


def test_a_goal_inside_a_building_is_unreachable(graph: Graph) -> None:
    graph.wake()
    handle = graph.wait(graph.goal(18.0, 14.0, 0.0))
    assert graph.wait(handle.get_result_async()).result.error_code == NavigateTo.Result.UNREACHABLE


def test_a_goal_in_another_frame_is_refused(graph: Graph) -> None:
    graph.wake()
    goal = NavigateTo.Goal()
    goal.pose.header.frame_id = "odom"
    goal.pose.pose = Pose()
    assert not graph.wait(graph.driver.navigate.send_goal_async(goal)).accepted
