"""Where on a site's map a dog can stand, and how far it walks from one place to another.

The dogs plan by their own, finer map; this one answers beforehand: whether a place can be reached, why not, what is
the nearest that can, and which dog is the nearest to it. Places are metres in the frame ``map``.
"""

import contextlib
import io
import math
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from fleet_server.sites.tables import Site
from protocol.site import ZoneKind

CELL_M = 0.2  # ways are measured in cells no finer than this: up to 8 % longer than the straightest
INSCRIBED_M = 0.32  # a dog's centre comes no closer to anything
ESCAPE_M = 1.5  # a dog or a dock in too narrow a place counts as in the nearest free cell within this
SNAP_M = 0.3  # a place so near to free ground is meant to be on it: a finger is no finer
FREE = 254  # a pixel of the map; 205 unknown, 0 occupied
UNKNOWN = 205
MOST_WAYS = 16  # kept: each is a number for every cell
MOST_PATHS = 1000  # kept: each is some dozen corners

Place = tuple[float, float]
Way = Callable[[float, float], float]
"""Metres of way from a place; infinite where none leads."""


@dataclass(frozen=True, eq=False)
class WalkableGround:
    """``free`` cells, row 0 in the south; ``parts`` numbers those that hang together from 1 on, 0 elsewhere."""

    free: NDArray[np.bool_]
    parts: NDArray[np.int32]
    what: NDArray[np.uint8]  # of the map's own cells: 0 nothing, or what is there by _WHAT
    forbidden: tuple[tuple[str, NDArray[np.bool_]], ...]  # the no-go zones by name, in the map's own cells
    resolution: float  # m, of the map's own cells
    step: int  # of them in one of ``free``
    origin: tuple[float, float]

    @property
    def cell_m(self) -> float:
        """The width of a cell."""
        return self.resolution * self.step

    def nearest(self, x: float, y: float, seeds: Iterable[Place] = ()) -> Place | None:
        """The place nearest to x, y where a dog can stand, and to which one can walk from one of ``seeds`` if any."""
        cells = np.argwhere(np.isin(self.parts, self._parts_of(seeds)) if (seeds := list(seeds)) else self.free)
        if not len(cells):
            return None
        places = self.centres(cells)
        best = int(np.argmin(np.hypot(places[:, 0] - x, places[:, 1] - y)))
        return float(places[best, 0]), float(places[best, 1])

    def hindrance(self, x: float, y: float, seeds: Iterable[Place]) -> str | None:
        """Why a dog cannot get to x, y from any of ``seeds``; None where it can."""
        cell = self.cell(x, y)
        if cell is None:
            return _OUTSIDE
        if not self.free[cell]:
            return self.obstacle(x, y) or _TOO_NEAR
        return self._zone_at(x, y) or (None if self.parts[cell] in self._parts_of(seeds) else "no way leads there")

    def obstacle(self, x: float, y: float) -> str | None:
        """What is at x, y itself where nothing can be put: a wall, a no-go zone, what the map does not know."""
        if self.cell(x, y) is None:
            return _OUTSIDE
        what = int(self.what[self._fine(x, y)])
        return self._zone_at(x, y) or _WHAT.get(what)

    def _zone_at(self, x: float, y: float) -> str | None:
        inside = self._fine(x, y)
        zone = next((name for name, mask in self.forbidden if mask[inside]), None)
        return f"it lies in the no-go zone {zone!r}" if zone is not None else None

    def ways_to(self, x: float, y: float) -> Way:
        """How far it is to x, y from anywhere (Dijkstra 1959); one search for all that ask."""
        from scipy.sparse.csgraph import dijkstra  # large, and needed by the first call, not by the start

        start = self.standing(x, y)
        if start is None:
            return lambda *_: math.inf
        number = self._number
        metres = dijkstra(self._graph, indices=int(number[start])) * self.cell_m

        def way(from_x: float, from_y: float) -> float:
            cell = self.standing(from_x, from_y)
            return math.inf if cell is None else float(metres[number[cell]])

        return way

    def path(self, start: Place, goal: Place) -> tuple[Place, ...] | None:
        """The corners of the shortest way; None where none leads."""
        from scipy.sparse.csgraph import dijkstra

        begin, end, number = self.standing(*start), self.standing(*goal), self._number
        if begin is None or end is None or self.parts[begin] != self.parts[end]:
            return None
        _, towards = dijkstra(self._graph, indices=int(number[end]), return_predecessors=True)
        along = [int(number[begin])]
        while along[-1] != number[end]:
            along.append(int(towards[along[-1]]))
        corners = self.centres(_corners(np.argwhere(self.free)[along]))
        return tuple((float(x), float(y)) for x, y in corners)

    @cached_property
    def _number(self) -> NDArray[np.int64]:
        """Of each free cell, from 0 on; -1 elsewhere."""
        number = np.full(self.free.shape, -1, np.int64)
        number[self.free] = np.arange(int(self.free.sum()))
        return number

    @cached_property
    def _graph(self) -> Any:
        from scipy.sparse import csr_array

        number = self._number
        rows, columns, lengths = [], [], []
        for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
            a = number[: number.shape[0] - down, max(-right, 0) : number.shape[1] - max(right, 0)]
            b = number[down:, max(right, 0) : number.shape[1] - max(-right, 0)]
            both = (a >= 0) & (b >= 0)
            rows.append(a[both])
            columns.append(b[both])
            lengths.append(np.full(int(both.sum()), math.hypot(down, right)))
        a, b, length = np.concatenate(rows), np.concatenate(columns), np.concatenate(lengths)
        count = int(self.free.sum())
        ends = (np.concatenate([a, b]), np.concatenate([b, a]))
        return csr_array((np.concatenate([length, length]), ends), shape=(count, count))

    def _parts_of(self, seeds: Iterable[Place]) -> list[int]:
        cells = (self.standing(x, y) for x, y in seeds)
        return sorted({int(self.parts[cell]) for cell in cells if cell is not None})

    def standing(self, x: float, y: float) -> tuple[int, int] | None:
        """The free cell in which who is at x, y counts as standing."""
        cell = self.cell(x, y)
        if cell is not None and self.free[cell]:
            return cell
        place = self.nearest(x, y)
        return self.cell(*place) if place is not None and math.dist(place, (x, y)) <= ESCAPE_M else None

    def cell(self, x: float, y: float) -> tuple[int, int] | None:
        """The cell of ``free`` in which a place lies; None beyond the map."""
        row, column = self._index(x, y, self.cell_m)
        return (row, column) if 0 <= row < self.free.shape[0] and 0 <= column < self.free.shape[1] else None

    def _fine(self, x: float, y: float) -> tuple[int, int]:
        row, column = self._index(x, y, self.resolution)
        return min(row, self.what.shape[0] - 1), min(column, self.what.shape[1] - 1)

    def _index(self, x: float, y: float, size: float) -> tuple[int, int]:
        if not (math.isfinite(x) and math.isfinite(y)):
            return -1, -1
        return math.floor((y - self.origin[1]) / size), math.floor((x - self.origin[0]) / size)

    def centres(self, cells: NDArray[np.intp]) -> NDArray[np.float64]:
        """The middles of cells (n, 2: row, column) as places (n, 2)."""
        return np.asarray((cells[:, ::-1] + 0.5) * self.cell_m + self.origin, np.float64)


