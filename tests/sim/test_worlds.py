"""Every site that we ship: it is written by rule, its map is fresh, its places are where a dog can stand and walk."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edge.navigation.planning import Plan, PlanningConfig, cost_map, plan
from edge.navigation.site_map import site_map_in
from protocol.site import ZoneKind
from protocol.site_folder import read_site
from sim import occupancy_map
from sim.engine.sdf import SIM, read_world
from tests.sim.walking import walk
from tools.make_worlds.__main__ import files

SITES = sorted(path.parent for path in (SIM / "worlds").glob("*/world.sdf"))
COMPOUND, PARK, YARD = (SIM / "worlds" / name for name in ("residential_compound", "logistics_park", "station_yard"))


def cell(site: Path, x: float, y: float) -> int:
    """The committed map's grey value at a place."""
    described, read = read_site(site)
    picture = np.asarray(Image.open(site / "map.pgm"))
    assert described.map == "map.yaml"
    row = len(picture) - 1 - int((y - read.origin.y) / read.resolution)
    return int(picture[row, int((x - read.origin.x) / read.resolution)])


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_what_is_drawn_as_unknown_is_unknown_to_a_dog(site: Path) -> None:
    drawn = np.asarray(Image.open(site / "map.pgm"))[::-1]
    grid = site_map_in(site).grid
    assert (grid.unknown == (drawn == occupancy_map.UNKNOWN)).all()
    assert (grid.occupied == (drawn == occupancy_map.OCCUPIED)).all()
    assert grid.unknown.any()


def test_the_three_sites_are_there() -> None:
    assert {COMPOUND, PARK, YARD} <= set(SITES)


def test_the_written_worlds_and_models_are_fresh() -> None:
    stale = [place for place, text in files().items() if (SIM / place).read_text(encoding="utf-8") != text]
    assert stale == []


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_the_committed_map_is_the_one_that_the_world_gives(site: Path, tmp_path: Path) -> None:
    fresh = occupancy_map.write(site / "world.sdf", tmp_path)
    assert fresh.read_text() == (site / "map.yaml").read_text()
    assert np.array_equal(np.asarray(Image.open(tmp_path / "map.pgm")), np.asarray(Image.open(site / "map.pgm")))


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_a_site_has_zones_of_every_kind_and_routes_short_and_long(site: Path) -> None:
    described, _ = read_site(site)
    assert {zone.kind for zone in described.zones} == set(ZoneKind)
    assert any(zone.hours for zone in described.zones)
    assert described.site_id == site.name
    assert min(len(route.stops) for route in described.routes) == 1
    assert max(len(route.stops) for route in described.routes) >= 7
    assert len(described.docks) >= {"logistics_park": 16, "residential_compound": 4}.get(site.name, 2)


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_a_dog_finds_its_way_from_each_dock_to_each_checkpoint(site: Path) -> None:
    described, _ = read_site(site)
    terrain = site_map_in(site).terrain
    for place in (*described.docks, *described.checkpoints):
        assert terrain.clearance_at(place.pose.x, place.pose.y) > 0.33, place
    costs = cost_map(terrain, PlanningConfig())
    home = described.docks[0].pose
    for checkpoint in described.checkpoints:
        assert isinstance(plan(costs, (home.x, home.y), (checkpoint.pose.x, checkpoint.pose.y)), Plan), checkpoint


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_the_worlds_docks_are_where_the_site_says(site: Path) -> None:
    described, _ = read_site(site)
    standing = {
        model.name: (round(float(model.pose[0, 3]), 3), round(float(model.pose[1, 3]), 3))
        for model in read_world(site / "world.sdf").models
        if model.name.startswith("dock_")
    }
    assert standing == {dock.dock_id: (dock.pose.x, dock.pose.y) for dock in described.docks}


def test_ramps_and_platforms_are_free_and_stairs_edges_and_kerbs_are_not() -> None:
    free = [(-30.5, -39.0), (-30.5, -54.0), (-22.0, 33.5), (-60.0, 33.5), (18.0, 47.0), (18.0, 52.0), (0.0, 14.0)]
    assert [cell(PARK, *place) for place in free] == [occupancy_map.FREE] * len(free)
    stairs, edge, wall, rail = (-91.0, 33.5), (-60.0, 31.05), (-35.0, -54.0), (-28.05, -54.0)
    assert [cell(PARK, *place) for place in (stairs, edge, wall, rail)] == [occupancy_map.OCCUPIED] * 4
    kerbs = [(-15.5, 60.0), (-5.0, 92.0), (15.3, 54.0)]
    assert [cell(PARK, *place) for place in kerbs] == [occupancy_map.UNKNOWN] * 3
    assert cell(COMPOUND, 17.0, -22.5) == occupancy_map.FREE
    assert cell(COMPOUND, 15.0, -29.0) == occupancy_map.UNKNOWN


@pytest.mark.slow
def test_a_legged_dog_walks_over_the_compounds_terrace() -> None:
    loop = walk(COMPOUND, "terrace_east", ["terrace", "garden_west"])
    body = loop.world
    told = body.sim.report()["dog1"]  # type: ignore[attr-defined]
    assert (told["collisions"], told["falls"]) == (0, 0)
    assert 0.28 < body.highest < 0.34  # type: ignore[attr-defined]
    assert max(loop.errors) < 0.25


@pytest.mark.slow
def test_a_legged_dog_walks_up_the_parks_high_ramp() -> None:
    loop = walk(PARK, "high_ramp", ["high_platform"])
    body = loop.world
    told = body.sim.report()["dog1"]  # type: ignore[attr-defined]
    assert (told["collisions"], told["falls"]) == (0, 0)
    assert 1.08 < body.highest < 1.15  # type: ignore[attr-defined]
    assert max(loop.errors) < 0.3
