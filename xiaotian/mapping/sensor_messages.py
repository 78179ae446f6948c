"""What a simulated dog's drivers say, as ROS 2 messages for a bag."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.lidar import Scan
from sim.engine.sensors import Inertial, Odometry
from sim.topics import IMU, ODOM, POINTS, SCAN
from xiaotian.ros_bag import header_at, make, pose_at, vector

FLOAT32 = 7  # sensor_msgs/PointField


def scan_message(scan: Scan, at: float) -> Any:
    """sensor_msgs/LaserScan."""
    return make(
        SCAN.ros_type,
        header=header_at(at, SCAN.frame),
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
    return make(
        IMU.ros_type,
        header=header_at(at, IMU.frame),
        orientation=make("geometry_msgs/msg/Quaternion", x=x, y=y, z=z, w=w),
        orientation_covariance=np.zeros(9),
        angular_velocity=vector(*imu.turning),
        angular_velocity_covariance=np.zeros(9),
        linear_acceleration=vector(*imu.force),
        linear_acceleration_covariance=np.zeros(9),
    )


def odometry_message(odometry: Odometry, at: float) -> Any:
    """nav_msgs/Odometry."""
    vx, vy, omega = odometry.velocity
    twist = make("geometry_msgs/msg/Twist", linear=vector(vx, vy, 0.0), angular=vector(0.0, 0.0, omega))
    pose = pose_at(odometry.x, odometry.y, 0.0, odometry.theta)
    return make(
        ODOM.ros_type,
        header=header_at(at, ODOM.frame),
        child_frame_id="base_link",
        pose=make("geometry_msgs/msg/PoseWithCovariance", pose=pose, covariance=np.zeros(36)),
        twist=make("geometry_msgs/msg/TwistWithCovariance", twist=twist, covariance=np.zeros(36)),
    )


def points_message(points: NDArray[np.float32], at: float) -> Any:
    """sensor_msgs/PointCloud2 of (rings, columns, 3) metres."""
    height, width = points.shape[:2]
    fields = [
        make("sensor_msgs/msg/PointField", name=name, offset=4 * n, datatype=FLOAT32, count=1)
        for n, name in enumerate("xyz")
    ]
    return make(
        POINTS.ros_type,
        header=header_at(at, POINTS.frame),
        height=height,
        width=width,
        fields=fields,
        is_bigendian=False,
        point_step=12,
        row_step=12 * width,
        data=np.frombuffer(np.ascontiguousarray(points, np.float32).tobytes(), np.uint8),
        is_dense=False,
    )
