import math

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="needs ROS 2")

from geometry_msgs.msg import Quaternion
from patrol_nodes import convert
from sensor_msgs.msg import LaserScan

from edge.types import Pose2D, PoseEstimate, Twist2D


@pytest.mark.parametrize("value", [0.0, 0.25, 1_800_000_000.123456])
def test_a_stamp_survives_there_and_back_to_the_microsecond(value: float) -> None:
    assert convert.seconds(convert.stamp(value)) == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize("theta", [-3.1, -1.0, 0.0, 0.5, 3.1])
def test_a_pose_and_a_velocity_survive_there_and_back(theta: float) -> None:
    back = convert.pose2d(convert.pose_message(Pose2D(1.0, -2.0, theta)))
    assert (back.x, back.y, back.theta) == pytest.approx((1.0, -2.0, theta))
    assert convert.twist2d(convert.twist_message(Twist2D(0.3, 0.1, theta))) == Twist2D(0.3, 0.1, theta)


def test_roll_and_pitch_have_the_signs_of_rep_103() -> None:
    half = math.sin(0.1), math.cos(0.1)
    assert convert.roll_pitch_yaw(Quaternion(x=half[0], w=half[1])) == pytest.approx((0.2, 0.0, 0.0))
    assert convert.roll_pitch_yaw(Quaternion(y=half[0], w=half[1])) == pytest.approx((0.0, 0.2, 0.0))


def test_no_orientation_is_no_number() -> None:
    assert all(math.isnan(angle) for angle in convert.roll_pitch_yaw(Quaternion(x=0.0, y=0.0, z=0.0, w=0.0)))


def test_a_scan_keeps_its_ranges_infinities_and_all() -> None:
    message = LaserScan(angle_min=-1.0, angle_increment=0.5, range_min=0.1, range_max=20.0)
    message.ranges = [1.0, math.inf, math.nan]
    scan = convert.scan(message)
    assert scan.angles() == pytest.approx([-1.0, -0.5, 0.0])
    assert np.array_equal(scan.ranges, np.array([1.0, np.inf, np.nan], np.float32), equal_nan=True)


def test_an_estimate_survives_with_its_covariance_and_a_lost_one_has_no_quality() -> None:
    covariance = np.diag([0.01, 0.02, 0.003])
    covariance[0, 2] = covariance[2, 0] = 0.001
    sure = convert.pose_estimate(convert.pose_estimate_message(PoseEstimate(Pose2D(1, 2, 3), covariance, 0.9, 5.0)))
    assert sure.covariance == pytest.approx(covariance)
    assert sure.quality > 0.8
    lost = PoseEstimate(Pose2D(1, 2, 3), np.eye(3) * 1e4, 0.0, 5.0)
    assert convert.pose_estimate(convert.pose_estimate_message(lost)).quality == 0.0
    odd = PoseEstimate(Pose2D(1, 2, 3), np.eye(3) * math.nan, 0.0, 5.0)
    assert convert.pose_estimate(convert.pose_estimate_message(odd)).quality == 0.0
