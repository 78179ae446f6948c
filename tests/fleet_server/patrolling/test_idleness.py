import numpy as np
import pytest

from fleet_server.patrolling.idleness import idleness


def test_visited_at_even_times_waits_half_of_that_on_the_mean() -> None:
    told = idleness(np.zeros(1), 100.0, np.arange(10.0, 100.0, 10.0), np.zeros(9, dtype=np.int64))
    assert told.mean == pytest.approx(5.0)
    assert told.worst == pytest.approx(10.0)


def test_what_was_not_seen_before_counts_with_its_age() -> None:
    told = idleness(np.array([30.0]), 10.0, np.array([]), np.array([], dtype=np.int64))
    assert told.mean == pytest.approx(35.0)
    assert told.worst == pytest.approx(40.0)


@pytest.mark.parametrize("seed", range(20))
def test_it_agrees_with_counting_second_by_second(seed: int) -> None:
    random = np.random.default_rng(seed)
    ages = random.uniform(0.0, 50.0, 6)
    times, places = random.uniform(0.0, 150.0, 40), random.integers(6, size=40)
    told = idleness(ages, 120.0, times, places)
    sampled = []
    for now in np.arange(0.0, 120.0, 0.01) + 0.005:
        last = -ages.copy()
        before = times <= now
        np.maximum.at(last, places[before], times[before])
        sampled.append(now - last)
    assert told.mean == pytest.approx(np.mean(sampled), rel=1e-3)
    assert told.worst == pytest.approx(np.max(sampled), abs=0.02)
