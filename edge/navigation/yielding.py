"""Giving way: of the speeds the dog could take, the fastest at which nobody who walks on comes too near."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.navigation.movers import Mover
from edge.types import Pose2D

HORIZON = np.arange(1, 16) * 0.25  # s: people hold a course for about so long
SHARES = (1.0, 0.6, 0.3, 0.0)  # of the speed that the path allows


@dataclass(frozen=True, slots=True)
class YieldingConfig:
    """How much room people get."""

    room: float = 1.0  # m between the middles of dog and person
    back_speed: float = 0.45  # m/s
    reach: float = 8.0  # m: people farther off do not matter yet


def speed_among(
    movers: Sequence[Mover], pose: Pose2D, path: NDArray[np.float64], speed: float, config: YieldingConfig
) -> float:
    """The speed to take along ``path`` (n, 2; from the dog on), at most ``speed``; negative means stepping back.

    Each one is assumed to walk straight on. Where no speed keeps ``room``, the one that keeps most.
    """
    near = [mover for mover in movers if math.hypot(mover.x - pose.x, mover.y - pose.y) < config.reach]
    if not near:
        return speed
    forward = [speed * share for share in SHARES]
    rooms = [_room(near, _along(path, pose, candidate)) for candidate in forward]
    for candidate, room in zip(forward, rooms, strict=True):
        if room >= config.room:
            return candidate
    back = _room(near, _backwards(pose, config.back_speed))
    best = max(zip([back, *rooms], [-config.back_speed, *forward], strict=True))
    return best[1]


def _along(path: NDArray[np.float64], pose: Pose2D, speed: float) -> NDArray[np.float64]:
    """Where the dog will be (t, 2) if it walks the path at a speed."""
    if len(path) < 2:
        return np.tile((pose.x, pose.y), (len(HORIZON), 1))
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    at = speed * HORIZON
    return np.stack([np.interp(at, along, path[:, 0]), np.interp(at, along, path[:, 1])], axis=1)


def _backwards(pose: Pose2D, speed: float) -> NDArray[np.float64]:
    at = -speed * HORIZON[:, None]
    return np.asarray((pose.x, pose.y) + at * np.array([math.cos(pose.theta), math.sin(pose.theta)]), np.float64)


def _room(movers: Sequence[Mover], places: NDArray[np.float64]) -> float:
    """The least distance to anyone over the horizon, metres; who is near but walking away takes no room."""
    least = math.inf
    for mover in movers:
        course = np.array([mover.x, mover.y]) + HORIZON[:, None] * np.array([mover.vx, mover.vy])
        gaps = np.hypot(*(places - course).T)
        if gaps.argmin() > 0 or gaps[0] < math.hypot(places[0, 0] - mover.x, places[0, 1] - mover.y):
            least = min(least, float(gaps.min()))
    return least
