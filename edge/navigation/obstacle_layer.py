"""Things that the lidar sees and the map lacks: remembered for a while, forgotten when looked through."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.navigation.maps import OccupancyGrid
from edge.navigation.moving_obstacles import MovingObstacles
from edge.navigation.ray_clearing import View
from edge.navigation.scan_leveling import LevelScan
from edge.types import Pose2D

Points = NDArray[np.float64]
SETTLED = 0.7  # s: what is where something stood this long ago has not moved
NEIGHBOURS = np.array([(dx, dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)], np.int64)


@dataclass(frozen=True, slots=True)
class ObstacleConfig:
    """When a thing is new to the map, how long it is remembered, and when it is standing."""

    cell: float = 0.10  # m
    reach: float = 8.0  # m: farther things may move before the dog is there
    unmapped: float = 0.25  # m from anything mapped: nearer than this it is the map, seen from a pose a little off ...
    unmapped_far: float = 0.03  # m: ... and more for every metre of range
    hits: int = 2  # scans that must have seen it
    misses: int = 3  # scans that looked through it until it is forgotten
    standing: float = 2.0  # s in the same place: a person crossing never stays so long, one who waits does
    remember: float = 4.0  # s out of sight for what moved
    remember_somebody: float = 10.0  # s out of sight for what stood, but had been seen moving before
    remember_standing: float = 900.0  # s out of sight for what stood: nobody saw it go
    deny: float = 0.5  # m: what was seen from afar can be looked through from no farther than this beyond


class ObstacleLayer:
    """Unmapped things in the cells they occupy on the map."""

    def __init__(self, grid: OccupancyGrid, config: ObstacleConfig | None = None) -> None:
        self.config = config or ObstacleConfig()
        self._grid = grid
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.movers = MovingObstacles()
        self._keys = np.zeros((0, 2), np.int64)  # column and row in cells of `config.cell` from the map's corner
        self._first = np.zeros(0)
        self._last = np.zeros(0)
        self._hits = np.zeros(0, np.int64)
        self._misses = np.zeros(0, np.int64)
        self._from = np.zeros(0)  # m: the farthest that it was seen from
        self._somebody = np.zeros(0, np.bool_)  # whether it had been seen moving before

    def update(self, scan: LevelScan, pose: Pose2D, now: float, met: Points | None = None) -> None:
        """One more scan, taken at ``pose``.

        ``met`` (n, 2; base_link) is what sent something back in this very moment, by which movers are followed: a scan
        may hold what is but remembered. Without it all of the scan is that.
        """
        if len(self._last) and now < self._last.max() - 1.0:
            self.clear()  # the clock went back: ages mean nothing
        points, away = self._unmapped(scan.hits(), pose)
        moving = points if met is None else self._unmapped(met, pose)[0]
        view = View(scan, pose, now)
        self.movers.update(moving, now, (pose.x, pose.y), self._held_since(moving, now - SETTLED), view)
        near = (away < self.config.reach) & ~self.movers.within(points)
        self._add(np.unique(self._cells(points[near]), axis=0), pose, now)
        self._forget(view, now)

    def _unmapped(self, hits: Points, pose: Pose2D) -> tuple[Points, NDArray[np.float64]]:
        """Those of ``hits`` (n, 2; base_link) that the map lacks, on the map, and how far away they are (m)."""
        points, away = to_map(pose, hits), np.hypot(hits[:, 0], hits[:, 1])
        new = self._grid.distance_at(points) > self.config.unmapped + self.config.unmapped_far * away
        return points[new], away[new]

    def points(self) -> Points:
        """The middles (n, 2) of all cells that hold something."""
        return self._middles(self._hits >= self.config.hits)

    def standing(self) -> Points:
        """The middles of the cells that have held something for so long that it will not just walk on."""
        return self._middles((self._hits >= self.config.hits) & (self._last - self._first >= self.config.standing))

    def all_points(self) -> Points:
        """The middles of all cells in which anything was seen, were it once."""
        return self._middles(np.ones(len(self._keys), np.bool_))

    def _held_since(self, points: Points, since: float) -> NDArray[np.bool_]:
        """Which of ``points`` fall where something has stood since before ``since``, or beside that."""
        old = self._keys[self._first <= since]
        if not (len(old) and len(points)):
            return np.zeros(len(points), np.bool_)
        beside = (old[:, None, :] + NEIGHBOURS).reshape(-1, 2)
        held: NDArray[np.bool_] = np.isin(_number(self._cells(points)), _number(beside))
        return held

    def _add(self, cells: NDArray[np.int64], pose: Pose2D, now: float) -> None:
        if not len(cells):
            return
        known = self._index(cells)
        seen = known[known >= 0]
        self._last[seen], self._misses[seen] = now, 0
        self._hits[seen] += 1
        self._somebody[seen] |= self.movers.has_moved(self._places(self._keys[seen]))
        self._from[seen] = np.maximum(self._from[seen], self._away(self._keys[seen], pose))
        fresh = cells[known < 0]
        count = len(fresh)
        self._keys = np.vstack([self._keys, fresh])
        self._first = np.concatenate([self._first, np.full(count, now)])
        self._last = np.concatenate([self._last, np.full(count, now)])
        self._hits = np.concatenate([self._hits, np.ones(count, np.int64)])
        self._misses = np.concatenate([self._misses, np.zeros(count, np.int64)])
        self._from = np.concatenate([self._from, self._away(fresh, pose)])
        self._somebody = np.concatenate([self._somebody, self.movers.has_moved(self._places(fresh))])

    def _away(self, cells: NDArray[np.int64], pose: Pose2D) -> NDArray[np.float64]:
        off = self._places(cells) - (pose.x, pose.y)
        return np.hypot(off[:, 0], off[:, 1])

    def _forget(self, view: View, now: float) -> None:
        unseen = self._last < now
        self._misses += unseen & self._looked_through(view)
        stood = self._last - self._first >= self.config.standing
        memory = np.where(self._somebody, self.config.remember_somebody, self.config.remember_standing)
        memory = np.where(stood, memory, self.config.remember)
        keep = (self._misses < self.config.misses) & (now - self._last <= memory)
        keep &= ~self.movers.within(self._places(self._keys), 0.2)  # what moves leaves no trail
        self._keys, self._first, self._last = self._keys[keep], self._first[keep], self._last[keep]
        self._hits, self._misses = self._hits[keep], self._misses[keep]
        self._from, self._somebody = self._from[keep], self._somebody[keep]

    def _looked_through(self, view: View) -> NDArray[np.bool_]:
        """For each cell whether the beams that pass it ended well behind it."""
        places = self._places(self._keys)
        # A low thing is seen from near alone: from where it could not be seen nobody can say that it is gone.
        seeable = view.distance(places) < np.minimum(self.config.reach, self._from + self.config.deny)
        return seeable & view.looked_through(places, 2 * self.config.cell)

    def _cells(self, points: Points) -> NDArray[np.int64]:
        corner = (self._grid.frame.x, self._grid.frame.y)
        return np.floor((points - corner) / self.config.cell).astype(np.int64)

    def _middles(self, which: NDArray[np.bool_]) -> Points:
        return self._places(self._keys[which])

    def _places(self, cells: NDArray[np.int64]) -> Points:
        corner = np.array([self._grid.frame.x, self._grid.frame.y])
        places: Points = (cells.astype(np.float64) + 0.5) * self.config.cell + corner
        return places

    def _index(self, cells: NDArray[np.int64]) -> NDArray[np.int64]:
        """For each cell its place among the known ones, or -1."""
        known, asked = _number(self._keys), _number(cells)
        if not len(known):
            return np.full(len(cells), -1)
        order = np.argsort(known)
        at = np.minimum(np.searchsorted(known[order], asked), len(known) - 1)
        return np.where(known[order[at]] == asked, order[at], -1)


def _number(cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """One number for each cell (n, 2)."""
    numbers: NDArray[np.int64] = cells[:, 0] * (1 << 24) + cells[:, 1]
    return numbers


def to_map(pose: Pose2D, points: Points) -> Points:
    """Points (n, 2) in the dog's frame, on the map."""
    cos, sin = np.cos(pose.theta), np.sin(pose.theta)
    turned: Points = points @ np.array([[cos, sin], [-sin, cos]]) + (pose.x, pose.y)
    return turned