_OUTSIDE = "it lies outside the map"
_TOO_NEAR = "it is within 0.3 m of something mapped or forbidden"
_WHAT = {1: "it lies in a wall", 2: "the map knows nothing of it"}


class Grounds:
    """The ground of each site, made once for each version of it, and the last ways that were asked for."""

    def __init__(self) -> None:
        self._grounds: dict[str, tuple[int, WalkableGround]] = {}
        self._ways: OrderedDict[tuple[str, int, float, float], Way] = OrderedDict()
        self._paths: OrderedDict[tuple[str, int, Place, Place], tuple[Place, ...] | None] = OrderedDict()

    def of(self, site: Site) -> WalkableGround:
        """The ground of a site."""
        known = self._grounds.get(site.site_id)
        if known is None or known[0] != site.version:
            known = self._grounds[site.site_id] = (site.version, walkable_ground(site))
        return known[1]

    def way_to(self, site: Site, x: float, y: float) -> Way:
        """How far it is to x, y from anywhere on the site."""
        key = (site.site_id, site.version, x, y)
        way = self._ways.get(key)
        if way is None:
            way = self._ways[key] = self.of(site).ways_to(x, y)
            while len(self._ways) > MOST_WAYS:
                with contextlib.suppress(KeyError):  # another thread was faster
                    self._ways.popitem(last=False)
        return way

    def path(self, site: Site, start: Place, goal: Place) -> tuple[Place, ...] | None:
        """The corners of the shortest way from one place to another; None where none leads."""
        key = (site.site_id, site.version, start, goal)
        if key not in self._paths:
            self._paths[key] = self.of(site).path(start, goal)
            while len(self._paths) > MOST_PATHS:
                with contextlib.suppress(KeyError):  # another thread was faster
                    self._paths.popitem(last=False)
        return self._paths[key]


