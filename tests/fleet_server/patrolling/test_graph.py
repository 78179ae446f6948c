from itertools import pairwise

import pytest

from bench._patrol_maps import KINDS, random_map
from fleet_server.patrolling.graph import PatrolGraph, Unreachable


def test_the_shortest_way_passes_what_lies_on_it() -> None:
    graph = PatrolGraph.of(4, [(0, 1, 2.0), (1, 2, 2.0), (0, 2, 9.0), (2, 3, 1.0)])
    assert graph.rows[0][3] == 5.0
    assert graph.paths[0][3] == (1, 2, 3)
    assert graph.paths[2][2] == ()


def test_a_checkpoint_without_a_way_is_named() -> None:
    with pytest.raises(Unreachable, match="2, 3"):
        PatrolGraph.of(4, [(0, 1, 2.0), (2, 3, 1.0)])


def test_a_way_takes_time() -> None:
    with pytest.raises(ValueError, match="from 0 to 1 takes 0"):
        PatrolGraph.of(2, [(0, 1, 0.0)])


@pytest.mark.parametrize("kind", KINDS)
def test_distances_are_those_of_the_ways_walked(kind: str) -> None:
    for seed in range(5):
        graph = random_map(kind, seed)
        for a in range(len(graph)):
            for b in range(len(graph)):
                steps = (a, *graph.paths[a][b])
                walked = sum(graph.ways[x][y] for x, y in pairwise(steps))
                assert walked == pytest.approx(graph.rows[a][b])


def test_a_closed_walk_is_a_round_of_neighbours_as_long_as_its_tour() -> None:
    graph = random_map("corridors", 3)
    tour = list(range(0, len(graph), 2))
    walk = graph.closed_walk(tour)
    steps = [graph.ways[a][b] for a, b in zip(walk, [*walk[1:], walk[0]], strict=True)]
    assert walk[0] == tour[0]
    assert sum(steps) == pytest.approx(graph.length(tour))
