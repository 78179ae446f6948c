"""The ROS graph's lower edge, as a driver has it: sensors of each dog out under /DOG/, cmd_vel in, and /clock."""

import json
import math
from typing import Any

from builtin_interfaces.msg import Time
from geometry_msgs.msg import Twist
from nav_msgs.msg import Odometry
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import BatteryState, CameraInfo, Image, Imu, LaserScan, PointCloud2
from std_msgs.msg import String

from sim.engine.dog_bodies import CONTROL_S, Command
from sim.engine.script import Sensor
from sim.engine.simulation import Dog, Simulation
from sim.ros import messages
from sim.topics import BATTERY, CAMERA_INFO, DEPTH, DEPTH_INFO, IMAGE, IMU, ODOM, POINTS, SCAN, Topic
from sim.topics import COMMAND as COMMAND_TOPIC

SENSOR = QoSProfile(
    depth=5,
    history=HistoryPolicy.KEEP_LAST,
    reliability=ReliabilityPolicy.BEST_EFFORT,
    durability=DurabilityPolicy.VOLATILE,
)
CLOCK = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
COMMAND = QoSProfile(depth=1, history=HistoryPolicy.KEEP_LAST, reliability=ReliabilityPolicy.RELIABLE)

CLASSES = (LaserScan, PointCloud2, Imu, Odometry, BatteryState, Image, CameraInfo, Twist, Clock)
MESSAGES = {f"{kind.__module__.split('.')[0]}/msg/{kind.__name__}": kind for kind in CLASSES}  # by their ROS names


def every(topic: Topic) -> int:
    """In how many control steps of CONTROL_S (50 Hz) ``topic`` is due once."""
    assert topic.rate
    return round(1 / CONTROL_S / topic.rate)


TRUTH, TRUTH_EVERY = "/truth", 10  # for recorders and people who watch; nothing above the simulator may read it


class DogTopics:
    """The topics of one dog. ``turn`` staggers the dogs' cameras and lidars, so that they do not fall in one step."""

    def __init__(self, node: Node, sim: Simulation, name: str, turn: int, depth: bool) -> None:
        self._sim, self.name, self._turn = sim, name, turn
        self._dog: Dog = sim.dogs[name]

        def publisher(topic: Topic) -> Publisher:
            return node.create_publisher(MESSAGES[topic.ros_type], topic.in_ros(name), SENSOR)

        self._scan, self._imu, self._odom = publisher(SCAN), publisher(IMU), publisher(ODOM)
        self._points = publisher(POINTS)
        self._battery, self._image, self._info = publisher(BATTERY), publisher(IMAGE), publisher(CAMERA_INFO)
        self._depth = (publisher(DEPTH), publisher(DEPTH_INFO)) if depth else None
        self._legs = node.create_subscription(Twist, COMMAND_TOPIC.in_ros(name), lambda _: None, COMMAND)

    def publish(self) -> None:
        """Send what is due in this step, and what a fault leaves of it."""
        at = messages.stamp(self._sim.now + self._dog.faults.clock_offset)
        if self._due(IMU) and (imu := self._sense(Sensor.IMU)) is not None:
            self._imu.publish(messages.imu_message(imu, at, IMU.frame))
        if self._due(ODOM) and (odometry := self._sense(Sensor.ODOM)) is not None:
            self._odom.publish(messages.odometry_message(odometry, at))
        if self._due(SCAN, 2 * self._turn) and (scan := self._sense(Sensor.SCAN)) is not None:
            self._scan.publish(messages.scan_message(scan, at, SCAN.frame))
        if self._due(POINTS, 1 + 2 * self._turn) and self._points.get_subscription_count() > 0:
            points = self._sense(Sensor.POINTS)  # 3 ms: for nobody it is not measured
            if points is not None:
                self._points.publish(messages.points_message(points, at, POINTS.frame))
        if self._due(BATTERY) and (battery := self._sense(Sensor.BATTERY)) is not None:
            self._battery.publish(messages.battery_message(battery, at))
        if self._due(IMAGE, 3 + 4 * self._turn):
            self._show(at)

    def _show(self, at: Time) -> None:
        picture = self._sense(Sensor.CAMERA)
        if picture is not None or self._sim.camera_backend == "none":
            self._info.publish(messages.camera_info_message(self._dog.camera, at, CAMERA_INFO.frame))
        if picture is not None:
            self._image.publish(messages.image_message(picture, at, IMAGE.frame))
        if self._depth is not None and (metres := self._sense(Sensor.DEPTH)) is not None:
            depth, lens = self._depth
            depth.publish(messages.depth_message(metres, at, DEPTH.frame))
            lens.publish(messages.camera_info_message(self._dog.camera, at, DEPTH_INFO.frame))

    def _sense(self, sensor: Sensor) -> Any:
        return self._sim.sense(self.name, sensor)

    def _due(self, topic: Topic, shift: int = 0) -> bool:
        return (self._sim.steps + shift) % every(topic) == 0

    def listen(self) -> Command | None:
        """The newest command since the last call, which holds from now on; None where none came, or none is a number.

        It is taken from the middleware here, at a place in the loop that is always the same: an executor would take a
        tenth of the run's time to do so.
        """
        with self._legs.handle:
            taken = self._legs.handle.take_message(Twist, False)
        if taken is None:
            return None
        velocity = (taken[0].linear.x, taken[0].linear.y, taken[0].angular.z)
        if not all(map(math.isfinite, velocity)):
            return None
        self._dog.command(velocity, self._sim.now)
        return velocity


class TopicInterface:
    """All dogs' topics, the clock and the ground truth, on one node."""

    def __init__(self, node: Node, sim: Simulation, depth: bool = False) -> None:
        self._sim = sim
        self._clock = node.create_publisher(
            Clock, "/clock", QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
        )
        self._truth = node.create_publisher(String, TRUTH, 10)
        self._told = 0
        self._dogs = [DogTopics(node, sim, name, turn, depth) for turn, name in enumerate(sim.dogs)]

    def listen(self) -> dict[str, Command]:
        """The commands that have come since the last call, by dog; each holds from now on."""
        heard = {dog.name: dog.listen() for dog in self._dogs}
        return {name: command for name, command in heard.items() if command is not None}

    def publish(self) -> None:
        """Send the time, then what is due in this step; to be called once each CONTROL_S of simulated time."""
        self._clock.publish(Clock(clock=messages.stamp(self._sim.now)))
        for dog in self._dogs:
            dog.publish()
        if self._sim.steps % TRUTH_EVERY == 0:
            self._tell_truth()

    def _tell_truth(self) -> None:
        """Where everything is, and what has happened since this was last told."""
        events = self._sim.events()
        truth = {**self._sim.truth(), "now": round(self._sim.now, 3), "events": events[self._told :]}
        self._told = len(events)
        self._truth.publish(String(data=json.dumps(truth)))


__all__ = ["CONTROL_S", "MESSAGES", "TopicInterface"]
