"""Finding a lost dog on the map by one scan: everywhere at once, and round the last known pose more closely.

The whole map is searched by correlation (after Olson 2009): the scan's ends, turned by each heading, are laid over a
coarse map at every place. What fits best, each place once, is matched closely, and must lead all others: a search that
may miss the true place may take one that looks like it for the only one.
"""

import math

import numpy as np
from numpy.typing import NDArray

from edge.navigation.likelihood_field import Field, agreement, refined, summed
from edge.navigation.scan_leveling import LevelScan
from edge.types import Pose2D

BEAMS = 30  # beams that weigh a guess
NEAR = (3000, 4.0, 0.6)  # guesses; metres and radians of deviation round the last known pose
CELL = 0.5  # m between places of the map that are tried ...
HEADINGS = 90  # ... each with so many headings: 4 degrees apart, 0.9 m at the end of a beam
BEST = 60  # places that are kept for each heading
TRIED, TRIED_NEAR = 300, 30  # guesses that are matched roughly, of the whole map and round the last known pose
MATCHED = 30  # of those, the ones that are matched with all beams
THIN = 60  # beams that a rough match is judged by
BEYOND = -1.5  # what a beam's end outside of the map counts: as far from everything as the coarse map tells
APART = (1.0, 0.3)  # m and rad: nearer guesses are one
SURE = 0.7  # agreement that a find must have ...
AHEAD = 0.06  # ... and by how much it must lead what lies elsewhere: a yard may look like itself in two places

Guesses = NDArray[np.float64]  # (n, 3): x, y, theta


def relocate(on: Field, scan: LevelScan, about: Pose2D | None, random: np.random.Generator) -> Pose2D | None:
    """The pose at which the scan fits the map, where there is one and only one; else None."""
    hits = scan.hits()
    if len(hits) < BEAMS:
        return None
    few = hits[:: max(1, len(hits) // BEAMS)]
    guesses = _anywhere(on, few)
    if about is not None and about.is_finite():
        guesses = np.vstack([guesses, _round_about(on, few, about, random)])
    return _best(on, scan, hits, guesses)


def _round_about(on: Field, few: NDArray[np.float64], about: Pose2D, random: np.random.Generator) -> Guesses:
    count, metres, radians = NEAR
    guesses = random.normal((about.x, about.y, about.theta), (metres, metres, radians), (count, 3))
    score = summed(on.grid, on.coarse, BEYOND, guesses, few)
    return _apart(guesses[np.argsort(-score, kind="stable")], TRIED_NEAR)


def _anywhere(on: Field, few: NDArray[np.float64]) -> Guesses:
    """The places of the map on which ``few`` ends of beams (m, 2) lie best, best first."""
    frame = on.grid.frame
    step = max(1, round(CELL / frame.resolution))
    coarse = on.coarse[step // 2 :: step, step // 2 :: step]
    free = ~(on.grid.occupied | on.grid.unknown)[step // 2 :: step, step // 2 :: step]
    cell, (height, width) = step * frame.resolution, coarse.shape
    pad = math.ceil(float(np.hypot(few[:, 0], few[:, 1]).max()) / cell) + 1
    padded = np.pad(coarse, pad, constant_values=BEYOND)
    found, scores = [], []
    for theta in np.linspace(-math.pi, math.pi, HEADINGS, endpoint=False):
        cos, sin = math.cos(theta), math.sin(theta)
        columns = np.rint((cos * few[:, 0] - sin * few[:, 1]) / cell).astype(np.intp) + pad
        rows = np.rint((sin * few[:, 0] + cos * few[:, 1]) / cell).astype(np.intp) + pad
        total = np.zeros((height, width), np.float32)
        for row, column in zip(rows, columns, strict=True):
            total += padded[row : row + height, column : column + width]
        fit = np.where(free, total, -np.inf).ravel()
        best = np.argpartition(-fit, min(BEST, len(fit) - 1))[:BEST]
        row, column = np.divmod(best, width)
        x = frame.x + (column * step + step // 2 + 0.5) * frame.resolution
        y = frame.y + (row * step + step // 2 + 0.5) * frame.resolution
        found.append(np.stack([x, y, np.full(len(best), theta)], axis=1))
        scores.append(fit[best])
    order = np.argsort(-np.concatenate(scores), kind="stable")
    return _apart(np.concatenate(found)[order], TRIED)


def _apart(guesses: Guesses, most: int) -> Guesses:
    """The first ``most`` guesses of which none is another over again."""
    metres, radians = APART
    left = guesses
    kept: list[NDArray[np.float64]] = []
    while len(left) and len(kept) < most:
        first = left[0]
        kept.append(first)
        turned = np.abs(np.remainder(left[:, 2] - first[2] + math.pi, math.tau) - math.pi)
        left = left[(np.hypot(left[:, 0] - first[0], left[:, 1] - first[1]) > metres) | (turned > radians)]
    return np.array(kept).reshape(-1, 3)


def _best(on: Field, scan: LevelScan, hits: NDArray[np.float64], guesses: Guesses) -> Pose2D | None:
    """The guess that leads all others once matched, roughly first, for most can be told to be wrong at once."""
    few, thin = hits[:: max(1, len(hits) // BEAMS)], _thinned(scan)
    rough = [_matched(on, Pose2D(float(x), float(y), float(theta)), few, thin, 5) for x, y, theta in guesses]
    rough.sort(key=lambda item: -item[0])
    found = [_matched(on, pose, hits, scan, 10) for _, pose in rough[:MATCHED]]
    score, best = max(found, key=lambda item: item[0])
    elsewhere = max((other for other, pose in found if not _same(best, pose)), default=0.0)
    return best if score >= SURE and score - elsewhere >= AHEAD else None


def _matched(on: Field, pose: Pose2D, hits: NDArray[np.float64], scan: LevelScan, rounds: int) -> tuple[float, Pose2D]:
    """The pose near ``pose`` at which the hits lie best, and how far scan and map agree there."""
    prior = np.diag([1.0, 1.0, 0.1])
    pose, _ = refined(on, pose, prior, hits, rounds, sigma=0.5)
    pose, _ = refined(on, pose, prior, hits, rounds=rounds // 2 + 1)
    return agreement(on, pose, scan), pose


def _thinned(scan: LevelScan) -> LevelScan:
    every = max(1, len(scan.bearing) // THIN)
    return LevelScan(scan.points[::every], scan.bearing[::every], scan.free[::every], scan.stamp)


def _same(one: Pose2D, other: Pose2D) -> bool:
    return one.distance(other) < 0.7 and abs(math.remainder(one.theta - other.theta, math.tau)) < 0.2
