"""A leak is seen through noise, and noise is no leak."""

import random

import pytest

from tests.soak.flatness import Bound, judged

BOUND = Bound(0.04, 6.0)
TIMES = [float(n) for n in range(120)]


def noisy(seed: int, leak: float) -> list[float]:
    """A memory of 200 MB that fills in its first third, has spikes, and grows by ``leak`` in the rest of the run."""
    chance = random.Random(seed)
    made = []
    for at in TIMES:
        spike = chance.uniform(0, 40) if chance.random() < 0.1 else 0.0
        made.append(200.0 + min(at, 40.0) + leak * at / 72 + chance.gauss(0, 2.0) + spike)
    return made


@pytest.mark.parametrize("seed", range(40))
def test_a_leak_of_a_tenth_is_seen_and_noise_is_not_taken_for_one(seed: int) -> None:
    assert judged("memory", TIMES, noisy(seed, 0.0), BOUND).flat
    assert not judged("memory", TIMES, noisy(seed, 24.0), BOUND).flat


def test_too_short_a_run_is_not_judged() -> None:
    with pytest.raises(ValueError, match="too few"):
        judged("memory", [0.0, 1.0, 2.0], [1.0, 1.0, 1.0], BOUND)
