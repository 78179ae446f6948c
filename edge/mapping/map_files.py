"""A map as Nav2's map_server reads it (map.pgm, map.yaml), and a picture of it with the way that was walked."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from edge.mapping.occupancy_counts import Occupancy
from edge.types import Pose2D
from protocol.map_file import FREE, OCCUPIED, UNKNOWN

BEGIN, END, WAY = (22, 163, 74), (220, 38, 38), (37, 99, 235)
LARGEST = 2400  # pixels of the picture's longer side, about
METRES = 10  # of the scale bar


def grey_of(grid: Occupancy) -> NDArray[np.uint8]:
    """The map's grey values, its top row north."""
    grey = np.full(grid.hits.shape, UNKNOWN, np.uint8)
    grey[grid.free()] = FREE
    grey[grid.occupied()] = OCCUPIED
    return grey[::-1]


def write_map(grid: Occupancy, folder: Path) -> Path:
    """Write map.pgm and map.yaml into ``folder``, which is made if need be; return the latter."""
    folder.mkdir(parents=True, exist_ok=True)
    picture = io.BytesIO()
    Image.fromarray(grey_of(grid)).save(picture, "PPM")
    (folder / "map.pgm").write_bytes(picture.getvalue())
    described = {
        "image": "map.pgm",
        "resolution": grid.frame.resolution,
        "origin": [grid.frame.x, grid.frame.y, 0.0],
        "negate": 0,
        "occupied_thresh": 0.65,
        "free_thresh": 0.196,  # of 205, unknown, map_server makes 0.1961: with 0.25 it would be free
        "mode": "trinary",
    }
    (folder / "map.yaml").write_text(yaml.safe_dump(described, sort_keys=False))
    return folder / "map.yaml"


def draw_walk(grid: Occupancy, poses: Sequence[Pose2D], file: Path) -> None:
    """A PNG: the map, the way in blue from green to red, and a bar of ten metres."""
    grey = grey_of(grid)
    scale = max(1, LARGEST // max(grey.shape))
    image = Image.fromarray(grey).convert("RGB")
    image = image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST)
    pen, frame = ImageDraw.Draw(image), grid.frame

    def pixel(pose: Pose2D) -> tuple[float, float]:
        across, up = (pose.x - frame.x) / frame.resolution, (pose.y - frame.y) / frame.resolution
        return across * scale, (frame.height - up) * scale

    way = [pixel(pose) for pose in poses]
    pen.line(way, fill=WAY, width=2)
    for (x, y), colour in ((way[0], BEGIN), (way[-1], END)):
        pen.ellipse((x - 6, y - 6, x + 6, y + 6), fill=colour)
    low = image.height - 14
    pen.line((12, low, 12 + METRES / frame.resolution * scale, low), fill=(0, 0, 0), width=3)
    pen.text((12, low - 14), f"{METRES} m", fill=(0, 0, 0))
    image.save(file)