def walkable_ground(site: Site, zones: Sequence[dict[str, Any]] | None = None) -> WalkableGround:
    """The ground of a site as its map and its no-go zones have it; of ``zones`` instead, where given."""
    # A third of a second to load; the server's other commands need no site.
    from scipy.ndimage import distance_transform_edt, label

    resolution, origin = site.map_resolution, (float(site.map_origin["x"]), float(site.map_origin["y"]))
    pixels = np.flipud(np.asarray(Image.open(io.BytesIO(site.map_png)).convert("L")))
    no_go = [zone for zone in (site.zones if zones is None else zones) if zone["kind"] == ZoneKind.NO_GO]
    forbidden = tuple((z["name"]["en"], _inside(z["polygon"], pixels.shape, resolution, origin)) for z in no_go)
    blocked = np.logical_or.reduce([pixels != FREE, *(mask for _, mask in forbidden)])
    padded = np.pad(~blocked, 1)  # beyond the map is nothing to walk on
    clearance = distance_transform_edt(padded)[1:-1, 1:-1] * resolution
    step = max(1, round(CELL_M / resolution))
    free = _least(clearance, step) >= INSCRIBED_M
    parts, _ = label(free, structure=np.ones((3, 3)))
    what = np.where(pixels == FREE, 0, np.where(pixels == UNKNOWN, 2, 1)).astype(np.uint8)
    return WalkableGround(free, parts.astype(np.int32), what, forbidden, resolution, step, origin)


def _inside(
    polygon: Sequence[dict[str, float]], shape: tuple[int, ...], resolution: float, origin: Place
) -> NDArray[np.bool_]:
    mask = Image.new("1", (shape[1], shape[0]))
    corners = [((p["x"] - origin[0]) / resolution, (p["y"] - origin[1]) / resolution) for p in polygon]
    ImageDraw.Draw(mask).polygon(corners, fill=1, outline=1)
    return np.asarray(mask, np.bool_)


def _corners(cells: NDArray[np.intp]) -> NDArray[np.intp]:
    """The first, the last, and where the way turns."""
    steps = np.diff(cells, axis=0)
    turns = np.flatnonzero((steps[1:] != steps[:-1]).any(axis=1)) + 1
    kept: NDArray[np.intp] = cells[np.unique([0, *turns, len(cells) - 1])]
    return kept


def _least(values: NDArray[np.float64], step: int) -> NDArray[np.float64]:
    """The least value within each block of ``step`` x ``step`` cells; nothing beyond the edge."""
    height, width = values.shape
    padded = np.pad(values, ((0, -height % step), (0, -width % step)))
    blocks: NDArray[np.float64] = padded.reshape(padded.shape[0] // step, step, -1, step).min(axis=(1, 3))
    return blocks
