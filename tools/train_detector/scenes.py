"""Worlds that no two pictures share: ground, sky, light, clutter and people at random, seen from a dog's height."""

import math
import os

os.environ.setdefault("MUJOCO_GL", "egl")

import mujoco
import numpy as np
from clutter import add_clutter
from people import Choose, add_person, any_colour

WIDTH, HEIGHT = 640, 480
FOV = 1.5
"""Horizontal, radians: the dog's camera. Pictures vary a little about it."""
PEOPLE, CLUTTER = 5, 14
"""In a world; not all are in each picture."""
AWAY = np.array([0.0, 0.0, -50.0])
"""Under the ground: out of sight."""
LEAST_HEIGHT = 26
"""Pixels of 480; a smaller person is neither taught nor counted."""
LEAST_PART = 0.13
"""Visible pixels over the box a whole person would fill; a person fills about 0.35 of it. Less is 'look away'."""


class World:
    """One world and its renderer; ``take`` moves everything anew and makes a picture of it."""

    def __init__(self, choose: Choose) -> None:
        self._choose = choose
        spec = mujoco.MjSpec()
        spec.visual.quality.offsamples = 0
        spec.visual.global_.offwidth, spec.visual.global_.offheight = WIDTH, HEIGHT
        spec.visual.map.znear, spec.visual.map.zfar = 0.005, 100.0
        level = choose.uniform(0.1, 0.5)
        spec.visual.headlight.ambient = [level] * 3
        spec.visual.headlight.diffuse = [choose.uniform(0, 0.4)] * 3
        spec.visual.headlight.specular = [0, 0, 0]
        spec.stat.extent = 1.0
        _surroundings(spec, choose)
        self.people = [f"person{i}" for i in range(PEOPLE)]
        for name in self.people:
            add_person(_puppet(spec, name), name, choose)
        self.clutter = [f"clutter{i}" for i in range(CLUTTER)]
        for name in self.clutter:
            add_clutter(_puppet(spec, name), name, choose)
        eye = _puppet(spec, "eye")
        fov = FOV * choose.uniform(0.85, 1.1)
        eye.add_camera(
            name="eye", quat=_optical(), fovy=math.degrees(2 * math.atan(math.tan(fov / 2) * HEIGHT / WIDTH))
        )
        self.model = spec.compile()
        self._data = mujoco.MjData(self.model)
        self._renderer = mujoco.Renderer(self.model, HEIGHT, WIDTH)
        self._renderer.scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = choose.random() < 0.25
        owner = [mujoco.mj_id2name(self.model, mujoco.mjtObj.mjOBJ_GEOM, i) or "" for i in range(self.model.ngeom)]
        self._owner = np.array([self.people.index(n.split("/")[0]) if n.startswith("person") else -1 for n in owner])

    def close(self) -> None:
        """Give the renderer's memory back."""
        self._renderer.close()

    def take(self) -> tuple[np.ndarray, np.ndarray]:
        """A picture (480 x 640 x 3) and its labels (N x 5: left, top, right, bottom, 1 = person or 0 = look away)."""
        choose = self._choose
        self._move(
            "eye",
            [0, 0, choose.normal(0.46, 0.06)],
            choose.normal(0, 0.03),
            choose.normal(0, 0.06),
            choose.uniform(-math.pi, math.pi),
        )
        yaw = self._yaw
        some = choose.choice([0, 1, 2, 2, 3, 3, 5])
        for i, name in enumerate(self.people):
            self._stand(name, yaw, choose.uniform(1.2, 14) if i < some else None)
        many = choose.integers(2, CLUTTER + 1)
        for i, name in enumerate(self.clutter):
            self._stand(name, yaw, choose.uniform(3, 24) if i < many else None)
        self._light()
        mujoco.mj_forward(self.model, self._data)
        self._renderer.update_scene(self._data, "eye")
        picture = self._renderer.render().copy()
        self._renderer.enable_segmentation_rendering()
        ids = self._renderer.render()[:, :, 0].copy()
        self._renderer.disable_segmentation_rendering()
        return picture, self._labels(ids)

    def _labels(self, ids: np.ndarray) -> np.ndarray:
        people = np.where(ids >= 0, self._owner[np.clip(ids, 0, None)], -1)
        return labels(people, PEOPLE)

    def _move(self, name: str, at: list[float] | np.ndarray, roll: float, pitch: float, yaw: float) -> None:
        number = self.model.body(name).mocapid[0]
        self._data.mocap_pos[number] = at
        quat = np.zeros(4)
        mujoco.mju_euler2Quat(quat, np.array([yaw, pitch, roll]), "zyx")
        self._data.mocap_quat[number] = quat
        self._yaw = yaw

    def _stand(self, name: str, yaw: float, distance: float | None) -> None:
        """Put something at a distance somewhere in view, facing anywhere; or out of sight."""
        number = self.model.body(name).mocapid[0]
        if distance is None:
            self._data.mocap_pos[number] = AWAY
            return
        bearing = yaw + self._choose.uniform(-0.8, 0.8)
        facing = self._choose.uniform(0, 2 * math.pi)
        self._data.mocap_pos[number] = [distance * math.cos(bearing), distance * math.sin(bearing), 0]
        self._data.mocap_quat[number] = [math.cos(facing / 2), 0, 0, math.sin(facing / 2)]

    def _light(self) -> None:
        choose = self._choose
        for i in range(self.model.nlight):
            self.model.light_diffuse[i] = choose.uniform(0.05, 0.9) * (1 + choose.normal(0, 0.08, 3))
            direction = choose.normal(0, 0.6, 3) + np.array([0, 0, -1])
            self.model.light_dir[i] = direction / np.linalg.norm(direction)


