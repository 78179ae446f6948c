"""Finding a lost dog on maps that look like themselves in many places: compound and park, with people about."""

import math

import numpy as np
import pytest

from edge.navigation.likelihood_field import Field, field
from edge.navigation.scan_leveling import Mounting, level
from edge.navigation.site_map import SiteMap, site_map_in
from edge.types import Pose2D
from tests.edge.navigation.relocated import relocated
from tests.edge.navigation.world import Person, World
from tests.shared import ROOT


def known(site: str) -> tuple[SiteMap, Field]:
    ground = site_map_in(ROOT / "sim/worlds" / site)
    return ground, field(ground.grid)


@pytest.fixture(scope="module")
def compound() -> tuple[SiteMap, Field]:
    return known("residential_compound")


def put_down(ground: SiteMap, seed: int) -> World:
    """A dog that stands anywhere with room about it, among up to seven people who stand."""
    random, frame = np.random.default_rng(seed), ground.grid.frame
    while True:
        x = frame.x + random.uniform(0, frame.width * frame.resolution)
        y = frame.y + random.uniform(0, frame.height * frame.resolution)
        if ground.terrain.clearance_at(x, y) > 0.65:
            break
    places = [(x + dx, y + dy) for dx, dy in random.uniform(-5.0, 5.0, (7, 2)) if math.hypot(dx, dy) > 0.8]
    people = [Person(place, place) for place in places[: int(random.integers(0, 8))]]
    return World(ground.grid, Pose2D(x, y, float(random.uniform(-math.pi, math.pi))), people, seed=seed)


def test_a_dog_put_down_anywhere_is_mostly_found_by_one_scan_and_never_in_a_wrong_place(
    compound: tuple[SiteMap, Field],
) -> None:
    ground, on = compound
    found = []
    for seed in (*range(6), 126, 131):  # at the last two another place explains the beams as well or better
        world = put_down(ground, seed)
        scan = level(world.scan(), world.lean(), Mounting())
        pose = relocated(on, scan, np.random.default_rng(seed))
        assert pose is None or pose.distance(world.pose) < 0.3, f"seed {seed}: sure of {pose}, it is at {world.pose}"
        found.append(pose is not None)
    assert sum(found) >= 4, found


def test_who_stands_next_to_a_dog_does_not_hide_where_it_is_on_a_map_of_five_hectares() -> None:
    ground, on = known("logistics_park")
    for seed in (1, 5, 7, 17, 20):  # where no other place looks like it
        world = put_down(ground, seed)
        pose = relocated(on, level(world.scan(), world.lean(), Mounting()), np.random.default_rng(seed))
        assert pose is not None, f"seed {seed}: not found at {world.pose}"
        assert pose.distance(world.pose) < 0.3, f"seed {seed}: sure of {pose}, it is at {world.pose}"
