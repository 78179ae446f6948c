"""Of all rotas and all ways into them the best: judged by what is foreseen, beside what the cycle would bring."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fleet_server.patrolling.deployment import Deployment, Standing, beginnings, changed, deployment, in_place
from fleet_server.patrolling.graph import PatrolGraph
from fleet_server.patrolling.rota import Rota, worst

ROUNDS = 4  # times the cycle's spacing that is looked ahead, besides the longest way on the map
SETTLED_ROUNDS = 12  # times the cycle's spacing over which the mean of those in their places is taken
SETTLED = 0.75  # share of the settled mean in the mean: a round lasts for hours, its beginning for minutes
WORST_SETTLED = 0.5  # weight of the worst wait once all are in their places, beside those of mean and worst
ABOVE_THE_CYCLE = 50.0  # weight of what is worse than with the cycle: nothing is gained at this price
ABOVE_AT_FIRST = 2.0  # the same before a plan is bettered: it may well come out of it


@dataclass(frozen=True)
class Effort:
    """How much is computed for a plan."""

    kicks: int = (
        200  # restarts of the search for the one round: every seed found the best known on the benchmark's maps
    )
    steps: int = 2500  # of annealing for each rota that is bettered
    cycles: int = 48  # beginnings of the one round for all, sent to their places
    beginnings: int = 16  # of each other rota
    looked_at: int = 4  # of these, foreseen in full; a quarter of the cycle's
    bettered: int = 5  # rotas whose plans are bettered
    changes: int = 500  # tried for each


def settled_mean(rota: Rota, horizon: float) -> float:
    """The mean idleness once all are in their places, what teams see of each other's in passing included (s)."""
    return deployment(in_place(rota), np.zeros(len(rota[0].graph)), horizon, since=horizon / 2).foreseen.mean


@dataclass(frozen=True)
class Rotation:
    """A rota with what it brings once all are in their places."""

    rota: Rota
    mean: float
    worst: float


def weighed(choice: Sequence[Rota]) -> list[Rotation]:
    """The rotas with what they bring; the first is the cycle."""
    horizon = SETTLED_ROUNDS * worst(choice[0])
    return [Rotation(rota, settled_mean(rota, horizon), worst(rota)) for rota in choice]


@dataclass(frozen=True)
class _Judge:
    cycle: Rotation
    begun: Deployment

    def __call__(self, rotation: Rotation, deployed: Deployment, price: float = ABOVE_THE_CYCLE) -> float:
        """Less is better; the cycle has 2.5."""
        foreseen, begun = deployed.foreseen, self.begun.foreseen
        mean = (SETTLED * rotation.mean + (1 - SETTLED) * foreseen.mean) / (
            SETTLED * self.cycle.mean + (1 - SETTLED) * begun.mean
        )
        most = max(foreseen.worst, rotation.worst) / max(begun.worst, self.cycle.worst)
        settled = rotation.worst / self.cycle.worst
        above = sum(max(0.0, part - 1.0) for part in (mean, rotation.mean / self.cycle.mean, most, settled))
        return mean + most + WORST_SETTLED * settled + price * above


def choose(
    graph: PatrolGraph,
    rotations: Sequence[Rotation],
    dogs: Sequence[Standing],
    ages: NDArray[np.float64],
    effort: Effort,
    random: np.random.Generator,
) -> Deployment:
    """The best found way for each dog; ``rotations`` begin with the one round for all, the cycle."""
    cycle = rotations[0]
    horizon = float(graph.seconds.max()) + ROUNDS * cycle.worst + max(dog.after for dog in dogs)
    shortlist = beginnings(graph, cycle.rota, dogs, effort.cycles, random)[: max(effort.cycles // 4, 1)]
    begun = [deployment(ways, ages, horizon) for ways in shortlist]
    best = min(begun, key=lambda each: each.foreseen.worst / cycle.worst + each.foreseen.mean / cycle.mean)
    judge = _Judge(cycle, best)
    options = [(0.0, cycle, best)]
    for rotation in rotations[1:]:
        tried = beginnings(graph, rotation.rota, dogs, effort.beginnings, random)[: effort.looked_at]
        scored = [
            (judge(rotation, each, ABOVE_AT_FIRST), each) for each in (deployment(w, ages, horizon) for w in tried)
        ]
        score, first = min(scored, key=lambda option: option[0])
        options.append((score, rotation, first))
    options.sort(key=lambda option: option[0])
    found = [
        _bettered(rotation, first, judge, ages, horizon, effort.changes, random)
        for _, rotation, first in options[: effort.bettered]
    ]
    return min(found, key=lambda option: option[0])[1]


def _bettered(
    rotation: Rotation,
    begun: Deployment,
    judge: _Judge,
    ages: NDArray[np.float64],
    horizon: float,
    tries: int,
    random: np.random.Generator,
) -> tuple[float, Deployment]:
    best, score = begun, judge(rotation, begun)
    for _ in range(tries):
        tried = deployment(changed(best.ways, random), ages, horizon)
        if (other := judge(rotation, tried)) < score:
            best, score = tried, other
    return score, best
