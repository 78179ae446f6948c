"""Finding a lost dog on the map by one scan: everywhere at once, and round the last known pose more closely.

The whole map is searched by correlation (after Olson 2009): the scan's ends, turned by each heading, are laid over a
coarse map at every place; each coarse cell has the best that is in it, so that the true place is not missed for lying
between two that are tried. Who would have looked through walls there is somewhere else. What fits best, each place
once, is matched closely, and must lead all others: a search that may miss the true place may take one that looks like
it for the only one.
"""

import math
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter

from edge.navigation.likelihood_field import Field, agreements, log_likelihoods, refined_poses, summed
from edge.navigation.scan_leveling import LevelScan
from edge.types import Pose2D

BEAMS = 30  # beams that weigh a guess
NEAR = (3000, 4.0, 0.6)  # guesses; metres and radians of deviation round the last known pose
CELL = 0.5  # m between places of the map that are tried ...
HEADINGS = 90  # ... each with so many headings: 4 degrees apart, 0.9 m at the end of a beam
A_STEP = 6  # headings that are tried in one step of a search: 10 to 30 ms
LIKELY, BEST = 500, 60  # places that are kept for each heading, by where beams end, and by what they pass through too
COARSE_SIGMA = 0.4  # m: of the ends of beams, beside the cell and the heading that they are tried at
CHANCE = 0.1  # share of the peak that a beam gets wherever it ends
THROUGH, THROUGH_BEAMS = 0.5, 60  # what a place counts that is looked through and solid; beams that tell of such
TRIED, TRIED_NEAR = 160, 30  # guesses that are matched roughly, of the whole map and round the last known pose
MATCHED = 30  # of those, the ones that are matched with all beams
THIN = 60  # beams that a rough match is judged by
BEYOND = -1.5  # what a beam's end outside of the map counts: as far from everything as the coarse map tells
APART = (1.0, 0.3)  # m and rad: nearer guesses are one
SURE = 0.7  # agreement that a find must have ...
AHEAD = 0.06  # ... and by how much it must lead what lies elsewhere: a yard may look like itself in two places ...
LIKELIER = 6.0  # ... or by how much its log-likelihood must: beams near a wall agree, beams on it are likelier
EVEN = 0.1  # so much less likely is as likely: then a place is a rival however well the other agrees ...
POSSIBLE = 0.2  # ... where it has this agreement itself: in a wall, or behind one, nothing agrees

Guesses = NDArray[np.float64]  # (n, 3): x, y, theta


def search(
    on: Field, scan: LevelScan, about: Pose2D | None, random: np.random.Generator
) -> Generator[None, None, Pose2D | None]:
    """Step by step, so that who follows a dog goes on meanwhile: the pose at which the scan fits the map, where there
    is one and only one; else None."""
    hits = scan.hits()
    if len(hits) < BEAMS:
        return None
    few = _spread(hits)
    guesses = yield from _anywhere(on, few, _looked_through(scan))
    if about is not None and about.is_finite():
        yield
        guesses = np.vstack([guesses, _round_about(on, few, about, random)])
    return (yield from _best(on, scan, hits, guesses))


