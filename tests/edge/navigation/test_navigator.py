import math

import numpy as np
import pytest

from edge.navigation.maps import terrain
from edge.navigation.navigator import Failure, Goal, Navigator, NavigatorConfig, Sight, Status
from edge.types import STILL, Pose2D, PoseEstimate
from tests.edge.navigation.closed_loop import Loop
from tests.edge.navigation.world import YARD, Person, World, grid_of, yard

START = Pose2D(8.0, 4.0, 0.0)


def sight(pose: Pose2D, now: float, quality: float = 0.9, held: bool = False) -> Sight:
    return Sight(PoseEstimate(pose, np.eye(3) * 1e-3, quality, now), held)


def navigator() -> Navigator:
    return Navigator(terrain(yard(), []))


@pytest.mark.slow
def test_a_course_among_unmapped_things_and_people_is_walked_without_contact() -> None:
    people = [Person((20, 2), (20, 7)), Person((29, 15), (31, 15), 0.8), Person((22, 24), (33, 22), 1.3)]
    truth = grid_of([*YARD, (29.0, 10.0, 1.0, 1.0), (24.0, 22.0, 1.0, 1.0)])
    loop = Loop(World(truth, START, people, tilt=0.08), yard())
    for place in ((29.0, 4.0), (29.0, 21.0), (21.0, 24.0), (8.0, 22.0)):
        assert loop.go(Goal(Pose2D(*place, 0.5))).status is Status.REACHED
        assert math.dist(place, (loop.world.pose.x, loop.world.pose.y)) < 0.3
    assert loop.world.contacts == 0
    assert loop.world.walked > 60
    assert max(loop.errors) < 0.3


def test_one_who_stands_in_the_way_is_walked_round() -> None:
    loop = Loop(World(yard(), START, [Person((14.0, 4.0), (14.0, 4.0))]), yard())
    assert loop.go(Goal(Pose2D(20.0, 4.0, 0.0)), 90).status is Status.REACHED
    assert loop.world.contacts == 0


def test_a_closed_gate_is_waited_for_then_given_up_as_blocked() -> None:
    wall = [(15.0, 0.0, 1.0, 3.0), (15.0, 5.0, 1.0, 45.0)]
    shut = [*wall, (15.3, 3.0, 0.3, 2.0)]
    loop = Loop(World(grid_of(shut), START), grid_of(wall))
    progress = loop.go(Goal(Pose2D(22.0, 4.0, 0.0)), 150)
    assert (progress.status, progress.failure) == (Status.FAILED, Failure.BLOCKED)
    assert loop.world.contacts == 0


def test_a_goal_in_a_wall_is_unreachable_at_once() -> None:
    planner = navigator()
    planner.start(Goal(Pose2D(18.0, 14.0, 0.0)), 0.0)
    progress = planner.update(sight(START, 0.0), 0.0)
    assert progress.failure is Failure.UNREACHABLE
    assert progress.command == STILL
    assert planner.update(sight(START, 0.1), 0.1).status is Status.IDLE


def test_a_lost_dog_stands_and_after_a_while_says_so() -> None:
    planner = navigator()
    planner.start(Goal(Pose2D(20.0, 4.0, 0.0)), 0.0)
    assert planner.update(sight(START, 0.0), 0.0).status is Status.WALKING
    waiting = planner.update(sight(START, 1.0, quality=0.0), 1.0)
    assert (waiting.status, waiting.command) == (Status.WAITING, STILL)
    later = 2.0 + NavigatorConfig().lost_after
    assert planner.update(sight(START, later, quality=0.0), later).failure is Failure.LOST


def test_an_old_pose_is_no_pose() -> None:
    planner = navigator()
    planner.start(Goal(Pose2D(20.0, 4.0, 0.0)), 0.0)
    assert planner.update(sight(START, 0.0), 3.0).status is Status.WAITING
    assert planner.update(Sight(None), 3.1).status is Status.WAITING


def test_a_dog_that_is_held_is_not_stuck() -> None:
    planner = navigator()
    planner.start(Goal(Pose2D(20.0, 4.0, 0.0)), 0.0)
    for now in np.arange(0.0, 200.0, 0.5):
        progress = planner.update(sight(START, now, held=True), now)
    assert progress.status is Status.WAITING
    assert planner.update(sight(START, 200.5), 200.5).status is Status.WALKING


def test_a_dog_that_cannot_move_takes_it_that_something_unseen_is_there_and_at_last_says_so() -> None:
    planner, seen = navigator(), []
    planner.start(Goal(Pose2D(20.0, 4.0, 0.0)), 0.0)
    for now in np.arange(0.0, 80.0, 0.05):
        seen.append(planner.update(sight(START, now), now))
        if seen[-1].status is Status.FAILED:
            break
    assert seen[-1].failure is Failure.BLOCKED
    assert seen[-1].recoveries > 1
    assert seen[-1].obstruction is not None
    assert not seen[-1].obstruction.seen
    assert any(progress.command.vx < 0 for progress in seen)


def test_a_clock_that_goes_back_ends_nothing() -> None:
    planner = navigator()
    planner.start(Goal(Pose2D(20.0, 4.0, 0.0)), 1000.0)
    assert planner.update(sight(START, 1000.0), 1000.0).status is Status.WALKING
    assert planner.update(sight(START, 10.0), 10.0).status is Status.WALKING


def test_a_goal_that_is_no_place_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        navigator().start(Goal(Pose2D(math.nan, 0.0, 0.0)), 0.0)
