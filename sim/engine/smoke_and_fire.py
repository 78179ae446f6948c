"""Smoke and fire: puffs that rise, flames that flicker, and what smoke does to a lidar; all a function of time."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.engine.mujoco_model import Group
from sim.engine.people import BELOW

import mujoco  # isort: skip

PUFFS, FLAMES = 28, 10
RISE_S = 5.0  # seconds that a puff takes from below to above
GROWN_S = 3.0  # seconds until smoke or fire is as large as it gets
GREY, ORANGE, YELLOW = (0.55, 0.55, 0.57), (1.0, 0.32, 0.04), (1.0, 0.75, 0.2)
SCATTER_PER_M = 1.6  # of the density, how much of a beam comes back on a metre of smoke
LOST_PER_M = 0.5  # of the density, how much of it is swallowed
Colour = tuple[float, float, float]


@dataclass
class Smoke:
    """A column of smoke: where, how wide (metres), how dense (0..1), since when (seconds)."""

    bodies: list[int]
    geoms: list[int]
    x: float = 0.0
    y: float = 0.0
    z: float = 0.0
    radius: float = 1.0
    density: float = 0.6
    since: float | None = None
    colour: Colour = GREY

    @property
    def height(self) -> float:
        """Metres from its foot to where it is gone."""
        return 2.0 + 2.5 * self.radius

    def strength(self, now: float) -> float:
        """How grown it is, 0..1."""
        return 0.0 if self.since is None else min(1.0, (now - self.since) / GROWN_S)

    def draw(self, model: "mujoco.MjModel", data: "mujoco.MjData", now: float) -> None:
        """Put the puffs where they are at ``now``."""
        grown = self.strength(now)
        for n, (body, geom) in enumerate(zip(self.bodies, self.geoms, strict=True)):
            if grown == 0.0:
                data.mocap_pos[body] = (0.0, 0.0, BELOW)
                continue
            risen = (n / len(self.bodies) + now / RISE_S) % 1.0
            turn = 2.4 * n + 0.5 * now
            off = self.radius * (0.15 + 0.5 * risen) * (0.4 + 0.6 * math.sin(5.1 * n) ** 2)
            lean = 0.35 * self.radius * risen * risen
            data.mocap_pos[body] = (
                self.x + off * math.cos(turn) + lean,
                self.y + off * math.sin(turn),
                self.z + 0.2 * self.radius + risen * self.height * grown,
            )
            size = self.radius * (0.4 + 0.4 * risen) * (0.5 + 0.5 * grown)
            model.geom_size[geom] = (size, size, 0.85 * size)
            model.geom_rbound[geom] = size
            alpha = self.density * grown * math.sqrt(1.0 - risen)
            shade = 0.9 + 0.1 * math.sin(1.7 * n)
            model.geom_rgba[geom] = (*(shade * c for c in self.colour), 0.5 * alpha)


@dataclass
class Fire:
    """A fire: flames of ``size`` metres."""

    bodies: list[int]
    geoms: list[int]
    light: int
    x: float = 0.0
    y: float = 0.0
    z: float = 0.0
    size: float = 0.8
    since: float | None = None

    def draw(self, model: "mujoco.MjModel", data: "mujoco.MjData", now: float) -> None:
        """Put the flames where they are at ``now``; they flicker a few times a second."""
        model.light_active[self.light] = self.since is not None
        grown = 0.0 if self.since is None else min(1.0, 0.3 + (now - self.since) / GROWN_S)
        for n, (body, geom) in enumerate(zip(self.bodies, self.geoms, strict=True)):
            if grown == 0.0:
                data.mocap_pos[body] = (0.0, 0.0, BELOW)
                continue
            if n == 1:
                self._glow(model, data, body, geom, grown, now)
                continue
            flicker = 1.0 + 0.3 * math.sin(11.0 * now + 2.1 * n) + 0.2 * math.sin(23.0 * now + 4.7 * n)
            tall = self.size * grown * flicker * (0.5 if n else 0.8)
            turn, off = 2.4 * n, (0.22 * self.size if n else 0.0)
            data.mocap_pos[body] = (self.x + off * math.cos(turn), self.y + off * math.sin(turn), self.z + 0.5 * tall)
            model.geom_size[geom] = (0.13 * self.size * grown, 0.13 * self.size * grown, 0.55 * tall)
            model.geom_rbound[geom] = self.size
            mix = 0.5 + 0.5 * math.sin(17.0 * now + 3.3 * n)
            colour = (o + mix * (y - o) for o, y in zip(ORANGE, YELLOW, strict=True))
            model.geom_rgba[geom] = (*colour, 0.9)
        light = 1.0 + 0.25 * math.sin(13.0 * now)
        model.light_diffuse[self.light] = np.array(ORANGE) * grown * light

    def _glow(
        self, model: "mujoco.MjModel", data: "mujoco.MjData", body: int, geom: int, grown: float, now: float
    ) -> None:
        """The lit ground round it, as a disc: OpenGL lights a large plane at its corners alone."""
        radius = self.size * grown * (1.6 + 0.12 * math.sin(13.0 * now))
        data.mocap_pos[body] = (self.x, self.y, self.z + 0.01)
        model.geom_size[geom], model.geom_rbound[geom] = (radius, radius, 0.01), radius
        model.geom_rgba[geom] = (*ORANGE, 0.12)


def add_smoke(spec: "mujoco.MjSpec", name: str) -> None:
    """Add the puffs of ``name`` to ``spec``, out of sight."""
    for n in range(PUFFS):
        _add(spec, f"{name}/puff_{n}", "")


def add_fire(spec: "mujoco.MjSpec", name: str) -> None:
    """Add the flames of ``name`` to ``spec``, out of sight, and their light."""
    if spec.material("flame") is None:
        made = spec.add_material()
        made.name, made.rgba, made.emission = "flame", [1.0, 0.5, 0.1, 0.9], 1.0
    for n in range(FLAMES):
        body = _add(spec, f"{name}/flame_{n}", "flame")
        if n == 0:
            light = body.add_light()
            light.name, light.pos, light.type = f"{name}/glow", [0.0, 0.0, 0.6], mujoco.mjtLightType.mjLIGHT_POINT
            light.diffuse, light.specular, light.ambient = list(ORANGE), [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
            light.attenuation, light.castshadow, light.range, light.active = [0.4, 0.1, 0.12], False, 15.0, False


def find_smoke(model: "mujoco.MjModel", name: str) -> Smoke:
    """The plume ``name`` in the compiled world."""
    return Smoke(*_find(model, [f"{name}/puff_{n}" for n in range(PUFFS)]))


def find_fire(model: "mujoco.MjModel", name: str) -> Fire:
    """The fire ``name`` in the compiled world."""
    bodies, geoms = _find(model, [f"{name}/flame_{n}" for n in range(FLAMES)])
    return Fire(bodies, geoms, model.light(f"{name}/glow").id)


def scatter(
    plume: Smoke, now: float, eye: NDArray[np.float64], rays: NDArray[np.float64],
    ranges: NDArray[np.float64], rng: np.random.Generator,
) -> None:  # fmt: skip
    """Let smoke into a turn of a lidar: some beams come back from within it, some not at all. Changes ``ranges``."""
    thick = plume.density * plume.strength(now)
    if thick <= 0.0 or not plume.z - 0.2 < eye[2] < plume.z + plume.height:
        return
    enter, leave = _chord(plume, eye, rays)
    leave = np.minimum(leave, np.where(ranges < 0, math.inf, ranges))
    inside = leave > enter
    depth = rng.exponential(1.0, (2, len(ranges))) / np.array([[SCATTER_PER_M * thick], [LOST_PER_M * thick]])
    length = np.where(inside, leave - np.maximum(enter, 0.0), 0.0)
    back, lost = depth[0] < np.minimum(length, depth[1]), (depth[1] < length) & (depth[1] < depth[0])
    ranges[back & inside] = (np.maximum(enter, 0.0) + depth[0])[back & inside]
    ranges[lost & inside] = -1.0


def _chord(
    plume: Smoke, eye: NDArray[np.float64], rays: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where each ray enters and leaves the plume's cylinder, in metres along it; leave < enter where it misses."""
    dx, dy = plume.x - eye[0], plume.y - eye[1]
    flat = np.maximum(1e-9, np.hypot(rays[:, 0], rays[:, 1]))
    along = (rays[:, 0] * dx + rays[:, 1] * dy) / flat
    beside2 = dx * dx + dy * dy - along * along
    radius = 0.9 * plume.radius
    half2 = radius * radius - beside2
    half = np.sqrt(np.maximum(0.0, half2))
    miss = (half2 <= 0) | (along + half <= 0)
    return np.where(miss, math.inf, (along - half) / flat), np.where(miss, -math.inf, (along + half) / flat)


def _add(spec: "mujoco.MjSpec", name: str, material: str) -> "mujoco.MjsBody":
    body = spec.worldbody.add_body()
    body.name, body.mocap, body.pos = name, True, [0.0, 0.0, BELOW]
    geom = body.add_geom()
    geom.name, geom.type, geom.size = name, mujoco.mjtGeom.mjGEOM_ELLIPSOID, [0.3, 0.3, 0.3]
    geom.group, geom.contype, geom.conaffinity, geom.rgba = int(Group.AIR), 0, 0, [0.6, 0.6, 0.6, 0.4]
    geom.material = material
    return body


def _find(model: "mujoco.MjModel", names: list[str]) -> tuple[list[int], list[int]]:
    return [int(model.body(n).mocapid[0]) for n in names], [model.geom(n).id for n in names]
