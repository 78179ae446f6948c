"""The occupancy map of a world, drawn from its SDF: what stands still at the height of a dog and of its lidar."""

import math
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from shapely import Polygon
from shapely.geometry import MultiPoint, Point

from sim.engine.frames import Matrix
from sim.engine.sdf import Shape, World, read_world

RESOLUTION = 0.1  # metres a cell: fine enough for a body 0.3 m wide, coarse enough to plan over 80 m at once
BAND = (0.12, 0.65)  # metres above ground: from what a leg cannot step over to the top of the dog
FREE, OCCUPIED = 254, 0
OVERSAMPLE = 4


def draw(world: World, resolution: float = RESOLUTION) -> tuple[NDArray[np.uint8], tuple[float, float]]:
    """The map's grey values, its top row north, and the world place of its lower left corner, in metres.

    It covers the world's ground plane. A cell is occupied when a quarter of it or more is.
    """
    ground = next(s for m in world.models for link in m.links for s in link.collisions if s.kind == "plane")
    width, height = ground.size
    left, bottom = float(ground.pose[0, 3] - width / 2), float(ground.pose[1, 3] - height / 2)
    fine = resolution / OVERSAMPLE
    columns, rows = round(width / resolution), round(height / resolution)
    image = Image.new("L", (columns * OVERSAMPLE, rows * OVERSAMPLE), 0)
    pen = ImageDraw.Draw(image)
    for outline in outlines(world):
        pen.polygon([((x - left) / fine, (bottom + height - y) / fine) for x, y in outline.exterior.coords], fill=255)
    share = np.asarray(image, np.float32).reshape(rows, OVERSAMPLE, columns, OVERSAMPLE).mean(axis=(1, 3)) / 255
    return np.where(share >= 0.25, OCCUPIED, FREE).astype(np.uint8), (left, bottom)


def outlines(world: World) -> list[Polygon]:
    """The outlines on the ground of all static collisions within BAND."""
    found = []
    for model in world.models:
        if not model.static:
            continue
        for link in model.links:
            for shape in link.collisions:
                outline = _outline(shape, model.pose @ link.pose @ shape.pose)
                if outline is not None:
                    found.append(outline)
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
        "free_thresh": 0.25,
        "mode": "trinary",
    }
    path = folder / "map.yaml"
    path.write_text(yaml.safe_dump(described, sort_keys=False))
    return path


def _outline(shape: Shape, at: Matrix) -> Polygon | None:
    if shape.kind == "plane":
        return None
    points = _surface(shape) @ at[:3, :3].T + at[:3, 3]
    low, high = points[:, 2].min(), points[:, 2].max()
    if high < BAND[0] or low > BAND[1]:
        return None
    if shape.kind == "cylinder" and abs(at[2, 2]) > 0.99:
        return Point(at[0, 3], at[1, 3]).buffer(shape.size[0], quad_segs=8)
    hull = MultiPoint(points[:, :2]).convex_hull
    return hull if isinstance(hull, Polygon) else None


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
