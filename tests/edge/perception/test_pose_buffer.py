import math

import numpy as np
import pytest

from edge.perception.pose_buffer import PoseBuffer
from edge.types import Imu, Pose2D, PoseEstimate


def pose(stamp: float, x: float, theta: float = 0.0, quality: float = 1.0) -> PoseEstimate:
    return PoseEstimate(Pose2D(x, 0.0, theta), np.diag([0.01, 0.01, 0.0004]), quality, stamp)


def test_a_frame_between_two_poses_gets_the_pose_between() -> None:
    poses = PoseBuffer()
    poses.add_pose(pose(10.0, 0.0, 3.1))
    poses.add_pose(pose(10.1, 0.1, -3.1))
    stance = poses.at(10.05)
    assert stance is not None
    assert stance.pose.x == pytest.approx(0.05)
    assert abs(stance.pose.theta) == pytest.approx(math.pi, abs=1e-6)
    assert stance.position_deviation == pytest.approx(0.1)
    assert stance.heading_deviation == pytest.approx(0.02)


def test_a_frame_just_after_the_newest_pose_is_carried_on_and_a_late_one_is_not() -> None:
    poses = PoseBuffer()
    poses.add_pose(pose(10.0, 0.0))
    poses.add_pose(pose(10.1, 0.1))
    near = poses.at(10.2)
    assert near is not None
    assert near.pose.x == pytest.approx(0.2)
    assert poses.at(10.5) is None
    assert not poses.covers(10.2)


def test_a_lost_dog_has_no_pose() -> None:
    poses = PoseBuffer()
    poses.add_pose(pose(10.0, 0.0, quality=0.0))
    assert poses.at(10.0) is None


def test_time_that_is_set_back_begins_anew() -> None:
    poses = PoseBuffer()
    poses.add_pose(pose(10.0, 0.0))
    poses.add_pose(pose(3.0, 7.0))
    stance = poses.at(3.0)
    assert stance is not None
    assert stance.pose.x == 7.0


def test_the_lean_nearest_in_time_is_taken_and_none_is_level() -> None:
    poses = PoseBuffer()
    poses.add_pose(pose(10.0, 0.0))
    level = poses.at(10.0)
    assert level is not None
    assert (level.roll, level.pitch) == (0.0, 0.0)
    poses.add_lean(Imu(0.1, 0.2, 0.0, 9.98))
    poses.add_lean(Imu(0.3, 0.4, 0.0, 10.1))
    poses.add_lean(Imu(math.nan, math.nan, 0.0, 10.0))
    leaning = poses.at(10.0)
    assert leaning is not None
    assert (leaning.roll, leaning.pitch) == (0.1, 0.2)
