import numpy as np
import pytest

from edge.navigation.maps import Frame, UnusableMap, occupancy_grid, rasterize, read_grid, terrain
from protocol.site import Point, Text, Zone, ZoneKind
from tests.edge.navigation.site import grid_message
from tests.edge.navigation.world import grid_of, yard


def zone(kind: ZoneKind, low: float, high: float, **more: float) -> Zone:
    corners = [(low, low), (high, low), (high, high), (low, high)]
    polygon = [Point(x=x, y=y) for x, y in corners]
    return Zone(zone_id="z", kind=kind, name=Text(zh="区", en="zone"), polygon=polygon, **more)


def test_a_map_comes_through_the_wire_the_right_way_up() -> None:
    grid = yard()
    read = read_grid(grid_message(grid))
    assert np.array_equal(read.occupied, grid.occupied)
    assert read.occupied[read.frame.cell(18.0, 14.0)]
    assert not read.occupied[read.frame.cell(8.0, 4.0)]


def test_cells_and_points_are_each_others_inverse() -> None:
    frame = Frame(0.05, -3.0, 7.0, 40, 60)
    assert all(frame.cell(*frame.centre(row, column)) == (row, column) for row in (0, 13, 39) for column in (0, 59))


def test_points_outside_or_no_numbers_are_not_inside() -> None:
    frame = Frame(0.1, 0.0, 0.0, 10, 10)
    _, _, inside = frame.cells(np.array([[0.5, 0.5], [-0.1, 0.5], [0.5, 1.01], [np.nan, 0.5], [np.inf, 0.5]]))
    assert inside.tolist() == [True, False, False, False, False]


def test_distance_grows_away_from_a_wall() -> None:
    grid = grid_of([(10.0, 10.0, 1.0, 1.0)], 30.0, 30.0)
    assert grid.distance_at(np.array([[13.05, 10.55]]))[0] == pytest.approx(2.1, abs=0.1)
    assert np.isinf(grid.distance_at(np.array([[99.0, 0.0]]))[0])


def test_a_no_go_zone_blocks_and_a_slow_zone_limits() -> None:
    ground = terrain(yard(), [zone(ZoneKind.NO_GO, 5.0, 8.0), zone(ZoneKind.SLOW, 28.0, 30.0, max_speed=0.3)])
    assert ground.blocked[ground.grid.frame.cell(6.0, 6.0)]
    assert ground.clearance_at(6.0, 6.0) == 0.0
    assert ground.speed_limit_at(29.0, 29.0) == pytest.approx(0.3)
    assert np.isinf(ground.speed_limit_at(32.0, 27.0))
    assert np.isinf(ground.speed_limit_at(np.nan, 27.0))


def test_zones_that_only_tell_block_nothing() -> None:
    ground = terrain(yard(), [zone(ZoneKind.RESTRICTED, 5.0, 8.0), zone(ZoneKind.PRIVACY, 5.0, 8.0)])
    assert not ground.blocked[ground.grid.frame.cell(6.9, 6.9)]


def test_a_polygon_half_outside_the_map_is_cut_at_its_edge() -> None:
    frame = Frame(1.0, 0.0, 0.0, 4, 4)
    mask = rasterize(np.array([[2.0, 2.0], [9.0, 2.0], [9.0, 9.0], [2.0, 9.0]]), frame)
    assert mask.sum() == 4
    assert not rasterize(np.array([[20.0, 20.0], [30.0, 20.0], [25.0, 30.0]]), frame).any()


def test_a_map_without_a_free_cell_is_refused() -> None:
    full = np.ones((3, 3), np.bool_)
    with pytest.raises(UnusableMap, match="no free cell"):
        occupancy_grid("full", Frame(0.1, 0, 0, 3, 3), full, np.zeros_like(full))
