import math

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="needs ROS 2")

from geometry_msgs.msg import Quaternion
from patrol_nodes import ros_conversion
from sensor_msgs.msg import CameraInfo, Image, LaserScan, PointCloud2, PointField

from edge.types import Pose2D, PoseEstimate, Twist2D


@pytest.mark.parametrize("value", [0.0, 0.25, 1_800_000_000.123456])
def test_a_stamp_survives_there_and_back_to_the_microsecond(value: float) -> None:
    assert ros_conversion.seconds(ros_conversion.stamp(value)) == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize("theta", [-3.1, -1.0, 0.0, 0.5, 3.1])
def test_a_pose_and_a_velocity_survive_there_and_back(theta: float) -> None:
    back = ros_conversion.pose2d(ros_conversion.pose_message(Pose2D(1.0, -2.0, theta)))
    assert (back.x, back.y, back.theta) == pytest.approx((1.0, -2.0, theta))
    assert ros_conversion.twist2d(ros_conversion.twist_message(Twist2D(0.3, 0.1, theta))) == Twist2D(0.3, 0.1, theta)


def test_roll_and_pitch_have_the_signs_of_rep_103() -> None:
    half = math.sin(0.1), math.cos(0.1)
    assert ros_conversion.roll_pitch_yaw(Quaternion(x=half[0], w=half[1])) == pytest.approx((0.2, 0.0, 0.0))
    assert ros_conversion.roll_pitch_yaw(Quaternion(y=half[0], w=half[1])) == pytest.approx((0.0, 0.2, 0.0))


def test_no_orientation_is_no_number() -> None:
    assert all(math.isnan(angle) for angle in ros_conversion.roll_pitch_yaw(Quaternion(x=0.0, y=0.0, z=0.0, w=0.0)))


def test_a_scan_keeps_its_ranges_infinities_and_all() -> None:
    message = LaserScan(angle_min=-1.0, angle_increment=0.5, range_min=0.1, range_max=20.0)
    message.ranges = [1.0, math.inf, math.nan]
    scan = ros_conversion.scan(message)
    assert scan.angles() == pytest.approx([-1.0, -0.5, 0.0])
    assert np.array_equal(scan.ranges, np.array([1.0, np.inf, np.nan], np.float32), equal_nan=True)


def test_an_estimate_survives_with_its_covariance_and_a_lost_one_has_no_quality() -> None:
    covariance = np.diag([0.01, 0.02, 0.003])
    covariance[0, 2] = covariance[2, 0] = 0.001
    sure = ros_conversion.pose_estimate(
        ros_conversion.pose_estimate_message(PoseEstimate(Pose2D(1, 2, 3), covariance, 0.9, 5.0))
    )
    assert sure.covariance == pytest.approx(covariance)
    assert sure.quality > 0.8
    lost = PoseEstimate(Pose2D(1, 2, 3), np.eye(3) * 1e4, 0.0, 5.0)
    assert ros_conversion.pose_estimate(ros_conversion.pose_estimate_message(lost)).quality == 0.0
    odd = PoseEstimate(Pose2D(1, 2, 3), np.eye(3) * math.nan, 0.0, 5.0)
    assert ros_conversion.pose_estimate(ros_conversion.pose_estimate_message(odd)).quality == 0.0


def _cloud_message(points: np.ndarray, big: bool = False, names: str = "xyz") -> PointCloud2:
    """As a driver sends them: each with its intensity, x not first, and bytes between."""
    order = ">f4" if big else "<f4"
    kind = np.dtype({"names": ["i", *"xyz"], "formats": [order] * 4, "offsets": [0, 4, 8, 16], "itemsize": 24})
    rows = np.zeros(len(points), kind)
    for column, name in enumerate("xyz"):
        rows[name] = points[:, column]
    fields = [
        PointField(name=n, offset=o, datatype=PointField.FLOAT32, count=1)
        for n, o in zip(names, (4, 8, 16), strict=True)
    ]
    message = PointCloud2(height=1, width=len(points), fields=fields, is_bigendian=big, point_step=24)
    message.row_step, message.data = 24 * len(points), rows.tobytes()
    message.header.stamp = ros_conversion.stamp(12.5)
    return message


@pytest.mark.parametrize("big", [False, True])
def test_a_cloud_is_read_whatever_lies_between_its_fields(big: bool) -> None:
    points = np.array([[1.0, 2.0, 3.0], [math.nan, math.inf, -1.5]], np.float32)
    cloud = ros_conversion.cloud(_cloud_message(points, big))
    assert cloud.stamp == 12.5
    assert cloud.points.dtype == np.float32
    np.testing.assert_array_equal(cloud.points, points)


def test_a_cloud_that_lacks_a_field_or_is_cut_short_is_refused() -> None:
    points = np.ones((3, 3), np.float32)
    with pytest.raises(ValueError, match="z is not there"):
        ros_conversion.cloud(_cloud_message(points, names="xyw"))
    cut = _cloud_message(points)
    cut.width = 100
    with pytest.raises(ValueError, match="100 points"):
        ros_conversion.cloud(cut)


@pytest.mark.parametrize("encoding", ["32FC1", "16UC1"])
def test_a_depth_picture_becomes_points_ahead_left_and_up(encoding: str) -> None:
    metres = np.full((48, 64), 2.0)
    metres[0, 0] = 0.0
    kind, unit = (np.float32, 1.0) if encoding == "32FC1" else (np.uint16, 1000.0)
    pixels = (metres * unit).astype(kind)
    message = Image(height=48, width=64, encoding=encoding, step=64 * pixels.itemsize, data=pixels.tobytes())
    lens = CameraInfo(k=[50.0, 0.0, 31.5, 0.0, 50.0, 23.5, 0.0, 0.0, 1.0])
    points = ros_conversion.depth_cloud(message, lens).points.reshape(48, 64, 3)
    assert np.isnan(points[0, 0]).all()
    assert points[47, 0] == pytest.approx([2.0, 2.0 * 31.5 / 50, -2.0 * 23.5 / 50])
    with pytest.raises(ValueError, match="rgb8"):
        ros_conversion.depth_cloud(Image(encoding="rgb8"), lens)
