"""The occupancy map of a world, drawn from its SDF: what stands still at the height of a dog and of its lidar.

A dog walks on the ground and up what rises gently from it: a ramp and the platform at its end are free; stairs, walls
and edges are not. What a dog cannot step over and its lidar looks over, a kerb, is drawn as unknown: no way leads
across it, and localization does not miss it. One floor a cell: nobody walks under what another walks on.
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from shapely import Polygon
from shapely.geometry import MultiPoint, Point

from sim.engine.sdf import Shape, World, read_world
from sim.engine.transforms import Matrix

RESOLUTION = 0.1  # metres a cell: fine enough for a body 0.3 m wide, coarse enough to plan over 200 m at once
STEP = 0.06  # metres: the trot passes 5 cm and stalls at 8
BAND = (STEP, 0.65)  # metres above the floor: from what a leg cannot step over to the top of the dog
SEEN = 0.45  # metres above the floor: what ends lower than this the lidar, at 0.51 m and swaying, does not see
GRADE = 0.17  # rise over run that a dog is sent up; it trots up 0.25, and was seen to find its way up 0.16
FREE, OCCUPIED, UNKNOWN = 254, 0, 205
OVERSAMPLE = 4

Heights = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Solid:
    """A static collision as the map sees it: its outline from above, and its lowest and highest point in metres.

    ``top`` is the plane z = a x + b y + c of its upper face where a dog could walk on that.
    """

    outline: Polygon
    low: float
    high: float
    top: tuple[float, float, float] | None


@dataclass(frozen=True)
class Raster:
    """``rows`` x ``columns`` cells, the top row north, and the world place of the lower left corner, in metres."""

    left: float
    bottom: float
    rows: int
    columns: int
    cell: float

    def around(self, outline: Polygon) -> tuple[slice, slice]:
        """The rows and columns that hold ``outline``."""
        west, south, east, north = outline.bounds
        first, last = math.floor((west - self.left) / self.cell), math.ceil((east - self.left) / self.cell)
        top, low = math.floor((self._north - north) / self.cell), math.ceil((self._north - south) / self.cell)
        return slice(max(0, top), min(self.rows, low)), slice(max(0, first), min(self.columns, last))

    def inside(self, outline: Polygon, rows: slice, columns: slice) -> Mask:
        """Which of these cells have their middle within ``outline``."""
        image = Image.new("L", (max(0, columns.stop - columns.start), max(0, rows.stop - rows.start)), 0)
        if image.width and image.height:
            corner = np.array([columns.start, rows.start]) + 0.5
            ImageDraw.Draw(image).polygon([tuple(p) for p in self.pixels(outline) - corner], fill=1)
        return np.asarray(image, np.bool_)

    def pixels(self, outline: Polygon) -> NDArray[np.float64]:
        """The corners (n x 2) of ``outline`` in cells from the upper left."""
        x, y = outline.exterior.xy
        return np.column_stack([(np.array(x) - self.left) / self.cell, (self._north - np.array(y)) / self.cell])

    def centres(self, rows: slice, columns: slice) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The world's x (1, n) and y (m, 1) of the cells' middles."""
        x = self.left + (np.arange(columns.start, columns.stop) + 0.5) * self.cell
        y = self._north - (np.arange(rows.start, rows.stop) + 0.5) * self.cell
        return x[None, :], y[:, None]

    @property
    def _north(self) -> float:
        return self.bottom + self.rows * self.cell


def draw(world: World, resolution: float = RESOLUTION) -> tuple[NDArray[np.uint8], tuple[float, float]]:
    """The map's grey values, its top row north, and the world place of its lower left corner, in metres.

    It covers the world's ground plane. A cell is occupied when a quarter of it or more is.
    """
    ground = next(s for m in world.models for link in m.links for s in link.collisions if s.kind == "plane")
    width, height = ground.size
    left, bottom = float(ground.pose[0, 3] - width / 2), float(ground.pose[1, 3] - height / 2)
    raster = Raster(left, bottom, round(height / resolution), round(width / resolution), resolution)
    hidden, seen = _obstacles(raster, solids(world))
    grey = np.full((raster.rows, raster.columns), FREE, np.uint8)
    grey[hidden], grey[seen] = UNKNOWN, OCCUPIED
    return grey, (left, bottom)


def _obstacles(raster: Raster, found: Sequence[Solid]) -> tuple[Mask, Mask]:
    """Where a dog cannot walk: what its lidar may look over, and what it sees."""
    floor = floors(raster, found)
    hidden, seen = _edges(floor, STEP), _edges(floor, SEEN)
    low, high = _Canvas(raster), _Canvas(raster)
    for solid in found:
        rows, columns = raster.around(solid.outline)
        below = floor[rows, columns]
        if not below.any():
            if solid.low <= BAND[1] and solid.high >= BAND[0]:
                (high if solid.high >= SEEN else low).draw(solid.outline)
            continue
        above = _upper(solid, raster, rows, columns) - below
        stands = raster.inside(solid.outline, rows, columns) & (solid.low <= below + BAND[1]) & (above >= BAND[0])
        hidden[rows, columns] |= stands
        seen[rows, columns] |= stands & (above >= SEEN)
    return hidden | low.covered(), seen | high.covered()


class _Canvas:
    """Outlines drawn four times as fine as the raster."""

    def __init__(self, raster: Raster) -> None:
        self._raster = raster
        self._image = Image.new("L", (raster.columns * OVERSAMPLE, raster.rows * OVERSAMPLE), 0)
        self._pen = ImageDraw.Draw(self._image)

    def draw(self, outline: Polygon) -> None:
        self._pen.polygon([tuple(p) for p in self._raster.pixels(outline) * OVERSAMPLE], fill=255)

    def covered(self) -> Mask:
        """The cells of which a quarter or more is covered."""
        fine = np.asarray(self._image, np.float32)
        share = fine.reshape(self._raster.rows, OVERSAMPLE, self._raster.columns, OVERSAMPLE).mean(axis=(1, 3))
        return np.asarray(share >= 255 / 4)


