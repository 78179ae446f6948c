"""Who shares which closed round: teams of dogs, each evenly spaced on one tour.

One round for all is what Y. Chevaleyre calls the cyclic strategy ("Theoretical analysis of the multi-agent patrolling
problem", 2004), one round a dog his partition; between them stand all others. In each, any checkpoint waits at most its
team's round divided by its team's dogs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fleet_server.patrolling.graph import PatrolGraph


@dataclass(frozen=True)
class Team:
    """``dogs`` dogs, evenly spaced on the closed round ``tour``; a checkpoint may stand in it more than once."""

    graph: PatrolGraph
    tour: tuple[int, ...]
    dogs: int

    @cached_property
    def walk(self) -> NDArray[np.int64]:
        """The round step by step, with what is passed on the way."""
        return np.array(self.graph.closed_walk(self.tour), dtype=np.int64)

    @cached_property
    def starts(self) -> NDArray[np.float64]:
        """When each step of the walk is reached after its beginning (s)."""
        walk = self.walk.tolist()
        steps = [self.graph.rows[a][b] for a, b in pairwise(walk)]
        return np.concatenate([[0.0], np.cumsum(steps)])

    @cached_property
    def round(self) -> float:
        """How long the whole round takes one dog (s)."""
        return self.graph.length(self.tour)

    @property
    def spacing(self) -> float:
        """How long after one dog the next one comes (s)."""
        return self.round / self.dogs

    @cached_property
    def waiting(self) -> float:
        """The mean idleness of its checkpoints once its dogs are in their places, summed over them (s)."""
        rows, paths, spacing = self.graph.rows, self.graph.paths, self.spacing
        passed: dict[int, list[float]] = {place: [] for place in self.tour}
        clock = 0.0
        for a, b in zip(self.tour, (*self.tour[1:], self.tour[0]), strict=True):
            here = a
            for there in paths[a][b]:
                clock += rows[here][there]
                here = there
                if there in passed:
                    passed[there].append(clock % spacing)
        return sum(_mean_idleness(phases, spacing) for phases in passed.values())


def _mean_idleness(phases: list[float], period: float) -> float:
    """Of a place that is visited at ``phases`` of every ``period``."""
    if len(phases) == 1:
        return period / 2
    phases.sort()
    squares = (phases[0] + period - phases[-1]) ** 2
    for earlier, later in pairwise(phases):
        squares += (later - earlier) ** 2
    return squares / (2 * period)


Rota = tuple[Team, ...]


def worst(rota: Sequence[Team]) -> float:
    """How long a checkpoint waits at most once all dogs walk in their places (s)."""
    return max(team.spacing for team in rota)


def mean(rota: Sequence[Team]) -> float:
    """The mean idleness once all dogs walk in their places (s), what other teams see in passing not counted."""
    return sum(team.waiting for team in rota) / len(rota[0].graph)
