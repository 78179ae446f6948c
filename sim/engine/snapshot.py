"""A look at a world as it is at its start, or some time later; dogs and people included."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.engine.camera_rendering import open_camera_renderer
from sim.engine.lighting import Light
from sim.engine.script import Script
from sim.engine.simulation import DogPlan, Simulation
from sim.engine.transforms import pose

FOVY_DEG = 45.0


def snapshot(
    world: Path,
    dogs: Sequence[DogPlan],
    eye: tuple[float, float, float, float, float],
    light: Light,
    width: int,
    height: int,
    script: Script = (),
    after: float = 0.0,
) -> NDArray[np.uint8]:
    """A picture (height x width x 3, RGB) from ``eye``: x, y, z, yaw, pitch, in metres and radians."""
    sim = Simulation(world, dogs, pictures=False, light=light, script=script)
    while sim.elapsed < after:
        sim.step()
    sim.pose_all()
    sim.model.vis.global_.offwidth, sim.model.vis.global_.offheight = width, height
    sim.model.vis.quality.offsamples = 4
    drawn_by = open_camera_renderer(sim.model, height, width)
    try:
        x, y, z, yaw, pitch = eye
        return drawn_by.see(sim.data, pose(x, y, z, 0.0, pitch, yaw), FOVY_DEG)
    finally:
        drawn_by.close()
