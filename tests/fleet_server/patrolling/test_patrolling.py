"""The strategy on maps that it was not made on, dogs dying, called away and late included."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from bench._patrol_maps import KINDS, benchmark_map, random_map
from bench._patrol_published import Cycle, Sebs
from bench._patrol_run import Absence, Run, run
from fleet_server.patrolling.choice import Effort
from fleet_server.patrolling.graph import PatrolGraph
from fleet_server.patrolling.patrolling import DogAt, Patrolling, Step
from tests.shared import SHARED

QUICK = Effort(kicks=20, steps=400, cycles=16, beginnings=6, looked_at=2, bettered=2, changes=60)
HOUR = 3600.0


def starts(graph: PatrolGraph, dogs: int, seed: int) -> list[int]:
    return np.random.default_rng(seed).integers(len(graph), size=dogs).tolist()


@pytest.mark.parametrize("seed", range(5))
def test_it_leaves_nothing_longer_unseen_than_the_cycle_and_less_than_sebs(seed: int) -> None:
    graph = random_map(KINDS[seed % len(KINDS)], 500 + seed)
    dogs = 2 + seed % 4
    begin = starts(graph, dogs, seed)
    ours = run(graph, Patrolling(graph, Effort(steps=600, changes=200)), begin, HOUR).idleness(len(graph), 0.0, HOUR)
    cycle = run(graph, Cycle(graph, {}), begin, HOUR).idleness(len(graph), 0.0, HOUR)
    sebs = run(graph, Sebs(graph, 100.0), begin, HOUR).idleness(len(graph), 0.0, HOUR)
    assert ours.worst <= cycle.worst * 1.002
    assert ours.mean <= cycle.mean * 1.002
    assert ours.worst < sebs.worst


@pytest.mark.parametrize("seed", range(5))
def test_when_a_dog_dies_the_others_see_all_of_it(seed: int) -> None:
    graph = random_map(KINDS[seed], 600 + seed)
    told = run(graph, Patrolling(graph, QUICK), starts(graph, 3, seed), HOUR, [Absence("dog1", 1000.0)])
    after = told.idleness(len(graph), 2000.0, HOUR)
    two = run(graph, Cycle(graph, {}), starts(graph, 2, seed), HOUR).idleness(len(graph), 2000.0, HOUR)
    assert after.worst <= two.worst * 1.02


def test_all_dogs_die_but_one_and_come_back_one_after_another() -> None:
    graph = random_map("corridors", 601)
    gone = [Absence(f"dog{number}", 300.0 * number, 2000.0 + 100.0 * number, number) for number in (1, 2, 3)]
    told = run(graph, Patrolling(graph, QUICK), starts(graph, 4, 0), HOUR, gone)
    assert {place for place, time in zip(told.places, told.times, strict=True) if time > 2500.0} == set(
        range(len(graph))
    )


def test_a_night_without_dogs_says_nothing_and_goes_on_when_they_are_back() -> None:
    graph = random_map("ring", 602)
    strategy = Patrolling(graph, QUICK)
    assert strategy.update({}, [], 0.0) == {}
    told = run(graph, strategy, [0], 500.0, [Absence("dog0", 100.0, 200.0, 3)])
    assert any(time > 210.0 for time in told.times)


def test_a_step_leads_to_a_neighbour() -> None:
    graph = random_map("weighted", 603)
    strategy = Patrolling(graph, QUICK)
    here, now = 0, 0.0
    for _ in range(300):
        step = strategy.update({"dog": DogAt(here, now, True)}, [(here, now)], now)["dog"]
        assert step.checkpoint in graph.ways[here]
        now = max(now, step.leave) + graph.ways[here][step.checkpoint]
        here = step.checkpoint


def test_the_same_calls_get_the_same_answers() -> None:
    graph = random_map("grid", 604)
    first, second = (run(graph, Patrolling(graph, QUICK), starts(graph, 4, 1), 900.0) for _ in range(2))
    assert (first.places, first.times) == (second.places, second.times)


@pytest.mark.parametrize("dogs", [2, 5])
def test_dogs_of_uncertain_speed_keep_their_distance(dogs: int) -> None:
    """Dogs at random speed on one round drift together where nobody waits for the others."""
    graph = PatrolGraph.of(20, [(a, (a + 1) % 20, 10.0) for a in range(20)])
    even = [20 * number // dogs for number in range(dogs)]

    class Onward:
        def update(self, dogs: Mapping[str, DogAt], _: Sequence[tuple[int, float]], now: float, /) -> dict[str, Step]:
            return {name: Step((dog.checkpoint + 1) % 20, now) for name, dog in dogs.items() if dog.standing}

    ours = run(graph, Patrolling(graph, QUICK), even, 4 * HOUR, noise=0.3, seed=5).idleness(20, HOUR, 4 * HOUR)
    drifting = run(graph, Onward(), even, 4 * HOUR, noise=0.3, seed=5).idleness(20, HOUR, 4 * HOUR)
    assert ours.worst < 0.8 * drifting.worst
    assert ours.mean < drifting.mean


def test_a_dog_that_stands_elsewhere_than_planned_is_planned_from_there() -> None:
    graph = random_map("grid", 605)
    strategy = Patrolling(graph, QUICK)
    strategy.update({"a": DogAt(0, 0.0, True), "b": DogAt(1, 0.0, True)}, [], 0.0)
    step = strategy.update({"a": DogAt(len(graph) - 1, 30.0, True), "b": DogAt(1, 0.0, True)}, [], 30.0)["a"]
    assert step.checkpoint in graph.ways[len(graph) - 1]


def test_more_dogs_than_checkpoints_all_walk() -> None:
    graph = PatrolGraph.of(3, [(0, 1, 5.0), (1, 2, 5.0)])
    told = run(graph, Patrolling(graph, QUICK), [0] * 8, 300.0)
    assert told.idleness(3, 100.0, 300.0).worst <= 10.0


def test_one_checkpoint_is_stayed_at() -> None:
    graph = PatrolGraph.of(1, [])
    assert Patrolling(graph).update({"dog": DogAt(0, 0.0, True)}, [], 5.0)["dog"].checkpoint == 0


def test_the_runner_counts_a_visit_when_a_dog_arrives() -> None:
    told = Run([0, 1, 0], [0.0, 10.0, 20.0])
    assert told.idleness(2, 0.0, 20.0).worst == 20.0


@pytest.mark.skipif(not (SHARED / "data" / "patrolling").is_dir(), reason="needs ../shared: the benchmark's maps")
def test_on_cumberland_six_dogs_are_below_what_is_published() -> None:
    graph = benchmark_map(SHARED / "data" / "patrolling" / "cumberland")
    told = run(graph, Patrolling(graph, QUICK), starts(graph, 6, 0), 500.0).idleness(len(graph), 0.0, 500.0)
    assert told.mean < 27.1  # BAPS, the best of M2Bench's table
    assert told.worst < 131.0  # AHPA, the same
