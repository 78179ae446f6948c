"""What is due every so often, by clocks that jitter and jump."""

import numpy as np

from edge.dog.periodic import Periodic


def test_it_keeps_its_rate_on_average_whatever_the_steps_it_is_asked_at() -> None:
    for seed in range(50):
        random = np.random.default_rng(seed)
        steps = np.cumsum(random.uniform(0.001, 0.09, 3000))
        due = Periodic(0.1)
        times = [now for now in steps if due.is_due(float(now))]
        assert abs(len(times) - steps[-1] / 0.1) <= 2


def test_what_comes_a_little_early_is_taken_where_that_is_allowed_and_what_comes_twice_as_often_is_not() -> None:
    for seed in range(50):
        random = np.random.default_rng(seed)
        stamps = np.arange(400) * 0.1 + random.uniform(-0.009, 0.009, 400)
        due = Periodic(0.2, 0.02)
        assert [due.is_due(float(stamp)) for stamp in stamps] == [True, False] * 200


def test_a_clock_that_is_set_back_or_ahead_begins_anew_and_goes_on_at_the_same_rate() -> None:
    for jump in (-1e6, -3.0, 7.0, 1e6):
        due = Periodic(1.0)
        assert [due.is_due(0.25 * n) for n in range(8)].count(True) == 2
        assert [due.is_due(1000.1 + jump + 0.25 * n) for n in range(8)].count(True) == 2
