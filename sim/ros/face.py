"""The ROS graph's lower edge, as a driver has it: sensors of each dog out under /DOG/, cmd_vel in, and /clock."""

import math

from geometry_msgs.msg import Twist
from nav_msgs.msg import Odometry
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import BatteryState, CameraInfo, Image, Imu, LaserScan

from sim.engine.dogs import CONTROL_S
from sim.engine.simulation import Dog, Simulation
from sim.ros import messages
from sim.topics import BATTERY, CAMERA_INFO, IMAGE, IMU, ODOM, SCAN, Topic
from sim.topics import COMMAND as COMMAND_TOPIC

SENSOR = QoSProfile(
    depth=5,
    history=HistoryPolicy.KEEP_LAST,
    reliability=ReliabilityPolicy.BEST_EFFORT,
    durability=DurabilityPolicy.VOLATILE,
)
CLOCK = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
COMMAND = QoSProfile(depth=1, history=HistoryPolicy.KEEP_LAST, reliability=ReliabilityPolicy.RELIABLE)

CLASSES = (LaserScan, Imu, Odometry, BatteryState, Image, CameraInfo, Twist, Clock)
MESSAGES = {f"{kind.__module__.split('.')[0]}/msg/{kind.__name__}": kind for kind in CLASSES}  # by their ROS names


def every(topic: Topic) -> int:
    """In how many control steps of CONTROL_S (50 Hz) ``topic`` is due once."""
    assert topic.rate
    return round(1 / CONTROL_S / topic.rate)


class DogFace:
    """The topics of one dog. ``turn`` staggers the dogs' cameras and lidars, so that they do not fall in one step."""

    def __init__(self, node: Node, sim: Simulation, name: str, turn: int) -> None:
        self._sim, self._name, self._turn = sim, name, turn
        self._dog: Dog = sim.dogs[name]

        def publisher(topic: Topic) -> Publisher:
            return node.create_publisher(MESSAGES[topic.ros_type], topic.in_ros(name), SENSOR)

        self._scan, self._imu, self._odom = publisher(SCAN), publisher(IMU), publisher(ODOM)
        self._battery, self._image, self._info = publisher(BATTERY), publisher(IMAGE), publisher(CAMERA_INFO)
        node.create_subscription(Twist, COMMAND_TOPIC.in_ros(name), self._command, COMMAND)

    def publish(self) -> None:
        """Send what is due in this step."""
        at, dog, data = messages.stamp(self._sim.now), self._dog, self._sim.data
        if self._due(IMU):
            self._imu.publish(messages.imu_message(dog.legs.inertial(data), at, IMU.frame))
        if self._due(ODOM):
            self._odom.publish(messages.odometry_message(dog.legs.odometry(), at))
        if self._due(SCAN, 2 * self._turn):
            self._scan.publish(messages.scan_message(dog.lidar.measure(data), at, SCAN.frame))
        if self._due(BATTERY):
            self._battery.publish(messages.battery_message(dog.battery.read(), at))
        if self._due(IMAGE, 3 + 4 * self._turn):
            self._info.publish(messages.camera_info_message(dog.camera, at, CAMERA_INFO.frame))
            if self._sim.camera_backend != "none":
                self._image.publish(messages.image_message(self._sim.photograph(self._name), at, IMAGE.frame))

    def _due(self, topic: Topic, shift: int = 0) -> bool:
        return (self._sim.steps + shift) % every(topic) == 0

    def _command(self, message: Twist) -> None:
        velocity = (message.linear.x, message.linear.y, message.angular.z)
        if all(map(math.isfinite, velocity)):
            self._dog.command(velocity, self._sim.now)


class Face:
    """All dogs' topics and the clock, on one node."""

    def __init__(self, node: Node, sim: Simulation) -> None:
        self._sim = sim
        self._clock = node.create_publisher(
            Clock, "/clock", QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
        )
        self._dogs = [DogFace(node, sim, name, turn) for turn, name in enumerate(sim.dogs)]

    def publish(self) -> None:
        """Send the time, then what is due in this step; to be called once each CONTROL_S of simulated time."""
        self._clock.publish(Clock(clock=messages.stamp(self._sim.now)))
        for dog in self._dogs:
            dog.publish()


__all__ = ["CONTROL_S", "MESSAGES", "Face"]
