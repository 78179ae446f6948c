import math

import numpy as np
import pytest

from edge.navigation.moving_obstacles import MovingObstacle, MovingObstacles
from edge.navigation.obstacle_layer import ObstacleLayer
from edge.navigation.scan_leveling import Mounting, level
from edge.types import Pose2D
from tests.edge.navigation.world import YARD, World, grid_of, yard

EYE = (0.0, 0.0)


def face(x: float, y: float, theta: float, length: float, width: float, rng: np.random.Generator) -> np.ndarray:
    """What a lidar at the origin sees of a box: the border that faces it, a return a degree, 2 cm of noise."""
    share = np.linspace(-0.5, 0.5, 41)
    ends = np.full(41, 0.5)
    border = np.concatenate(
        [
            np.stack([share, ends], 1),
            np.stack([share, -ends], 1),
            np.stack([ends, share], 1),
            np.stack([-ends, share], 1),
        ]
    )
    cos, sin = math.cos(theta), math.sin(theta)
    points = (border * (length, width)) @ np.array([[cos, sin], [-sin, cos]]) + (x, y)
    beam = np.round(np.degrees(np.arctan2(points[:, 1], points[:, 0]))).astype(int)
    far = np.hypot(points[:, 0], points[:, 1])
    nearest = [index[np.argmin(far[index])] for index in (np.flatnonzero(beam == b) for b in np.unique(beam))]
    seen: np.ndarray = points[nearest] + 0.02 * rng.standard_normal((len(nearest), 2))
    return seen


def follow(
    start: tuple[float, float], way: float, speed: float, length: float, width: float, seed: int
) -> list[MovingObstacle]:
    """Everything that moves after a second and a half of a box on its course."""
    movers, rng = MovingObstacles(), np.random.default_rng(seed)
    for step in range(16):
        passed = step * 0.1 * speed
        x, y = start[0] + passed * math.cos(way), start[1] + passed * math.sin(way)
        movers.update(face(x, y, way, length, width, rng), step * 0.1, EYE)
    return movers.walking(1.5)


@pytest.mark.parametrize("seed", range(12))
def test_a_walker_or_runner_is_followed_with_its_velocity(seed: int) -> None:
    rng = np.random.default_rng(seed)
    way, speed, at = rng.uniform(-math.pi, math.pi), rng.uniform(0.6, 3.5), rng.uniform(-math.pi, math.pi)
    far = rng.uniform(5.0, 9.0)
    start = (far * math.cos(at) - speed * math.cos(way), far * math.sin(at) - speed * math.sin(way))
    (mover,) = follow(start, way, speed, 0.45, 0.45, seed)
    assert math.hypot(mover.vx - speed * math.cos(way), mover.vy - speed * math.sin(way)) < 0.35


@pytest.mark.parametrize("speed", [2.0, 5.0, 8.0])
@pytest.mark.parametrize("across", [-3.0, 0.0, 6.0])
def test_a_car_that_comes_is_one_mover_of_its_width_and_speed(speed: float, across: float) -> None:
    found = follow((6.0 + 1.5 * speed, across), math.pi, speed, 4.5, 1.8, 1)
    (mover,) = [each for each in found if each.length * each.width > 0.3]
    assert mover.vx == pytest.approx(-speed, abs=0.2 * speed)
    assert abs(mover.vy) < 0.6


def test_what_stands_hardly_ever_seems_to_move_however_it_is_passed() -> None:
    """A side that comes into view at a grazing angle does seem so, for a few scans."""
    wrong, scans = 0, 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        boxes = [(11.0 + 3 * n, rng.uniform(5.0, 7.0), rng.uniform(0.2, 1.5), rng.uniform(0.2, 1.5)) for n in range(3)]
        world, layer = World(grid_of([*YARD, *boxes]), Pose2D(8.0, 4.0, 0.0), seed=seed), ObstacleLayer(yard())
        for step in range(60):
            world.now = step * 0.1
            off = 0.02 * rng.standard_normal(3)
            world.pose = Pose2D(8.0 + 0.08 * step, 4.0, 0.3 * math.sin(0.3 * step))
            believed = Pose2D(world.pose.x + off[0], world.pose.y + off[1], world.pose.theta + 0.3 * off[2])
            layer.update(level(world.scan(), world.lean(), Mounting()), believed, world.now)
            wrong += len(layer.movers.walking(world.now)) > 0
            scans += 1
    assert wrong / scans < 0.03, wrong / scans


def test_who_stands_after_walking_is_known_as_somebody_also_after_being_out_of_sight() -> None:
    movers, rng = MovingObstacles(), np.random.default_rng(1)
    for step in range(40):
        y = min(0.1 * step, 1.5)
        movers.update(face(4.0, y, 1.57, 0.45, 0.45, rng), step * 0.1, EYE)
    assert movers.walking(3.9) == []
    assert [mover.moved for mover in movers.all(3.9)] == [True]
    movers.update(np.zeros((0, 2)), 8.0, EYE)
    assert movers.all(8.0) == []
    movers.update(face(4.0, 1.5, 1.57, 0.45, 0.45, rng), 8.1, EYE)
    assert [mover.moved for mover in movers.all(8.1)] == [True]


def test_two_who_cross_stay_two() -> None:
    movers, rng = MovingObstacles(), np.random.default_rng(2)
    for step in range(40):
        up = face(5.0, -2.0 + 0.1 * step, 1.57, 0.45, 0.45, rng)
        down = face(6.5, 2.0 - 0.1 * step, -1.57, 0.45, 0.45, rng)
        movers.update(np.vstack([up, down]), step * 0.1, EYE)
    velocities = sorted(mover.vy for mover in movers.walking(3.9))
    assert velocities == pytest.approx([-1.0, 1.0], abs=0.35)


@pytest.mark.parametrize("seed", range(8))
def test_a_moving_dog_that_falls_into_trunk_and_legs_moves_all_the_while(seed: int) -> None:
    """Rings that meet now the trunk, now the legs: one thing, two, and one again."""
    movers, rng = MovingObstacles(), np.random.default_rng(seed)
    for step in range(24):
        x = 4.0 - 0.08 * step
        front, rear = np.array([[x - 0.25, -0.1], [x - 0.25, 0.1]]), np.array([[x + 0.25, -0.1], [x + 0.25, 0.1]])
        trunk = np.array([[x, -0.1], [x, 0.1]])
        seen = np.vstack([front, rear] if step > 8 and rng.random() < 0.5 else [front, trunk, rear])
        movers.update(seen + 0.02 * rng.standard_normal(seen.shape), 0.1 * step, (-2.0, 0.0))
        if step >= 8:
            walking = movers.walking(0.1 * step)
            assert walking
            assert all(mover.vx < -0.3 for mover in walking)
