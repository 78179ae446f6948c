"""What a lidar's rays meet in a scene of solid shapes alone is what they meet in the world that is stepped."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from sim.engine.mujoco_model import Group
from sim.engine.raycasting import RaycastingScene
from sim.engine.script import check
from sim.engine.sdf import SIM
from sim.engine.simulation import DogPlan, Make, Simulation

import mujoco  # isort: skip

FAR = 15.0
WORLDS = sorted((SIM / "worlds").glob("*/world.sdf"))
EVENTS = [
    {"at": 0, "do": "person", "name": "ann", "way": [{"x": 2, "y": 1}, {"x": 6, "y": 1, "act": "lie", "seconds": 9}]},
    {"at": 0, "do": "vehicle", "name": "van", "way": [{"x": 9, "y": 9}, {"x": 0, "y": 3}]},
    {"at": 1, "do": "thing", "name": "bag", "x": 1, "y": 4},
    {"at": 1, "do": "block", "name": "board", "x": -3, "y": 2},
    {"at": 2, "do": "topple", "dog": "dog1"},
]


@pytest.mark.parametrize("path", WORLDS, ids=lambda path: path.parent.name)
def test_rays_meet_what_they_meet_in_the_world_itself(path: Path) -> None:
    place = yaml.safe_load((path.parent / "site.yaml").read_text())["docks"][0]["pose"]
    x, y, theta = place["x"], place["y"], place["theta"]
    dogs = (DogPlan("dog1", x, y, theta), DogPlan("dog2", x + 1.5, y + 1.0, theta, Make.LIGHT))
    sim = Simulation(path, dogs, pictures=False, script=check(EVENTS))
    scene, rng = RaycastingScene(sim.model), np.random.default_rng(7)
    groups = np.array([group == Group.COLLISION for group in range(6)], np.uint8)
    for _ in range(6):
        for _ in range(35):
            sim.dogs["dog2"].command((0.6, 0.1, 0.4), sim.now)
            sim.step()
        eye = sim.data.xpos[sim.dogs["dog1"].body.root] + [*rng.uniform(-4, 4, 2), rng.uniform(0.2, 1.5)]
        rays = rng.normal(size=(3000, 3))
        rays /= np.linalg.norm(rays, axis=1)[:, None]
        geoms, ranges = np.empty(len(rays), np.int32), np.empty(len(rays))
        mujoco.mj_multiRay(
            sim.model, sim.data, eye, rays.ravel(), groups, True, -1, geoms, ranges, None, len(rays), FAR
        )
        met, shapes = scene.cast(sim.data, eye, rays, FAR)
        near = ranges < FAR
        assert near.sum() > 1000
        assert np.array_equal(near, met < FAR)
        assert np.abs(met[near] - ranges[near]).max() < 1e-9
        of_dogs = np.array(
            [sim.model.geom(int(geom)).name.startswith("dog2/") if geom >= 0 else True for geom in geoms]
        )
        assert np.array_equal(scene.belonging_to("dog2/")[shapes][near], of_dogs[near])
