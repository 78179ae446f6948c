"""From where the dogs are into their places on a rota: who takes which, when rounds begin, what is seen on the way.

A place on a team's round is a shadow that walks it without end; a dog goes to where it can be first when its shadow
passes, and waits for it there if it is early. What it can look at besides on the way there is put in by local search,
judged by the idleness that comes of it until all have been round.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from fleet_server.patrolling.graph import PatrolGraph
from fleet_server.patrolling.idleness import Idleness, idleness
from fleet_server.patrolling.rota import Rota, Team


class Standing(NamedTuple):
    """Where a dog is, or can next be told where to go, and in how many seconds from now."""

    checkpoint: int
    after: float


@dataclass(frozen=True)
class Place:
    """A place on a team's round: its shadow is at the round's beginning ``lead`` seconds before now."""

    team: Team
    lead: float

    @cached_property
    def passes(self) -> NDArray[np.float64]:
        """When, from now, the shadow first comes to each step of the walk (s)."""
        passes: NDArray[np.float64] = (self.team.starts - self.lead) % max(self.team.round, 1e-9)
        return passes


@dataclass(frozen=True)
class Way:
    """What one dog does: the ``detours`` in order, then into its ``place``."""

    graph: PatrolGraph
    standing: Standing
    place: Place
    detours: tuple[int, ...] = ()

    @cached_property
    def approach(self) -> tuple[list[int], list[float]]:
        """What the detours pass, and when (s from now)."""
        here, clock = self.standing.checkpoint, self.standing.after
        places: list[int] = []
        times: list[float] = []
        for there in self.detours:
            for step in self.graph.paths[here][there]:
                clock += self.graph.ways[here][step]
                here = step
                places.append(here)
                times.append(clock)
        return places, times

    @cached_property
    def joins(self) -> tuple[int, float]:
        """At which step of the walk the dog meets its shadow, and when: the earliest that can be."""
        places, times = self.approach
        here = places[-1] if places else self.standing.checkpoint
        clock = times[-1] if times else self.standing.after
        return joins(self.graph, here, clock, self.place)

    @cached_property
    def lead_in(self) -> tuple[list[int], list[float]]:
        """All that is passed, and when, before the round begins; the last is the step at which it does."""
        places, times = list(self.approach[0]), list(self.approach[1])
        here = places[-1] if places else self.standing.checkpoint
        clock = times[-1] if times else self.standing.after
        for step in self.graph.paths[here][int(self.place.team.walk[self.joins[0]])]:
            clock += self.graph.ways[here][step]
            here = step
            places.append(here)
            times.append(clock)
        return places, times

    def visits(self, horizon: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """All checkpoints passed until ``horizon`` (or a little longer), and when."""
        kept = self.__dict__.get("_visits")
        if kept is None or kept[0] != horizon:
            kept = (horizon, *self._visits_until(horizon))
            self.__dict__["_visits"] = kept
        return kept[1], kept[2]

    def _visits_until(self, horizon: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        places, times = self.lead_in
        step, joined = self.joins
        team = self.place.team
        rounds = max(int((horizon - joined) / team.round) + 1, 0)
        walk = np.roll(team.walk, -step - 1)
        after = np.roll((team.starts - team.starts[step]) % team.round, -step - 1)
        after[-1] = team.round
        later = (joined + np.arange(rounds)[:, None] * team.round + after[None, :]).ravel()
        return (
            np.concatenate([np.array([self.standing.checkpoint, *places], dtype=np.int64), np.tile(walk, rounds)]),
            np.concatenate([np.array([self.standing.after, *times]), later]),
        )


def joins(graph: PatrolGraph, here: int, clock: float, place: Place) -> tuple[int, float]:
    """Step and time of the first meeting with the place's shadow of a dog that is at ``here`` at ``clock``."""
    team = place.team
    reached = clock + graph.seconds[here, team.walk]
    laps = np.ceil((reached - place.passes) / team.round - 1e-9)
    meets = place.passes + np.maximum(laps, 0.0) * team.round
    step = int(np.argmin(meets))
    return step, float(meets[step])