def sliver(left: float, top: float, right: float, bottom: float) -> bool:
    """Whether so narrow a strip of a person is seen, at a picture's edge or past a post, that it could be anything."""
    return right - left < max(6, 0.15 * (bottom - top))


def labels(people: np.ndarray, count: int) -> np.ndarray:
    """Boxes of what is visible of each person, from a picture of person numbers (-1: nobody)."""
    found = []
    for person in range(count):
        ys, xs = np.nonzero(people == person)
        if len(ys) < 12:
            continue
        left, top, right, bottom = xs.min(), ys.min(), xs.max() + 1, ys.max() + 1
        # How much of the person is hidden is told by the box's fill: a few stray pixels spread wide fill little.
        filled = len(ys) / ((right - left) * (bottom - top))
        cut = bottom >= people.shape[0] - 1 or top <= 0 or left <= 0 or right >= people.shape[1]
        slim = (bottom - top) / (right - left) > 1.2 or cut
        known = bottom - top >= LEAST_HEIGHT and filled > LEAST_PART and slim and not sliver(left, top, right, bottom)
        found.append([left, top, right, bottom, float(known)])
    return np.array(found, np.float32).reshape(-1, 5)


def _puppet(spec: mujoco.MjSpec, name: str) -> mujoco.MjsBody:
    return spec.worldbody.add_body(name=name, mocap=True, pos=AWAY)


def _optical() -> list[float]:
    """MuJoCo's camera looks along -z, y up: turned so that it looks along the body's x, z up."""
    return [0.5, 0.5, -0.5, -0.5]


def _surroundings(spec: mujoco.MjSpec, choose: Choose) -> None:
    sky, ground = any_colour(choose), any_colour(choose)
    spec.add_texture(
        name="sky",
        type=mujoco.mjtTexture.mjTEXTURE_SKYBOX,
        builtin=mujoco.mjtBuiltin.mjBUILTIN_GRADIENT,
        rgb1=np.clip(sky + choose.uniform(0, 0.4), 0, 1),
        rgb2=np.clip(sky + choose.normal(0, 0.2, 3), 0, 1),
        width=64,
        height=384,
    )
    kind = [mujoco.mjtBuiltin.mjBUILTIN_CHECKER, mujoco.mjtBuiltin.mjBUILTIN_FLAT][choose.integers(2)]
    mark = [mujoco.mjtMark.mjMARK_NONE, mujoco.mjtMark.mjMARK_RANDOM, mujoco.mjtMark.mjMARK_EDGE][choose.integers(3)]
    spec.add_texture(
        name="ground",
        type=mujoco.mjtTexture.mjTEXTURE_2D,
        builtin=kind,
        mark=mark,
        random=choose.uniform(0, 0.4),
        rgb1=np.clip(ground, 0, 1),
        rgb2=np.clip(ground + choose.normal(0, 0.08, 3), 0, 1),
        markrgb=any_colour(choose),
        width=256,
        height=256,
    )
    material = spec.add_material(name="ground", texrepeat=[choose.uniform(0.05, 2)] * 2, texuniform=True)
    material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = "ground"
    spec.worldbody.add_geom(name="ground", type=mujoco.mjtGeom.mjGEOM_PLANE, size=[60, 60, 1], material="ground")
    for i in range(choose.integers(1, 3)):
        spec.worldbody.add_light(
            name=f"sun{i}",
            type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
            pos=[0, 0, 20],
            dir=[0, 0, -1],
            castshadow=i == 0,
        )
