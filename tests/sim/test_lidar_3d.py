"""The lidar of many rings sees what a body can touch, where it is: the ground, what is low, people, other dogs."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.engine.lidar import find_lidar
from sim.engine.script import Sensor
from sim.engine.sdf import read_model
from sim.engine.simulation import DogPlan, Make, Simulation
from tests.sim.conftest import Room, box

LEGGED, LIGHT = (DogPlan("dog1", 0.0, 0.0, 0.0, make) for make in Make)
Points = NDArray[np.float64]


def cloud(sim: Simulation, name: str = "dog1") -> Points:
    """What the dog's rings met, (n, 3), in the frame of the world, by the true pose of the sensor."""
    told = sim.sense(name, Sensor.POINTS)
    assert told.shape == (16, 360, 3)
    assert told.dtype == np.float32
    site = sim.model.site(f"{name}/lidar_3d").id
    turned, eye = sim.data.site_xmat[site].reshape(3, 3), sim.data.site_xpos[site]
    met = told.reshape(-1, 3).astype(float)
    return met[np.isfinite(met[:, 0])] @ turned.T + eye


def near(points: Points, x: float, y: float, radius: float) -> Points:
    """Those of them above the ground within ``radius`` metres of a place."""
    inside = np.hypot(points[:, 0] - x, points[:, 1] - y) < radius
    return points[inside & (points[:, 2] > 0.05)]


def person(act: str, x: float, y: float, theta: float = 0.0) -> dict[str, Any]:
    way = [{"x": x, "y": y, "act": act, "seconds": 60, "theta": theta}]
    return {"at": 0, "do": "person", "name": "ann", "way": way}


def wait(sim: Simulation, seconds: float) -> Simulation:
    for _ in range(round(seconds / 0.02)):
        sim.step()
    return sim


def test_the_two_lidars_of_the_dog_are_told_apart() -> None:
    dog = read_model("xiaotian_dog")
    assert find_lidar(dog, rings=False).name == "lidar"
    assert find_lidar(dog, rings=True).name == "lidar_3d"


@pytest.mark.parametrize("plan", [LEGGED, LIGHT], ids=["legged", "light"])
def test_the_ground_is_flat_all_round_and_begins_half_a_metre_before_the_nose(room: Room, plan: DogPlan) -> None:
    met = cloud(wait(room(dogs=(plan,)), 1.0))
    assert np.abs(met[:, 2]).max() < 0.06, "the dog sees itself, or what is not there"
    ahead = met[np.abs(np.arctan2(met[:, 1], met[:, 0] - 0.32)) < 0.1]
    assert 0.8 < ahead[:, 0].min() < 0.95
    beside = met[np.abs(np.arctan2(met[:, 1], met[:, 0] - 0.32)) < 1.6]
    gone = np.hypot(beside[:, 0] - 0.32, beside[:, 1])
    assert all(((gone > a) & (gone < a + 0.6)).sum() > 100 for a in (0.4, 0.8, 1.2, 1.6, 2.0)), "a gap beside the head"
    assert (met[:, 0] < -1.5).any(), "nothing is seen behind"


@pytest.mark.parametrize("theta", [0.0, 0.8, math.pi / 2])
def test_somebody_who_lies_is_as_long_as_a_person_and_as_high_as_one_who_lies(room: Room, theta: float) -> None:
    sim = wait(room(dogs=(LIGHT,), script=(person("lie", 2.5, 0.0, theta),)), 1.5)
    seen = near(cloud(sim), 2.5, 0.0, 1.4)
    along = seen[:, :2] @ np.array([math.cos(theta), math.sin(theta)])
    across = seen[:, :2] @ np.array([-math.sin(theta), math.cos(theta)])
    assert len(seen) > 40
    assert 0.2 < seen[:, 2].max() < 0.42
    if theta != 0.0:  # head on, only his feet are seen
        assert 1.2 < np.ptp(along) < 1.8
    assert np.ptp(across) < 0.6


def test_one_who_stands_is_a_column_and_one_who_sits_a_lower_one(room: Room) -> None:
    heights = []
    for act in ("stand", "sit"):
        seen = near(cloud(wait(room(dogs=(LIGHT,), script=(person(act, 3.0, 0.5),)), 1.5)), 3.0, 0.5, 0.5)
        heights.append(seen[:, 2].max())
        assert len(seen) > 30
        assert np.hypot(seen[:, 0] - 3.0, seen[:, 1] - 0.5).max() < 0.3
    assert heights[0] > 1.0
    assert 0.7 < heights[1] < 1.0


@pytest.mark.parametrize("make", list(Make))
def test_another_dog_is_seen_its_trunk_and_its_legs(room: Room, make: Make) -> None:
    sim = wait(room(dogs=(LIGHT, DogPlan("dog2", 1.5, 0.4, 1.2, make))), 0.5)
    seen = near(cloud(sim), 1.5, 0.4, 0.5)
    assert ((seen[:, 2] > 0.3) & (seen[:, 2] < 0.5)).sum() > 10, "no trunk"
    assert ((seen[:, 2] > 0.05) & (seen[:, 2] < 0.28)).sum() > 3, "no legs"


