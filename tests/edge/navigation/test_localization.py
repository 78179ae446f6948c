import math

import numpy as np
import pytest

from edge.navigation.likelihood_field import Field, agreement, cast, field
from edge.navigation.localization import LOST_VARIANCE, Fix, Localizer
from edge.navigation.maps import Frame, occupancy_grid
from edge.navigation.scan_leveling import LevelScan, Mounting, level
from edge.types import Pose2D, PoseEstimate
from tests.edge.navigation.relocated import relocated
from tests.edge.navigation.world import YARD, World, grid_of, yard

CHI2_95 = 7.815  # of three degrees of freedom
UNMAPPED = [(29.0, 10.0, 1.0, 1.0), (44.0, 27.0, 1.0, 1.0), (54.0, 40.0, 1.0, 1.0), (17.0, 22.0, 2.0, 1.0)]


@pytest.fixture(scope="module")
def on() -> Field:
    return field(yard())


def seen_from(pose: Pose2D, seed: int = 0) -> LevelScan:
    world = World(grid_of(YARD + UNMAPPED), pose, seed=seed)
    return level(world.scan(), world.lean(), Mounting())


def test_a_ray_ends_at_the_wall(on: Field) -> None:
    travelled = cast(on.grid, Pose2D(5.0, 30.0, 0.0), np.array([0.0, math.pi]), 25.0)
    assert travelled[0] == pytest.approx(5.0, abs=0.15)
    assert travelled[1] == pytest.approx(4.7, abs=0.15)


def test_scan_and_map_agree_at_the_true_pose_and_not_elsewhere(on: Field) -> None:
    for pose in (Pose2D(8, 20, 1), Pose2D(29, 21, 1), Pose2D(55, 45, -1), Pose2D(20, 25, 0)):
        seen = seen_from(pose)
        assert agreement(on, pose, seen) > 0.8
        assert agreement(on, Pose2D(pose.x + 5, pose.y + 5, pose.theta), seen) < 0.35
        assert agreement(on, Pose2D(pose.x, pose.y, pose.theta + 1.0), seen) < 0.35


def test_a_rough_first_pose_becomes_a_good_one(on: Field) -> None:
    localizer, truth = Localizer(on), Pose2D(8.0, 4.0, 0.0)
    localizer.place(Pose2D(8.4, 3.7, 0.12), 0.0)
    estimate = None
    for step in range(5):
        estimate = localizer.update(seen_from(truth, step), Pose2D(0, 0, 0), 0.1 * step)
    assert estimate is not None
    assert estimate.pose.distance(truth) < 0.08
    assert abs(estimate.pose.theta - truth.theta) < 0.03


def test_a_dog_set_down_elsewhere_is_lost_then_found(on: Field) -> None:
    localizer, now = Localizer(on), 0.0
    localizer.place(Pose2D(8.0, 4.0, 0.0), now)
    elsewhere, fixes = Pose2D(29.0, 21.0, 1.0), []
    for step in range(200):
        now += 0.1
        estimate = localizer.update(seen_from(elsewhere, step), Pose2D(0, 0, 0), now)
        fixes.append(localizer.fix)
        assert estimate is not None
        if localizer.fix is Fix.LOST:
            assert estimate.quality == 0.0
            assert estimate.covariance[0, 0] == LOST_VARIANCE
        if Fix.LOST in fixes and localizer.fix is Fix.TRACKING:
            break
    assert Fix.LOST in fixes
    assert estimate.pose.distance(elsewhere) < 0.2


def test_a_lost_dog_that_walks_is_found_where_it_is_and_not_where_the_search_began(on: Field) -> None:
    localizer, truth = Localizer(on), Pose2D(29.0, 21.0, 1.0)
    localizer.place(Pose2D(8.0, 4.0, 0.0), 0.0)
    lost, estimate = False, None
    for k in range(200):
        moved = Pose2D(0.03 if k % 80 < 40 else -0.03, 0.0, 0.0)
        truth = truth.compose(moved)
        estimate = localizer.update(seen_from(truth, k), moved, 0.1 * k)
        lost = lost or localizer.fix is Fix.LOST
        if lost and localizer.fix is Fix.TRACKING:
            break
    assert lost
    assert estimate is not None
    assert estimate.pose.distance(truth) < 0.1


