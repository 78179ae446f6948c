import math

import numpy as np
import pytest

from bench.planning import _read
from edge.navigation.grid_search import cheapest, length, reached
from edge.navigation.maps import terrain
from edge.navigation.planning import CostMap, NoWay, Plan, PlanningConfig, cost_map, nearest_free, plan, with_obstacles
from protocol.site import Zone, ZoneKind
from tests.edge.navigation.test_maps import zone
from tests.edge.navigation.world import grid_of, yard
from tests.shared import shared


def ground(boxes: list[tuple[float, float, float, float]], zones: list[Zone] | None = None) -> CostMap:
    return cost_map(terrain(grid_of(boxes, 30.0, 20.0), zones or []), PlanningConfig())


def found(result: Plan | NoWay) -> Plan:
    assert isinstance(result, Plan), result
    return result


@pytest.mark.parametrize("name", ["Paris_1_256", "Boston_0_1024"])
def test_ways_are_as_short_as_the_benchmarks_optimum(name: str) -> None:
    folder = shared("data/planning")
    free, queries = _read(folder / f"{name}.map", folder / f"{name}.map.scen")
    cost = free.astype(np.int32)
    for start, goal, optimal in queries[:: len(queries) // 12]:
        way = cheapest(cost, start, goal)
        assert way is not None
        assert length(way) == pytest.approx(optimal, rel=1e-5)


def test_a_corner_is_not_cut() -> None:
    cost = np.ones((5, 5), np.int32)
    cost[2, 2] = 0
    way = cheapest(cost, (1, 2), (2, 3))
    assert way is not None
    assert way.tolist() == [[1, 2], [1, 3], [2, 3]]


def test_a_straight_line_is_taken_over_open_ground() -> None:
    straight = found(plan(ground([]), (4.0, 4.0), (25.0, 13.0)))
    assert straight.length == pytest.approx(math.hypot(21, 9), rel=0.01)
    assert np.hypot(*np.diff(straight.path, axis=0).T).max() < 0.11


def test_a_plan_starts_at_the_dog_and_ends_at_the_goal() -> None:
    way = found(plan(ground([(14.0, 3.0, 2.0, 14.0)]), (4.03, 4.04), (25.06, 13.07))).path
    assert way[0] == pytest.approx((4.03, 4.04))
    assert way[-1] == pytest.approx((25.06, 13.07))


def test_a_plan_keeps_its_distance_and_prefers_more() -> None:
    on = terrain(yard(), [])
    way = found(plan(cost_map(on, PlanningConfig()), (8.0, 4.0), (44.5, 26.0))).path
    clearance = [on.clearance_at(x, y) for x, y in way]
    assert min(clearance) > 0.32
    assert np.median(clearance) > 1.0


def test_a_no_go_zone_is_walked_round() -> None:
    on = ground([], [zone(ZoneKind.NO_GO, 6.0, 14.0)])
    way = found(plan(on, (4.0, 10.0), (20.0, 10.0))).path
    assert not ((way > 6.0) & (way < 14.0)).all(axis=1).any()


def test_a_slow_zone_is_left_aside_where_the_detour_is_quicker() -> None:
    slow = zone(ZoneKind.SLOW, 6.0, 14.0, max_speed=0.1)
    way = found(plan(ground([], [slow]), (4.0, 7.0), (20.0, 7.0))).path
    assert not ((way > 6.2) & (way < 13.8)).all(axis=1).any()


def test_what_stands_in_the_way_is_walked_round() -> None:
    on = ground([])
    thing = np.array([[15.0, 9.8], [15.0, 10.0], [15.0, 10.2]])
    way = found(plan(with_obstacles(on, thing), (4.0, 10.0), (25.0, 10.0))).path
    assert np.hypot(way[:, None, 0] - thing[None, :, 0], way[:, None, 1] - thing[None, :, 1]).min() > 0.25
    assert with_obstacles(on, np.zeros((0, 2))) is on


def test_why_there_is_no_way_is_told() -> None:
    on = ground([(14.0, 0.0, 1.0, 20.0), (5.0, 14.0, 2.0, 2.0)])
    assert plan(on, (4.0, 10.0), (25.0, 10.0)) is NoWay.CUT_OFF
    assert plan(on, (4.0, 10.0), (6.0, 15.0)) is NoWay.GOAL_BLOCKED
    assert plan(on, (4.0, 10.0), (99.0, 15.0)) is NoWay.GOAL_BLOCKED
    assert plan(ground([(5.0, 5.0, 9.0, 9.0)]), (10.0, 10.0), (25.0, 10.0)) is NoWay.START_BLOCKED


def test_a_dog_too_near_to_a_wall_walks_away_from_it_first() -> None:
    way = found(plan(ground([(5.0, 5.0, 4.0, 4.0)]), (9.1, 7.0), (20.0, 7.0))).path
    assert way[0] == pytest.approx((9.1, 7.0))
    assert (way[:, 0] >= 9.1).all()


@pytest.mark.parametrize("seed", range(12))
def test_a_place_is_reached_exactly_where_a_search_finds_a_way(seed: int) -> None:
    random = np.random.default_rng(seed)
    cost = (random.random((14, 17)) > random.uniform(0.25, 0.5)).astype(np.int32)
    start = (int(random.integers(14)), int(random.integers(17)))
    cost[start] = 1
    there = reached(cost, start)
    for row, column in random.integers((14, 17), size=(20, 2)).tolist():
        found = cost[row, column] > 0 and cheapest(cost, start, (row, column)) is not None
        assert there[row, column] == found, (row, column)


def test_a_dog_that_stands_too_near_to_a_fence_leaves_it_on_its_own_side() -> None:
    grid = grid_of([(4.0, 0.0, 0.1, 8.0), (0.0, 3.0, 3.55, 5.0)], 12.0, 9.0)
    costs = cost_map(terrain(grid, []), PlanningConfig())
    begin = nearest_free(costs, (3.8, 4.0))
    assert begin is not None
    (place,) = costs.frame.centres(np.array([begin]))
    assert place[0] < 4.0