@pytest.mark.parametrize(("model", "height"), [("bag", 0.56), ("bicycle", 1.0)])
def test_a_thing_left_behind_is_seen_from_its_foot_up(room: Room, model: str, height: float) -> None:
    script = ({"at": 0, "do": "thing", "name": "it", "x": 2.5, "y": -0.5, "model": model},)
    seen = near(cloud(wait(room(dogs=(LIGHT,), script=script), 0.5)), 2.5, -0.5, 0.9)
    assert len(seen) > 30
    assert seen[:, 2].min() < 0.15
    assert height - 0.2 < seen[:, 2].max() < height + 0.05


def test_a_kerb_and_the_edge_of_a_platform_are_seen(room: Room) -> None:
    kerb, platform = box("kerb", "2 2 0.06 0 0 0", "0.2 6 0.12"), box("platform", "3.6 -3 0.1 0 0 0", "4 3 0.2")
    met = cloud(room(kerb, platform, dogs=(LIGHT,)))
    on_kerb = met[(np.abs(met[:, 0] - 2.0) < 0.14) & (met[:, 1] > 0) & (met[:, 1] < 3) & (met[:, 2] > 0.02)]
    assert len(on_kerb) > 10
    assert on_kerb[:, 2].max() == pytest.approx(0.12, abs=0.03)
    top = met[(met[:, 0] > 1.7) & (met[:, 1] < -1.6) & (met[:, 0] < 5.5) & (met[:, 1] > -4.4)]
    assert len(top) > 20
    assert np.abs(top[:, 2] - 0.2).max() < 0.05


def test_from_a_platform_what_lies_lower_is_seen_lower(room: Room) -> None:
    sim = room(box("platform", "0 0 0.25 0 0 0", "3 3 0.5"), dogs=(DogPlan("dog1", 0.0, 0.0, 0.0),))
    sim.dogs["dog1"].body.stand(sim.data, 0.0, 0.0, 0.0)
    met = cloud(wait(sim, 0.5))
    here = met[(np.abs(met[:, 0]) < 1.4) & (np.abs(met[:, 1]) < 1.4)]
    beyond = met[met[:, 0] > 2.2]
    assert np.median(here[:, 2]) == pytest.approx(0.5, abs=0.03)
    assert np.median(beyond[:, 2]) == pytest.approx(0.0, abs=0.03)


@pytest.mark.parametrize("make", list(Make))
def test_on_a_ramp_the_cloud_is_the_ramp(room: Room, make: Make) -> None:
    slope = math.atan(0.12)
    ramp = box("ramp", f"4 0 0 0 {-slope} 0", "12 4 0.02")
    sim = room(ramp, dogs=(DogPlan("dog1", 2.5, 0.0, 0.0, make),))
    for _ in range(300):
        sim.dogs["dog1"].command((0.7, 0.0, 0.0), sim.now)
        sim.step()
    met = cloud(sim)
    on_ramp = met[(np.abs(met[:, 1]) < 1.9) & (met[:, 0] > 0) & (met[:, 0] < 9.5)]
    assert sim.dogs["dog1"].place(sim.data)[0] > 5.7
    assert len(on_ramp) > 500
    assert np.abs(on_ramp[:, 2] - np.maximum(0.0, 0.12 * (on_ramp[:, 0] - 4.0) + 0.01)).max() < 0.06
    site = sim.model.site("dog1/lidar_3d").id
    eye = sim.data.site_xpos[site]
    assert eye[2] - 0.12 * (eye[0] - 4.0) == pytest.approx(0.55, abs=0.06)


def test_fog_shortens_the_rings_and_smoke_returns_them(room: Room) -> None:
    wall = box("wall", "9 0 1 0 0 0", "0.2 12 2")
    clear = cloud(wait(room(wall, dogs=(LIGHT,)), 0.5))
    foggy = cloud(wait(room(wall, dogs=(LIGHT,), script=({"at": 0, "do": "fog", "visibility": 8},)), 0.5))
    assert clear[:, 0].max() > 8.8
    assert foggy[:, 0].max() < 5.2
    smoke = {"at": 0, "do": "smoke", "name": "s", "x": 3.0, "y": 0.0, "radius": 0.8, "density": 1.0}
    smoky = cloud(wait(room(wall, dogs=(LIGHT,), script=(smoke,)), 4.0))
    assert len(near(smoky, 3.0, 0.0, 0.8)) > 20


def test_noise_is_what_the_sdf_says(room: Room) -> None:
    sim = room(box("wall", "3 0 1 0 0 0", "0.2 12 2"), dogs=(LIGHT,))
    turns = np.stack([np.linalg.norm(sim.sense("dog1", Sensor.POINTS), axis=2) for _ in range(40)])
    spread = turns.std(axis=0)
    assert np.nanmedian(spread) == pytest.approx(0.01, rel=0.15)
