"""A turn of the simulated lidar of many rings in each world, against bare mj_multiRay in the world that is stepped."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from sim.engine.lidar import Rings
from sim.engine.mujoco_model import Group
from sim.engine.script import Sensor
from sim.engine.sdf import SIM
from sim.engine.simulation import DogPlan, Simulation
from sim.gazebo.spawning import docks_of

import mujoco  # isort: skip

TURNS = 30
BESIDE_M = 1.5  # a second dog, for its body is most of what moves


def run() -> dict[str, Any]:
    """Median milliseconds of a core a turn; ``reference_ms`` are the rays alone, without noise, air or a cloud."""
    turns, bare, flat = {}, {}, {}
    for world in sorted((SIM / "worlds").glob("*/world.sdf")):
        sim = _standing(world)
        turns[world.parent.name] = _median_ms(lambda sim=sim: sim.sense("dog1", Sensor.POINTS))
        flat[world.parent.name] = _median_ms(lambda sim=sim: sim.sense("dog1", Sensor.SCAN))
        bare[world.parent.name] = _bare(sim)
    ratios = [turns[name] / bare[name] for name in turns]
    return {
        "turn_ms": turns,
        "scan_ms": flat,
        "reference": "mj_multiRay in the stepped world",
        "reference_ms": bare,
        "ratio": round(statistics.median(ratios), 2),
    }


def _standing(world: Path) -> Simulation:
    x, y, theta = docks_of(world.parent)[0]
    dogs = (DogPlan("dog1", x, y, theta), DogPlan("dog2", x, y + BESIDE_M, theta))
    sim = Simulation(world, dogs, pictures=False)
    for _ in range(20):
        sim.step()
    return sim


def _bare(sim: Simulation) -> float:
    rings: Rings = sim.dogs["dog1"].lidar_3d.measure(sim.data)
    site = sim.model.site("dog1/lidar_3d").id
    rays = rings.rays.reshape(-1, 3).astype(float) @ sim.data.site_xmat[site].reshape(3, 3).T
    groups = np.array([group == Group.COLLISION for group in range(6)], np.uint8)
    geoms, ranges = np.empty(len(rays), np.int32), np.empty(len(rays))

    def cast() -> None:
        mujoco.mj_multiRay(
            sim.model, sim.data, sim.data.site_xpos[site], rays.ravel(), groups, True, int(sim.model.site_bodyid[site]),
            geoms, ranges, None, len(rays), rings.range_max,
        )  # fmt: skip

    return _median_ms(cast)


def _median_ms(call: Callable[[], Any]) -> float:
    took = []
    for _ in range(TURNS):
        began = time.process_time()
        call()
        took.append((time.process_time() - began) * 1e3)
    return round(statistics.median(took), 2)