def test_relocation_finds_the_place_or_none_but_never_a_wrong_one(on: Field) -> None:
    random, found = np.random.default_rng(1), 0
    for pose in (Pose2D(8, 20, 1), Pose2D(44.3, 25, 2), Pose2D(20, 25, 0), Pose2D(36, 25, 2), Pose2D(18, 47, 0.1)):
        guess = relocated(on, seen_from(pose), random)
        assert guess is None or guess.distance(pose) < 0.3
        found += guess is not None
    assert found >= 2


def test_no_pose_is_told_before_any_is_known(on: Field) -> None:
    blind = LevelScan(np.full((360, 2), np.nan), np.linspace(-3, 3, 360), np.full(360, 25.0), 0.0)
    localizer = Localizer(on)
    assert localizer.update(blind, Pose2D(0, 0, 0), 0.0) is None
    assert localizer.fix is Fix.UNSET


def test_odometry_that_is_no_number_does_not_spoil_the_pose(on: Field) -> None:
    localizer, truth = Localizer(on), Pose2D(8.0, 4.0, 0.0)
    localizer.place(truth, 0.0)
    estimate = localizer.update(seen_from(truth), Pose2D(math.nan, 0.0, math.inf), 0.1)
    assert estimate is not None
    assert estimate.pose.distance(truth) < 0.1


def ahead_of_truth(on: Field, slip: float) -> float:
    """Metres that a walk's pose is ahead of the truth in its second half, where the legs tell ``slip`` too much."""
    localizer, ahead = Localizer(on), []
    localizer.place(Pose2D(6.0, 4.0, 0.0), 0.0)
    world = World(grid_of(YARD + UNMAPPED), Pose2D(6.0, 4.0, 0.0))
    for step in range(160):
        x = 6.0 + 0.08 * step
        world.pose = Pose2D(x, 4.0, 0.0)
        seen = level(world.scan(), world.lean(), Mounting())
        estimate = localizer.update(seen, Pose2D(0.08 * (1 + slip), 0.0, 0.0), 0.1 * step)
        assert estimate is not None
        ahead.append(estimate.pose.x - x)
    return float(np.mean(ahead[80:]))


def test_legs_that_slip_at_each_step_do_not_pull_the_pose_ahead_or_behind(on: Field) -> None:
    sound = ahead_of_truth(on, 0.0)
    for slip in (0.2, -0.15):
        assert ahead_of_truth(on, slip) == pytest.approx(sound, abs=0.015)


def nees(told: PoseEstimate, truth: Pose2D) -> float:
    """The squared error weighed by the stated covariance: 3 on average where that is honest."""
    turn = math.remainder(told.pose.theta - truth.theta, math.tau)
    off = np.array([told.pose.x - truth.x, told.pose.y - truth.y, turn])
    return float(off @ np.linalg.solve(told.covariance, off))


def test_along_a_bare_wall_the_stated_deviation_grows_as_the_error_does() -> None:
    frame = Frame(0.1, 0.0, 0.0, 300, 2000)
    solid = np.zeros((300, 2000), np.bool_)
    solid[:10] = True
    wall = occupancy_grid("wall", frame, solid, np.zeros_like(solid))
    for slip in (0.1, -0.1):
        localizer = Localizer(field(wall))
        localizer.place(Pose2D(80.0, 3.0, 0.0), 0.0, deviation=0.05)
        for step in range(80):
            truth = Pose2D(80.0 + 0.08 * step, 3.0, 0.0)
            world = World(wall, truth, seed=step)
            seen = level(world.scan(), world.lean(), Mounting())
            told = localizer.update(seen, Pose2D(0.08 * (1 + slip) if step else 0.0, 0.0, 0.0), 0.1 * step)
            assert told is not None
        assert abs(told.pose.x - truth.x) > 0.3, "the map told something of the way along the wall"
        assert nees(told, truth) < CHI2_95
        assert math.sqrt(told.covariance[0, 0]) > 5 * math.sqrt(told.covariance[1, 1])