def floors(raster: Raster, found: Sequence[Solid]) -> Heights:
    """The height above ground on which a dog walks in each cell: what it can get to from the ground, else 0."""
    raised = np.zeros((raster.rows, raster.columns))
    for solid in found:
        if solid.top is not None:
            rows, columns = raster.around(solid.outline)
            upper = np.where(raster.inside(solid.outline, rows, columns), _upper(solid, raster, rows, columns), 0.0)
            raised[rows, columns] = np.maximum(raised[rows, columns], upper)
    low = raised <= STEP
    reached = low.copy()
    waiting = deque(zip(*np.nonzero(~low & _beside(low, raised)), strict=True))
    while waiting:
        row, column = waiting.popleft()
        if reached[row, column]:
            continue
        reached[row, column] = True
        for r, c in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            within = 0 <= r < raster.rows and 0 <= c < raster.columns
            if within and not reached[r, c] and abs(raised[r, c] - raised[row, column]) <= STEP:
                waiting.append((r, c))
    return np.where(reached, raised, 0.0)


def solids(world: World) -> list[Solid]:
    """All static collisions but the ground."""
    found = []
    for model in world.models:
        if model.static:
            for link in model.links:
                for shape in link.collisions:
                    solid = _solid(shape, model.pose @ link.pose @ shape.pose)
                    if solid is not None:
                        found.append(solid)
    return found


def write(world_file: Path, folder: Path | None = None) -> Path:
    """Draw the map of ``world_file`` into ``folder`` (default: beside it): map.pgm and map.yaml; return the latter."""
    folder = folder or world_file.parent
    grey, (left, bottom) = draw(read_world(world_file))
    Image.fromarray(grey).save(folder / "map.pgm")
    described = {
        "image": "map.pgm",
        "resolution": RESOLUTION,
        "origin": [left, bottom, 0.0],
        "negate": 0,
        "occupied_thresh": 0.65,
        "free_thresh": 0.196,  # UNKNOWN is 0.1961 to map_server: with 0.25 it would be free
        "mode": "trinary",
    }
    path = folder / "map.yaml"
    path.write_text(yaml.safe_dump(described, sort_keys=False))
    return path


def _beside(low: Mask, raised: Heights) -> Mask:
    """The cells that one steps up to from a cell of ``low`` beside them."""
    found = np.zeros_like(low)
    for axis, shift in ((0, 1), (0, -1), (1, 1), (1, -1)):
        found |= np.roll(low, shift, axis) & (np.abs(np.roll(raised, shift, axis) - raised) <= STEP)
    return found


def _edges(floor: Heights, drop: float) -> Mask:
    """The cells from which one would fall by more than ``drop`` onto the next."""
    found = np.zeros(floor.shape, np.bool_)
    for axis, shift in ((0, 1), (0, -1), (1, 1), (1, -1)):
        found |= floor - np.roll(floor, shift, axis) > drop
    return found


def _upper(solid: Solid, raster: Raster, rows: slice, columns: slice) -> Heights:
    """How high the solid is in each of these cells."""
    if solid.top is None:
        return np.full((rows.stop - rows.start, columns.stop - columns.start), solid.high)
    a, b, c = solid.top
    x, y = raster.centres(rows, columns)
    return np.clip(a * x + b * y + c, 0.0, solid.high)


def _solid(shape: Shape, at: Matrix) -> Solid | None:
    if shape.kind == "plane":
        return None
    points = _surface(shape) @ at[:3, :3].T + at[:3, 3]
    low, high = float(points[:, 2].min()), float(points[:, 2].max())
    if shape.kind == "cylinder" and abs(at[2, 2]) > 0.99:
        return Solid(Point(at[0, 3], at[1, 3]).buffer(shape.size[0], quad_segs=8), low, high, None)
    hull = MultiPoint(points[:, :2]).convex_hull
    top = _top(shape, at) if low <= STEP else None  # a floor reaches down to the ground; a roof over it is none
    return Solid(hull, low, high, top) if isinstance(hull, Polygon) else None


def _top(shape: Shape, at: Matrix) -> tuple[float, float, float] | None:
    """The plane of a box's upper face, where it is level enough to walk."""
    x, y, z = at[:3, 2]
    if shape.kind != "box" or math.hypot(x, y) > GRADE * z:
        return None
    middle = at[:3, 3] + at[:3, 2] * shape.size[2] / 2
    return -x / z, -y / z, float(middle @ at[:3, 2] / z)


def _surface(shape: Shape) -> NDArray[np.float64]:
    """Points (n x 3) whose hull is the shape's, in its own frame."""
    if shape.kind == "box":
        signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
        return np.asarray(signs * np.array(shape.size) / 2)
    turn = np.linspace(0, math.tau, 32, endpoint=False)
    if shape.kind == "cylinder":
        radius, length = shape.size
        ring = np.column_stack([radius * np.cos(turn), radius * np.sin(turn)])
        return np.vstack([np.column_stack([ring, np.full(len(ring), z)]) for z in (-length / 2, length / 2)])
    up = np.linspace(-math.pi / 2, math.pi / 2, 17)
    ball = np.array([[math.cos(u) * math.cos(t), math.cos(u) * math.sin(t), math.sin(u)] for u in up for t in turn])
    if shape.kind == "ellipsoid":
        return np.asarray(ball * np.array(shape.size))
    points = ball * shape.size[0]
    if shape.kind == "capsule":
        points[:, 2] += np.sign(points[:, 2]) * shape.size[1] / 2
    return points
