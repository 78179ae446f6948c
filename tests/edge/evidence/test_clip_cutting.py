"""Every anomaly is in one clip, with its ten seconds before and after, however they come."""

import random

from edge.evidence.clip_cutting import AFTER_S, BEFORE_S, LONGEST_S, ClipCutting
from protocol.evidence import LONGEST_S as TAKEN_S


def test_one_anomaly_gets_ten_seconds_before_and_ten_after_and_not_sooner() -> None:
    cutting = ClipCutting()
    cutting.add("a", 100.0)
    assert cutting.update(109.9) == []
    assert cutting.needed_from(109.9) == 90.0
    (span,) = cutting.update(110.0)
    assert (span.begin, span.end, span.anomaly_ids) == (90.0, 110.0, ("a",))
    assert cutting.update(200.0) == []
    assert cutting.needed_from(200.0) == 200.0 - BEFORE_S


def test_whatever_comes_within_the_clip_makes_it_longer_and_nothing_is_lost_or_doubled() -> None:
    for seed in range(300):
        chance, cutting = random.Random(seed), ClipCutting()
        now, told, spans = 1000.0, {}, []
        for number in range(40):
            now += chance.choice((0.0, 0.2, 3.0, 9.0, 25.0))
            told[str(number)] = now
            cutting.add(str(number), now)
            assert cutting.needed_from(now) <= now - BEFORE_S
            spans += cutting.update(now - chance.uniform(0.0, 1.0) if not spans else now)
        spans += cutting.update(now + AFTER_S)
        shown = [each for span in spans for each in span.anomaly_ids]
        assert sorted(shown) == sorted(told)
        for span in spans:
            assert span.end - span.begin <= LONGEST_S < TAKEN_S
            assert all(span.begin <= told[a] - BEFORE_S + LONGEST_S for a in span.anomaly_ids)
            assert all(span.begin <= told[a] and span.end >= told[a] + AFTER_S for a in span.anomaly_ids)
            assert span.begin == told[span.anomaly_ids[0]] - BEFORE_S


def test_a_clock_that_is_set_back_ends_what_is_open() -> None:
    cutting = ClipCutting()
    cutting.add("a", 100.0)
    cutting.update(101.0)
    assert [span.anomaly_ids for span in cutting.update(5.0)] == [("a",)]
