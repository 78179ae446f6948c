"""An MCAP file of ROS 2 messages, as `ros2 bag record` writes it: what a simulated dog's drivers say."""

from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from mcap.writer import CompressionType, Writer
from numpy.typing import NDArray
from rosbags.typesys import Stores, get_typestore

from sim.engine.lidar import Scan
from sim.engine.sensors import Inertial, Odometry
from sim.topics import IMU, ODOM, POINTS, SCAN, Topic

CHUNK = 256 * 1024  # bytes: of a recording that is cut off, so much is lost at most
FLOAT32 = 7  # sensor_msgs/PointField


class Bag:
    """Written as it comes, in chunks: what was cut off can be read as far as it goes."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._stream = file.open("wb")
        self._writer = Writer(self._stream, CHUNK, CompressionType.ZSTD)
        self._schemas: dict[str, int] = {}
        self._channels: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._writer.start(profile="ros2", library="xiaotian")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.finish()
        self._stream.close()

    def write(self, dog: str, topic: Topic, message: Any, at: float) -> None:
        """Add what ``dog`` said on ``topic`` at ``at`` (s)."""
        nanoseconds, name = round(at * 1e9), topic.in_ros(dog)
        if name not in self._channels:
            self._channels[name] = self._writer.register_channel(name, "cdr", self._schema(topic.ros_type))
        data = bytes(_types().serialize_cdr(message, topic.ros_type))
        self._writer.add_message(self._channels[name], nanoseconds, data, nanoseconds)

    def _schema(self, kind: str) -> int:
        if kind not in self._schemas:
            text, _ = _types().generate_msgdef(kind)
            self._schemas[kind] = self._writer.register_schema(kind, "ros2msg", text.encode())
        return self._schemas[kind]


def scan_message(scan: Scan, at: float) -> Any:
    """sensor_msgs/LaserScan."""
    return _make(
        SCAN.ros_type,
        header=_header(at, SCAN.frame),
        angle_min=scan.angle_min,
        angle_max=scan.angle_min + scan.angle_increment * (len(scan.ranges) - 1),
        angle_increment=scan.angle_increment,
        time_increment=0.0,
        scan_time=0.1,
        range_min=scan.range_min,
        range_max=scan.range_max,
        ranges=np.asarray(scan.ranges, np.float32),
        intensities=np.zeros(0, np.float32),
    )


def imu_message(imu: Inertial, at: float) -> Any:
    """sensor_msgs/Imu."""
    x, y, z, w = imu.orientation
    return _make(
        IMU.ros_type,
        header=_header(at, IMU.frame),
        orientation=_make("geometry_msgs/msg/Quaternion", x=x, y=y, z=z, w=w),
        orientation_covariance=np.zeros(9),
        angular_velocity=_vector(*imu.turning),
        angular_velocity_covariance=np.zeros(9),
        linear_acceleration=_vector(*imu.force),
        linear_acceleration_covariance=np.zeros(9),
    )


def odometry_message(odometry: Odometry, at: float) -> Any:
    """nav_msgs/Odometry."""
    half = odometry.theta / 2
    turn = _make("geometry_msgs/msg/Quaternion", x=0.0, y=0.0, z=float(np.sin(half)), w=float(np.cos(half)))
    place = _make("geometry_msgs/msg/Point", x=odometry.x, y=odometry.y, z=0.0)
    vx, vy, omega = odometry.velocity
    twist = _make("geometry_msgs/msg/Twist", linear=_vector(vx, vy, 0.0), angular=_vector(0.0, 0.0, omega))
    pose = _make("geometry_msgs/msg/Pose", position=place, orientation=turn)
    return _make(
        ODOM.ros_type,
        header=_header(at, ODOM.frame),
        child_frame_id="base_link",
        pose=_make("geometry_msgs/msg/PoseWithCovariance", pose=pose, covariance=np.zeros(36)),
        twist=_make("geometry_msgs/msg/TwistWithCovariance", twist=twist, covariance=np.zeros(36)),
    )


def points_message(points: NDArray[np.float32], at: float) -> Any:
    """sensor_msgs/PointCloud2 of (rings, columns, 3) metres."""
    height, width = points.shape[:2]
    fields = [
        _make("sensor_msgs/msg/PointField", name=name, offset=4 * n, datatype=FLOAT32, count=1)
        for n, name in enumerate("xyz")
    ]
    return _make(
        POINTS.ros_type,
        header=_header(at, POINTS.frame),
        height=height,
        width=width,
        fields=fields,
        is_bigendian=False,
        point_step=12,
        row_step=12 * width,
        data=np.frombuffer(np.ascontiguousarray(points, np.float32).tobytes(), np.uint8),
        is_dense=False,
    )


def _header(at: float, frame: str) -> Any:
    seconds, rest = divmod(round(at * 1e9), 10**9)
    return _make(
        "std_msgs/msg/Header", stamp=_make("builtin_interfaces/msg/Time", sec=seconds, nanosec=rest), frame_id=frame
    )


def _vector(x: float, y: float, z: float) -> Any:
    return _make("geometry_msgs/msg/Vector3", x=x, y=y, z=z)


def _make(kind: str, **fields: Any) -> Any:
    return _types().types[kind](**fields)


@cache
def _types() -> Any:
    return get_typestore(Stores.ROS2_JAZZY)
