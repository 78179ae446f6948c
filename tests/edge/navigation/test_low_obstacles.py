import numpy as np
import pytest

from edge.navigation.low_obstacles import LowObstacles
from edge.types import Cloud, Imu, Odometry, Pose2D, Twist2D
from tests.edge.navigation.ground_caster import Box, GroundWorld

BAG = GroundWorld([Box(2.0, 0.0, 0.15, 0.2, 0.4, 0.3)], noise=0.01)
WALKING = Twist2D(0.8, 0.0, 0.0)


def looked(seconds: float = 0.6) -> LowObstacles:
    """A dog that has walked on for a while, at 50 Hz, and seen what there is."""
    low = LowObstacles()
    for tick in range(round(seconds / 0.02)):
        now = 0.02 * tick
        low.take_imu(Imu(0.0, 0.0, 0.0, now))
        low.take_odometry(Odometry(Pose2D(0.8 * now, 0.0, 0.0), WALKING, now))
        if tick % 5 == 0:
            low.take_cloud(BAG.cloud(Pose2D(0.8 * now, 0.0, 0.0), stamp=now)[0])
    return low


def test_what_is_low_comes_nearer_as_the_dog_walks_on_between_two_clouds() -> None:
    low = looked()
    first, then = low.at(0.5).obstacles, low.at(0.6).obstacles
    assert first[:, 0].min() == pytest.approx(1.9 - 0.4, abs=0.12)
    assert first[:, 0] - then[:, 0] == pytest.approx(np.full(len(first), 0.08), abs=1e-6)
    np.testing.assert_array_equal(low.obstacles_at(0.5), first)


def test_a_cloud_waits_for_the_lean_at_its_stamp() -> None:
    low = looked()
    cloud, _ = BAG.cloud(Pose2D(0.48, 0.0, 0.0), stamp=0.59)
    low.take_cloud(cloud)
    assert low.cloud is not cloud
    low.take_imu(Imu(0.0, 0.0, 0.0, 0.60))
    assert low.cloud is cloud
    assert low.usable > 1000


def test_a_cloud_whose_place_or_lean_is_not_known_is_not_laid_and_so_grows_stale() -> None:
    low, (cloud, imu) = looked(), BAG.cloud(Pose2D(0.0, 0.0, 0.0), stamp=5.0)
    before = low.cloud
    low.take_imu(imu)
    low.take_cloud(cloud)
    assert low.cloud is before
    assert len(low.at(5.0).obstacles) == 0


def test_what_is_told_twice_is_heard_once() -> None:
    low = looked()
    imu, odometry = Imu(0.0, 0.0, 1.0, 0.60), Odometry(Pose2D(0.5, 0.0, 0.0), WALKING, 0.60)
    for _ in range(2):
        low.take_imu(imu)
        low.take_odometry(odometry)
    assert low.motion.pose_at(0.60) is not None
    assert low.motion.lean_at(0.60) == imu


def test_before_the_first_cloud_nothing_is_known_to_be_low() -> None:
    low = LowObstacles()
    low.take_cloud(Cloud(np.ones((9, 3), np.float32), 1.0))
    assert len(low.at(1.0).obstacles) == len(low.at(1.0).unseen) == 0
