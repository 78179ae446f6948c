"""The station's clock, told from answers that come late, each by another while."""

import random

import pytest

from edge.camera_stream.clock_offset import ClockOffset


@pytest.mark.parametrize("seed", range(40))
def test_the_error_is_never_more_than_the_quickest_answers_own(seed: int) -> None:
    chance = random.Random(seed)
    ahead, clock, best = chance.uniform(-1e6, 1e9), ClockOffset(), 1e9
    for n in range(20):
        there, back = chance.expovariate(5.0), chance.expovariate(5.0)
        sent = float(n)
        clock.hear(sent + there + ahead, sent, sent + there + back)
        best = min(best, (there + back) / 2)
    assert abs(clock.there(20.0) - (20.0 + ahead)) <= best + 1e-6


def test_before_any_answer_a_picture_is_held_to_be_older_and_never_newer() -> None:
    clock = ClockOffset()
    assert clock.there(5.0) == 5.0
    clock.hear_word(1000.0, 3.0)  # said when ours showed 2.8
    assert clock.there(3.0) == pytest.approx(1000.0)
    clock.hear(1001.2, 3.9, 4.1)
    assert clock.there(4.0) == pytest.approx(1001.2)
