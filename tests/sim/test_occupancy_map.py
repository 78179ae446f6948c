"""The map that is drawn from the world."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from sim import occupancy_map
from sim.engine.sdf import read_world
from tests.sim.conftest import box, write_world
from tools.make_worlds.sdf_writing import Thing
from tools.make_worlds.shared_structures import deck, ramp


def test_a_box_covers_its_cells_and_no_others(tmp_path: Path) -> None:
    grey, (left, bottom) = occupancy_map.draw(read_world(write_world(tmp_path, box("crate", "2 3 0.5 0 0 0", "1 2 1"))))
    assert (left, bottom) == (-30.0, -30.0)
    assert grey.shape == (600, 600)
    rows, columns = np.nonzero(grey == occupancy_map.OCCUPIED)
    xs, ys = left + (columns + 0.5) * 0.1, bottom + (599 - rows + 0.5) * 0.1
    assert abs(xs.min() - 1.55) < 0.11
    assert abs(xs.max() - 2.45) < 0.11
    assert abs(ys.min() - 2.05) < 0.11
    assert abs(ys.max() - 3.95) < 0.11
    assert 190 < len(rows) < 240


def test_what_a_dog_walks_under_or_over_is_free(tmp_path: Path) -> None:
    world = write_world(tmp_path, box("roof", "0 0 3 0 0 0", "4 4 0.2"), box("mat", "9 9 0.02 0 0 0", "2 2 0.04"))
    grey, _ = occupancy_map.draw(read_world(world))
    assert (grey == occupancy_map.FREE).all()


def test_a_ramp_and_its_platform_are_free_and_their_edges_are_not(tmp_path: Path) -> None:
    platform = Thing("platform")
    ramp(platform, "ramp", (0, 0), (10, 0, 0.8), 4)
    deck(platform, "deck", (10, -2), (14, 2), 0.8)
    grey = drawn(write_world(tmp_path, "\n".join(platform.xml())))
    assert grey(5, 0) == grey(12, 0) == grey(10, 0) == occupancy_map.FREE
    assert grey(13.95, 0) == grey(12, 1.95) == occupancy_map.OCCUPIED  # a fall of 0.8 m, a wall from below
    assert grey(4, 1.95) == occupancy_map.UNKNOWN  # a fall of 0.3 m, under the lidar's plane


def test_a_slope_that_no_dog_walks_is_an_obstacle(tmp_path: Path) -> None:
    steep = Thing("steep")
    ramp(steep, "ramp", (0, 0), (2, 0, 0.8), 4)
    assert drawn(write_world(tmp_path, "\n".join(steep.xml())))(1.8, 0) == occupancy_map.OCCUPIED


def test_what_stands_on_a_platform_is_seen_from_there(tmp_path: Path) -> None:
    platform = Thing("platform")
    ramp(platform, "ramp", (0, 0), (10, 0, 0.8), 4)
    deck(platform, "deck", (10, -2), (16, 2), 0.8)
    pillar, beam = box("pillar", "12 0 1.3 0 0 0", "0.4 0.4 1"), box("beam", "14 0 2.5 0 0 0", "0.4 4 0.4")
    grey = drawn(write_world(tmp_path, "\n".join(platform.xml()), pillar, beam))
    assert grey(12, 0) == occupancy_map.OCCUPIED
    assert grey(14, 0) == grey(12, 1) == occupancy_map.FREE


def test_what_the_lidar_looks_over_is_unknown_and_a_step_that_a_dog_takes_is_free(tmp_path: Path) -> None:
    kerb, mat = box("kerb", "3 3 0.075 0 0 0", "2 2 0.15"), box("mat", "-3 3 0.02 0 0 0", "2 2 0.04")
    grey = drawn(write_world(tmp_path, kerb, mat, box("platform", "3 -3 0.3 0 0 0", "2 2 0.6")))
    assert (grey(3, 3), grey(-3, 3), grey(3, -3)) == (occupancy_map.UNKNOWN, occupancy_map.FREE, occupancy_map.OCCUPIED)


def drawn(world: Path) -> Callable[[float, float], int]:
    """The map's grey value at a place."""
    grey, (left, bottom) = occupancy_map.draw(read_world(world))
    return lambda x, y: int(grey[len(grey) - 1 - int((y - bottom) * 10), int((x - left) * 10)])
