from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import numpy as np
import pytest

from fleet_server.schedules.promise import Breach, Promise, PromisedRounds, Window, dogs_needed
from fleet_server.schedules.recurrence import Misruled, Recurrence

EVERY = timedelta(minutes=40)


def promise(*checkpoints: str, rule: str = "FREQ=DAILY") -> Promise:
    begins = Recurrence(rule, datetime.fromisoformat("2027-01-01T22:00"), "Europe/Berlin")
    return Promise(checkpoints or ("gate", "yard"), EVERY, begins, time(6))


def breaches(
    made: Promise, window: Window, visits: dict[str, list[datetime]], ledger: timedelta = timedelta()
) -> list[Breach]:
    """Of the whole window; ``ledger`` is by how much the span in which the visits are counted begins before it."""
    since = window.start - ledger
    seconds = {name: np.array([(at - since).total_seconds() for at in times]) for name, times in visits.items()}
    return made.breaches(window, seconds, since, window.end)


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
        assert breaches(made, window, visits) == []
        middle = len(begins) // 2
        visits["yard"].pop(middle)
        broken = breaches(made, window, visits)
        assert [each.checkpoint for each in broken] == ["yard"]
        assert broken[0].due == visits["yard"][middle - 1] + EVERY
        late = sum((each.seen - each.due for each in broken), timedelta())
        assert 0.0 < late / (2 * (window.end - window.start)) < 0.1, "of both checkpoints' night"


@pytest.mark.parametrize("seed", range(10))
def test_a_microsecond_too_late_is_late_and_on_time_is_on_time_however_long_ago_the_ledger_begins(seed: int) -> None:
    random = np.random.default_rng(seed)
    moment = timedelta(microseconds=1)
    for after in random.integers(0, 86_400_000_000, size=50).tolist():
        begin = datetime(2027, 1, 1, tzinfo=UTC) + timedelta(microseconds=after)
        window, ledger = Window(begin, begin + 3 * EVERY), timedelta(seconds=float(random.uniform(0, 30 * 86_400)))
        on_time = [begin + EVERY, begin + 2 * EVERY]
        assert breaches(promise("gate"), window, {"gate": on_time}, ledger) == []
        late = [begin + EVERY + moment, begin + 2 * EVERY]
        broken = breaches(promise("gate"), window, {"gate": late}, ledger)
        assert [(each.due, each.seen) for each in broken] == [(begin + EVERY, begin + EVERY + moment)]
        outside = [begin - moment, *late, window.end + moment]
        assert breaches(promise("gate"), window, {"gate": outside}, ledger) == broken


def test_nobody_seen_all_night_breaks_it_from_the_first_forty_minutes_on() -> None:
    window = Window(datetime(2027, 1, 1, 21, tzinfo=UTC), datetime(2027, 1, 2, 5, tzinfo=UTC))
    broken = breaches(promise(), window, {})
    assert [each.due - window.start for each in broken] == [EVERY, EVERY]
    assert {each.seen for each in broken} == {window.end}


def test_what_is_yet_to_come_breaks_nothing() -> None:
    window = Window(datetime(2027, 1, 1, 21, tzinfo=UTC), datetime(2027, 1, 2, 5, tzinfo=UTC))
    assert promise().breaches(window, {}, window.start, window.start + EVERY) == []
    assert promise().breaches(window, {}, window.start, window.start) == []
    assert promise().breaches(window, {}, window.start, window.start - EVERY) == []


@pytest.mark.parametrize("seed", range(10))
def test_breaches_are_those_that_counting_by_seconds_finds(seed: int) -> None:
    random = np.random.default_rng(seed)
    window = Window(datetime(2027, 1, 1, 21, tzinfo=UTC), datetime(2027, 1, 2, 5, tzinfo=UTC))
    seconds = sorted(random.integers(0, 8 * 3600, size=int(random.integers(1, 16))).tolist())
    visits = {"gate": [window.start + timedelta(seconds=each) for each in seconds]}
    late = sum((each.seen - each.due for each in breaches(promise("gate"), window, visits)), timedelta())
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
