import math

import numpy as np
import pytest

from edge.navigation.clearance import Clearance
from edge.navigation.local_control import Choice, LocalControl, Why
from edge.navigation.maps import terrain
from edge.navigation.moving_obstacles import MovingObstacle
from edge.navigation.trajectories import PathTable, path_table
from edge.types import STILL, Pose2D, Twist2D
from tests.edge.navigation.world import YARD, grid_of, yard

HERE, WALKING = Pose2D(8.0, 4.0, 0.0), Twist2D(0.8, 0.0, 0.0)
NOTHING = np.zeros((0, 2))


def east(x: float = 8.0) -> PathTable:
    """The path from ``x`` on, along y = 4."""
    return path_table(np.stack([x + np.arange(46) * 0.1, np.full(46, 4.0)], axis=1), False)


def choice(*movers: MovingObstacle, seen: np.ndarray = NOTHING, at: Pose2D = HERE) -> Choice:
    around = Clearance(terrain(yard(), []), seen, at)
    return LocalControl().update(at, WALKING, east(), 0.8, around, list(movers))


def mover(x: float, y: float, vx: float, vy: float, length: float = 0.4, width: float = 0.4) -> MovingObstacle:
    return MovingObstacle(x, y, vx, vy, 0.0, 1.0, length, width, math.atan2(vy, vx))


def test_where_nobody_is_the_path_is_walked_at_full_speed() -> None:
    alone = choice()
    assert alone.why is Why.FREE
    assert alone.command.vx == pytest.approx(0.8)
    assert abs(alone.command.omega) < 0.05


@pytest.mark.parametrize("off", [0.0, 0.1, 0.2, 0.4])
def test_who_comes_head_on_is_passed_on_the_right(off: float) -> None:
    met = choice(mover(12.0, 4.0 + off, -0.8, 0.0))
    assert met.why is Why.MAKING_ROOM
    assert met.command.omega < -0.2
    assert met.room > 0.4


def test_both_who_meet_turn_to_their_own_right() -> None:
    other = LocalControl().update(
        Pose2D(12.0, 4.0, math.pi),
        WALKING,
        path_table(np.stack([np.arange(12.0, 7.4, -0.1), np.full(46, 4.0)], axis=1), False),
        0.8,
        Clearance(terrain(yard(), []), NOTHING, Pose2D(12.0, 4.0, math.pi)),
        [mover(8.0, 4.0, 0.8, 0.0)],
    )
    assert other.command.omega < -0.2
    assert choice(mover(12.0, 4.0, -0.8, 0.0)).command.omega < -0.2


@pytest.mark.parametrize("way", np.linspace(-math.pi, math.pi, 13))
def test_a_runner_from_any_side_is_given_room(way: float) -> None:
    start = (9.0 - 8.0 * math.cos(way), 4.0 - 8.0 * math.sin(way))
    met = choice(mover(*start, 3.0 * math.cos(way), 3.0 * math.sin(way)))
    assert met.room > 0.2


def test_a_car_that_is_upon_the_dog_is_met_standing_and_that_is_told() -> None:
    met = choice(mover(10.5, 4.0, -6.0, 0.0, 1.0, 1.8))
    assert met.why is Why.UNAVOIDABLE
    assert met.command == STILL


def test_a_box_on_the_path_is_passed_at_a_distance_and_a_wall_is_not_walked_into() -> None:
    box = choice(seen=np.array([[10.0, 4.0], [10.0, 4.1]]))
    assert abs(box.command.omega) > 0.2
    wall = grid_of([*YARD, (9.0, 0.0, 1.0, 20.0)])
    around = Clearance(terrain(wall, []), NOTHING, HERE)
    control, pose, twist = LocalControl(), HERE, STILL
    for _ in range(200):
        command = control.update(pose, twist, east(pose.x), 0.8, around, []).command
        pose, twist = pose.compose(Pose2D(command.vx * 0.05, command.vy * 0.05, command.omega * 0.05)), command
    assert pose.x < 8.6


def test_a_dog_beside_something_leaves_it_gently_instead_of_standing_for_ever() -> None:
    beside = np.array([[8.0, 4.3], [8.1, 4.3], [7.9, 4.3], [8.2, 4.3]])
    control, pose = LocalControl(), HERE
    around = Clearance(terrain(yard(), []), beside, HERE)
    for _ in range(60):
        command = control.update(pose, None, east(pose.x), 0.8, around, []).command
        pose = pose.compose(Pose2D(command.vx * 0.05, command.vy * 0.05, command.omega * 0.05))
    assert pose.x > 9.0
    assert np.hypot(beside[:, 0] - pose.x, beside[:, 1] - pose.y).min() > 0.5


@pytest.mark.parametrize(("lane", "away"), [(9.0, 13.0), *((9.3 + 0.2 * n, 9.0 + n % 5) for n in range(10))])
def test_a_dog_at_the_edge_of_a_lane_stays_on_its_side_and_does_not_run_before_the_car(
    lane: float, away: float
) -> None:
    """The car sets out ``away`` (m) and gains 2 m/s each second, which a filter is late to learn; 1.8 m wide, its lane
    crosses the dog's path at x = ``lane``."""
    control, pose, twist = LocalControl(), HERE, WALKING
    y, speed, believed, least = 4.0 + away, 3.0, 2.2, math.inf
    around = Clearance(terrain(yard(), []), NOTHING, HERE)
    for _ in range(round(4.0 / 0.05)):
        speed = min(speed + 2.0 * 0.05, 5.0)
        believed += (speed - believed) * 0.05 / 0.4
        y -= speed * 0.05
        command = control.update(
            pose, twist, east(pose.x), 0.8, around, [mover(lane, y, 0.0, -believed, 1.0, 1.8)]
        ).command
        twist = Twist2D(
            *(now + max(-0.06, min(0.06, to - now)) for now, to in zip(_parts(twist), _parts(command), strict=True))
        )
        pose = pose.compose(Pose2D(twist.vx * 0.05, twist.vy * 0.05, twist.omega * 0.05))
        beside, before = abs(pose.x - lane) - 0.9, abs(pose.y - y) - 0.5
        least = min(least, math.hypot(max(beside, 0.0), max(before, 0.0)))
    assert least > 0.35, "its outline reaches 0.36 m ahead"


def _parts(twist: Twist2D) -> tuple[float, float, float]:
    return twist.vx, twist.vy, twist.omega


def test_behind_the_front_of_a_car_the_dog_waits_for_the_rest_of_it() -> None:
    """A lidar sees the front alone, and that has passed."""
    assert choice(mover(9.3, 5.4, 0.0, 5.0, 0.4, 1.8)).command.vx < 0.1
