"""The whole dog as one object, in the test yard: 50 Hz of inputs, whatever it was told to do."""

import math
from collections.abc import Iterator

from edge.dog.dog import Dog, Inputs, Outputs
from edge.navigation.maps import terrain
from edge.navigation.navigator import Failure, Goal, Status
from edge.navigation.safety_gate import Reason
from edge.navigation.site_map import SiteMap
from edge.types import STILL, Pose2D
from tests.edge.navigation.site import grid_message
from tests.edge.navigation.world import World, yard

START = Pose2D(8.0, 4.0, 0.0)
STEP = 0.02


class Walk:
    """A dog in the yard, step by step."""

    def __init__(self, seed: int = 0) -> None:
        grid = yard()
        self.world = World(grid, START, tilt=0.08, seed=seed)
        self.dog = Dog(SiteMap(grid_message(grid), [], 1, terrain(grid, [])), START, seed=seed)
        self.command = STILL
        self.scanning = True
        self._tick = 0

    def step(self, **wish) -> Outputs:
        now, tick = self.world.now, self._tick
        out = self.dog.update(
            Inputs(
                imu=self.world.lean(),
                odometry=self.world.odometry() if tick % 2 == 0 else None,
                scan=self.world.scan() if tick % 5 == 0 and self.scanning else None,
                **wish,
            ),
            now,
        )
        self.command = out.command or self.command
        self.world.move(self.command, STEP)
        self._tick += 1
        return out

    def steps(self, seconds: float) -> Iterator[Outputs]:
        for _ in range(round(seconds / STEP)):
            yield self.step()


def go(walk: Walk, x: float, y: float, theta: float, seconds: float = 60) -> Outputs:
    out = walk.step(goal=Goal(Pose2D(x, y, theta)))
    steps = walk.steps(seconds)
    while out.ended is None and (step := next(steps, None)):
        out = step
    return out


def test_a_goal_is_walked_to_and_its_end_is_told_once() -> None:
    walk = Walk()
    list(walk.steps(1))
    out = go(walk, 13.0, 5.0, 1.0)
    assert out.ended is not None
    assert out.ended.status is Status.REACHED
    assert math.dist((13.0, 5.0), (walk.world.pose.x, walk.world.pose.y)) < 0.3
    assert abs(walk.world.pose.theta - 1.0) < 0.25
    assert walk.world.contacts == 0
    assert not any(out.ended for out in walk.steps(2))


def test_the_same_inputs_give_the_same_outputs_to_the_last_bit() -> None:
    runs = []
    for _ in range(2):
        walk = Walk(seed=3)
        walk.step(goal=Goal(Pose2D(20.0, 5.0, 1.0)))
        runs.append([repr((out.command, out.estimate and out.estimate.pose)) for out in walk.steps(8)])
    assert runs[0] == runs[1]
    assert len(set(runs[0])) > 150


def test_a_silent_lidar_stops_the_dog_and_zero_is_still_sent() -> None:
    walk = Walk()
    walk.step(goal=Goal(Pose2D(20.0, 4.0, 0.0)))
    list(walk.steps(5))
    assert walk.world.twist.vx > 0.4
    walk.scanning = False
    list(walk.steps(1))
    commands = [out.command for out in walk.steps(1) if out.command is not None]
    assert len(commands) >= 19
    assert set(commands) == {STILL}
    assert Reason.SCAN_STALE in walk.dog.safety.verdict.reasons


def test_the_emergency_stop_is_passed_on_in_the_same_step_and_the_goal_outlives_it() -> None:
    walk = Walk()
    walk.step(goal=Goal(Pose2D(11.0, 4.0, 0.0)))
    list(walk.steps(3))
    assert walk.step(emergency_stop=True).command == STILL
    list(walk.steps(5))
    assert walk.dog.navigator.under_way
    walk.step(emergency_stop=False)
    assert any(out.ended and out.ended.status is Status.REACHED for out in walk.steps(20))


def test_a_new_goal_ends_the_old_one_and_a_cancelled_one_ends_as_that() -> None:
    walk = Walk()
    walk.step(goal=Goal(Pose2D(20.0, 4.0, 0.0)))
    list(walk.steps(1))
    replaced = walk.step(goal=Goal(Pose2D(20.0, 5.0, 0.0))).ended
    assert replaced is not None
    assert replaced.failure is Failure.CANCELED
    cancelled = walk.step(cancel=True).ended
    assert cancelled is not None
    assert cancelled.failure is Failure.CANCELED
    list(walk.steps(2))
    assert abs(walk.world.twist.vx) < 0.05


def test_a_goal_inside_a_building_is_unreachable() -> None:
    walk = Walk()
    list(walk.steps(1))
    ended = go(walk, 18.0, 14.0, 0.0, 5).ended
    assert ended is not None
    assert ended.failure is Failure.UNREACHABLE


def test_a_dog_that_is_told_nothing_finds_itself() -> None:
    walk = Walk()
    walk.dog = Dog(SiteMap(grid_message(yard()), [], 1, terrain(yard(), [])))
    out = list(walk.steps(8))[-1]
    assert out.estimate is not None
    assert out.estimate.pose.distance(walk.world.pose) < 0.15
