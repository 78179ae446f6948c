"""From what the engine's sensors say to ROS messages."""

from array import array

import numpy as np
from builtin_interfaces.msg import Time
from nav_msgs.msg import Odometry as OdometryMsg
from numpy.typing import NDArray
from sensor_msgs.msg import BatteryState, CameraInfo, Image, Imu, LaserScan, PointCloud2, PointField

from sim.engine.lidar import Scan
from sim.engine.sensors import TILT_NOISE, Battery, Camera, Inertial, Odometry

CELLS = 12  # of the battery, in series
YAW_DRIFT = 0.05  # rad, of what the IMU calls its heading


def stamp(now: float) -> Time:
    """Seconds as a ROS time, to the microsecond."""
    micro = round(now * 1e6)
    return Time(sec=micro // 1_000_000, nanosec=micro % 1_000_000 * 1000)


def scan_message(scan: Scan, at: Time, frame: str) -> LaserScan:
    """One turn of the lidar."""
    message = LaserScan()
    message.header.stamp, message.header.frame_id = at, frame
    message.angle_min, message.angle_increment = scan.angle_min, scan.angle_increment
    message.angle_max = scan.angle_min + scan.angle_increment * (len(scan.ranges) - 1)
    message.range_min, message.range_max = scan.range_min, scan.range_max
    message.scan_time = 0.1
    message.ranges = array("f", scan.ranges.tobytes())
    return message


def points_message(points: NDArray[np.float32], at: Time, frame: str) -> PointCloud2:
    """One turn of the lidar of many rings, (rings, columns, 3) metres; its bytes are copied once."""
    message = PointCloud2()
    message.header.stamp, message.header.frame_id = at, frame
    message.height, message.width = points.shape[:2]
    message.fields = [
        PointField(name=name, offset=4 * n, datatype=PointField.FLOAT32, count=1) for n, name in enumerate("xyz")
    ]
    message.is_bigendian, message.is_dense, message.point_step = False, False, 12
    message.row_step = 12 * message.width
    message.data = _bytes(points)
    return message


def imu_message(imu: Inertial, at: Time, frame: str) -> Imu:
    """Lean, turning and force."""
    message = Imu()
    message.header.stamp, message.header.frame_id = at, frame
    q, w, a = message.orientation, message.angular_velocity, message.linear_acceleration
    q.x, q.y, q.z, q.w = imu.orientation
    w.x, w.y, w.z = imu.turning
    a.x, a.y, a.z = imu.force
    message.orientation_covariance = np.diag([TILT_NOISE**2, TILT_NOISE**2, YAW_DRIFT**2]).ravel()
    message.angular_velocity_covariance = np.diag([1e-5] * 3).ravel()
    message.linear_acceleration_covariance = np.diag([2.5e-3] * 3).ravel()
    return message


def odometry_message(odometry: Odometry, at: Time) -> OdometryMsg:
    """Where the legs believe they are, in the frame ``odom``."""
    message = OdometryMsg()
    message.header.stamp, message.header.frame_id, message.child_frame_id = at, "odom", "base_link"
    place, twist = message.pose.pose, message.twist.twist
    place.position.x, place.position.y = odometry.x, odometry.y
    place.orientation.z, place.orientation.w = float(np.sin(odometry.theta / 2)), float(np.cos(odometry.theta / 2))
    twist.linear.x, twist.linear.y, twist.angular.z = odometry.velocity
    message.twist.covariance = np.diag([1e-3, 1e-3, 1e-6, 1e-6, 1e-6, 1e-3]).ravel()
    return message


def battery_message(battery: Battery, at: Time) -> BatteryState:
    """Charge and whether it charges."""
    message = BatteryState()
    message.header.stamp = at
    message.percentage, message.voltage, message.current = battery.charge, battery.voltage, battery.current
    message.present = True
    full = battery.charge >= 1.0
    message.power_supply_status = (
        BatteryState.POWER_SUPPLY_STATUS_FULL
        if full
        else BatteryState.POWER_SUPPLY_STATUS_CHARGING
        if battery.charging
        else BatteryState.POWER_SUPPLY_STATUS_DISCHARGING
    )
    message.power_supply_technology = BatteryState.POWER_SUPPLY_TECHNOLOGY_LION
    return message


def image_message(picture: NDArray[np.uint8], at: Time, frame: str) -> Image:
    """A picture; its bytes are copied once."""
    message = Image()
    message.header.stamp, message.header.frame_id = at, frame
    message.height, message.width = picture.shape[:2]
    message.encoding, message.is_bigendian, message.step = "rgb8", 0, 3 * picture.shape[1]
    message.data = _bytes(picture)
    return message


def depth_message(metres: NDArray[np.float32], at: Time, frame: str) -> Image:
    """Distances along the camera's axis, as REP 118 has them."""
    message = Image()
    message.header.stamp, message.header.frame_id = at, frame
    message.height, message.width = metres.shape
    message.encoding, message.is_bigendian, message.step = "32FC1", 0, 4 * metres.shape[1]
    message.data = _bytes(metres)
    return message


def camera_info_message(camera: Camera, at: Time, frame: str) -> CameraInfo:
    """The camera's intrinsics: no distortion."""
    message = CameraInfo()
    message.header.stamp, message.header.frame_id = at, frame
    message.width, message.height, message.distortion_model = camera.width, camera.height, "plumb_bob"
    f, cx, cy = camera.focal, camera.width / 2, camera.height / 2
    message.d = [0.0] * 5
    message.k = [f, 0.0, cx, 0.0, f, cy, 0.0, 0.0, 1.0]
    message.r = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
    message.p = [f, 0.0, cx, 0.0, 0.0, f, cy, 0.0, 0.0, 0.0, 1.0, 0.0]
    return message


def _bytes(values: NDArray[np.uint8] | NDArray[np.float32]) -> "array[int]":
    """As rclpy takes a long field without looking at each of its bytes."""
    data = array("B")
    data.frombytes(np.ascontiguousarray(values).data.cast("B"))
    return data
