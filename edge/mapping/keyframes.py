"""The turns that a map is made of: one wherever the dog has walked or turned a little, and one a second where not."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.mapping.leveled_walk import Turn
from edge.types import Pose2D

STEP, TURN, WAIT = 0.25, 0.15, 1.0  # m, rad, s: whichever comes first
NEAR = 0.4  # m: nearer returns are of the dog itself, or of who leads it by the collar


@dataclass(frozen=True, slots=True)
class Keyframe:
    """A turn with what a map needs of it. ``hits`` (n, 2) in base_link; ``along``: metres walked until then."""

    turn: Turn
    hits: NDArray[np.float64]
    along: float

    @property
    def odometry(self) -> Pose2D:
        """Where legs and gyroscope had got to."""
        return self.turn.odometry


def keyframes(turns: list[Turn]) -> list[Keyframe]:
    """The first turn, and each that is far enough from the last one chosen."""
    chosen = [_keyframe(turns[0], 0.0)]
    for turn in turns[1:]:
        last = chosen[-1]
        moved = last.odometry.between(turn.odometry)
        walked = math.hypot(moved.x, moved.y)
        waited = turn.scan.stamp - last.turn.scan.stamp
        if walked >= STEP or abs(moved.theta) >= TURN or waited >= WAIT:
            chosen.append(_keyframe(turn, last.along + walked))
    return chosen


def _keyframe(turn: Turn, along: float) -> Keyframe:
    hits = turn.scan.hits()
    return Keyframe(turn, hits[np.hypot(hits[:, 0], hits[:, 1]) > NEAR], along)
