"""Models that come, go and move while the world runs: each link is a mocap body that waits below ground till wanted."""

import math
from dataclasses import dataclass

import numpy as np

from sim.engine.mujoco_model import Group, Touch, add_light, add_shapes
from sim.engine.people import BELOW
from sim.engine.sdf import Link, Material, Model, Shape
from sim.engine.transforms import IDENTITY, Matrix, pose, quaternion

import mujoco  # isort: skip

BOARD_HEIGHT, STRIPE_M = 0.35, 0.4  # metres, of a road block's boards and their stripes
RED, WHITE = (0.75, 0.08, 0.06, 1.0), (0.9, 0.9, 0.9, 1.0)


@dataclass
class Prop:
    """One such model in a compiled world. ``home`` is where the world's SDF has it, if it has it."""

    name: str
    kind: str
    links: tuple[tuple[int, Matrix], ...]
    home: Matrix | None
    at: Matrix | None = None

    def put(self, data: "mujoco.MjData", at: Matrix) -> None:
        """Be there."""
        self.at = at
        for body, offset in self.links:
            place = at @ offset
            data.mocap_pos[body], data.mocap_quat[body] = place[:3, 3], quaternion(place)

    def vanish(self, data: "mujoco.MjData") -> None:
        """Be nowhere."""
        self.at = None
        for body, _ in self.links:
            data.mocap_pos[body] = (0.0, 0.0, BELOW)


def add_prop(spec: "mujoco.MjSpec", model: Model, name: str) -> None:
    """Add ``model`` to ``spec`` under ``name``, out of sight."""
    for link in model.links:
        body = spec.worldbody.add_body()
        body.name, body.mocap, body.pos = f"{name}/{link.name}", True, [0.0, 0.0, BELOW]
        add_shapes(spec, body, link, name, Group.SCENERY, Touch.WORLD, 0)
        for light in link.lights:
            add_light(body, light, f"{name}/{light.name}", light.pose)


def find_prop(compiled: "mujoco.MjModel", model: Model, name: str, home: Matrix | None) -> Prop:
    """The prop ``name`` in the compiled world."""
    links = [(int(compiled.body(f"{name}/{link.name}").mocapid[0]), link.pose) for link in model.links]
    return Prop(name, model.name, tuple(links), home)


def road_block(width: float) -> Model:
    """A striped barrier ``width`` metres wide, its boards across the model's y axis, on two feet."""
    stripes = max(1, round(width / STRIPE_M))
    step = width / stripes
    boards = [
        _box(f"board_{row}_{n}", (0.05, step, BOARD_HEIGHT), (0.0, -width / 2 + step * (n + 0.5), z), colour)
        for row, z in enumerate((0.35, 0.85))
        for n in range(stripes)
        for colour in [(RED, WHITE)[(n + row) % 2]]
    ]
    feet = [
        _box(f"foot_{n}", (0.5, 0.08, 0.08), (0.0, side * (width / 2 - 0.1), 0.04), (0.15, 0.15, 0.15, 1.0))
        for n, side in enumerate((-1, 1))
    ]
    wall = _box("collision", (0.1, width, 1.05), (0.0, 0.0, 0.525), WHITE)
    link = Link("link", IDENTITY, None, (*boards, *feet), (wall,), (), ())
    return Model("road_block", True, IDENTITY, (link,), (), {}, ())


def between(one: Matrix, other: Matrix, share: float) -> Matrix:
    """The pose ``share`` of the way from one to the other, turning about z the shorter way; both stand upright."""
    yaw, goal = (math.atan2(m[1, 0], m[0, 0]) for m in (one, other))
    yaw += share * math.remainder(goal - yaw, math.tau)
    place = one[:3, 3] + share * (other[:3, 3] - one[:3, 3])
    upright = pose(float(place[0]), float(place[1]), float(place[2]), yaw=yaw)
    return other if share >= 1.0 else upright


def yaw_of(at: Matrix) -> float:
    """Its heading in radians."""
    return math.atan2(at[1, 0], at[0, 0])


def _box(
    name: str, size: tuple[float, float, float], at: tuple[float, float, float], colour: tuple[float, ...]
) -> Shape:
    placed = np.eye(4)
    placed[:3, 3] = at
    return Shape(name, "box", size, placed, Material(colour))
