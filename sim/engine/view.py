"""A look at a world as it is at its start, dogs and people included."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.engine.frames import pose
from sim.engine.lighting import Light, Lighting
from sim.engine.simulation import DogPlan, Simulation
from sim.engine.studio import aim, open_renderer

import mujoco  # isort: skip

FOVY_DEG = 45.0


def view(
    world: Path,
    dogs: Sequence[DogPlan],
    eye: tuple[float, float, float, float, float],
    light: Light,
    width: int,
    height: int,
) -> NDArray[np.uint8]:
    """A picture (height x width x 3, RGB) from ``eye``: x, y, z, yaw, pitch, in metres and radians."""
    sim = Simulation(world, dogs, pictures=False)
    for figure, walker in sim.people:
        figure.stand(sim.data, walker.stance)
    mujoco.mj_forward(sim.model, sim.data)
    sim.model.vis.global_.offwidth, sim.model.vis.global_.offheight = width, height
    sim.model.vis.quality.offsamples = 4
    renderer = open_renderer(sim.model, height, width)
    try:
        Lighting(sim.model).choose(light, renderer)
        renderer.update_scene(sim.data)
        x, y, z, yaw, pitch = eye
        aim(renderer.scene, pose(x, y, z, 0.0, pitch, yaw), FOVY_DEG, width / height)
        picture: NDArray[np.uint8] = renderer.render()
        return picture
    finally:
        renderer.close()
