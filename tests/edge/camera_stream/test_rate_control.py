"""What a line carries, found by what waits on it: lines of hundreds of kinds, drawn by seed."""

import random

import pytest

from edge.camera_stream.rate_control import BEHIND_S, LEAST_BPS, RateControl

MOST = 1_500_000
FPS = 5.0


class Line:
    """Carries so many bits a second, one frame after the other, each a while later at its end."""

    def __init__(self, bits_per_s: float, delay_s: float) -> None:
        self.bits_per_s, self.delay_s = bits_per_s, delay_s
        self.free_at = 0.0
        self.on_the_way: list[tuple[float, float]] = []  # sent, arrives

    def send(self, bits: float, now: float) -> None:
        self.free_at = max(self.free_at, now) + bits / self.bits_per_s
        self.on_the_way.append((now, self.free_at + self.delay_s))

    def waiting(self, now: float) -> list[float]:
        self.on_the_way = [each for each in self.on_the_way if each[1] > now]
        return [sent for sent, _ in self.on_the_way]


@pytest.mark.parametrize("seed", range(60))
def test_no_frame_is_old_for_long_on_any_line_that_carries_the_least(seed: int) -> None:
    chance = random.Random(seed)
    line = Line(LEAST_BPS * 10 ** chance.uniform(0.1, 2.0), chance.uniform(0.0, 0.15))
    control, ages, sent = RateControl(MOST), [], 0
    for n in range(600):
        now = n / FPS
        waiting = line.waiting(now)
        rate = control.update(len(waiting), now - min(waiting, default=now), now)
        if not rate.send:
            continue
        sent += 1
        line.send(rate.bits_per_s / FPS * chance.uniform(0.5, 1.3), now)
        ages.append(line.on_the_way[-1][1] - now)
    later = sorted(ages[len(ages) // 2 :])
    assert later[int(0.9 * len(later))] < 2 * BEHIND_S + line.delay_s
    assert sent > 100, "something is always to be seen"


def test_a_line_that_breaks_down_gets_less_at_once_and_one_that_recovers_more_by_and_by() -> None:
    line, control = Line(10e6, 0.02), RateControl(MOST)
    rates = []
    for n in range(900):
        now = n / FPS
        line.bits_per_s = 200_000 if 200 <= n < 400 else 10e6
        waiting = line.waiting(now)
        rate = control.update(len(waiting), now - min(waiting, default=now), now)
        rates.append(rate.bits_per_s)
        if rate.send:
            line.send(rate.bits_per_s / FPS, now)
    assert rates[199] == MOST
    assert min(rates[200:400]) <= 300_000
    assert rates[-1] == MOST
    assert control.dropped > 0


def test_a_good_line_is_used_whole_and_no_frame_is_dropped() -> None:
    control = RateControl(MOST)
    assert all(control.update(1, 0.05, n / FPS).send for n in range(1000))
    assert (control.update(0, 0.0, 201.0).bits_per_s, control.dropped) == (MOST, 0)
