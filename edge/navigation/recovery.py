"""When a walk does not get on: is it held up, did something unseen push back, and where would one be out of the way?"""

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
import tcod.path
from numpy.typing import NDArray

from edge.navigation.grid_search import CARDINAL, DIAGONAL
from edge.navigation.planning import CostMap
from edge.types import Pose2D, Twist2D, wrap

Points = NDArray[np.float64]
NEW_GROUND = 0.5  # m: the side of the cells by which new ground is told from old


@dataclass(frozen=True, slots=True)
class RecoveryConfig:
    """When a walk counts as held up, and how far the dog goes out of somebody's way."""

    step: float = 0.15  # m nearer to the goal, or ...
    turn: float = 0.35  # rad of turning, which counts for as long as the dog has not turned ...
    spin: float = 7.0  # rad in all since the last step: getting on
    pushed_after: float = 2.0  # s of walking without moving until something unseen is taken to be there
    pushed_speed: float = 0.10  # m/s that must have been asked for meanwhile
    pushed_moved: float = 0.08  # m that would have been moving
    aside: float = 1.1  # m beside the lane of who comes: room for both
    aside_within: float = 6.0  # m of walking
    turning: float = 0.0  # m nearer that a place must be for each radian that the dog faces away from it
    barren: float = 60.0  # s without new ground until the goal fails
    off_speed: float = 0.25  # m/s: away from what pushed back unseen, whatever legs that slip say of their speed ...
    off_for: float = 1.2  # s: ... for so long


class Advance:
    """Watches one goal: since when the dog has not got on, and since when it has seen no new ground."""

    def __init__(self, config: RecoveryConfig, now: float) -> None:
        self._config = config
        self._since = self._new_at = now
        self._best = math.inf
        self._spun = 0.0
        self._heading: float | None = None
        self._visited: set[tuple[int, int]] = set()

    def restart(self, now: float) -> None:
        """Another path begins, or something outside of navigation held the dog."""
        self._since, self._best = now, math.inf

    def excuse(self, now: float) -> None:
        """Time that passed until ``now`` is not the walk's fault."""
        self._since = self._new_at = now

    def update(self, pose: Pose2D, remaining: float, now: float) -> None:
        """Note the place and the metres left."""
        cell = (math.floor(pose.x / NEW_GROUND), math.floor(pose.y / NEW_GROUND))
        if cell not in self._visited:
            self._visited.add(cell)
            self._new_at = now
        heading = self._heading if self._heading is not None else pose.theta
        if remaining < self._best - self._config.step:
            self._best, self._since, self._spun, self._heading = remaining, now, 0.0, pose.theta
        elif abs(wrap(pose.theta - heading)) > self._config.turn and self._spun < self._config.spin:
            self._spun += self._config.turn
            self._heading, self._since = pose.theta, now

    def held_for(self, now: float) -> float:
        """Seconds without getting on."""
        return now - self._since

    def barren_for(self, now: float) -> float:
        """Seconds without new ground."""
        return now - self._new_at


class Pushing:
    """Tells when the dog walks and does not move: something stands there that no sensor shows."""

    def __init__(self, config: RecoveryConfig) -> None:
        self._config = config
        self._past: deque[tuple[float, Pose2D, Twist2D]] = deque()

    def forget(self) -> None:
        """Begin anew."""
        self._past.clear()

    def update(self, pose: Pose2D, command: Twist2D, now: float) -> float | None:
        """The direction (radians, of the body) in which the dog pushes in vain; None while it does not."""
        config = self._config
        if math.hypot(command.vx, command.vy) < config.pushed_speed or (self._past and now < self._past[-1][0]):
            self._past.clear()
            return None
        self._past.append((now, pose, command))
        while now - self._past[0][0] > config.pushed_after + 1e-6:
            self._past.popleft()
        began, place, _ = self._past[0]
        if now - began < config.pushed_after - 0.15 or place.distance(pose) > config.pushed_moved:
            return None
        if abs(wrap(pose.theta - place.theta)) > 2 * config.pushed_moved:
            return None
        self._past.clear()
        return math.atan2(command.vy, command.vx)


def refuge(ground: CostMap, pose: Pose2D, lane: Points, config: RecoveryConfig) -> tuple[float, float] | None:
    """The nearest place to walk to that lies ``aside`` of ``lane`` (n, 2), where who comes will walk, or None.

    To the right of where the dog faces is as good as half a metre nearer; ``turning`` is for who is in a hurry.
    """
    frame, reach = ground.frame, math.ceil(config.aside_within / ground.frame.resolution)
    row, column = frame.cell(pose.x, pose.y)
    if not frame.contains(row, column):
        return None
    top, left = max(row - reach, 0), max(column - reach, 0)
    window = np.ascontiguousarray(ground.cost[top : row + reach + 1, left : column + reach + 1])
    window[row - top, column - left] = max(int(window[row - top, column - left]), 1)
    far = np.full(window.shape, np.iinfo(np.int32).max, np.int32)
    far[row - top, column - left] = 0
    tcod.path.dijkstra2d(far, (window > 0).astype(np.int32), CARDINAL, DIAGONAL, out=far)
    metres = far / CARDINAL * frame.resolution
    cells = np.argwhere(metres < config.aside_within)
    places = frame.centres(cells + np.array([top, left]))
    clear = np.hypot(places[:, None, 0] - lane[None, :, 0], places[:, None, 1] - lane[None, :, 1]).min(axis=1)
    good = clear >= config.aside
    if not good.any():
        return None
    places, cells = places[good], cells[good]
    right = (places[:, 0] - pose.x) * math.sin(pose.theta) - (places[:, 1] - pose.y) * math.cos(pose.theta) > 0
    off = np.arctan2(places[:, 1] - pose.y, places[:, 0] - pose.x) - pose.theta
    turned = np.abs(off - 2 * math.pi * np.round(off / (2 * math.pi)))
    best = places[int(np.argmin(metres[cells[:, 0], cells[:, 1]] - 0.5 * right + config.turning * turned))]
    return float(best[0]), float(best[1])
