"""Idleness against a plain computation, second by second, on visits drawn by seeds; over a year with clock changes."""

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from numpy.typing import NDArray

from fleet_server.ledger.coverage import HOURS, coverage, hour_marks

BERLIN = ZoneInfo("Europe/Berlin")
SPRING = datetime(2028, 3, 26, 1, tzinfo=UTC)  # 02:00 in Berlin, which is 03:00 at once
AUTUMN = datetime(2028, 10, 29, 1, tzinfo=UTC)  # 03:00 in Berlin, which is 02:00 again
LEAP = datetime(2028, 2, 29, 12, tzinfo=UTC)


def drawn(seed: int, around: datetime) -> tuple[datetime, datetime, dict[str, list[datetime]], dict[str, datetime]]:
    """Three places over one or two days round an instant, all by the half minute."""
    rng = random.Random(seed)
    since = around - timedelta(seconds=30 * rng.randrange(1, 1500))
    until = around + timedelta(seconds=30 * rng.randrange(1, 1500))
    length = int((until - since).total_seconds()) // 30
    visits = {
        place: [since + timedelta(seconds=30 * rng.randrange(length)) for _ in range(rng.randrange(12))]
        for place in ("a", "b", "c")
    }
    before = {"a": since - timedelta(seconds=30 * rng.randrange(200)), "b": since}
    return since, until, visits, before


def after(since: datetime, visits: Mapping[str, Sequence[datetime]]) -> dict[str, NDArray[np.float64]]:
    return {place: np.array(sorted((at - since).total_seconds() for at in times)) for place, times in visits.items()}


def plainly(
    since: datetime, until: datetime, visits: Mapping[str, Sequence[datetime]], before: Mapping[str, datetime]
) -> tuple[dict[str, tuple[float, float]], list[tuple[int, float | None, float | None]]]:
    """The same, by walking through the span in half minutes: idleness grows, and is nothing at a visit."""
    places: dict[str, tuple[float, float]] = {}
    areas, spent, worst, seen = [0.0] * HOURS, [0.0] * HOURS, [0.0] * HOURS, [0] * HOURS
    for place, times in visits.items():
        age = (since - before[place]).total_seconds() if place in before else 0.0
        area = most = 0.0
        at = since
        while at < until:
            hour = at.astimezone(BERLIN).hour
            count = times.count(at)
            if count:
                age, seen[hour] = 0.0, seen[hour] + count
            area += 30 * (age + 15)
            areas[hour] += 30 * (age + 15)
            spent[hour] += 30
            age, at = age + 30, at + timedelta(seconds=30)
            most, worst[hour] = max(most, age), max(worst[hour], age)
        places[place] = area / (until - since).total_seconds(), most
    hours = [
        (n, area / time, most) if time else (0, None, None)
        for n, area, time, most in zip(seen, areas, spent, worst, strict=True)
    ]
    return places, hours


@pytest.mark.parametrize("around", [SPRING, AUTUMN, LEAP])
@pytest.mark.parametrize("seed", range(4))
def test_idleness_is_what_a_walk_through_the_time_finds(around: datetime, seed: int) -> None:
    since, until, visits, before = drawn(seed, around)
    found = coverage(list(visits), after(since, visits), since, until, BERLIN, before)
    places, hours = plainly(since, until, visits, before)
    for place, (mean, worst) in places.items():
        watched = found.places[place]
        assert (watched.visits, watched.mean_s, watched.worst_s) == (
            len(visits[place]),
            pytest.approx(mean),
            pytest.approx(worst),
        )
    assert [each.visits for each in found.hours] == [n for n, _, _ in hours]
    for each, (_, mean_s, worst_s) in zip(found.hours, hours, strict=True):
        assert each.mean_s == (None if mean_s is None else pytest.approx(mean_s))
        assert each.worst_s == (None if worst_s is None else pytest.approx(worst_s))
    assert found.whole.mean_s == pytest.approx(sum(mean for mean, _ in places.values()) / len(places))


def test_a_year_has_every_hour_of_every_day_once_but_two() -> None:
    start, end = (datetime(year, 1, 1, tzinfo=BERLIN).astimezone(UTC) for year in (2028, 2029))
    marks = hour_marks(start, end, BERLIN)
    assert len(marks) - 1 == 366 * 24
    clock = [mark.astimezone(BERLIN) for mark in marks]
    assert all((mark.minute, mark.second) == (0, 0) for mark in clock)
    of_day = [sum(mark.hour == hour for mark in clock[:-1]) for hour in range(24)]
    assert of_day == [366, 366, 366] + [366] * 21, "spring leaves out one 02:00 and autumn has one twice"
    assert {mark.hour for mark in clock if mark.date().isoformat() == "2028-03-26"} == set(range(24)) - {2}


def test_a_zone_of_half_hours_is_cut_at_its_own_hours() -> None:
    marks = hour_marks(
        datetime(2026, 1, 1, 0, 10, tzinfo=UTC), datetime(2026, 1, 1, 2, tzinfo=UTC), ZoneInfo("Asia/Kolkata")
    )
    assert [f"{mark:%H:%M}" for mark in marks] == ["00:10", "00:30", "01:30", "02:00"]


def test_a_place_that_nobody_visits_grows_idle_over_the_whole_span_and_no_place_gives_no_figure() -> None:
    since = datetime(2026, 5, 1, tzinfo=UTC)
    found = coverage(["a"], {}, since, since + timedelta(hours=10), BERLIN, {})
    assert (found.whole.visits, found.whole.mean_s, found.whole.worst_s) == (0, 18_000, 36_000)
    nothing = coverage([], {}, since, since + timedelta(hours=10), BERLIN, {})
    assert nothing.whole.mean_s is None
    assert nothing.hours[3].mean_s is None
