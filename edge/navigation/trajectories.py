"""What a dog could do in the next seconds: ways along its path, beside it, slower, and steps off it, rolled out.

A candidate is either a manner of following the path (so far to the left of it, at such a share of the speed) or one or
two fixed velocities. All are rolled out at once, by how the legs speed up and slow down (the dynamic window of Fox,
Burgard and Thrun 1997; that candidates go on following the path is after Werling and others 2010).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.types import Pose2D, Twist2D

Array = NDArray[np.float64]

STEP = 0.15  # s between the places of a rollout
STEPS = 18
HORIZON = STEP * STEPS
TIMES = STEP * np.arange(1, STEPS + 1)
OFFSETS = (0.0, -0.25, 0.25, -0.5, 0.5, -0.8, 0.8, -1.2, 1.2, -1.7, 1.7, -2.4, 2.4)  # m to the left of the path
PACES = ((1.0, HORIZON), (0.65, HORIZON), (0.35, HORIZON), (0.18, HORIZON), (0.3, 1.0), (0.0, 0.8), (0.0, 1.6))
# Shares of the speed, and for how many seconds; thereafter all of it.
GRAIN = 0.1  # m between the points of the path's table


@dataclass(frozen=True, slots=True)
class Legs:
    """What the legs can do."""

    forward: float = 1.0  # m/s, at most, to get out of somebody's way
    back: float = 0.5  # m/s
    side: float = 0.4  # m/s
    turn: float = 1.0  # rad/s
    speed_up: float = 1.0  # m/s²
    slow_down: float = 1.2  # m/s²
    side_change: float = 0.8  # m/s²
    turn_change: float = 3.0  # rad/s²
    least: float = 0.12  # m/s: slower than this they hardly move
    brake: float = 0.5  # m/s², with which the end of the path is approached


@dataclass(frozen=True, slots=True)
class Candidates:
    """What may be chosen, an entry each.

    Where ``follows``: along the path at ``offset`` with ``share`` of the speed for ``hold`` seconds, then with all of
    it, tail first where ``backwards``. Else ``first`` for ``hold`` seconds and ``then`` (vx, vy, omega).
    """

    follows: NDArray[np.bool_]
    backwards: NDArray[np.bool_]
    offset: Array
    share: Array
    first: Array
    hold: Array
    then: Array

    @property
    def begins(self) -> NDArray[np.bool_]:
        """Which (t, n) are in their first part at the start of each step."""
        started: NDArray[np.bool_] = STEP * np.arange(STEPS)[:, None] < self.hold
        return started

    @property
    def puts_off(self) -> NDArray[np.bool_]:
        """Which go slower first, to let somebody pass."""
        return self.follows & (self.hold < HORIZON)

    @property
    def still(self) -> int:
        """The index of standing still."""
        return int(self.follows.sum())


@dataclass(frozen=True, slots=True)
class Rollouts:
    """Where each candidate (n) leads by each of TIMES (t): arrays (n, t), and its command now (n, 3).

    ``along`` is metres on the path, ``beside`` metres to the left of it.
    """

    x: Array
    y: Array
    theta: Array
    vx: Array
    vy: Array
    along: Array
    beside: Array
    command: Array


@dataclass(frozen=True, slots=True)
class PathTable:
    """The next stretch of the path in steps of GRAIN, with its direction; ``end`` is metres to its end, if that is
    within the table, else infinite."""

    x: Array
    y: Array
    tx: Array
    ty: Array
    end: float


def path_table(path: Array, ends: bool) -> PathTable:
    """The table of a stretch (n, 2) whose points are GRAIN apart; ``ends`` says whether the path ends there."""
    if len(path) == 1:
        return PathTable(path[:, 0], path[:, 1], np.ones(1), np.zeros(1), 0.0 if ends else math.inf)
    back, on = np.maximum(np.arange(len(path)) - 2, 0), np.minimum(np.arange(len(path)) + 2, len(path) - 1)
    way = path[on] - path[back]
    size = np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-9)
    end = float(np.hypot(*np.diff(path, axis=0).T).sum()) if ends else math.inf
    return PathTable(path[:, 0], path[:, 1], way[:, 0] / size, way[:, 1] / size, end)


def candidates(legs: Legs) -> Candidates:
    """All that is considered at each step; it is the same at each."""
    follow = [
        (offset, share, hold)
        for offset in OFFSETS
        for share, hold in PACES
        if share == 1.0 or (abs(offset) < 1.0 and hold < HORIZON) or (abs(offset) < 2.0 and share > 0.0)
    ]
    forward = len(follow)
    follow += [(0.0, 1.0, HORIZON), (0.0, 0.4, HORIZON)]  # tail first
    fixed: list[tuple[tuple[float, float, float], float, tuple[float, float, float]]] = []
    still = (0.0, 0.0, 0.0)
    fixed.append((still, HORIZON, still))
    fixed += [((0.0, 0.0, turn), HORIZON, still) for turn in (-legs.turn, -0.4, 0.4, legs.turn)]
    for angle in np.arange(8) * math.pi / 4:
        reach = [
            limit / abs(part)
            for part, limit in (
                (math.cos(angle), legs.forward if math.cos(angle) > 0 else legs.back),
                (math.sin(angle), legs.side),
            )
            if abs(part) > 1e-6
        ]
        full = (min(reach) * math.cos(angle), min(reach) * math.sin(angle), 0.0)
        fixed += [(full, hold, still) for hold in (0.75, 1.5, HORIZON)]
        fixed.append(((full[0] / 2, full[1] / 2, 0.0), 1.5, still))
    for turn in (-legs.turn, legs.turn):
        for hold in (0.75, 1.5):
            fixed.append(((0.8 * legs.forward, 0.0, turn), hold, (legs.forward, 0.0, 0.0)))
            fixed.append(((0.0, 0.0, turn), hold, (legs.forward, 0.0, 0.0)))
        fixed.append(((-0.8 * legs.back, 0.0, turn), 1.2, (-0.8 * legs.back, 0.0, 0.0)))
        fixed.append(((0.5 * legs.forward, 0.5 * legs.side * np.sign(turn), turn), 1.2, still))
    count = len(follow) + len(fixed)
    follows = np.arange(count) < len(follow)
    pad = np.zeros((len(follow), 3))
    return Candidates(
        follows,
        follows & (np.arange(count) >= forward),
        np.array([offset for offset, _, _ in follow] + [0.0] * len(fixed)),
        np.array([share for _, share, _ in follow] + [0.0] * len(fixed)),
        np.vstack([pad, np.array([first for first, _, _ in fixed])]),
        np.array([hold for _, _, hold in follow] + [hold for _, hold, _ in fixed]),
        np.vstack([pad, np.array([then for _, _, then in fixed])]),
    )


def roll_out(chosen: Candidates, legs: Legs, pose: Pose2D, twist: Twist2D, path: PathTable, speed: float) -> Rollouts:
    """Where each candidate leads from ``pose`` and ``twist``; along the path at ``speed`` m/s at most."""
    count, following = len(chosen.offset), slice(chosen.still)
    x, y, theta = (np.full(count, value) for value in (pose.x, pose.y, pose.theta))
    velocity = np.repeat([[twist.vx], [twist.vy], [twist.omega]], count, axis=1)
    along = np.zeros(count)
    # Only those that follow the path are told by it what to do next; the others' velocities are known beforehand.
    wanted = np.moveaxis(np.where(chosen.begins[..., None], chosen.first, chosen.then), 2, 1).copy()  # (t, 3, n)
    offset, hold, share = chosen.offset[following], chosen.hold[following], chosen.share[following]
    slow = np.where(share > 0, np.maximum(share * speed, min(legs.least, speed)), 0.0)
    look = 0.55 + 0.45 * np.where(hold < HORIZON, speed, slow)
    paces = np.where(chosen.begins[:, following], slow, speed)
    backwards = chosen.backwards[following]
    tail, most = np.where(backwards, math.pi, 0.0), np.where(backwards, legs.back, math.inf)
    ahead, aside = np.where(backwards, -1.0, 1.0), np.where(backwards, -0.5, 1.0)
    up, down = legs.speed_up * STEP, legs.slow_down * STEP
    change = np.array([[up], [legs.side_change * STEP], [legs.turn_change * STEP]]).repeat(count, axis=1)
    least_change, most_change = -change, change
    last, ends = len(path.x) - 1, math.isfinite(path.end)
    out = np.empty((STEPS, 6, count))
    for step in range(STEPS):
        gone = along[following]
        at = np.minimum(((gone + look) / GRAIN).astype(np.intp), last)
        side, go = offset, paces[step]
        if ends:
            side = side * _held((path.end - gone - 0.3) / 0.8, 0.0, 1.0)
            left = np.maximum(path.end - gone, 0.0)
            go = np.minimum(go, np.maximum(np.sqrt(2 * legs.brake * left), legs.least))
            go = np.where(left > 0.02, go, 0.0)
        dx = path.x[at] - side * path.ty[at] - x[following]
        dy = path.y[at] + side * path.tx[at] - y[following]
        error = np.arctan2(dy, dx) - theta[following] + tail
        error -= 2 * math.pi * np.rint(error / (2 * math.pi))
        towards = np.maximum(np.cos(error), 0.0)
        want = wanted[step]
        want[0, following] = ahead * np.minimum(go, most) * towards
        want[1, following] = _held(aside * go * np.sin(error) * towards, -legs.side, legs.side)
        want[2, following] = _held(2.2 * error, -legs.turn, legs.turn)
        least_change[0] = np.where(velocity[0] > 0, -down, -up)
        most_change[0] = np.where(velocity[0] < 0, down, up)
        velocity = velocity + _held(want - velocity, least_change, most_change)
        vx, vy, omega = velocity
        middle = theta + 0.5 * STEP * omega
        cos, sin = np.cos(middle), np.sin(middle)
        x = x + STEP * (cos * vx - sin * vy)
        y = y + STEP * (sin * vx + cos * vy)
        theta = theta + STEP * omega
        here = np.minimum((along / GRAIN).astype(np.intp), last)
        on = (x - path.x[here]) * path.tx[here], (y - path.y[here]) * path.ty[here]
        along = _held(along + on[0] + on[1] - (along - here * GRAIN), 0.0, last * GRAIN)
        out[step] = x, y, theta, vx, vy, along
    x, y, theta, vx, vy, along = np.ascontiguousarray(out.transpose(1, 2, 0))
    return Rollouts(x, y, theta, vx, vy, along, _beside(path, x, y, along), wanted[0].T.copy())


def _beside(path: PathTable, x: Array, y: Array, along: Array) -> Array:
    """Metres to the left of the path."""
    here = np.minimum((along / GRAIN + 0.5).astype(np.intp), len(path.x) - 1)
    beside: Array = (y - path.y[here]) * path.tx[here] - (x - path.x[here]) * path.ty[here]
    return beside


def _held(values: Array, low: Array | float, high: Array | float) -> Array:
    """np.clip, without what it costs on small arrays."""
    held: Array = np.minimum(np.maximum(values, low), high)
    return held
