"""The last seconds, and never more bytes than there may be."""

import random

from edge.evidence.rolling_buffer import RollingBuffer


def test_it_never_holds_more_than_its_bytes_and_gives_back_what_was_between() -> None:
    for seed in range(100):
        chance, most = random.Random(seed), 1000
        buffer: RollingBuffer[tuple[float, int]] = RollingBuffer(most)
        now, model, crowded = 0.0, [], 0
        for _ in range(200):
            now += chance.uniform(0.0, 0.5)
            size = chance.randint(0, 120)
            buffer.add(now, (now, size), size)
            model.append((now, size))
            while sum(each[1] for each in model) > most:
                model.pop(0)
                crowded += 1
            if chance.random() < 0.2:
                edge = now - chance.uniform(0.0, 6.0)
                buffer.forget_before(edge)
                model = [each for each in model if each[0] >= edge]
            begin, end = sorted(chance.uniform(0.0, now + 1) for _ in range(2))
            assert buffer.between(begin, end) == [each for each in model if begin <= each[0] <= end]
            assert buffer.bytes == sum(each[1] for each in model) <= most
        assert buffer.crowded_out == crowded


def test_time_that_was_set_back_begins_it_anew() -> None:
    buffer: RollingBuffer[str] = RollingBuffer(100)
    buffer.add(50.0, "of before", 10)
    buffer.add(3.0, "of now", 5)
    assert (buffer.between(0.0, 100.0), buffer.bytes, len(buffer)) == (["of now"], 5, 1)
