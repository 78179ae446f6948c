"""What the simulator's tests share."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.engine import opengl_backend
from sim.engine.script import check
from sim.engine.simulation import DogPlan, Simulation

EMPTY = """<?xml version="1.0"?>
<sdf version="1.9">
  <world name="room">
    <physics name="p" type="ignored"><max_step_size>0.002</max_step_size></physics>
    <light name="sun" type="directional"><direction>0.3 0.2 -0.9</direction></light>
    <model name="ground">
      <static>true</static>
      <link name="link">
        <collision name="c"><geometry><plane><size>60 60</size></plane></geometry></collision>
        <visual name="v"><geometry><plane><size>60 60</size></plane></geometry></visual>
      </link>
    </model>
    {models}
  </world>
</sdf>
"""
BOX = """<model name="{name}"><static>true</static><pose>{pose}</pose><link name="link">
<collision name="c"><geometry><box><size>{size}</size></box></geometry></collision>
<visual name="v"><geometry><box><size>{size}</size></box></geometry></visual></link></model>"""
PERSON = """<include><uri>model://person</uri><name>{name}</name><pose>{x} {y} 0 0 0 0</pose>
<plugin filename="gz-sim-trajectory-follower-system" name="gz::sim::systems::TrajectoryFollower">
<link_name>link</link_name><waypoints>{points}</waypoints><speed>{speed}</speed></plugin></include>"""

Room = Callable[..., Simulation]


def box(name: str, pose: str, size: str) -> str:
    return BOX.format(name=name, pose=pose, size=size)


def person(name: str, points: list[tuple[float, float]], speed: float = 1.0) -> str:
    ways = "".join(f"<waypoint>{x} {y}</waypoint>" for x, y in points)
    return PERSON.format(name=name, x=points[0][0], y=points[0][1], points=ways, speed=speed)


def write_world(folder: Path, *models: str) -> Path:
    path = folder / "world.sdf"
    path.write_text(EMPTY.format(models="\n".join(models)))
    return path


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """A flat room with the models and dogs that a test asks for; closed after it."""
    made: list[Simulation] = []

    def build(
        *models: str,
        dogs: tuple[DogPlan, ...] = (),
        pictures: bool = False,
        seed: int = 0,
        script: tuple[dict[str, Any], ...] = (),
    ) -> Simulation:
        world = write_world(tmp_path, *models)
        made.append(Simulation(world, dogs, seed=seed, pictures=pictures, script=check(list(script))))
        return made[-1]

    yield build
    for sim in made:
        sim.close()


@pytest.fixture
def opengl() -> None:
    """Skips where no software OpenGL is installed."""
    if opengl_backend.BACKEND == "disabled":
        pytest.skip(str(opengl_backend.explain()))
