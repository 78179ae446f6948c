"""What becomes of a walk that does not get on: told what stands there, soon, and never the same way again."""

import math
from itertools import groupby

import numpy as np
import pytest

from bench._encounter_yard import Dog, Yard
from edge.navigation.maps import terrain
from edge.navigation.navigator import Failure, Goal, Navigator, Progress, Status
from edge.navigation.planning import PlanningConfig, cost_map
from edge.navigation.reachability import explained
from edge.types import Pose2D
from protocol.site import ZoneKind
from tests.edge.navigation.closed_loop import Loop
from tests.edge.navigation.test_maps import zone
from tests.edge.navigation.test_navigator import START, sight
from tests.edge.navigation.world import World, grid_of

WALL = [(15.0, 0.0, 1.0, 3.0), (15.0, 5.0, 1.0, 45.0)]


def told(goal: tuple[float, float], boxes: list[tuple[float, float, float, float]]) -> Progress:
    planner = Navigator(terrain(grid_of(boxes), [zone(ZoneKind.NO_GO, 40.0, 46.0)]))
    planner.start(Goal(Pose2D(*goal, 0.0)), 0.0)
    return planner.update(sight(START, 0.0), 0.0)


@pytest.mark.parametrize(
    ("goal", "why"),
    [
        ((20.5, 20.5), "in a wall"),
        ((43.0, 43.0), "in a no-go zone"),
        ((99.0, 4.0), "outside the map"),
        ((32.0, 32.0), "walled off"),
    ],
)
def test_a_goal_that_cannot_be_reached_is_told_at_once_with_why_and_how_near_one_gets(
    goal: tuple[float, float], why: str
) -> None:
    boxes = [(20.0, 20.0, 1.0, 1.0)]
    boxes += [(30.0, 30.0, 4.0, 0.4), (30.0, 34.0, 4.4, 0.4), (30.0, 30.0, 0.4, 4.0), (34.0, 30.0, 0.4, 4.4)]
    progress = told(goal, boxes)
    assert progress.failure is Failure.UNREACHABLE
    assert why in progress.reason
    assert progress.nearest is not None
    assert math.dist(progress.nearest, (min(goal[0], 60.0), goal[1])) < 4.5


def test_the_nearest_place_that_is_told_can_be_planned_to() -> None:
    on = terrain(grid_of([(20.0, 20.0, 4.0, 4.0)]), [])
    found = explained(cost_map(on, PlanningConfig()), on, (8.0, 4.0), (22.0, 21.0))
    assert found.nearest is not None
    planner = Navigator(on)
    planner.start(Goal(Pose2D(*found.nearest, math.nan)), 0.0)
    assert planner.update(sight(START, 0.0), 0.0).status is Status.WALKING


def test_a_way_that_was_shut_is_told_with_what_stands_there_within_twelve_seconds_of_seeing_it() -> None:
    loop = Loop(World(grid_of([*WALL, (15.3, 3.0, 0.3, 2.0)]), START), grid_of(WALL))
    loop.navigator.start(Goal(Pose2D(22.0, 4.0, 0.0)), 0.0)
    seen, progress = None, Progress(Status.IDLE)
    while loop.world.now < 60.0:
        progress = loop.step()
        if seen is None and len(loop.navigator.obstacles.points()):
            seen = loop.world.now
        if progress.status is Status.FAILED:
            break
    assert progress.failure is Failure.BLOCKED
    assert seen is not None
    assert loop.world.now - seen < 12.0
    assert progress.obstruction is not None
    assert math.dist((progress.obstruction.x, progress.obstruction.y), (15.4, 4.0)) < 0.6
    assert progress.obstruction.length > 1.0
    assert not progress.obstruction.moves