def test_a_dog_that_was_knocked_harder_than_its_gyroscope_can_tell_knows_its_place_within_a_second(on: Field) -> None:
    for seed, (turn, aside) in enumerate([(0.3, 0.1), (-0.25, -0.2), (0.2, 0.25), (-0.3, 0.0)]):
        localizer, truth = Localizer(on), Pose2D(29.0, 21.0, 1.0)
        localizer.place(truth, 0.0, deviation=0.05)
        for step in range(30):
            if step == 20:
                truth = truth.compose(Pose2D(0.0, aside, turn))
            told = localizer.update(seen_from(truth, 100 * seed + step), Pose2D(0, 0, 0), 0.1 * step)
            assert localizer.fix is Fix.TRACKING
        assert told is not None
        assert told.pose.distance(truth) < 0.08
        assert abs(told.pose.theta - truth.theta) < 0.03


def test_a_row_of_people_before_a_wall_does_not_pull_the_dog_there(on: Field) -> None:
    truth = Pose2D(8.0, 4.0, 0.0)
    people = [(5.0 + 0.5 * at, 0.3, 0.3, 0.25) for at in range(14)]
    world = World(grid_of(YARD + people), truth)
    localizer = Localizer(on)
    localizer.place(truth, 0.0, deviation=0.05)
    for step in range(40):
        told = localizer.update(level(world.scan(), world.lean(), Mounting()), Pose2D(0, 0, 0), 0.1 * step)
    assert told is not None
    assert told.pose.distance(truth) < 0.05


def test_a_dog_held_by_something_does_not_walk_on_where_its_legs_tell_it_to(on: Field) -> None:
    for at, truth in enumerate([Pose2D(8, 20, 1), Pose2D(29, 21, 1), Pose2D(44.3, 25, 2), Pose2D(20, 25, 0)]):
        localizer, off = Localizer(on), []
        localizer.place(truth, 0.0, deviation=0.05)
        for step in range(40):
            told = localizer.update(seen_from(truth, 100 * at + step), Pose2D(0.08, 0.0, 0.0), 0.1 * step)
            assert told is not None
            off.append(told.pose.distance(truth))
        assert max(off) < 0.35
        assert np.median(off) < 0.15


def test_a_thin_wall_holds_the_dog_by_the_side_that_it_sees() -> None:
    frame, solid = Frame(0.1, 0.0, 0.0, 300, 400), np.zeros((300, 400), np.bool_)
    solid[100:102], solid[:, 100:102] = True, True
    corner = occupancy_grid("corner", frame, solid, np.zeros_like(solid))
    for truth in (Pose2D(12.0, 12.5, 0.3), Pose2D(12.5, 7.5, 1.0), Pose2D(8.0, 7.0, 2.0), Pose2D(7.5, 12.0, -1.0)):
        world, localizer = World(corner, truth), Localizer(field(corner))
        for aside in (-0.1, 0.1):
            localizer.place(Pose2D(truth.x + aside, truth.y + aside, truth.theta), 0.0, deviation=0.1)
            for step in range(10):
                seen = level(world.scan(), world.lean(), Mounting())
                told = localizer.update(seen, Pose2D(0, 0, 0), 0.1 * step)
            assert told is not None
            assert told.pose.distance(truth) < 0.09


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (Pose2D(6.0, 4.0, 0.0), Pose2D(55.0, 46.0, math.pi)),  # both in a corner of the yard
        (Pose2D(49.32, 18.92, 2.8), Pose2D(5.21, 2.13, -1.89)),  # scans fit so well there that it is never lost
        (Pose2D(5.67, 10.85, 1.1), Pose2D(54.38, 18.8, -2.01)),  # nor here
    ],
)
def test_a_dog_taken_to_where_scans_half_fit_its_old_place_finds_that_out(
    on: Field, here: Pose2D, there: Pose2D
) -> None:
    now, localizer = 0.0, Localizer(on)
    localizer.place(here, now, deviation=0.05)
    for step in range(200):
        now += 0.1
        told = localizer.update(seen_from(here if step < 60 else there, step), Pose2D(0, 0, 0), now)
        assert told is not None
        if step > 60 and localizer.fix is Fix.TRACKING and told.pose.distance(there) < 0.2:
            break
    assert told.pose.distance(there) < 0.2
