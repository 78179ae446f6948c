"""What planned rounds would have seen of what was seen before: by where the way leads, and by when a dog is there.

A thing counts as seen by a round that is within sight of its place while it was there: between its first and its last
sighting. How long it stood there before and after, nobody knows. Times after a round's beginning are seconds, places
metres in the frame ``map``. Where a dog's camera points on its way is not asked: what is behind it counts.
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

STEP_M = 0.5  # a way is looked at so often
NEAR = timedelta(minutes=30)  # a round that misses a thing by less is one to be moved, not one to be added

Place = tuple[float, float]
Path = Callable[[Place, Place], Sequence[Place] | None]
SeenFrom = Callable[[float, float, NDArray[np.float64]], NDArray[np.bool_]]


class Verdict(StrEnum):
    """SEEN; missed by some minutes (NEAR) or more; on a way that has NO_ROUND; or no way leads past it."""

    SEEN = "SEEN"
    NEAR = "NEAR"
    ANOTHER_TIME = "ANOTHER_TIME"
    NO_ROUND = "NO_ROUND"
    NOT_PASSED = "NOT_PASSED"


@dataclass(frozen=True)
class Stop:
    """Where a dog stands for so long (s)."""

    place: Place
    stays_s: float


@dataclass(frozen=True, eq=False)
class Walk:
    """A route as it is walked: ``places`` (n, 2), from when until when at each; stops to which no way leads."""

    corners: tuple[Place, ...]
    places: NDArray[np.float64]
    arrives_s: NDArray[np.float64]
    leaves_s: NDArray[np.float64]
    length_m: float
    unreached: tuple[int, ...]

    @property
    def lasts_s(self) -> float:
        """From its beginning until the last stop is done."""
        return float(self.leaves_s[-1]) if len(self.leaves_s) else 0.0


@dataclass(frozen=True)
class Pass:
    """A part of a walk from which a place is seen; ``nearest_m`` at its nearest."""

    begins_s: float
    ends_s: float
    nearest_m: float


@dataclass(frozen=True)
class Thing:
    """What was there, and from when until when it was seen."""

    thing_id: str
    place: Place
    first: datetime
    last: datetime


@dataclass(frozen=True)
class Finding:
    """What the plan would have done about a thing.

    ``begins`` and ``ends`` are when a round of ``schedule_id`` is in sight of the place, as near as ``distance_m``: the
    first that would have seen it, else the nearest in time, which is ``off`` later (earlier: negative). Where none
    is ever, ``distance_m`` is how near the nearest way leads, ``hidden`` where only something between hides it.
    """

    thing: Thing
    verdict: Verdict
    route_id: str | None = None
    schedule_id: str | None = None
    begins: datetime | None = None
    ends: datetime | None = None
    off: timedelta = timedelta()
    distance_m: float | None = None
    hidden: bool = False


def walk(start: Place | None, stops: Sequence[Stop], path: Path, speed: float) -> Walk:
    """From ``start`` (else from the first stop) to each stop in order; a stop to which no way leads is left out."""
    corners: list[Place] = []
    places: list[Place] = []
    arrives: list[float] = []
    leaves: list[float] = []
    unreached: list[int] = []
    here, now, length = start, 0.0, 0.0
    for number, stop in enumerate(stops):
        way = path(here, stop.place) if here is not None else [stop.place]
        if way is None:
            unreached.append(number)
            continue
        for a, b in pairwise(way):
            leg = math.dist(a, b)
            pieces = max(1, math.ceil(leg / STEP_M))
            for piece in range(pieces):
                share = piece / pieces
                places.append((a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])))
                arrives.append(now + share * leg / speed)
                leaves.append(now + (piece + 1) / pieces * leg / speed)
            now, length = now + leg / speed, length + leg
        corners += [*way, stop.place]
        places.append(stop.place)
        arrives.append(now)
        now += stop.stays_s
        leaves.append(now)
        here = stop.place
    return Walk(
        tuple(corners),
        np.array(places, np.float64).reshape(-1, 2),
        np.array(arrives, np.float64),
        np.array(leaves, np.float64),
        length,
        tuple(unreached),
    )


def passes(walked: Walk, x: float, y: float, within_m: float, seen_from: SeenFrom) -> list[Pass]:
    """The parts of the walk that are within sight of x, y, in order."""
    away = np.hypot(walked.places[:, 0] - x, walked.places[:, 1] - y)
    near = np.flatnonzero(away <= within_m)
    seen = near[seen_from(x, y, walked.places[near])]
    parts = np.split(seen, np.flatnonzero(np.diff(seen) > 1) + 1) if len(seen) else []
    return [
        Pass(float(walked.arrives_s[part[0]]), float(walked.leaves_s[part[-1]]), float(away[part].min()))
        for part in parts
    ]


def backtest(
    things: Iterable[Thing],
    walks: Mapping[str, Walk],
    rounds: Mapping[str, tuple[str, Sequence[datetime]]],
    within_m: float,
    seen_from: SeenFrom,
) -> list[Finding]:
    """What the rounds would have done about each thing.

    ``rounds`` has by schedule its route and when rounds are due, in order; of ``walks`` by route, those that no
    schedule names are looked at too.
    """
    seen_at: dict[tuple[str, Place], list[Pass]] = {}

    def passed(route_id: str, place: Place) -> list[Pass]:
        key = (route_id, place)
        if key not in seen_at:
            seen_at[key] = passes(walks[route_id], *place, within_m, seen_from)
        return seen_at[key]

    found = []
    for thing in things:
        timed = [
            finding
            for schedule_id, (route_id, dues) in rounds.items()
            for each in passed(route_id, thing.place)
            if (finding := _timed(thing, each, route_id, schedule_id, dues)) is not None
        ]
        if timed:
            found.append(min(timed, key=lambda each: (abs(each.off), each.begins)))
        else:
            found.append(_untimed(thing, {route: passed(route, thing.place) for route in walks}, walks, within_m))
    return found


def _timed(thing: Thing, each: Pass, route_id: str, schedule_id: str, dues: Sequence[datetime]) -> Finding | None:
    """The first round whose pass meets the thing, else the one that is nearest to it in time."""
    begins, ends = timedelta(seconds=each.begins_s), timedelta(seconds=each.ends_s)
    number = bisect_left(dues, thing.first - ends)  # the first that is not over before the thing was there
    if not dues:
        return None
    after = dues[number] if number < len(dues) else None
    before = dues[number - 1] if number else None
    late = max(after + begins - thing.last, timedelta()) if after else None
    early = before + ends - thing.first if before else None
    if early is None or (late is not None and late <= -early):
        due, off = after, late
    else:
        due, off = before, early
    assert due is not None
    assert off is not None
    verdict = Verdict.SEEN if not off else Verdict.NEAR if abs(off) <= NEAR else Verdict.ANOTHER_TIME
    return Finding(thing, verdict, route_id, schedule_id, due + begins, due + ends, off, each.nearest_m)


def _untimed(thing: Thing, passed: Mapping[str, list[Pass]], walks: Mapping[str, Walk], within_m: float) -> Finding:
    """No round is ever in sight of it."""
    near = [(each.nearest_m, route_id) for route_id, parts in passed.items() for each in parts]
    if near:
        distance, route_id = min(near)
        return Finding(thing, Verdict.NO_ROUND, route_id, distance_m=distance)
    x, y = thing.place
    ways = [
        (float(np.hypot(walked.places[:, 0] - x, walked.places[:, 1] - y).min()), route_id)
        for route_id, walked in walks.items()
        if len(walked.places)
    ]
    if not ways:
        return Finding(thing, Verdict.NOT_PASSED)
    distance, route_id = min(ways)
    return Finding(thing, Verdict.NOT_PASSED, route_id, distance_m=distance, hidden=distance <= within_m)
