"""The ground about the dog, in cells: how high it lies, what stands on it, and where nobody has looked yet.

A 2.5-D elevation map (Herbert 1989; Fankhauser and others 2014) that rolls with the dog in odometry's frame, so that
localization's jumps do not smear it. Odometry is flat, and a trotting body's lean is known to a degree or two: each
cloud is laid on the map by its height and slope (three numbers, least squares) before it is taken in.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.navigation.point_cloud import LevelCloud
from edge.navigation.range_image import RangeImage
from edge.navigation.registration import Fit, fit_to_ground
from edge.navigation.traversability import steps_in
from edge.types import Pose2D

Points = NDArray[np.float64]
Cells = NDArray[np.intp]
Heights = NDArray[np.float32]
Mask = NDArray[np.bool_]

STANDS_UP = 0.2  # m above the lowest ground about it: what a cloud meets there is no ground, on slopes neither
LOOK = 2.5  # m: ground that is farther away a dog of 1 m/s need not know yet
BLOCK = 10  # cells by which the map rolls, and over which the lowest ground is looked for


@dataclass(frozen=True, slots=True)
class HeightMapConfig:
    """How large, how fine, what is a step, and how long things are remembered."""

    cell: float = 0.05  # m
    side: int = 160  # cells: 8 m
    overhead: float = 0.9  # m above the ground: what hangs higher is not in the dog's way
    step: float = 0.10  # m, up or down: surely seen at 0.12, walked over at 0.08
    slope: float = 0.40  # tangent of 22 degrees: what rises over a longer way and less steeply is walked
    bridged: float = 0.35  # m between two places of one height: what lies between rings is ground too
    rough: float = 0.06  # m within one cell that are noise and grass
    trodden: float = 0.30  # m about base_link: where a dog stands, there is ground
    start: float = 0.95  # m about the dog's first place that its sensor cannot see and nobody can but believe
    remember: float = 60.0  # s out of sight that something is believed to stand there, at most ...
    remember_brief: float = 5.0  # s: ... at least, ...
    remember_times: float = 10.0  # ... and between them so many times as long as it was seen to stand: dogs pass by
    misses: int = 2  # clouds that must have looked through it until it is forgotten at once


class HeightMap:
    """Cells (row along y, column along x) of odometry's frame about the dog. Pure: what it is told is all it knows."""

    def __init__(self, config: HeightMapConfig | None = None) -> None:
        self.config = config or HeightMapConfig()
        self.clear()

    def clear(self) -> None:
        """Know nothing."""
        shape = (self.config.side, self.config.side)
        self._corner = np.zeros(2, np.int64)  # of the map, in cells of odometry's frame
        self._low = np.zeros(shape, np.float32)  # m: the ground
        self._high = np.zeros(shape, np.float32)  # m: the top of what stands on it
        self._known = np.zeros(shape, np.bool_)
        self._trodden = np.zeros(shape, np.bool_)
        self._confirmed = np.zeros(shape, np.float64)  # s: when `_high` was last seen
        self._stands_since = np.zeros(shape, np.float64)  # s: when something was first seen there; 0 where nothing is
        self._floor = np.zeros(shape, np.float32)  # m: the ground as it was then
        self._misses = np.zeros(shape, np.uint8)
        self._ground = 0.0  # m: under the feet
        self._stamp: float | None = None
        self._found: tuple[Points, Points] | None = None
        self._place = Pose2D(0.0, 0.0, 0.0)
        self._met: Points = np.zeros((0, 2))

    @property
    def stamp(self) -> float | None:
        """When the last cloud that it took in was made (s)."""
        return self._stamp

    def update(self, cloud: LevelCloud, pose: Pose2D, on_its_feet: bool = True) -> Fit:
        """Take in a cloud made at ``pose``, which is odometry's. A stamp that lies back clears the map.

        A dog that is not ``on_its_feet`` may lie lower than it stood, by any height.
        """
        if self._stamp is not None and cloud.stamp < self._stamp:
            self.clear()
        fresh = self._stamp is None
        walked = 0.0 if fresh else math.hypot(pose.x - self._place.x, pose.y - self._place.y)
        rise = self.config.slope * walked if on_its_feet else math.inf
        self._stamp, self._place = cloud.stamp, pose
        self._roll(pose, fresh)
        self._tread(pose, self.config.start if fresh else self.config.trodden)
        self._met = self._met[:0]
        points, origin = _placed(cloud, pose, self._ground)
        fit = self._registered(points, origin, rise)
        self._ground -= fit.height
        points[:, 2] -= fit.at(points)
        origin[2] -= fit.height
        if len(points):
            self._take_in(points, origin)
        self._empty_own_place(pose)
        self._found = None
        return fit

    def obstacles(self, pose: Pose2D) -> Points:
        """Cells (n, 2) that are too high to step on or from which it is too deep to step off, as seen from ``pose``."""
        return _seen_from(pose, self._edges()[0])

    def unseen(self, pose: Pose2D) -> Points:
        """The near edge (n, 2) of what is not known to be ground, within LOOK of the dog, as seen from ``pose``."""
        return _seen_from(pose, self._edges()[1])

    def returns(self, pose: Pose2D) -> Points:
        """Where the last cloud itself met what stands up (n, 2; one a cell), as seen from ``pose``.

        The map remembers for a while what has gone: these are where a thing is that moves.
        """
        return _seen_from(pose, self._met)

    def _edges(self) -> tuple[Points, Points]:
        """Both of the above in odometry's frame, found once for each cloud."""
        if self._found is None:
            steps = steps_in(self._low, self._high, self._known, self._trodden, self.config)
            unseen = self._centres(steps.unseen)
            away = np.abs(unseen - (self._place.x, self._place.y)).max(axis=1) if len(unseen) else np.zeros(0)
            self._found = self._centres(steps.steps), unseen[away < LOOK]
        return self._found

    # --- Taking in ------------------------------------------------------------------------------------------------

    def _registered(self, points: Heights, origin: Heights, rise: float) -> Fit:
        cells, inside = self._cells_of(points)
        cells = cells[inside]
        flat = self._known.ravel()[cells] & (self._high.ravel()[cells] - self._low.ravel()[cells] < self.config.rough)
        return fit_to_ground(points[inside][flat], self._low.ravel()[cells[flat]], origin, rise)

    def _take_in(self, points: Heights, origin: Heights) -> None:
        cells, inside = self._cells_of(points)
        points_in, cells = points[inside], cells[inside]
        reference = self._reference()
        reach = np.hypot(points_in[:, 0] - origin[0], points_in[:, 1] - origin[1])
        base = reference.ravel()[cells]
        ceiling = np.where(np.isfinite(base), base, self._ground + 0.2 * reach) + self.config.overhead
        below = points_in[:, 2] < ceiling
        up = np.flatnonzero(below & (points_in[:, 2] > base + STANDS_UP))  # base is infinite where nothing is known
        self._met = points_in[up[np.unique(cells[up], return_index=True)[1]], :2].astype(np.float64)
        if below.any():
            self._fuse(cells[below], points_in[below, 2])
        self._forget(RangeImage(points, origin), reference)

    def _fuse(self, cells: NDArray[np.uint16], heights: Heights) -> None:
        assert self._stamp is not None
        order = np.argsort(cells, kind="stable")  # 16 bits: a radix sort
        cells, heights = cells[order], heights[order]
        starts = np.flatnonzero(np.diff(cells, prepend=cells[0] + 1 if len(cells) else 0) != 0)
        at = cells[starts].astype(np.intp)
        count = np.diff(starts, append=len(cells)).astype(np.float32)
        mean = np.add.reduceat(heights, starts) / count
        bottom, top = np.minimum.reduceat(heights, starts), np.maximum.reduceat(heights, starts)
        level = top - bottom < self.config.rough
        bottom, top = np.where(level, mean, bottom + 0.01), np.where(level, mean, top - 0.01)
        low, high, known = self._low.ravel(), self._high.ravel(), self._known.ravel()
        old_low, old_high, was = low[at], high[at], known[at]
        change = bottom - old_low
        gain = np.where(change < -0.05, 0.7, np.where(change > 0.05, 0.1, 0.3)).astype(np.float32)
        new_low = np.where(was, old_low + gain * change, bottom)
        rise = top - old_high
        lift = np.where(np.abs(rise) < 0.05, 0.3, np.where(rise > 0, 0.7, 0.2)).astype(np.float32)
        new_high = np.maximum(np.where(was, old_high + lift * rise, top), new_low)
        low[at], high[at], known[at] = new_low, new_high, True
        stands = top > new_low + 0.5 * (new_high - new_low)
        self._confirmed.ravel()[at[stands]] = self._stamp
        self._misses.ravel()[at[stands]] = 0

    def _forget(self, image: RangeImage, reference: Heights) -> None:
        """What is looked through is gone; so is what nobody has seen for long."""
        assert self._stamp is not None
        base = np.where(np.isfinite(reference), np.minimum(reference, self._low), self._low)
        stands = self._known & (self._high - base > self.config.rough)
        begins = stands & (self._stands_since == 0.0)
        np.copyto(self._stands_since, self._stamp, where=begins)
        np.copyto(self._floor, self._low, where=begins)
        np.copyto(self._confirmed, self._stamp, where=begins)
        np.copyto(self._stands_since, 0.0, where=~stands)
        cells = np.flatnonzero(stands & (self._confirmed < self._stamp))
        if not len(cells):
            return
        place = self._centres(cells)
        low, high = base.ravel()[cells], self._high.ravel()[cells]
        through = image.looks_through(place, low, high)
        misses = self._misses.ravel()
        misses[cells[through]] += 1
        last = self._confirmed.ravel()[cells]
        seen_for, unseen_for = last - self._stands_since.ravel()[cells], self._stamp - last
        memory = np.clip(self.config.remember_times * seen_for, self.config.remember_brief, self.config.remember)
        self._ground_again(cells[unseen_for > memory], base.ravel())
        gone = (misses[cells] >= self.config.misses) | (unseen_for > self.config.remember)
        self._flatten(cells[gone], base.ravel())

    def _ground_again(self, cells: Cells, base: Heights) -> None:
        """What stood there for a short time only has passed by: the ground is as it was (a slope is as it is)."""
        floor = self._floor.ravel()[cells]
        self._low.ravel()[cells] = self._high.ravel()[cells] = floor
        self._known.ravel()[cells[floor - base[cells] > self.config.rough]] = (
            False  # of a thing that floated, no ground
        )

    def _flatten(self, cells: Cells, base: Heights) -> None:
        """Nothing stands there any more: the ground if it is known, else a place where nobody has looked."""
        low, high = self._low.ravel(), self._high.ravel()
        floating = low[cells] - base[cells] > self.config.rough
        high[cells] = low[cells]
        self._known.ravel()[cells[floating]] = False
        self._misses.ravel()[cells] = 0

    def _reference(self) -> Heights:
        """For each cell the lowest ground within half a metre to a metre, infinite where none is known."""
        blocks = self.config.side // BLOCK
        low = np.where(self._known, self._low, np.float32(np.inf))
        lowest = low.reshape(blocks, BLOCK, blocks, BLOCK).min(axis=(1, 3))
        around = np.pad(lowest, 1, constant_values=np.inf)
        size = blocks
        lowest = np.min([around[r : r + size, c : c + size] for r in range(3) for c in range(3)], axis=0)
        return np.repeat(np.repeat(lowest, BLOCK, axis=0), BLOCK, axis=1)

    # --- Where the dog is -----------------------------------------------------------------------------------------

    def _roll(self, pose: Pose2D, fresh: bool) -> None:
        """Keep the dog in the middle, to half a metre."""
        side, cell = self.config.side, self.config.cell
        middle = np.round(np.array([pose.x, pose.y]) / cell / BLOCK).astype(np.int64) * BLOCK
        corner = middle - side // 2
        shift = corner - self._corner
        self._corner = corner
        if fresh or not shift.any():
            return
        for array, empty in self._layers():
            rolled = np.full_like(array, empty)
            if np.abs(shift).max() < side:
                (r0, r1), (c0, c1) = _overlap(int(shift[1]), side), _overlap(int(shift[0]), side)
                rolled[r0[0] : r0[1], c0[0] : c0[1]] = array[r1[0] : r1[1], c1[0] : c1[1]]
            array[:] = rolled

    def _layers(self) -> list[tuple[NDArray[np.generic], object]]:
        return [
            (self._low, 0.0), (self._high, 0.0), (self._known, False), (self._trodden, False),
            (self._confirmed, 0.0), (self._stands_since, 0.0), (self._floor, 0.0), (self._misses, 0),
        ]  # fmt: skip

    def _tread(self, pose: Pose2D, radius: float) -> None:
        x, y, rows, columns = self._around(pose, radius)
        self._trodden[rows, columns] |= np.hypot(x, y) <= radius

    def _empty_own_place(self, pose: Pose2D) -> None:
        """Nothing stands where the dog itself does."""
        x, y, rows, columns = self._around(pose, 0.4)
        cos, sin = math.cos(pose.theta), math.sin(pose.theta)
        own = (np.abs(cos * x + sin * y) < 0.25) & (np.abs(cos * y - sin * x) < 0.12)
        high, low = self._high[rows, columns], self._low[rows, columns]
        high[own] = low[own]

    def _around(self, pose: Pose2D, radius: float) -> tuple[Heights, Heights, slice, slice]:
        """Metres from the pose to the cells of a square about it, and which these are."""
        cell, side = self.config.cell, self.config.side
        low = np.floor((np.array([pose.x, pose.y]) - radius) / cell).astype(np.int64) - self._corner
        high = np.ceil((np.array([pose.x, pose.y]) + radius) / cell).astype(np.int64) - self._corner + 1
        (c0, r0), (c1, r1) = np.clip(low, 0, side), np.clip(high, 0, side)
        x = (np.arange(c0, c1) + self._corner[0] + 0.5) * cell - pose.x
        y = (np.arange(r0, r1) + self._corner[1] + 0.5) * cell - pose.y
        return x[None, :].astype(np.float32), y[:, None].astype(np.float32), slice(r0, r1), slice(c0, c1)

    def _cells_of(self, points: Heights) -> tuple[NDArray[np.uint16], Mask]:
        """The flat cell of each point (n, 3), and which of them lie on the map."""
        side = self.config.side
        scale = np.float32(1 / self.config.cell)
        corner = self._corner.astype(np.float64) * self.config.cell
        columns = np.floor((points[:, 0] - np.float32(corner[0])) * scale)
        rows = np.floor((points[:, 1] - np.float32(corner[1])) * scale)
        inside = (columns >= 0) & (columns < side) & (rows >= 0) & (rows < side)
        flat = np.where(inside, rows * side + columns, 0).astype(np.uint16)
        return flat, inside

    def _centres(self, cells: Cells) -> Points:
        rows, columns = np.divmod(cells, self.config.side)
        return ((np.stack([columns, rows], axis=1) + self._corner + 0.5) * self.config.cell).astype(np.float64)


def _seen_from(pose: Pose2D, places: Points) -> Points:
    away = places - (pose.x, pose.y)
    cos, sin = math.cos(pose.theta), math.sin(pose.theta)
    return np.stack([cos * away[:, 0] + sin * away[:, 1], cos * away[:, 1] - sin * away[:, 0]], axis=1)


def _placed(cloud: LevelCloud, pose: Pose2D, ground: float) -> tuple[Heights, Heights]:
    """The cloud's points (n, 3) and its sensor's place (3) in the map's frame."""
    cos, sin = math.cos(pose.theta), math.sin(pose.theta)
    turn = np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]], np.float32)
    offset = np.array([pose.x, pose.y, ground], np.float32)
    return cloud.points @ turn + offset, np.array(cloud.origin, np.float32) @ turn + offset


def _overlap(shift: int, side: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where cells go, and whence they come, when the map moves on by ``shift`` cells."""
    return (max(0, -shift), min(side, side - shift)), (max(0, shift), min(side, side + shift))
