from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import numpy as np
import pytest

from fleet_server.schedules.promise import Promise, PromisedRounds, Window, dogs_needed
from fleet_server.schedules.recurrence import Misruled, Recurrence

EVERY = timedelta(minutes=40)


def promise(*checkpoints: str, rule: str = "FREQ=DAILY") -> Promise:
    begins = Recurrence(rule, datetime.fromisoformat("2027-01-01T22:00"), "Europe/Berlin")
    return Promise(checkpoints or ("gate", "yard"), EVERY, begins, time(6))


def test_a_year_of_nights_is_eight_hours_each_but_for_two() -> None:
    windows = promise().windows(datetime(2027, 1, 2, tzinfo=UTC), datetime(2028, 1, 1, 12, tzinfo=UTC))
    hours = [(window.end - window.start) / timedelta(hours=1) for window in windows]
    assert len(windows) == 365
    assert sorted(hours)[0] == 7
    assert sorted(hours)[-1] == 9
    assert hours.count(8) == 363


def test_a_night_that_has_begun_already_is_among_them() -> None:
    windows = promise().windows(datetime(2027, 5, 2, 1, tzinfo=UTC), datetime(2027, 5, 2, 2, tzinfo=UTC))
    assert [window.start for window in windows] == [datetime(2027, 5, 1, 20, tzinfo=UTC)]


def test_rounds_of_a_night_keep_it_and_without_one_of_them_it_is_broken() -> None:
    made = promise()
    for window in made.windows(datetime(2027, 1, 2, tzinfo=UTC), datetime(2027, 12, 31, tzinfo=UTC)):
        begins = made.rounds(window)
        after = {"gate": timedelta(minutes=3), "yard": timedelta(minutes=11)}
        visits = {name: [begin + wait for begin in begins] for name, wait in after.items()}
        assert made.breaches(window, visits, window.end) == []
        middle = len(begins) // 2
        visits["yard"].pop(middle)
        broken = made.breaches(window, visits, window.end)
        assert [each.checkpoint for each in broken] == ["yard"]
        assert broken[0].due == visits["yard"][middle - 1] + EVERY
        late = sum((each.seen - each.due for each in broken), timedelta())
        assert 0.0 < late / (2 * (window.end - window.start)) < 0.1, "of both checkpoints' night"


def test_nobody_seen_all_night_breaks_it_from_the_first_forty_minutes_on() -> None:
    window = Window(datetime(2027, 1, 1, 21, tzinfo=UTC), datetime(2027, 1, 2, 5, tzinfo=UTC))
    broken = promise().breaches(window, {}, window.end)
    assert [each.due - window.start for each in broken] == [EVERY, EVERY]
    assert {each.seen for each in broken} == {window.end}


def test_what_is_yet_to_come_breaks_nothing() -> None:
    window = Window(datetime(2027, 1, 1, 21, tzinfo=UTC), datetime(2027, 1, 2, 5, tzinfo=UTC))
    assert promise().breaches(window, {}, window.start + EVERY) == []
    assert promise().breaches(window, {}, window.start) == []


@pytest.mark.parametrize("seed", range(10))
def test_breaches_are_those_that_counting_by_seconds_finds(seed: int) -> None:
    random = np.random.default_rng(seed)
    window = Window(datetime(2027, 1, 1, 21, tzinfo=UTC), datetime(2027, 1, 2, 5, tzinfo=UTC))
    seconds = sorted(random.integers(0, 8 * 3600, size=int(random.integers(1, 16))).tolist())
    visits = {"gate": [window.start + timedelta(seconds=each) for each in seconds]}
    late = sum((each.seen - each.due for each in promise("gate").breaches(window, visits, window.end)), timedelta())
    counted = sum(max(b - a - 2400, 0) for a, b in pairwise([0, *seconds, 8 * 3600]))
    assert late == timedelta(seconds=counted)


def test_the_fewest_dogs_that_keep_it() -> None:
    assert dogs_needed(EVERY, lambda dogs: 7000.0 / dogs) == 4  # 2333 s would leave no slack with three
    assert dogs_needed(timedelta(minutes=1), lambda dogs: 1e6 / dogs) is None


def test_a_promise_of_nothing_is_refused() -> None:
    begins = Recurrence("FREQ=DAILY", datetime.fromisoformat("2027-01-01T22:00"), "UTC")
    with pytest.raises(Misruled, match="promises nothing"):
        Promise((), EVERY, begins, time(6))
    with pytest.raises(Misruled, match="once a minute"):
        Promise(("gate",), timedelta(seconds=1), begins, time(6))


def test_its_rounds_are_due_through_the_year_and_asked_bit_by_bit_the_same() -> None:
    due = PromisedRounds(promise())
    begin = datetime(2027, 3, 26, tzinfo=UTC)
    whole = due.between(begin, begin + timedelta(days=5))
    parts = [
        each
        for hour in range(120)
        for each in due.between(begin + timedelta(hours=hour), begin + timedelta(hours=hour + 1))
    ]
    assert parts == whole
    assert due.after(begin - timedelta(microseconds=1)) == whole[0]
    for earlier, later in pairwise(whole):
        assert due.after(earlier) == later
