import numpy as np

from edge.navigation.moving_obstacles import MovingObstacles
from edge.navigation.obstacle_layer import ObstacleLayer
from edge.navigation.scan_leveling import Mounting, level
from edge.types import Pose2D
from tests.edge.navigation.world import YARD, Person, World, grid_of, yard

HERE = Pose2D(8.0, 4.0, 0.0)


def look(layer: ObstacleLayer, world: World, scans: int, start: float) -> float:
    for step in range(scans):
        world.now = start + step * 0.1
        layer.update(level(world.scan(), world.lean(), Mounting()), world.pose, world.now)
    return world.now


def test_what_the_map_has_is_no_obstacle() -> None:
    layer = ObstacleLayer(yard())
    look(layer, World(yard(), HERE), 30, 0.0)
    assert len(layer.points()) == 0


def test_an_unmapped_thing_is_seen_then_counts_as_standing_then_is_forgotten_when_gone() -> None:
    layer = ObstacleLayer(yard())
    there = World(grid_of([*YARD, (11.0, 3.5, 1.0, 1.0)]), HERE)
    now = look(layer, there, 5, 0.0)
    assert len(layer.points()) > 3
    assert np.abs(layer.points()[:, 0] - 11.0).max() < 1.2
    assert len(layer.standing()) == 0
    now = look(layer, there, 25, now + 0.1)
    assert len(layer.standing()) > 3
    look(layer, World(yard(), HERE), 6, now + 0.1)
    assert len(layer.points()) == 0


def test_a_clock_that_goes_back_clears_the_layer() -> None:
    layer = ObstacleLayer(yard())
    there = World(grid_of([*YARD, (11.0, 3.5, 1.0, 1.0)]), HERE)
    look(layer, there, 5, 100.0)
    look(layer, World(yard(), HERE), 1, 10.0)
    assert len(layer.points()) == 0


def test_a_walker_is_followed_with_its_velocity() -> None:
    layer, person = ObstacleLayer(yard()), Person((12.0, 2.0), (12.0, 7.0), 1.0)
    world = World(yard(), HERE, [person])
    for step in range(15):
        world.now = step * 0.1
        person.step(0.1, Pose2D(0, 0, 0))
        layer.update(level(world.scan(), world.lean(), Mounting()), world.pose, world.now)
    (mover,) = layer.movers.walking(world.now)
    assert abs(mover.vx) < 0.25
    assert abs(mover.vy - 1.0) < 0.25


def test_a_thing_that_stands_does_not_walk() -> None:
    movers, corner = MovingObstacles(), np.array([[1.0, 1.0], [1.1, 1.0], [1.0, 1.1]])
    for step in range(20):
        movers.update(corner + 0.01 * (-1) ** step, step * 0.1)
    assert movers.walking(2.0) == []
