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
    count = len(chosen.offset)
    shape = (count, STEPS)
    x, y, theta = (np.full(count, value) for value in (pose.x, pose.y, pose.theta))
    vx, vy, omega = (np.full(count, value) for value in (twist.vx, twist.vy, twist.omega))
    along = np.zeros(count)
    out = np.empty((7, *shape))
    command = np.zeros((count, 3))
    slow = np.where(chosen.share > 0, np.maximum(chosen.share * speed, min(legs.least, speed)), 0.0)
    look = 0.55 + 0.45 * np.where(chosen.hold < HORIZON, speed, slow)
    last = len(path.x) - 1
    tail = np.where(chosen.backwards, math.pi, 0.0)
    for step in range(STEPS):
        at = np.minimum(((along + look) / GRAIN).astype(np.intp), last)
        side = chosen.offset
        if math.isfinite(path.end):
            side = side * _held((path.end - along - 0.3) / 0.8, 0.0, 1.0)
        dx = path.x[at] - side * path.ty[at] - x
        dy = path.y[at] + side * path.tx[at] - y
        error = np.arctan2(dy, dx) - theta + tail
        error -= 2 * math.pi * np.round(error / (2 * math.pi))
        first = step * STEP < chosen.hold
        go = pace = np.where(first, slow, speed)
        if math.isfinite(path.end):
            left = np.maximum(path.end - along, 0.0)
            go = np.minimum(pace, np.maximum(np.sqrt(2 * legs.brake * left), legs.least))
            go = np.where(left > 0.02, go, 0.0)
        towards = np.maximum(np.cos(error), 0.0)
        want_x = np.where(chosen.backwards, -np.minimum(go, legs.back), go) * towards
        want_y = np.where(chosen.backwards, -0.5, 1.0) * go * np.sin(error) * towards
        want_y = _held(want_y, -legs.side, legs.side)
        want_o = _held(2.2 * error, -legs.turn, legs.turn)
        fixed = np.where(first[:, None], chosen.first, chosen.then)
        want_x = np.where(chosen.follows, want_x, fixed[:, 0])
        want_y = np.where(chosen.follows, want_y, fixed[:, 1])
        want_o = np.where(chosen.follows, want_o, fixed[:, 2])
        if step == 0:
            command[:, 0], command[:, 1], command[:, 2] = want_x, want_y, want_o
        up, down = legs.speed_up * STEP, legs.slow_down * STEP
        vx = vx + _held(want_x - vx, np.where(vx > 0, -down, -up), np.where(vx < 0, down, up))
        vy = vy + _held(want_y - vy, -legs.side_change * STEP, legs.side_change * STEP)
        omega = omega + _held(want_o - omega, -legs.turn_change * STEP, legs.turn_change * STEP)
        middle = theta + 0.5 * STEP * omega
        cos, sin = np.cos(middle), np.sin(middle)
        x = x + STEP * (cos * vx - sin * vy)
        y = y + STEP * (sin * vx + cos * vy)
        theta = theta + STEP * omega
        here = np.minimum((along / GRAIN).astype(np.intp), last)
        along = along + (x - path.x[here]) * path.tx[here] + (y - path.y[here]) * path.ty[here] - (along - here * GRAIN)
        along = _held(along, 0.0, last * GRAIN)
        here = np.minimum((along / GRAIN + 0.5).astype(np.intp), last)
        beside = (y - path.y[here]) * path.tx[here] - (x - path.x[here]) * path.ty[here]
        out[:, :, step] = x, y, theta, vx, vy, along, beside
    return Rollouts(out[0], out[1], out[2], out[3], out[4], out[5], out[6], command)


def _held(values: Array, low: Array | float, high: Array | float) -> Array:
    """np.clip, without what it costs on small arrays."""
    held: Array = np.minimum(np.maximum(values, low), high)
    return held
