from itertools import permutations

import numpy as np
import pytest

from bench._patrol_maps import KINDS, random_map
from fleet_server.patrolling.graph import PatrolGraph
from fleet_server.patrolling.tour import shortest_tour


@pytest.mark.parametrize("seed", range(12))
def test_among_seven_places_none_is_shorter(seed: int) -> None:
    graph = random_map(KINDS[seed % len(KINDS)], seed)
    places = np.random.default_rng(seed).choice(len(graph), 7, replace=False).tolist()
    shortest = min(graph.length([places[0], *order]) for order in permutations(places[1:]))
    tour = shortest_tour(graph.seconds, places, np.random.default_rng(0), kicks=30)
    assert sorted(tour) == sorted(places)
    assert tour[0] == places[0]
    assert graph.length(tour) == pytest.approx(shortest)


def test_a_tree_is_walked_with_each_way_twice() -> None:
    for seed in range(6):
        graph = random_map("tree", seed)
        tour = shortest_tour(graph.seconds, range(len(graph)), np.random.default_rng(0), kicks=30)
        assert graph.length(tour) == pytest.approx(sum(sum(way.values()) for way in graph.ways))


def test_an_odd_chequerboard_costs_one_step_more_than_it_has_places() -> None:
    ways = [(x + 5 * y, x + 1 + 5 * y, 1.0) for x in range(4) for y in range(5)]
    ways += [(x + 5 * y, x + 5 * (y + 1), 1.0) for x in range(5) for y in range(4)]
    graph = PatrolGraph.of(25, ways)
    tour = shortest_tour(graph.seconds, range(25), np.random.default_rng(0), kicks=200)
    assert graph.length(tour) == pytest.approx(26.0)
