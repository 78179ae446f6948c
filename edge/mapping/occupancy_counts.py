"""What stands still: cells in which beams end, and hardly ever pass (counting model, Probabilistic Robotics 9.2)."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.mapping.keyframes import Keyframe
from edge.mapping.scan_matching import placed
from edge.navigation.maps import Frame
from edge.types import Pose2D

Counts = NDArray[np.int32]
MARGIN = 2.0  # m round all that was seen
REACH = 15.0  # m: a beam that met nothing tells of no more than this
SHORT = 1.5  # cells before its end at which a beam stops to tell of free ground: it may graze the wall
LEAST_HITS = 2
SHARE = 0.25  # of the beams that came so far ended there: a wall; somebody who walks by leaves less
FREE_PASSES = 2  # beams that must have passed
WIDEST = 0.05  # rad between neighbouring beams, over which nothing is known between them


@dataclass(frozen=True)
class Occupancy:
    """Hits and passes by cell, row 0 in the south."""

    frame: Frame
    hits: Counts
    passes: Counts

    def occupied(self) -> NDArray[np.bool_]:
        """Where something stands."""
        return (self.hits >= LEAST_HITS) & (self.hits >= SHARE * (self.hits + self.passes))

    def free(self) -> NDArray[np.bool_]:
        """Where nothing does."""
        return ~self.occupied() & (self.passes >= FREE_PASSES)


def occupancy(
    frames: Sequence[Keyframe], poses: Sequence[Pose2D], resolution: float, tell: Callable[[float], None]
) -> Occupancy:
    """All keyframes laid into one grid of ``resolution`` metres a cell."""
    frame = _frame_of(frames, poses, resolution)
    hits = np.zeros((frame.height, frame.width), np.int32)
    passes = np.zeros_like(hits)
    for index, (keyframe, pose) in enumerate(zip(frames, poses, strict=True)):
        window, passed = _passed(frame, keyframe, pose)
        ended = np.zeros_like(passed)
        rows, columns, inside = frame.cells(placed(keyframe.hits, pose))
        rows, columns = rows[inside] - window[0].start, columns[inside] - window[1].start
        ended[rows, columns] = 1
        hits[window] += ended  # once a keyframe, however many of its beams end there
        passes[window] += passed & (1 - ended)
        tell(index / len(frames))
    return Occupancy(frame, hits, passes)


def _passed(frame: Frame, keyframe: Keyframe, pose: Pose2D) -> tuple[tuple[slice, slice], NDArray[np.uint8]]:
    """A window of the grid that holds all the scan, and 1 in those of its cells through which it looked.

    Between neighbouring beams it looked as far as the shorter one.
    """
    scan = keyframe.turn.scan
    met = np.isfinite(scan.points[:, 0])
    ends = np.where(met[:, None], scan.points, 0.0)
    reach = np.where(met, np.hypot(ends[:, 0], ends[:, 1]) - SHORT * frame.resolution, np.minimum(scan.free, REACH))
    bearing = np.where(met, np.arctan2(ends[:, 1], ends[:, 0]), scan.bearing)
    order = np.argsort(bearing)
    bearing, reach = bearing[order], np.maximum(reach[order], 0.0)
    turn = np.append(bearing, bearing[:1] + math.tau)
    shorter = np.where(np.diff(turn) < WIDEST, np.minimum(reach, np.roll(reach, -1)), 0.0)
    fan = np.stack([turn[:-1], turn[1:]], axis=1).ravel(), np.repeat(shorter, 2)
    corners = placed(np.stack([fan[1] * np.cos(fan[0]), fan[1] * np.sin(fan[0])], axis=1), pose)
    far = float(np.hypot(ends[:, 0], ends[:, 1]).max(initial=REACH)) + 1.0
    (top, left), (bottom, right) = frame.cell(pose.x - far, pose.y - far), frame.cell(pose.x + far, pose.y + far)
    window = (slice(max(top, 0), min(bottom + 1, frame.height)), slice(max(left, 0), min(right + 1, frame.width)))
    cells = (corners - (frame.x, frame.y)) / frame.resolution - (window[1].start + 0.5, window[0].start + 0.5)
    looked = np.zeros((window[0].stop - window[0].start, window[1].stop - window[1].start), np.uint8)
    cv2.fillPoly(looked, [np.round(cells * 16).astype(np.int32)], (1.0,), shift=4)
    return window, looked


def _frame_of(frames: Sequence[Keyframe], poses: Sequence[Pose2D], resolution: float) -> Frame:
    """The grid that holds all that was hit and walked, its corner on a whole metre."""
    low, high = np.full(2, np.inf), np.full(2, -np.inf)
    for keyframe, pose in zip(frames, poses, strict=True):
        seen = placed(np.vstack([keyframe.hits, np.zeros((1, 2))]), pose)
        low, high = np.minimum(low, seen.min(axis=0)), np.maximum(high, seen.max(axis=0))
    low, high = np.floor(low - MARGIN), np.ceil(high + MARGIN)
    width, height = (round(float(side) / resolution) for side in high - low)
    return Frame(resolution, float(low[0]), float(low[1]), height, width)
