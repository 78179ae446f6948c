import math

import numpy as np
import pytest

from edge.navigation.motion_history import Motion, PoseHistory
from edge.navigation.site_map import site_map_from, site_map_in
from edge.types import Imu, Odometry, Pose2D, PoseEstimate, Twist2D
from protocol.codec import MalformedMessage, encode
from protocol.site import ZoneKind
from tests.edge.navigation.site import site_message
from tests.edge.navigation.test_maps import zone
from tests.edge.navigation.world import yard
from tests.shared import ROOT


def walked(yaw_rate: float, odom_turn: float) -> Motion:
    """One second at 0.5 m/s: the gyroscope says one thing of turning, the legs another."""
    motion = Motion()
    for step in range(51):
        now = step * 0.02
        motion.add_imu(Imu(0.0, 0.0, yaw_rate, now))
        if step % 2 == 0:
            motion.add_odometry(Odometry(Pose2D(0.5 * now, 0.0, odom_turn * now), Twist2D(0.5, 0, odom_turn), now))
    return motion


def test_the_gyroscope_is_believed_about_turning_and_the_legs_about_distance() -> None:
    motion = walked(0.3, 0.5)
    start, end = motion.pose_at(0.0), motion.pose_at(1.0)
    assert start is not None
    assert end is not None
    assert start.between(end).theta == pytest.approx(0.3, abs=0.02)
    assert start.distance(end) == pytest.approx(0.5, abs=0.02)


def test_without_a_gyroscope_the_legs_are_believed() -> None:
    motion = Motion()
    for now in (0.0, 0.5, 1.0):
        motion.add_odometry(Odometry(Pose2D(0.0, 0.0, 0.4 * now), Twist2D(0, 0, 0.4), now))
    end = motion.pose_at(1.0)
    assert end is not None
    assert end.theta == pytest.approx(0.4)


def test_between_samples_is_interpolated_a_little_beyond_is_coasted_and_far_beyond_is_unknown() -> None:
    motion = walked(0.0, 0.0)
    for at, x in ((0.51, 0.255), (1.1, 0.55)):
        pose = motion.pose_at(at)
        assert pose is not None
        assert pose.x == pytest.approx(x, abs=0.01)
    assert motion.pose_at(2.0) is None
    assert motion.pose_at(-1.0) is None


def test_odometry_that_is_no_number_is_passed_over_and_a_clock_that_goes_back_starts_anew() -> None:
    motion = walked(0.0, 0.0)
    motion.add_odometry(Odometry(Pose2D(math.nan, 0, 0), Twist2D(0, 0, 0), 1.04))
    assert motion.pose_at(1.0) is not None
    motion.add_odometry(Odometry(Pose2D(9.0, 0, 0), Twist2D(0, 0, 0), 0.2))
    assert motion.pose_at(0.2) == Pose2D(9.0, 0.0, 0.0)
    assert motion.pose_at(0.9) is None


def test_a_pose_is_known_between_two_poses_the_short_way_round() -> None:
    poses = PoseHistory()
    for now, theta in ((0.0, 3.1), (0.1, -3.1)):
        poses.add(PoseEstimate(Pose2D(now, 0.0, theta), np.eye(3), 1.0, now))
    between = poses.at(0.05)
    assert between is not None
    assert abs(between.theta) > 3.1
    assert poses.at(0.2) is None
    assert poses.at(-0.1) is None


def test_the_yard_of_the_simulator_is_ground_to_walk_on() -> None:
    ground = site_map_in(ROOT / "sim/worlds/station_yard")
    assert ground.grid.frame.width * ground.grid.frame.resolution >= 70


def test_new_zones_leave_the_grid_alone_and_old_news_is_none() -> None:
    first = site_map_from(encode(site_message(yard())), None)
    assert first is not None
    assert site_map_from(encode(site_message(yard())), first) is None
    second = site_map_from(encode(site_message(yard(), [zone(ZoneKind.NO_GO, 5.0, 8.0)], version=2)), first)
    assert second is not None
    assert second.grid is first.grid
    assert second.terrain.clearance_at(6.0, 6.0) == 0.0
    assert site_map_from(encode(site_message(yard(), [], version=1)), second) is None
    with pytest.raises(MalformedMessage):
        site_map_from("{}", first)
