"""What the dog knows of the ground before it looks: the occupancy grid, distances in it, and the site's zones.

Arrays are indexed [row, column] with row 0 in the SOUTH, so that rows grow with y and columns with x.
"""

import io
import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import distance_transform_edt

from protocol.map_file import OCCUPIED, UNKNOWN
from protocol.site import GridMap, Zone, ZoneKind

Mask = NDArray[np.bool_]
Metres = NDArray[np.float32]


class UnusableMap(ValueError):
    """A map that cannot be walked by; the text says why."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Where cells lie on the map: metres a cell, the lower left corner, and the shape in cells."""

    resolution: float
    x: float
    y: float
    height: int
    width: int

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """The cell (row, column) that holds the point; it may lie outside the grid."""
        return math.floor((y - self.y) / self.resolution), math.floor((x - self.x) / self.resolution)

    def cells(self, points: NDArray[np.floating]) -> tuple[NDArray[np.intp], NDArray[np.intp], Mask]:
        """Rows and columns of points (n, 2), clipped to the grid, and which of them lay inside; NaN lies outside."""
        scaled = (points - (self.x, self.y)) / self.resolution
        with np.errstate(invalid="ignore"):
            inside: Mask = np.all((scaled >= 0) & (scaled < (self.width, self.height)), axis=1)
        index = np.floor(np.where(inside[:, None], scaled, 0.0)).astype(np.intp)
        return index[:, 1], index[:, 0], inside

    def flat_cells(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.intp], Mask]:
        """Where the cells of finite places (m, any shape) lie in the raveled grid, and which places lay inside; 0 for
        those that did not."""
        columns, rows = (x - self.x) / self.resolution, (y - self.y) / self.resolution
        inside: Mask = (columns >= 0) & (columns < self.width) & (rows >= 0) & (rows < self.height)
        return np.where(inside, rows.astype(np.intp) * self.width + columns.astype(np.intp), 0), inside

    def centre(self, row: float, column: float) -> tuple[float, float]:
        """The point in the middle of a cell."""
        return self.x + (column + 0.5) * self.resolution, self.y + (row + 0.5) * self.resolution

    def centres(self, cells: NDArray[np.integer]) -> NDArray[np.float64]:
        """The points (n, 2) in the middle of cells (n, 2: row, column)."""
        return np.asarray((cells[:, ::-1] + 0.5) * self.resolution + (self.x, self.y), np.float64)

    def contains(self, row: int, column: int) -> bool:
        """Whether there is such a cell."""
        return 0 <= row < self.height and 0 <= column < self.width

    def coarser(self, by: int) -> "Frame":
        """The frame whose cells are ``by`` times as wide; it may reach beyond this one in north and east."""
        return Frame(self.resolution * by, self.x, self.y, -(-self.height // by), -(-self.width // by))


@dataclass(frozen=True, slots=True)
class OccupancyGrid:
    """The map as it was drawn. ``distance`` is metres from each cell's centre to that of the nearest occupied one."""

    map_id: str
    frame: Frame
    occupied: Mask
    unknown: Mask
    distance: Metres

    def distance_at(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Metres to the nearest mapped obstacle for points (n, 2); infinite outside the map."""
        rows, columns, inside = self.frame.cells(points)
        return np.where(inside, self.distance[rows, columns], np.inf).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Terrain:
    """Where the dog may walk: ``blocked`` cells (occupied, unknown, no_go), metres to them, and speed limits."""

    grid: OccupancyGrid
    blocked: Mask
    clearance: Metres
    speed_limit: Metres

    def speed_limit_at(self, x: float, y: float) -> float:
        """The slow zones' limit at a point, m/s; infinite where there is none."""
        if not (math.isfinite(x) and math.isfinite(y)):
            return math.inf
        row, column = self.grid.frame.cell(x, y)
        return float(self.speed_limit[row, column]) if self.grid.frame.contains(row, column) else math.inf

    def clearance_at(self, x: float, y: float) -> float:
        """Metres to the nearest blocked cell; 0 outside the map."""
        row, column = self.grid.frame.cell(x, y)
        return float(self.clearance[row, column]) if self.grid.frame.contains(row, column) else 0.0


def read_grid(message: GridMap) -> OccupancyGrid:
    """The wire's map as arrays; raises UnusableMap."""
    if message.origin.theta != 0.0:
        raise UnusableMap(f"map {message.map_id!r} is turned by {message.origin.theta} rad; only 0 is supported")
    try:
        picture = np.asarray(Image.open(io.BytesIO(message.image)).convert("L"))[::-1]
    except OSError as error:
        raise UnusableMap(f"map {message.map_id!r} has no readable picture ({error})") from error
    height, width = picture.shape
    frame = Frame(message.resolution, message.origin.x, message.origin.y, height, width)
    return occupancy_grid(message.map_id, frame, picture == OCCUPIED, picture == UNKNOWN)


def occupancy_grid(map_id: str, frame: Frame, occupied: Mask, unknown: Mask) -> OccupancyGrid:
    """A grid with its distances (exact Euclidean distance transform); raises UnusableMap where all is blocked."""
    if (occupied | unknown).all():
        raise UnusableMap(f"map {map_id!r} has no free cell")
    return OccupancyGrid(map_id, frame, occupied.copy(), unknown.copy(), _distance(occupied, frame.resolution))


def terrain(grid: OccupancyGrid, zones: Iterable[Zone], slow_default: float = 0.4) -> Terrain:
    """The grid with the zones laid over it; a slow zone that names no speed has ``slow_default`` m/s."""
    blocked = grid.occupied | grid.unknown
    limit = np.full(blocked.shape, np.inf, np.float32)
    for zone in zones:
        corners = np.array([(point.x, point.y) for point in zone.polygon])
        if zone.kind is ZoneKind.NO_GO:
            blocked |= rasterize(corners, grid.frame)
        elif zone.kind is ZoneKind.SLOW:
            speed = zone.max_speed if isinstance(zone.max_speed, float | int) else slow_default
            inside = rasterize(corners, grid.frame)
            limit[inside] = np.minimum(limit[inside], speed)
    return Terrain(grid, blocked, _distance(blocked, grid.frame.resolution), limit)


def rasterize(corners: NDArray[np.floating], frame: Frame) -> Mask:
    """Cells whose centre lies in the polygon (n, 2), by the even-odd rule."""
    mask = np.zeros((frame.height, frame.width), np.bool_)
    low, high = frame.cell(*corners.min(axis=0)), frame.cell(*corners.max(axis=0))
    rows = np.arange(max(low[0], 0), min(high[0] + 1, frame.height))
    columns = np.arange(max(low[1], 0), min(high[1] + 1, frame.width))
    if not (len(rows) and len(columns)):
        return mask
    y = (frame.y + (rows + 0.5) * frame.resolution)[:, None]
    x = (frame.x + (columns + 0.5) * frame.resolution)[None, :]
    inside = np.zeros((len(rows), len(columns)), np.bool_)
    for (x1, y1), (x2, y2) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y1 != y2:
            inside ^= ((y1 > y) != (y2 > y)) & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = inside
    return mask


def _distance(blocked: Mask, resolution: float) -> Metres:
    if not blocked.any():
        return np.full(blocked.shape, np.inf, np.float32)
    distance: Metres = (distance_transform_edt(~blocked) * resolution).astype(np.float32)
    return distance
