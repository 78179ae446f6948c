import numpy as np
import pytest

from bench._patrol_maps import KINDS, random_map
from fleet_server.patrolling.choice import settled_mean
from fleet_server.patrolling.partition import partitions
from fleet_server.patrolling.rota import Team, mean, worst
from fleet_server.patrolling.rota_search import bettered
from fleet_server.patrolling.tour import shortest_tour


def cycle(kind: str, seed: int, dogs: int) -> Team:
    graph = random_map(kind, seed)
    return Team(graph, tuple(shortest_tour(graph.seconds, range(len(graph)), np.random.default_rng(0), 10)), dogs)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dogs", [2, 5, 9])
def test_every_rota_has_all_dogs_at_work_and_all_checkpoints_seen(kind: str, dogs: int) -> None:
    whole = cycle(kind, 4, dogs)
    for rota in partitions(whole):
        changed = bettered(rota, 1.1 * worst(rota), np.random.default_rng(1), steps=300)
        for each in (rota, changed):
            assert sum(team.dogs for team in each) == dogs
            assert {place for team in each for place in team.tour} == set(range(len(whole.graph)))
            assert all(team.dogs > 0 and len(set(team.tour)) >= 2 for team in each)


@pytest.mark.parametrize("kind", KINDS)
def test_bettered_waits_less_on_the_mean_and_no_longer_than_allowed(kind: str) -> None:
    for dogs in (3, 6):
        for rota in partitions(cycle(kind, 2, dogs)):
            changed = bettered(rota, worst(rota), np.random.default_rng(1), steps=600)
            assert mean(changed) <= mean(rota) + 1e-9
            assert worst(changed) <= worst(rota) + 1e-6


def test_two_clusters_with_a_long_way_between_are_parted() -> None:
    graph_ways = [(a, a + 1, 1.0) for a in range(5)] + [(a, a + 1, 1.0) for a in range(6, 11)] + [(5, 6, 100.0)]
    from fleet_server.patrolling.graph import PatrolGraph

    graph = PatrolGraph.of(12, graph_ways)
    best = min(partitions(Team(graph, tuple(range(12)), 2)), key=worst)
    assert sorted(sorted(team.tour) for team in best) == [list(range(6)), list(range(6, 12))]
    assert worst(best) == pytest.approx(10.0)


def test_what_a_rota_promises_for_its_teams_is_what_comes_of_it() -> None:
    for seed in range(8):
        whole = cycle(KINDS[seed % len(KINDS)], seed, 4)
        foreseen = settled_mean((whole,), 40 * whole.spacing)
        assert foreseen == pytest.approx(mean((whole,)), rel=0.02)
