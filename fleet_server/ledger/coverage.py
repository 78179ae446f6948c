"""How well places were watched: visits, and idleness by place and by hour of the site's own day.

Idleness is the time since a place was last visited; its mean is over all moments, as in ``patrolling.idleness``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

HOURS = 24


@dataclass(frozen=True)
class Watched:
    """Over some time: how often visited, and how long since the last visit (s) on average and at worst.

    ``mean_s`` and ``worst_s`` are None where no time of the span lay in it.
    """

    visits: int
    mean_s: float | None
    worst_s: float | None


@dataclass(frozen=True)
class Coverage:
    """By place, by hour of the day on the site's clock (0 to 23), and over all."""

    places: dict[str, Watched]
    hours: tuple[Watched, ...]
    whole: Watched


def coverage(
    places: Sequence[str],
    visits: Mapping[str, NDArray[np.float64]],
    since: datetime,
    until: datetime,
    zone: ZoneInfo,
    before: Mapping[str, datetime],
) -> Coverage:
    """Idleness from ``since`` to ``until``; ``visits`` are seconds after ``since``, in order.

    ``before`` has each place's last visit before that, where one is known. A place
    of which none is known counts as visited at ``since``.
    """
    marks = hour_marks(since, until, zone)
    bounds = np.array([(each - since).total_seconds() for each in marks])
    clock = np.array([each.astimezone(zone).hour for each in marks[:-1]], dtype=np.int64)
    whole_s = bounds[-1]
    per_place: dict[str, Watched] = {}
    area, worst, seen = np.zeros(HOURS), np.zeros(HOURS), np.zeros(HOURS, dtype=np.int64)
    for place in places:
        times = visits.get(place, np.empty(0))
        times = times[(times >= 0) & (times < whole_s)]
        age = (since - before[place]).total_seconds() if place in before else 0.0
        starts, ends, ages = _pieces(times, bounds, age)
        lasted = ends - starts
        integral = lasted * (ages + lasted / 2)
        hour = clock[np.searchsorted(bounds, starts, side="right") - 1]
        np.add.at(area, hour, integral)
        np.maximum.at(worst, hour, ages + lasted)
        if len(times):
            np.add.at(seen, clock[np.searchsorted(bounds, times, side="right") - 1], 1)
        per_place[place] = Watched(len(times), float(integral.sum()) / whole_s, float((ages + lasted).max()))
    spent = np.zeros(HOURS)
    np.add.at(spent, clock, np.diff(bounds))
    hours = tuple(
        Watched(int(seen[h]), float(area[h] / (spent[h] * len(places))), float(worst[h]))
        if spent[h] and places
        else Watched(0, None, None)
        for h in range(HOURS)
    )
    return Coverage(per_place, hours, _whole(per_place))


def hour_marks(since: datetime, until: datetime, zone: ZoneInfo) -> list[datetime]:
    """``since``, every full hour on the site's clock in between, and ``until``, in UTC."""
    marks = [since]
    while (following := _next_hour(marks[-1], zone)) < until:
        marks.append(following)
    return [*marks, until]


def _next_hour(instant: datetime, zone: ZoneInfo) -> datetime:
    local = instant.astimezone(zone)
    into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return instant + timedelta(hours=1) - into


def _pieces(
    times: NDArray[np.float64], bounds: NDArray[np.float64], age: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The span cut at every visit and every hour: where each piece begins and ends, and its age at its beginning."""
    cuts = np.union1d(times, bounds)
    starts, ends = cuts[:-1], cuts[1:]
    last = np.concatenate([[-age], times])[np.searchsorted(times, starts, side="right")]
    return starts, ends, starts - last


def _whole(places: Mapping[str, Watched]) -> Watched:
    if not places:
        return Watched(0, None, None)
    means = [each.mean_s for each in places.values() if each.mean_s is not None]
    worst = [each.worst_s for each in places.values() if each.worst_s is not None]
    return Watched(sum(each.visits for each in places.values()), sum(means) / len(means), max(worst))
