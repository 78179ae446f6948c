"""Published strategies for several robots, written from their papers, behind the same update as ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, log

import numpy as np

from fleet_server.patrolling.choice import Effort, Rotation
from fleet_server.patrolling.graph import PatrolGraph
from fleet_server.patrolling.patrolling import DogAt, Patrolling, Step
from fleet_server.patrolling.rota import Rota, Team
from fleet_server.patrolling.tour import shortest_tour


@dataclass
class Sebs:
    """State Exchange Bayesian Strategy.

    D. Portugal, R. P. Rocha, "Distributed multi-robot patrol: a scalable and fault-tolerant framework", Robotics and
    Autonomous Systems 61 (2013). A robot at a vertex takes the neighbour with the most P(gain) * P(state), where the
    gain is idleness over the way there, P(gain) = L exp(ln(1/L)/M * gain) up to the gain M, and P(state) halves with
    each other robot that goes there: 2^(R-(s+1)) / (2^R - 1). Chance decides between equals.
    """

    graph: PatrolGraph
    most_gain: float  # M
    least: float = 0.1  # L
    shortest_way: float = 0.0  # s: ways count as no shorter
    seed: int = 0
    _seen: list[float] = field(init=False)
    _going: dict[str, int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._seen = [0.0] * len(self.graph)
        self._random = np.random.default_rng(self.seed)

    def update(self, dogs: Mapping[str, DogAt], visits: Sequence[tuple[int, float]], now: float) -> dict[str, Step]:
        """See Strategy."""
        for place, time in visits:
            self._seen[place] = time
        self._going = {name: place for name, place in self._going.items() if name in dogs}
        steps = {}
        for name, dog in dogs.items():
            if not dog.standing:
                continue
            intended = [place for other, place in self._going.items() if other != name]
            weight = {}
            for there, way in self.graph.ways[dog.checkpoint].items():
                gain = (now - self._seen[there]) / max(way, self.shortest_way)
                state = 2.0 ** -(intended.count(there) + 1)
                weight[there] = (
                    self.least * exp(log(1 / self.least) / self.most_gain * min(gain, self.most_gain)) * state
                )
            best = max(weight.values())
            chosen = int(self._random.choice([there for there, each in weight.items() if each > best - 1e-12]))
            self._going[name] = chosen
            steps[name] = Step(chosen, now)
        return steps


@dataclass
class Ahpa:
    """Adaptive Heuristic-based Patrolling Algorithm.

    A. Goeckner, X. Li, E. Wei, Q. Zhu, "Attrition-aware adaptation for multi-agent patrolling", RA-L 2024. Each robot
    goes round the Voronoi cell of its origin, in the order of a short tour (theirs Christofides', here a better one);
    when one is lost the cells are made anew from the origins that are left.
    """

    graph: PatrolGraph
    _origins: dict[str, int] = field(init=False, default_factory=dict)
    _walks: dict[str, list[int]] = field(init=False, default_factory=dict)
    _alive: frozenset[str] = field(init=False, default=frozenset())

    def update(self, dogs: Mapping[str, DogAt], _visits: Sequence[tuple[int, float]], now: float) -> dict[str, Step]:
        """See Strategy."""
        if frozenset(dogs) != self._alive:
            self._alive = frozenset(dogs)
            taken: set[int] = set()
            for name, dog in dogs.items():
                if name not in self._origins:
                    near = min(
                        (p for p in range(len(self.graph)) if p not in self._origins.values()),
                        key=lambda p: self.graph.rows[dog.checkpoint][p],
                    )
                    self._origins[name] = near
                taken.add(self._origins[name])
            cells: dict[str, list[int]] = {name: [] for name in dogs}
            for place in range(len(self.graph)):
                nearest = min(dogs, key=lambda name: (self.graph.rows[self._origins[name]][place], name))
                cells[nearest].append(place)
            for name, cell in cells.items():
                tour = shortest_tour(self.graph.seconds, cell, np.random.default_rng(0), 10)
                self._walks[name] = self.graph.closed_walk(tour)
        steps = {}
        for name, dog in dogs.items():
            if not dog.standing:
                continue
            walk = self._walks[name]
            if dog.checkpoint in walk and len(walk) > 1:
                if walk[0] != dog.checkpoint:
                    at = walk.index(dog.checkpoint)
                    walk = walk[at:] + walk[:at]
                self._walks[name] = walk[1:] + walk[:1]
                steps[name] = Step(walk[1], now)
            else:
                goal = min(walk, key=lambda place: self.graph.rows[dog.checkpoint][place])
                path = self.graph.paths[dog.checkpoint][goal]
                steps[name] = Step(path[0] if path else dog.checkpoint, now)
        return steps


class Cycle(Patrolling):
    """One short tour for all, evenly spaced, anew when one is lost.

    Y. Chevaleyre, "Theoretical analysis of the multi-agent patrolling problem", 2004. As strong as can be: our own
    tour, the beginning that brings the least idleness of many, each dog straight to the place where it is soonest.
    """

    def __init__(self, graph: PatrolGraph, rotations: dict[int, list[Rotation]]) -> None:
        super().__init__(graph, Effort(changes=0), rotations=rotations)

    def _rotas_for(self, dogs: int) -> list[Rota]:
        return [(Team(self.graph, self.tour, dogs),)]