def test_what_nobody_sees_is_walked_round_once_it_has_pushed_back() -> None:
    """Something 0.6 m wide stands on the straight way, and no sensor shows it."""
    landmarks = [(8.0, 9.0, 2.0, 1.0), (20.0, 6.5, 1.0, 3.0), (13.0, 12.0, 0.6, 0.6)]
    loop = Loop(World(grid_of(landmarks), START), grid_of(landmarks))
    loop.navigator.start(Goal(Pose2D(16.0, 4.0, math.nan)), 0.0)
    progress = Progress(Status.IDLE)
    while loop.world.now < 90.0 and progress.status not in (Status.REACHED, Status.FAILED):
        before = loop.world.pose
        progress = loop.step()
        nose = loop.world.pose.compose(Pose2D(0.38, 0.0, 0.0))
        if 11.7 < nose.x < 12.3 and abs(nose.y - 4.0) < 0.3:
            loop.world.pose = before
    assert progress.status is Status.REACHED
    assert 1 <= progress.recoveries <= 6


def test_what_the_gate_refuses_is_no_unseen_thing_and_the_place_is_soon_free_again() -> None:
    """The gate sees something that the navigator does not; once it is gone the way is open again."""
    loop = Loop(World(grid_of([]), START), grid_of([]))
    loop.navigator.start(Goal(Pose2D(12.0, 4.0, math.nan)), 0.0)
    told: list[str] = []
    while loop.world.now < 60.0:
        before = loop.world.pose
        progress = loop.step()
        nose = loop.world.pose.compose(Pose2D(0.38, 0.0, 0.0))
        if loop.world.now < 14.0 and 7.7 < nose.x < 8.3 and abs(nose.y - 4.0) < 0.4:
            loop.world.pose = before
            loop.navigator.refused.add((8.0, 4.0), loop.world.now)
        told += [str(progress.obstruction)] if progress.obstruction else []
        if progress.status in (Status.REACHED, Status.FAILED):
            break
    assert progress.status is Status.REACHED
    assert not [each for each in told if "unseen" in each]
    assert not len(loop.navigator._known_blocked(loop.world.now + 21.0))


def test_a_blind_alley_too_narrow_to_turn_in_is_backed_out_of() -> None:
    alley = [(10.0, 3.0, 6.0, 0.6), (10.0, 4.4, 6.0, 0.6), (15.5, 3.0, 0.5, 2.0)]
    yard = Yard(alley, [], (30.0, 24.0))
    yard.dogs.append(Dog(0, Pose2D(14.2, 4.0, 0.0), Goal(Pose2D(20.0, 8.0, math.nan)), yard.terrain, 1))
    tally = yard.run(90.0)
    assert yard.dogs[0].progress.status is Status.REACHED
    assert tally.wall_contacts == 0


@pytest.mark.slow
def test_a_dog_that_is_parked_at_the_goal_is_made_room_for_twice_and_then_told_of() -> None:
    yard = Yard([], [], (30.0, 12.0))
    yard.dogs.append(Dog(0, Pose2D(12.0, 4.0, 0.0), Goal(Pose2D(16.0, 6.0, math.nan)), yard.terrain, 1))
    yard.dogs.append(Dog(1, Pose2D(7.0, 6.0, 0.0), Goal(Pose2D(16.3, 6.2, math.nan)), yard.terrain, 1))
    reasons = []
    while yard.now < 100.0 and yard.dogs[1].done is None:
        yard.run(yard.now + 0.5)
        reasons.append(yard.dogs[1].progress.reason)
    asides = [reason for reason, _ in groupby(reasons) if reason == "stepping out of somebody's way"]
    assert len(asides) == 2
    told = yard.dogs[1].progress
    assert told.failure is Failure.BLOCKED
    assert told.obstruction is not None
    assert math.dist((told.obstruction.x, told.obstruction.y), (16.0, 6.0)) < 1.0


def test_a_thing_that_stood_in_the_way_is_remembered_when_it_is_out_of_sight() -> None:
    shut = [*WALL, (15.3, 3.0, 0.3, 2.0)]
    loop = Loop(World(grid_of(shut), START), grid_of(WALL))
    assert loop.go(Goal(Pose2D(22.0, 4.0, 0.0)), 60.0).failure is Failure.BLOCKED
    loop.go(Goal(Pose2D(8.0, 40.0, math.nan)), 90.0)
    assert np.hypot(*(loop.navigator.obstacles.standing() - (15.4, 4.0)).T).min() < 0.5
    progress = loop.go(Goal(Pose2D(22.0, 4.0, 0.0)), 20.0)
    assert progress.failure is Failure.BLOCKED
    assert loop.world.pose.y > 20.0
