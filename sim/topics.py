"""The one table of what a simulated dog says and hears, under /DOG/, in our engine and in Gazebo alike.

Our engine's ROS face publishes these, the Gazebo bridge carries these, the dog's SDF names these; tests hold them
together, and to docs/architecture.md.
"""

from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    """Which way a topic goes; the words are ros_gz_bridge's."""

    OUT = "GZ_TO_ROS"
    IN = "ROS_TO_GZ"


@dataclass(frozen=True)
class Topic:
    """``rate`` (Hz of simulated time) and ``frame`` are what a dog of ours keeps to.

    ``gz`` is the topic's name in Gazebo where it is not its name in ROS: LinearBatteryPlugin's cannot be chosen.
    ``relayed`` is its name between Gazebo's bridge and our driver there, where that stands between (sim.gazebo.driver).
    """

    name: str
    ros_type: str
    gz_type: str
    direction: Direction = Direction.OUT
    rate: float | None = None
    frame: str = ""
    gz: str | None = None
    relayed: str | None = None

    def in_ros(self, dog: str) -> str:
        """Its full name in ROS."""
        return f"/{dog}/{self.name}"

    def in_gazebo(self, dog: str) -> str:
        """Its full name in Gazebo."""
        return self.gz.format(dog=dog) if self.gz else self.in_ros(dog)

    def in_bridge(self, dog: str) -> str:
        """Its full name in ROS as Gazebo's bridge speaks it."""
        return f"/{dog}/{self.relayed}" if self.relayed else self.in_ros(dog)


SCAN = Topic("scan", "sensor_msgs/msg/LaserScan", "gz.msgs.LaserScan", rate=10, frame="lidar_link")
# Gazebo's gpu_lidar sends its rings as a cloud under the name of its own topic: gz-sensors8 src/GpuLidarSensor.cc.
POINTS = Topic(
    "points",
    "sensor_msgs/msg/PointCloud2",
    "gz.msgs.PointCloudPacked",
    rate=10,
    frame="lidar_3d_link",
    gz="/{dog}/lidar_3d/points",
)
IMU = Topic("imu", "sensor_msgs/msg/Imu", "gz.msgs.IMU", rate=50, frame="base_link")
ODOM = Topic("odom", "nav_msgs/msg/Odometry", "gz.msgs.Odometry", rate=25, frame="odom")
BATTERY = Topic(
    "battery_state",
    "sensor_msgs/msg/BatteryState",
    "gz.msgs.BatteryState",
    rate=1,
    gz="/model/{dog}/battery/battery/state",
)
IMAGE = Topic("camera/image_raw", "sensor_msgs/msg/Image", "gz.msgs.Image", rate=5, frame="camera_optical_frame")
CAMERA_INFO = Topic(
    "camera/camera_info", "sensor_msgs/msg/CameraInfo", "gz.msgs.CameraInfo", rate=5, frame="camera_optical_frame"
)
DEPTH = Topic("camera/depth", "sensor_msgs/msg/Image", "gz.msgs.Image", rate=5, frame="camera_optical_frame")
DEPTH_INFO = Topic(
    "camera/depth_info", "sensor_msgs/msg/CameraInfo", "gz.msgs.CameraInfo", rate=5, frame="camera_optical_frame"
)
COMMAND = Topic("cmd_vel", "geometry_msgs/msg/Twist", "gz.msgs.Twist", Direction.IN, relayed="gazebo/cmd_vel")

# Without DEPTH and DEPTH_INFO, which our engine and Gazebo send when asked to.
DOG_TOPICS = (SCAN, POINTS, IMU, ODOM, BATTERY, IMAGE, CAMERA_INFO, COMMAND)

# What in Gazebo our driver says and hears beside: gz-sim8 src/systems/battery_plugin/LinearBatteryPlugin.cc.
RECHARGE_START, RECHARGE_STOP = (
    Topic(
        f"gazebo/recharge/{word}",
        "std_msgs/msg/Bool",
        "gz.msgs.Boolean",
        Direction.IN,
        gz=f"/model/{{dog}}/battery/battery/recharge/{word}",
    )
    for word in ("start", "stop")
)
CLOCK = Topic("clock", "rosgraph_msgs/msg/Clock", "gz.msgs.Clock")  # /clock: no dog's
FAST_CLOCK = "/gazebo/clock"  # Gazebo's own, at its physics' rate
