"""A map made of a walk: true where the truth is known, with people in it, legs that slip and a loop to close."""

from pathlib import Path

import numpy as np
import pytest

from edge.mapping.leveled_walk import walk_in
from edge.mapping.map_error import compared, laid_on
from edge.mapping.map_files import draw_walk, write_map
from edge.mapping.mapper import Made, make_map
from edge.navigation.likelihood_field import field
from edge.navigation.localization import Fix, Localizer
from edge.navigation.maps import read_grid
from edge.types import Pose2D
from protocol.site_folder import read_map
from tests.edge.mapping.recorded_building import ROUND, Walker, building


@pytest.fixture(scope="module")
def walked() -> tuple[Walker, Made]:
    walker = Walker(seed=1).walk(ROUND)
    return walker, make_map(walk_in(walker.recording), walker.truth[0])


def true_poses(walker: Walker, made: Made) -> np.ndarray:
    by_stamp = {scan.stamp: pose for scan, pose in zip(walker.recording.scans, walker.truth, strict=True)}
    poses = [by_stamp[frame.turn.scan.stamp] for frame in made.frames]
    return np.array([(pose.x, pose.y, pose.theta) for pose in poses])


def test_walls_lie_where_they_are_though_the_legs_told_a_tenth_too_much(walked: tuple[Walker, Made]) -> None:
    walker, made = walked
    truth = true_poses(walker, made)
    believed = [frame.odometry for frame in made.frames]
    over = laid_on(believed, truth)
    legs = max(over.compose(pose).distance(Pose2D(*row)) for pose, row in zip(believed, truth.tolist(), strict=True))
    assert legs > 1.0  # what there is to mend
    found = compared(made.grid, made.poses, truth, building())
    assert found.wall_median < 0.06
    assert found.wall_p95 < 0.16
    assert found.way_worst < 0.20
    assert found.free_right > 0.99
    assert found.free_found > 0.97
    assert 1.05 < made.scale < 1.15
    assert made.loops > 0


def test_who_walked_about_is_no_wall(walked: tuple[Walker, Made]) -> None:
    walker, made = walked
    assert compared(made.grid, made.poses, true_poses(walker, made), building()).ghosts < 0.002


def test_the_walk_begins_where_it_is_said_to(walked: tuple[Walker, Made]) -> None:
    walker, made = walked
    assert made.poses[0].distance(walker.truth[0]) < 1e-6


def test_a_dog_finds_its_way_on_the_map_that_was_made(walked: tuple[Walker, Made], tmp_path: Path) -> None:
    walker, made = walked
    grid = read_grid(read_map(write_map(made.grid, tmp_path), "made"))
    over = laid_on(made.poses, true_poses(walker, made))
    other = Walker(seed=99, people=2).walk([(4.0, 17.0), (5.0, 4.5), (15.0, 4.0), (14.6, 10.5), (28.0, 10.5)])
    localizer, turns = Localizer(field(grid)), walk_in(other.recording).turns
    truth = dict(zip((scan.stamp for scan in other.recording.scans), other.truth, strict=True))
    localizer.place(over.inverse().compose(truth[turns[0].scan.stamp]), turns[0].scan.stamp)
    before, errors = turns[0].odometry, []
    for turn in turns:
        estimate = localizer.update(turn.scan, before.between(turn.odometry), turn.scan.stamp)
        before = turn.odometry
        assert estimate is not None
        errors.append(over.compose(estimate.pose).distance(truth[turn.scan.stamp]))
    assert localizer.fix is Fix.TRACKING
    assert np.median(errors) < 0.08
    assert np.quantile(errors, 0.99) < 0.20


def test_files_and_picture_are_what_a_site_folder_takes(walked: tuple[Walker, Made], tmp_path: Path) -> None:
    _, made = walked
    file = write_map(made.grid, tmp_path / "new/site")
    draw_walk(made.grid, made.poses, tmp_path / "walk.png")
    grid = read_grid(read_map(file, "made"))
    assert (grid.occupied == made.grid.occupied()).all()
    assert (~(grid.occupied | grid.unknown) == made.grid.free()).all()
    assert grid.frame == made.grid.frame
    assert (tmp_path / "walk.png").stat().st_size > 1000
