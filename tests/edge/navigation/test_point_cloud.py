import math

import numpy as np
import pytest

from edge.navigation.point_cloud import CloudMounting, level_cloud
from edge.types import Cloud, Imu, Pose2D
from tests.edge.navigation.ground_caster import Box, GroundWorld

HERE = Pose2D(0.0, 0.0, 0.0)


@pytest.mark.parametrize("lean", [(0.0, 0.0), (0.19, 0.0), (-0.1, 0.19), (0.15, -0.19)])
@pytest.mark.parametrize("tilt", [0.0, 0.4])
def test_flat_ground_lies_at_zero_however_the_dog_leans_and_the_sensor_is_mounted(
    lean: tuple[float, float], tilt: float
) -> None:
    mounting = CloudMounting(x=0.3, y=0.02, z=0.1, roll=0.05, pitch=tilt, yaw=0.3, standing=0.4)
    cloud, imu = GroundWorld(mounting=mounting, noise=0.0).cloud(HERE, lean)
    ground = level_cloud(cloud, imu, mounting)
    assert len(ground.points) > 1000
    assert np.abs(ground.points[:, 2]).max() < 1e-4


def test_a_thing_stands_where_it_is_seen() -> None:
    cloud, imu = GroundWorld([Box(2.0, 1.0, 0.25, 0.2, 0.2, 0.5)], noise=0.0).cloud(HERE, (0.1, -0.1))
    points = level_cloud(cloud, imu, CloudMounting()).points
    on_it = points[points[:, 2] > 0.05]
    assert len(on_it) > 3
    assert on_it[:, :2].min(axis=0) == pytest.approx([1.9, 0.9], abs=0.03)


def test_what_is_no_number_too_near_too_far_or_the_dog_itself_is_left_out() -> None:
    rows = [
        [math.nan, 0, 0], [math.inf, 1, 1], [-math.inf, 0, 0], [0.01, 0, 0], [50.0, 0, 0],
        [-0.3, 0.05, -0.25],  # its own back
        [1.0, 0.0, -0.5],
    ]  # fmt: skip
    cloud = Cloud(np.array(rows, np.float32), 3.0)
    kept = level_cloud(cloud, Imu(0.0, 0.0, 0.0, 3.0), CloudMounting())
    assert kept.points == pytest.approx(np.array([[1.32, 0.0, 0.05]]), abs=1e-5)
    assert kept.stamp == 3.0


def test_what_touches_the_dog_at_its_side_is_seen() -> None:
    beside = Cloud(np.array([[-0.3, 0.2, -0.4], [0.1, 0.0, -0.4]], np.float32), 0.0)
    assert len(level_cloud(beside, Imu(0.0, 0.0, 0.0, 0.0), CloudMounting()).points) == 2


def test_an_empty_cloud_stays_empty_and_an_organised_one_is_read_point_by_point() -> None:
    empty = Cloud(np.zeros((0, 3), np.float32), 0.0)
    assert level_cloud(empty, Imu(0.0, 0.0, 0.0, 0.0), CloudMounting()).points.shape == (0, 3)
    organised = Cloud(np.ones((16, 360, 3), np.float32), 0.0)
    assert level_cloud(organised, Imu(0.0, 0.0, 0.0, 0.0), CloudMounting()).points.shape == (5760, 3)


def test_a_lean_that_is_no_number_counts_as_none() -> None:
    cloud, _ = GroundWorld(noise=0.0).cloud(HERE)
    points = level_cloud(cloud, Imu(math.nan, math.inf, 0.0, 0.0), CloudMounting()).points
    assert np.abs(points[:, 2]).max() < 1e-4
