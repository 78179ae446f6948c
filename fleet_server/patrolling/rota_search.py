"""Rotas bettered: less waiting on the mean, by annealing, while no checkpoint waits longer than is allowed.

S. Kirkpatrick, C. D. Gelatt, M. P. Vecchi, "Optimization by simulated annealing", Science 220 (1983).
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp

import numpy as np

from fleet_server.patrolling.graph import PatrolGraph
from fleet_server.patrolling.partition import partitions
from fleet_server.patrolling.rota import Rota, Team, mean, worst
from fleet_server.patrolling.tour import TINY

ALLOWED = (1.0, 0.94)  # times the cycle's spacing that a checkpoint may wait at most
BETTERED = 4  # partitions that are bettered, the best
HEAT = 0.02  # at the start: of the summed mean idleness

Change = dict[int, Team]  # the teams that are new, by their number in the rota


def rotas(cycle_of_all: Team, random: np.random.Generator, steps: int) -> list[Rota]:
    """Rotas worth a look: the evenly spaced cycle first, then partitions, then both bettered."""
    found = list(partitions(cycle_of_all))
    cycle = worst(found[0])
    for allowed in ALLOWED:
        fit = [rota for rota in found if worst(rota) <= allowed * cycle + TINY]
        best = sorted(fit, key=lambda rota: mean(rota) + worst(rota) / 2)[:BETTERED]
        found += [bettered(rota, allowed * cycle, random, steps) for rota in best]
    return list(dict.fromkeys(found))


def bettered(rota: Rota, allowed: float, random: np.random.Generator, steps: int) -> Rota:
    """The best rota on a random walk from this one over rotas in which nothing waits longer than ``allowed`` (s)."""
    search = _Search(rota[0].graph, list(rota), random)
    best, best_waiting = rota, search.waiting
    for step in range(steps):
        change = search.change()
        if change is None or any(not 0.0 < team.round <= (allowed + TINY) * team.dogs for team in change.values()):
            continue
        grown = sum(team.waiting - search.rota[number].waiting for number, team in change.items())
        heat = HEAT * best_waiting / len(search.graph) * (1 - step / steps)
        if grown > 0.0 and random.random() >= exp(-grown / heat):
            continue
        for number, team in change.items():
            search.rota[number] = team
        search.waiting += grown
        if search.waiting < best_waiting - TINY:
            best, best_waiting = tuple(search.rota), search.waiting
    return best


@dataclass
class _Search:
    """A rota and the random changes that can be made to it; None where a change makes no sense."""

    graph: PatrolGraph
    rota: list[Team]
    random: np.random.Generator

    def __post_init__(self) -> None:
        self.waiting = sum(team.waiting for team in self.rota)
        inside: list[tuple[float, Callable[[], Change | None]]] = [
            (0.3, self._turned),
            (0.3, self._moved),
            (0.2, self._doubled),
            (0.2, self._undoubled),
        ]
        between: list[tuple[float, Callable[[], Change | None]]] = [(0.5, self._given), (0.1, self._dog_given)]
        options = inside + between if len(self.rota) > 1 else inside
        total = sum(weight for weight, _ in options)
        self._until = np.cumsum([weight / total for weight, _ in options]).tolist()
        self._options = [change for _, change in options]

    def change(self) -> Change | None:
        draw = self.random.random()
        return next(option for until, option in zip(self._until, self._options, strict=True) if draw < until + 1e-9)()

    def _any(self, count: int) -> int:
        return int(self.random.random() * count)

    def _pick(self) -> tuple[int, Team, list[int]]:
        number = self._any(len(self.rota))
        return number, self.rota[number], list(self.rota[number].tour)

    def _turned(self) -> Change | None:
        number, team, tour = self._pick()
        i, j = sorted((self._any(len(tour)), self._any(len(tour))))
        tour[i : j + 1] = tour[i : j + 1][::-1]
        return {number: Team(self.graph, tuple(tour), team.dogs)} if len(tour) > 3 and i < j else None

    def _moved(self) -> Change | None:
        number, team, tour = self._pick()
        if len(tour) < 4:
            return None
        at = self._any(len(tour))
        segment = tour[at : at + 1 + self._any(3)]
        del tour[at : at + len(segment)]
        to = self._any(len(tour) + 1)
        tour[to:to] = segment if self.random.random() < 0.5 else segment[::-1]
        return {number: Team(self.graph, tuple(tour), team.dogs)}

    def _doubled(self) -> Change | None:
        number, team, tour = self._pick()
        again, to = tour[self._any(len(tour))], self._any(len(tour))
        if again in (tour[to - 1], tour[to]):
            return None
        tour.insert(to, again)
        return {number: Team(self.graph, tuple(tour), team.dogs)}

    def _undoubled(self) -> Change | None:
        number, team, tour = self._pick()
        doubled = [at for at, place in enumerate(tour) if tour.count(place) > 1]
        if not doubled:
            return None
        del tour[doubled[self._any(len(doubled))]]
        return {number: Team(self.graph, tuple(tour), team.dogs)}

    def _given(self) -> Change | None:
        """A checkpoint changes teams, into the place where it makes the way least longer."""
        giver, takes = self._any(len(self.rota)), self._any(len(self.rota))
        left, taken = list(self.rota[giver].tour), list(self.rota[takes].tour)
        place = left.pop(self._any(len(left)))
        if giver == takes or len(set(left)) < 2:
            return None
        if place not in taken:
            rows = self.graph.rows
            longer = [
                rows[a][place] + rows[place][b] - rows[a][b] for a, b in zip(taken, (*taken[1:], taken[0]), strict=True)
            ]
            taken.insert(longer.index(min(longer)) + 1, place)
        return {
            giver: Team(self.graph, tuple(left), self.rota[giver].dogs),
            takes: Team(self.graph, tuple(taken), self.rota[takes].dogs),
        }

    def _dog_given(self) -> Change | None:
        giver, takes = self._any(len(self.rota)), self._any(len(self.rota))
        if giver == takes or self.rota[giver].dogs < 2:
            return None
        return {
            giver: Team(self.graph, self.rota[giver].tour, self.rota[giver].dogs - 1),
            takes: Team(self.graph, self.rota[takes].tour, self.rota[takes].dogs + 1),
        }