def _spread(hits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Some BEAMS of the hits, spread over space: else most would tell of who stands next to the dog."""
    _, first = np.unique(np.floor(hits / CELL), axis=0, return_index=True)
    apart = hits[np.sort(first)]
    return apart[:: max(1, len(apart) // BEAMS)]


def _round_about(on: Field, few: NDArray[np.float64], about: Pose2D, random: np.random.Generator) -> Guesses:
    count, metres, radians = NEAR
    guesses = random.normal((about.x, about.y, about.theta), (metres, metres, radians), (count, 3))
    score = summed(on.grid, on.coarse, BEYOND, guesses, few)
    return _apart(guesses[np.argsort(-score, kind="stable")], TRIED_NEAR)


def _anywhere(on: Field, few: NDArray[np.float64], seen_through: NDArray[np.float64]) -> Generator[None, None, Guesses]:
    """The places of the map at which ``few`` ends of beams (m, 2) lie best, best first.

    ``seen_through`` (k, 2) are places, like those in the dog's frame, at which nothing solid is.
    """
    ground = _coarse(on)
    pad = math.ceil(float(np.hypot(*np.vstack([few, seen_through]).T).max()) / ground.cell) + 1
    likely = np.pad(ground.likely, pad, constant_values=math.log(CHANCE))
    solid = np.pad(ground.solid, pad).ravel()
    height, width = ground.likely.shape
    found, scores = [], []
    for heading, theta in enumerate(np.linspace(-math.pi, math.pi, HEADINGS, endpoint=False)):
        if heading % A_STEP == 0:
            yield
        rows, columns = ground.cells_off(few, theta)
        total = np.zeros((height, width), np.float32)
        for row, column in zip(rows + pad, columns + pad, strict=True):
            total += likely[row : row + height, column : column + width]
        fit = np.where(ground.free, total, -np.inf).ravel()
        best = np.argpartition(-fit, min(LIKELY, len(fit) - 1))[:LIKELY]
        row, column = np.divmod(best, width)
        rows, columns = ground.cells_off(seen_through, theta)
        at = (row + pad)[:, None] * likely.shape[1] + (column + pad)[:, None] + rows * likely.shape[1] + columns
        fit = fit[best] - THROUGH * solid[at].sum(axis=1)
        kept = np.argsort(-fit, kind="stable")[:BEST]
        places = ground.middles(row[kept], column[kept])
        found.append(np.column_stack([places, np.full(len(kept), theta)]))
        scores.append(fit[kept])
    yield
    order = np.argsort(-np.concatenate(scores), kind="stable")
    return _apart(np.concatenate(found)[order], TRIED)


@dataclass(frozen=True, slots=True)
class _Coarse:
    """The map by cells of ``cell`` metres: the best log-likelihood in each, whether it is all solid, or free."""

    cell: float
    x: float
    y: float
    likely: NDArray[np.float32]
    solid: NDArray[np.bool_]
    free: NDArray[np.bool_]

    def cells_off(self, points: NDArray[np.float64], theta: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """How many rows and columns off the dog's the places (n, 2) of its frame lie, when it faces ``theta``."""
        cos, sin = math.cos(theta) / self.cell, math.sin(theta) / self.cell
        columns, rows = cos * points[:, 0] - sin * points[:, 1], sin * points[:, 0] + cos * points[:, 1]
        return np.rint(rows).astype(np.intp), np.rint(columns).astype(np.intp)

    def middles(self, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[np.float64]:
        """The middles (n, 2) of cells."""
        return np.stack([self.x + (columns + 0.5) * self.cell, self.y + (rows + 0.5) * self.cell], axis=1)


def _coarse(on: Field) -> _Coarse:
    grid, frame = on.grid, on.grid.frame
    step = max(1, round(CELL / frame.resolution))
    more = ((0, -frame.height % step), (0, -frame.width % step))
    distance, occupied = np.pad(grid.distance, more, mode="edge"), np.pad(grid.occupied, more)
    shape = (distance.shape[0] // step, step, distance.shape[1] // step, step)
    nearest = distance.reshape(shape).min(axis=(1, 3))
    likely = np.log(CHANCE + np.exp(-0.5 * (nearest / COARSE_SIGMA) ** 2)).astype(np.float32)
    solid: NDArray[np.bool_] = np.logical_and.reduce(occupied.reshape(shape), axis=(1, 3))
    likely[minimum_filter(solid, 3)] = math.log(CHANCE)  # no beam ends deep in a house
    free = ~np.pad(grid.occupied | grid.unknown, more, constant_values=True)[step // 2 :: step, step // 2 :: step]
    return _Coarse(step * frame.resolution, frame.x, frame.y, likely, solid, free)


def _looked_through(scan: LevelScan) -> NDArray[np.float64]:
    """Places (n, 2; the dog's frame) along the beams at which nothing solid is."""
    telling = np.flatnonzero(scan.free > 0)
    few = telling[:: max(1, len(telling) // THROUGH_BEAMS)]
    far = np.concatenate([share * scan.free[few] for share in (0.4, 0.7)])
    bearing = np.tile(scan.bearing[few], 2)
    return np.stack([far * np.cos(bearing), far * np.sin(bearing)], axis=1)


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


def _best(
    on: Field, scan: LevelScan, hits: NDArray[np.float64], guesses: Guesses
) -> Generator[None, None, Pose2D | None]:
    """The guess that leads all others once matched, roughly first, for most can be told to be wrong at once."""
    few, thin = hits[:: max(1, len(hits) // BEAMS)], _thinned(scan)
    yield
    rough, score = _matched(on, guesses, few, thin, 5)
    yield
    found, agree = _matched(on, rough[np.argsort(-score, kind="stable")[:MATCHED]], hits, scan, 10)
    most, weight = float(agree.max()), log_likelihoods(on, found, hits)
    close = agree > most - AHEAD
    first = int(np.argmax(np.where(close, weight, -np.inf)))
    elsewhere, behind = ~_same(found, found[first]), weight[first] - weight
    # Whoever stands about the dog takes agreement from the true place as from another that explains the beams as well.
    rivals = elsewhere & ((close & (behind < LIKELIER)) | ((agree > POSSIBLE) & (behind < EVEN)))
    if most < SURE or rivals.any():
        return None
    x, y, theta = found[first].tolist()
    return Pose2D(x, y, math.remainder(theta, math.tau))


def _matched(
    on: Field, guesses: Guesses, hits: NDArray[np.float64], scan: LevelScan, rounds: int
) -> tuple[Guesses, NDArray[np.float64]]:
    """The poses near ``guesses`` at which the hits lie best, and how far scan and map agree there."""
    prior = np.diag([1.0, 1.0, 0.1])
    poses = refined_poses(on, guesses, prior, hits, rounds, sigma=0.5)
    poses = refined_poses(on, poses, prior, hits, rounds=rounds // 2 + 1)
    return poses, agreements(on, poses, scan)


def _thinned(scan: LevelScan) -> LevelScan:
    every = max(1, len(scan.bearing) // THIN)
    return LevelScan(scan.points[::every], scan.bearing[::every], scan.free[::every], scan.stamp)


def _same(poses: Guesses, other: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of the poses are the other."""
    turned = np.remainder(poses[:, 2] - other[2] + math.pi, math.tau) - math.pi
    same: NDArray[np.bool_] = (np.hypot(*(poses[:, :2] - other[:2]).T) < 0.7) & (np.abs(turned) < 0.2)
    return same
