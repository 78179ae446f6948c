"""Where the dog came back to: stretches of the walk that lie near each other on the map and far apart on the way."""

import math
from collections.abc import Callable

import numpy as np

from edge.mapping.keyframes import Keyframe
from edge.mapping.scan_matching import patch, placed, searched
from edge.mapping.scan_odometry import Link
from edge.types import Pose2D

EVERY = 2.0  # m of the way between places at which a loop is looked for
APART = 20.0  # m of the way between the two stretches
NEAR = 4.0  # m on the map between them: from farther off much else is seen, and a fence for its neighbour
STRETCH, MOST = 2.5, 24  # m of the way to both sides that make a stretch, of at most so many keyframes
FITS, LEAD = 0.60, 0.08  # share of hits that must fit, and its lead over any other place
DRIFT, DRIFT_TURN = 0.02, 0.002  # m and rad of error a metre of the way, at most
DEVIATION = (0.03, 0.03, 0.004)  # m, m, rad: of a link that closes a loop


def loops(frames: list[Keyframe], poses: list[Pose2D], window: float, tell: Callable[[float], None]) -> list[Link]:
    """Links between stretches; a stretch is looked for within at most ``window`` metres of where it seems to be."""
    places = np.array([(pose.x, pose.y) for pose in poses])
    along = np.array([frame.along for frame in frames])
    found: list[Link] = []
    looked = -EVERY
    for index in range(len(frames)):
        if along[index] - looked < EVERY:
            continue
        looked = float(along[index])
        away = np.hypot(*(places[:index] - places[index]).T)
        away[along[index] - along[:index] < APART] = np.inf
        for other in _stretches(away, along[:index]):
            link = _closed(frames, poses, int(other), index, window)
            found += [link] if link else []
        tell(index / len(frames))
    return found


def _stretches(away: np.ndarray, along: np.ndarray) -> list[int]:
    """The nearest keyframe of each earlier passage, at most three."""
    chosen: list[int] = []
    left = away.copy()
    while len(chosen) < 3 and len(left) and left.min() < NEAR:
        best = int(np.argmin(left))
        chosen.append(best)
        left[np.abs(along - along[best]) < APART] = np.inf
    return chosen


def _closed(frames: list[Keyframe], poses: list[Pose2D], first: int, second: int, window: float) -> Link | None:
    on = patch([_seen(frames, poses, first, n) for n in _round(first, frames)])
    hits = np.vstack([_seen(frames, poses, second, n) for n in _round(second, frames)[::4]])
    drift = frames[second].along - frames[first].along
    metres, radians = min(window, 0.4 + DRIFT * drift), min(0.2, 0.03 + DRIFT_TURN * drift)
    found = searched(on, poses[first].between(poses[second]), metres, radians, hits)
    if found is None or found.fit < FITS or found.fit - found.rival < LEAD:
        return None
    return Link(first, second, found.pose, found.covariance + np.diag(np.square(DEVIATION)), closes=True)


def _round(middle: int, frames: list[Keyframe]) -> list[int]:
    """The keyframes about one: a scan alone is sparse where it is far, and fits beside where it should."""
    home = frames[middle].along
    first = next(n for n in range(middle + 1) if home - frames[n].along <= STRETCH)
    last = next(n for n in range(len(frames) - 1, middle - 1, -1) if frames[n].along - home <= STRETCH)
    return list(range(first, last + 1, max(1, math.ceil((last - first + 1) / MOST))))


def _seen(frames: list[Keyframe], poses: list[Pose2D], home: int, other: int) -> np.ndarray:
    """The hits of ``other`` as seen from ``home``."""
    return placed(frames[other].hits, poses[home].between(poses[other]))
