"""Between ROS messages and edge types: the one file that knows both."""

import math

import numpy as np
from builtin_interfaces.msg import Time
from geometry_msgs.msg import Pose, Quaternion, TransformStamped, Twist
from nav_msgs.msg import Odometry as OdometryMsg
from sensor_msgs.msg import Imu as ImuMsg
from sensor_msgs.msg import LaserScan

from edge.types import Imu, Odometry, Pose2D, Scan, Twist2D


def seconds(stamp: Time) -> float:
    """A ROS time as float seconds; good to a microsecond at today's date."""
    return float(stamp.sec) + float(stamp.nanosec) * 1e-9


def stamp(value: float) -> Time:
    """Float seconds (not negative) as a ROS time, to the microsecond."""
    micro = round(value * 1e6)
    return Time(sec=micro // 1_000_000, nanosec=micro % 1_000_000 * 1000)


def roll_pitch_yaw(rotation: Quaternion) -> tuple[float, float, float]:
    """Angles about the fixed axes x, y, z (REP 103); NaN where the quaternion is none."""
    x, y, z, w = rotation.x, rotation.y, rotation.z, rotation.w
    norm = math.sqrt(x * x + y * y + z * z + w * w)
    if not 0.5 < norm < 2.0:  # NaN compares false: a quaternion of zeros is "orientation unknown" in sensor_msgs/Imu
        return math.nan, math.nan, math.nan
    x, y, z, w = x / norm, y / norm, z / norm, w / norm
    roll = math.atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))
    pitch = math.asin(max(-1.0, min(1.0, 2 * (w * y - z * x))))
    return roll, pitch, math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))


def quaternion(theta: float) -> Quaternion:
    """A turn about the vertical."""
    return Quaternion(x=0.0, y=0.0, z=math.sin(theta / 2), w=math.cos(theta / 2))


def pose2d(pose: Pose) -> Pose2D:
    """Place and heading of a pose; what leaves the plane is dropped."""
    return Pose2D(pose.position.x, pose.position.y, roll_pitch_yaw(pose.orientation)[2])


def pose_message(pose: Pose2D) -> Pose:
    """A pose in the plane."""
    message = Pose()
    message.position.x, message.position.y = pose.x, pose.y
    message.orientation = quaternion(pose.theta)
    return message


def twist2d(twist: Twist) -> Twist2D:
    """The planar part of a velocity."""
    return Twist2D(twist.linear.x, twist.linear.y, twist.angular.z)


def twist_message(twist: Twist2D) -> Twist:
    """A planar velocity."""
    message = Twist()
    message.linear.x, message.linear.y, message.angular.z = twist.vx, twist.vy, twist.omega
    return message


def scan(message: LaserScan) -> Scan:
    """A lidar's turn, in the lidar's frame."""
    return Scan(
        angle_min=message.angle_min,
        angle_increment=message.angle_increment,
        range_min=message.range_min,
        range_max=message.range_max,
        ranges=np.asarray(message.ranges, np.float32),
        stamp=seconds(message.header.stamp),
    )


def imu(message: ImuMsg) -> Imu:
    """Lean and turning of the body."""
    roll, pitch, _ = roll_pitch_yaw(message.orientation)
    return Imu(roll, pitch, message.angular_velocity.z, seconds(message.header.stamp))


def odometry(message: OdometryMsg) -> Odometry:
    """What the legs believe."""
    return Odometry(pose2d(message.pose.pose), twist2d(message.twist.twist), seconds(message.header.stamp))


def transform(parent: str, child: str, pose: Pose2D, at: Time) -> TransformStamped:
    """A planar transform as tf carries it."""
    message = TransformStamped()
    message.header.frame_id, message.child_frame_id, message.header.stamp = parent, child, at
    message.transform.translation.x, message.transform.translation.y = pose.x, pose.y
    message.transform.rotation = quaternion(pose.theta)
    return message
