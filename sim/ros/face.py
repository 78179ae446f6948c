"""The ROS graph's lower edge, as a driver has it: sensors of each dog out under /DOG/, cmd_vel in, and /clock."""

import math

from geometry_msgs.msg import Twist
from nav_msgs.msg import Odometry
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import BatteryState, CameraInfo, Image, Imu, LaserScan

from sim.engine.dogs import CONTROL_S
from sim.engine.simulation import Dog, Simulation
from sim.ros import messages

SENSOR = QoSProfile(
    depth=5,
    history=HistoryPolicy.KEEP_LAST,
    reliability=ReliabilityPolicy.BEST_EFFORT,
    durability=DurabilityPolicy.VOLATILE,
)
CLOCK = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
COMMAND = QoSProfile(depth=1, history=HistoryPolicy.KEEP_LAST, reliability=ReliabilityPolicy.RELIABLE)

# In control steps of CONTROL_S (50 Hz).
EVERY = {"imu": 1, "odom": 2, "scan": 5, "camera": 10, "battery": 50}


class DogFace:
    """The topics of one dog. ``turn`` staggers the dogs' cameras and lidars, so that they do not fall in one step."""

    def __init__(self, node: Node, sim: Simulation, name: str, turn: int) -> None:
        self._sim, self._name, self._turn = sim, name, turn
        self._dog: Dog = sim.dogs[name]

        def publisher(kind: type, topic: str):  # type: ignore[no-untyped-def]
            return node.create_publisher(kind, f"/{name}/{topic}", SENSOR)

        self._scan, self._imu = publisher(LaserScan, "scan"), publisher(Imu, "imu")
        self._odom, self._battery = publisher(Odometry, "odom"), publisher(BatteryState, "battery_state")
        self._image, self._info = publisher(Image, "camera/image_raw"), publisher(CameraInfo, "camera/camera_info")
        node.create_subscription(Twist, f"/{name}/cmd_vel", self._command, COMMAND)

    def publish(self) -> None:
        """Send what is due in this step."""
        at, dog, data = messages.stamp(self._sim.now), self._dog, self._sim.data
        if self._due("imu"):
            self._imu.publish(messages.imu_message(dog.legs.inertial(data), at, "base_link"))
        if self._due("odom"):
            self._odom.publish(messages.odometry_message(dog.legs.odometry(), at))
        if self._due("scan", 2 * self._turn):
            self._scan.publish(messages.scan_message(dog.lidar.measure(data), at, "lidar_link"))
        if self._due("battery"):
            self._battery.publish(messages.battery_message(dog.battery.read(), at))
        if self._due("camera", 3 + 4 * self._turn):
            frame = "camera_optical_frame"
            self._info.publish(messages.camera_info_message(dog.camera, at, frame))
            if self._sim.camera_backend != "none":
                self._image.publish(messages.image_message(self._sim.photograph(self._name), at, frame))

    def _due(self, what: str, shift: int = 0) -> bool:
        return (self._sim.steps + shift) % EVERY[what] == 0

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


__all__ = ["CONTROL_S", "EVERY", "Face"]
