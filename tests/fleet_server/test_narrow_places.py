"""Doors and lanes of all widths, in walls of all kinds and directions, on maps of several resolutions."""

import io
import math
import random
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fleet_server.sites.narrow_places import NarrowPlaces, PlannedWay
from fleet_server.sites.walkable_ground import walkable_ground


def through(chance: random.Random, width: float, depth: float) -> PlannedWay | None:
    """The way through an opening in a wall of that thickness (m), which lies and is turned as chance wants."""
    resolution = chance.choice((0.05, 0.1))
    size, turn = round(12 / resolution), chance.uniform(0, math.pi)
    middle = (chance.uniform(5, 7), chance.uniform(5, 7))
    y, x = (np.indices((size, size)) + 0.5) * resolution
    along = (x - middle[0]) * math.cos(turn) + (y - middle[1]) * math.sin(turn)
    across = (y - middle[1]) * math.cos(turn) - (x - middle[0]) * math.sin(turn)
    wall = (np.abs(across) <= depth / 2) & (np.abs(along) >= width / 2)
    picture = io.BytesIO()
    Image.fromarray(np.flipud(np.where(wall, 0, 254).astype(np.uint8))).save(picture, "PNG")
    origin = {"x": chance.uniform(-9, 9), "y": chance.uniform(-9, 9)}
    site: Any = SimpleNamespace(map_resolution=resolution, map_origin=origin, map_png=picture.getvalue(), zones=[])
    places = NarrowPlaces(walkable_ground(site))
    away = depth / 2 + 2
    ends = [
        (
            origin["x"] + middle[0] - side * away * math.sin(turn),
            origin["y"] + middle[1] + side * away * math.cos(turn),
        )
        for side in (-1, 1)
    ]
    assert [places.beside(*end) for end in ends] == [None, None]
    return places.way(*ends)


@pytest.mark.parametrize("seed", range(12))
def test_an_opening_for_one_dog_is_a_narrow_place_and_one_for_two_is_none(seed: int) -> None:
    chance = random.Random(seed)
    door = through(chance, chance.uniform(0.95, 1.15), chance.uniform(0.15, 0.4))
    lane = through(chance, chance.uniform(0.95, 1.4), chance.uniform(1.5, 3))
    wide = through(chance, chance.uniform(1.9, 3), chance.uniform(0.15, 3))
    assert door is not None
    assert lane is not None
    assert wide is not None
    assert [len(way.crossings) for way in (door, lane, wide)] == [1, 1, 0]
