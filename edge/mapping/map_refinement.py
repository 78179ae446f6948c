"""All keyframes laid on one picture of all: the last centimetres, once loops are closed.

What every scan saw is summed up; walls become ridges of it, in whose middle each scan is laid. That is multi-scan
matching by turns (after Lu and Milios 1997), which a pose graph of steps and loops does not do by itself.
"""

from collections.abc import Callable

import numpy as np
from scipy.ndimage import gaussian_filter, maximum_filter

from edge.mapping.keyframes import Keyframe
from edge.mapping.scan_matching import CELL, FITS, MARGIN, Match, matched, placed
from edge.navigation.likelihood_field import Field, field
from edge.navigation.maps import Frame, occupancy_grid
from edge.types import Pose2D

BLUR = 1.0  # cells
ACROSS = 7  # cells over which the middle of a wall is looked for
CREST = 0.75  # of the most within ACROSS: that is the middle
LEAST = 2.0  # hits, blurred, fewer of which are no wall
PRIOR = (0.05, 0.05, 0.006)  # m, m, rad: how far off a pose still is
WELL = 0.5  # fit of a scan that is believed


def settled(frames: list[Keyframe], poses: list[Pose2D], tell: Callable[[float], None]) -> list[Match | None]:
    """Where each keyframe lies best on what all of them saw; None where that does not tell."""
    on = _ridges(frames, poses)
    prior = np.diag(np.square(PRIOR))
    found: list[Match | None] = []
    for index, (frame, pose) in enumerate(zip(frames, poses, strict=True)):
        match = matched(on, pose, prior, frame.hits) if len(frame.hits) >= 30 else None
        found.append(match if match and match.fit >= WELL and match.pose.distance(pose) < 4 * FITS else None)
        tell(index / len(frames))
    return found


def _ridges(frames: list[Keyframe], poses: list[Pose2D]) -> Field:
    points = np.vstack([placed(frame.hits, pose) for frame, pose in zip(frames, poses, strict=True)])
    low, high = points.min(axis=0) - MARGIN, points.max(axis=0) + MARGIN
    width, height = np.ceil((high - low) / CELL).astype(int)
    frame = Frame(CELL, float(low[0]), float(low[1]), int(height), int(width))
    rows, columns, inside = frame.cells(points)
    flat = (rows * frame.width + columns)[inside]
    counts = np.bincount(flat, minlength=frame.height * frame.width).reshape(frame.height, frame.width)
    blurred = gaussian_filter(counts.astype(np.float32), BLUR)
    ridge = (blurred >= CREST * maximum_filter(blurred, ACROSS)) & (blurred >= LEAST / 6)
    return field(occupancy_grid("ridges", frame, ridge, np.zeros_like(ridge)))
