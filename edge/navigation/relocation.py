"""Finding a lost dog on the map by one scan: round the last known pose first, then everywhere."""

import math

import numpy as np
from numpy.typing import NDArray

from edge.navigation.likelihood import Field, agreement, refined, summed
from edge.navigation.scan import LevelScan
from edge.types import Pose2D

BEAMS = 30  # beams that weigh a guess
NEAR = (3000, 4.0, 0.6)  # guesses; metres and radians of deviation round the last known pose
ANYWHERE = 60000  # guesses over the whole map
MATCHED = 40  # guesses worth matching
SURE = 0.7  # agreement that a find must have ...
AHEAD = 0.08  # ... and by how much it must lead what lies elsewhere: a yard may look like itself in two places


def relocate(on: Field, scan: LevelScan, about: Pose2D | None, random: np.random.Generator) -> Pose2D | None:
    """The pose at which the scan fits the map, where there is one and only one; else None."""
    hits = scan.hits()
    if len(hits) < BEAMS:
        return None
    if about is not None and about.is_finite():
        found = _best(on, scan, hits, _round_about(about, random))
        if found is not None:
            return found
    return _best(on, scan, hits, _anywhere(on, random))


def _round_about(about: Pose2D, random: np.random.Generator) -> NDArray[np.float64]:
    count, metres, radians = NEAR
    return random.normal((about.x, about.y, about.theta), (metres, metres, radians), (count, 3))


def _anywhere(on: Field, random: np.random.Generator) -> NDArray[np.float64]:
    free = np.argwhere(~(on.grid.occupied | on.grid.unknown))
    cells = free[random.integers(len(free), size=ANYWHERE)]
    heading = random.uniform(-math.pi, math.pi, (ANYWHERE, 1))
    return np.hstack([on.grid.frame.centres(cells), heading])


def _best(on: Field, scan: LevelScan, hits: NDArray[np.float64], guesses: NDArray[np.float64]) -> Pose2D | None:
    few = hits[:: max(1, len(hits) // BEAMS)]
    order = np.argsort(-summed(on.grid, on.coarse, -1.5, guesses, few))
    prior = np.diag([1.0, 1.0, 0.1])
    found: list[tuple[float, Pose2D]] = []
    for index in order[:MATCHED]:
        x, y, theta = guesses[index]
        pose, _ = refined(on, Pose2D(float(x), float(y), float(theta)), prior, hits, rounds=10, sigma=0.5)
        pose, _ = refined(on, pose, prior, hits, rounds=6)
        found.append((agreement(on, pose, scan), pose))
    score, best = max(found, key=lambda item: item[0])
    elsewhere = max((other for other, pose in found if not _same(best, pose)), default=0.0)
    return best if score >= SURE and score - elsewhere >= AHEAD else None


def _same(one: Pose2D, other: Pose2D) -> bool:
    return one.distance(other) < 0.7 and abs(math.remainder(one.theta - other.theta, math.tau)) < 0.2