@dataclass(frozen=True)
class Deployment:
    """A way for each dog, and what comes of them."""

    ways: tuple[Way, ...]
    foreseen: Idleness

    @property
    def settled(self) -> float:
        """When the last dog is in its place (s from now)."""
        return max(way.joins[1] for way in self.ways)


def deployment(ways: Sequence[Way], ages: NDArray[np.float64], horizon: float, since: float = 0.0) -> Deployment:
    """The ways with what comes of them from ``since`` to ``horizon`` (s from now)."""
    visits = [way.visits(horizon) for way in ways]
    places, times = (np.concatenate(each) for each in zip(*visits, strict=True))
    if since:
        ages = ages + since
        before = times <= since
        np.minimum.at(ages, places[before], since - times[before])
        places, times, horizon = places[~before], times[~before] - since, horizon - since
    return Deployment(tuple(ways), idleness(ages, horizon, times, places))


def beginnings(
    graph: PatrolGraph, rota: Rota, dogs: Sequence[Standing], count: int, random: np.random.Generator
) -> list[tuple[Way, ...]]:
    """For ``count`` beginnings of the rounds, the dogs sent to the places where they are soonest; the soonest first."""
    found = []
    for number in range(count):
        places = []
        for team in rota:
            shift = number / count if len(rota) == 1 else float(random.random())
            places += [Place(team, (dog + shift) * team.spacing) for dog in range(team.dogs)]
        meets = np.stack([_meets(graph, dogs, place) for place in places], axis=1)
        rows, columns = linear_sum_assignment(meets**2)  # squares: that none is very late matters more than the sum
        ways = tuple(Way(graph, dogs[row], places[column]) for row, column in zip(rows, columns, strict=True))
        found.append((float(np.max(meets[rows, columns])), ways))
    return [ways for _, ways in sorted(found, key=lambda each: each[0])]


def _meets(graph: PatrolGraph, dogs: Sequence[Standing], place: Place) -> NDArray[np.float64]:
    """When each dog would be in the place (s)."""
    team = place.team
    here = np.array([dog.checkpoint for dog in dogs])
    clock = np.array([dog.after for dog in dogs])
    reached = clock[:, None] + graph.seconds[np.ix_(here, team.walk)]
    laps = np.maximum(np.ceil((reached - place.passes) / team.round - 1e-9), 0.0)
    meets: NDArray[np.float64] = (place.passes + laps * team.round).min(axis=1)
    return meets


def in_place(rota: Rota) -> tuple[Way, ...]:
    """All dogs at work already, each where its round begins."""
    ways = []
    for team in rota:
        for dog in range(team.dogs):
            place = Place(team, dog * team.spacing)
            step = int(np.argmin(place.passes))
            ways.append(Way(team.graph, Standing(int(team.walk[step]), float(place.passes[step])), place))
    return tuple(ways)


def changed(ways: Sequence[Way], random: np.random.Generator) -> tuple[Way, ...]:
    """The ways with one thing changed at random: a detour, who has which place, or when a team's round begins."""
    new = list(ways)
    number, other, what = int(random.integers(len(ways))), int(random.integers(len(ways))), random.random()
    if what < 0.15 and other != number:
        new[number] = replace(ways[number], place=ways[other].place)
        new[other] = replace(ways[other], place=ways[number].place)
    elif what < 0.3:
        team = ways[number].place.team
        shift = float(random.normal(0.0, 0.2)) * team.spacing
        for at, way in enumerate(ways):
            if way.place.team is team:
                new[at] = replace(way, place=Place(team, way.place.lead + shift))
    else:
        new[number] = _with_detour_changed(ways[number], random)
    return tuple(new)


def _with_detour_changed(way: Way, random: np.random.Generator) -> Way:
    detours = list(way.detours)
    at = int(random.integers(len(detours) + 1))
    what = random.random()
    if detours and what < 0.3:
        del detours[min(at, len(detours) - 1)]
    else:
        there = int(random.integers(len(way.graph)))
        if detours and what < 0.5:
            detours[min(at, len(detours) - 1)] = there
        else:
            detours.insert(at, there)
    return replace(way, detours=tuple(detours))
