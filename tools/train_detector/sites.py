"""Pictures of the simulated sites from where a dog can walk, with people, vehicles, bags, fire, smoke, and the truth.

Each ``take`` puts camera, people and things anew. The truth of a picture is a row a thing (COLUMNS): what it is, the
box of what is seen of it, the box of all of it cut to the picture, and which share of all of it is seen. What is seen
comes from the renderer's segmentation; all of it from the geometry, projected.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import yaml
from numpy.typing import NDArray

from sim.engine.camera_rendering import aim, open_renderer
from sim.engine.dog_bodies import floor_under
from sim.engine.lighting import Light, Lighting, foggy
from sim.engine.mujoco_model import Group, add_static, new_spec
from sim.engine.people import Dress, Figure, Posture, Stance, add_person, find_figure
from sim.engine.props import add_prop, find_prop
from sim.engine.sdf import SIM, read_model, read_world
from sim.engine.smoke_and_fire import add_fire, add_smoke, find_fire, find_smoke
from sim.engine.transforms import pose

import mujoco  # isort: skip

Choose = np.random.Generator
WIDTH, HEIGHT, FOV = 640, 480, 1.5
SITES = ("station_yard", "logistics_park", "residential_compound")
KINDS = ("upright", "sitting", "lying", "vehicle", "bag", "fire", "smoke")
COLUMNS = 11
"""Kind, seen (left, top, right, bottom), whole (the same), visible share, pixels seen. The share is of all of the
thing: what the picture's edge cuts off, or smoke and flames cover, is hidden like what stands behind a car."""
PEOPLE = 6
VEHICLES = ("car_red", "car_grey", "car_dark", "police_car", "police_van", "truck", "forklift", "trailer")
LOOKALIKES = (
    "bollard", "litter_bin", "lamp_post", "street_lamp", "gate_pillar", "barrier", "road_barrier", "cabinet",
    "pallets", "bicycle", "park_bench", "cypress", "flagpole", "tree", "dock",
)  # fmt: skip
"""What stands about and is nobody."""
CAMERA_AHEAD, CAMERA_HEIGHT = 0.33, 0.46
BLOCK = 30
"""Pictures between one light, paint and set of things and the next."""
ALONE, CROWDED = (0.22, 0.27, 0.2, 0.14, 0.09, 0.05, 0.03), (0.12, 0.16, 0.2, 0.18, 0.15, 0.11, 0.08)
"""Chances of 0 to PEOPLE people in a picture, as they are weighed and as they are taught."""
GROUPED, CROWD = 0.2, 0.5
"""Chances that they stand, sit and lie together, likewise: who hides behind others is missed first."""
SKINS = ((0.95, 0.78, 0.65), (0.85, 0.65, 0.5), (0.78, 0.58, 0.46), (0.6, 0.42, 0.3), (0.4, 0.28, 0.2))


@dataclass(frozen=True)
class Taken:
    """A picture with its truth, of which thing each row tells (people first, as in ``people``), and where the dog was:
    x, y, theta, roll, pitch, and how high its body's centre and the ground under it."""

    rgb: NDArray[np.uint8]
    truth: NDArray[np.float32]
    things: tuple[int, ...]
    dog: tuple[float, float, float, float, float, float, float]
    people: tuple[Stance | None, ...]


class Place:
    """A site and its free ground."""

    def __init__(
        self,
        site: str,
        choose: Choose,
        lights: Sequence[Light] = (Light.DAY, Light.DAY, Light.DUSK, Light.NIGHT),
        restyle: float = 0.1,
        others: bool = True,
        crowded: bool = False,
    ) -> None:
        """``restyle``: the share of blocks in which all that stands there is painted anew; ``others``: with vehicles,
        bags, fire, smoke and lookalikes besides people; ``crowded``: more people, and more who hide one another."""
        folder = SIM / "worlds" / site
        self._choose, self._lights, self._restyle, self._others = choose, tuple(lights), restyle, others
        self._numbers, self._grouped = (CROWDED, CROWD) if crowded else (ALONE, GROUPED)
        read, person = read_world(folder / "world.sdf"), read_model("person")
        spec = new_spec(read)
        kinds: dict[str, int] = {}
        for model in read.models:
            if model.static:
                add_static(spec, model)
                if model.name.startswith(tuple(v.split("_")[0] for v in VEHICLES)) and "bay" not in model.name:
                    kinds[model.name] = KINDS.index("vehicle")
        names = [f"person_{n}" for n in range(PEOPLE)]
        for name in names:
            add_person(spec, person, name)
        pool = [*VEHICLES, "bag", "bag", "bag", *LOOKALIKES, "bollard", "xiaotian_dog", "xiaotian_dog"]
        models = {f"thing{n}_{kind}": read_model(kind) for n, kind in enumerate(pool)}
        for name, model in models.items():
            add_prop(spec, model, name)
            if name.split("_", 1)[1] in VEHICLES:
                kinds[name] = KINDS.index("vehicle")
            if name.endswith("_bag"):
                kinds[name] = KINDS.index("bag")
        add_smoke(spec, "smoke")
        add_fire(spec, "fire")
        spec.visual.global_.offwidth, spec.visual.global_.offheight = WIDTH, HEIGHT
        self.model = spec.compile()
        self.data = mujoco.MjData(self.model)
        self.figures: list[Figure] = [find_figure(self.model, person, name) for name in names]
        self._props = {name: find_prop(self.model, model, name, None) for name, model in models.items()}
        self._plume, self._blaze = find_smoke(self.model, "smoke"), find_fire(self.model, "fire")
        self._fovy = math.degrees(2 * math.atan(math.tan(FOV / 2) * HEIGHT / WIDTH))
        self.model.vis.global_.fovy = self._fovy
        self._lighting = Lighting(self.model)
        self._paint = self.model.geom_rgba.copy()
        self._things = _things(self.model, self.figures, kinds)
        self._owner = np.full(self.model.ngeom, -1)
        for index, (_, geoms) in enumerate(self._things):
            self._owner[geoms] = index
        self._renderer = None
        self._free = Ground(folder, 0.4)
        self._standing = Ground(folder, 0.25)
        self._taken = 0
        self._clear()

    def close(self) -> None:
        """Give the renderer's memory back."""
        if self._renderer is not None:
            self._renderer.close()

    def take(self) -> Taken:
        """A picture of the place with everything put anew."""
        if self._taken % BLOCK == 0:
            self._new_block()
        self._taken += 1
        choose = self._choose
        self._clear()
        mujoco.mj_kinematics(self.model, self.data)
        x, y = self._free.anywhere(choose)
        yaw = choose.uniform(-math.pi, math.pi)
        ground = floor_under(self.model, self.data, x, y)
        roll, pitch = choose.normal(0, 0.03), choose.normal(0, 0.045)
        high = 0.38 + choose.normal(0, 0.015)
        body = pose(x, y, ground + high, roll, pitch, yaw)
        self._camera = body @ pose(CAMERA_AHEAD, 0.0, CAMERA_HEIGHT - 0.38)
        stances = self._people(x, y, yaw)
        if self._others:
            self._put_things(x, y, yaw)
        mujoco.mj_kinematics(self.model, self.data)
        mujoco.mj_camlight(self.model, self.data)
        rgb = self._draw((0, 1, 2, 4))
        self._renderer.enable_segmentation_rendering()
        burning = self._blaze.since is not None or self._plume.since is not None
        solid = self._owners(self._draw((0, 1, 2)))
        airy = self._owners(self._draw((0, 1, 2, 4))) if burning else solid
        self._renderer.disable_segmentation_rendering()
        things, truth = self._truth(solid, airy, stances)
        return Taken(rgb.copy(), truth, things, (x, y, yaw, roll, pitch, high, ground), tuple(stances))

    def _clear(self) -> None:
        for figure in self.figures:
            figure.vanish(self.data)
        for prop in self._props.values():
            prop.vanish(self.data)
        self._plume.since = self._blaze.since = None
        self._plume.draw(self.model, self.data, 0.0)
        self._blaze.draw(self.model, self.data, 0.0)

    def _new_block(self) -> None:
        """Other light, now and then other paint or fog; the renderer keeps sky and fog from when it was made."""
        choose = self._choose
        rgba = self._paint.copy()
        if choose.random() < self._restyle:
            rgba[:, :3] = rgba[:, :3] * choose.uniform(0.5, 1.5, 3) + choose.normal(0, 0.15, (len(rgba), 3))
        self.model.geom_rgba[:] = np.clip(rgba, 0, 1)
        strength = 1.0 if choose.random() < 0.5 else choose.uniform(0.8, 1.2)
        self._lighting.choose(Light(self._lights[choose.integers(len(self._lights))]), strength)
        self._lighting.fog(choose.uniform(12, 40) if self._restyle and choose.random() < 0.06 else None)
        self.close()
        self._renderer = open_renderer(self.model, HEIGHT, WIDTH)
        self._renderer.scene.flags[mujoco.mjtRndFlag.mjRND_FOG] = foggy(self.model)

    def _people(self, x: float, y: float, yaw: float) -> list[Stance | None]:
        choose = self._choose
        some = choose.choice(PEOPLE + 1, p=self._numbers)
        group, first = choose.random() < self._grouped, None
        stances: list[Stance | None] = []
        for number, figure in enumerate(self.figures):
            stance = None
            if number < some:
                stance = self._stance(x, y, yaw, first if group else None)
            if stance is not None:
                first = first or (stance.x, stance.y)
                figure.dress(self.model, any_dress(choose))
                figure.stand(self.data, stance)
            stances.append(stance)
        return stances

    def _spot(self, x: float, y: float, yaw: float, near: tuple[float, float] | None) -> tuple[float, float] | None:
        choose = self._choose
        for _ in range(20):
            if near is not None:
                turn, off = choose.uniform(0, math.tau), choose.uniform(0.5, 1.8)
                at = np.array([near[0] + off * math.cos(turn), near[1] + off * math.sin(turn)])
            else:
                far = choose.uniform(1.2, 9) if choose.random() < 0.6 else choose.uniform(5, 15)
                bearing = yaw + choose.uniform(-0.8, 0.8)
                at = np.array([x + far * math.cos(bearing), y + far * math.sin(bearing)])
            if self._standing.free(*at):
                return float(at[0]), float(at[1])
        return None

    def _stance(self, x: float, y: float, yaw: float, near: tuple[float, float] | None) -> Stance | None:
        choose = self._choose
        at = self._spot(x, y, yaw, near)
        if at is None or floor_under(self.model, self.data, *at) > 0.16:
            return None
        what = choose.choice(5, p=[0.25, 0.28, 0.1, 0.17, 0.2])
        posture = (Posture.STANDING, Posture.WALKING, Posture.WALKING, Posture.SITTING, Posture.LYING)[what]
        gait = choose.uniform(1.2, 1.6) if what == 2 else choose.uniform(0.3, 1.1)
        return Stance(*at, choose.uniform(0, math.tau), posture, choose.uniform(0, math.tau), gait)

    def _put_things(self, x: float, y: float, yaw: float) -> None:
        choose = self._choose
        some = choose.choice([0, 1, 2, 3, 4, 6])
        for name in choose.permutation(list(self._props))[:some]:
            at = self._spot(x, y, yaw, None)
            if at is None:
                continue
            if self._props[name].kind in VEHICLES and math.hypot(at[0] - x, at[1] - y) < 4.5:
                continue
            self._props[name].put(self.data, pose(*at, 0.0, yaw=choose.uniform(0, math.tau)))
        for what, share in ((self._plume, 0.06), (self._blaze, 0.08)):
            at = self._spot(x, y, yaw, None)
            if at is None or choose.random() > share:
                continue
            now = choose.uniform(0, 60)
            what.x, what.y, what.since = *at, now - choose.uniform(1.0, 6.0)
            if what is self._plume:
                what.radius, what.density = choose.uniform(0.4, 1.5), choose.uniform(0.3, 0.9)
            else:
                what.size = choose.uniform(0.4, 1.5)
            what.draw(self.model, self.data, now)

    def _draw(self, groups: tuple[int, ...]) -> NDArray[np.uint8]:
        self._renderer.update_scene(self.data, scene_option=_showing(groups))
        aim(self._renderer.scene, self._camera, self._fovy, WIDTH / HEIGHT)
        return self._renderer.render()

    def _owners(self, segmentation: NDArray[np.uint8]) -> NDArray[np.int64]:
        ids = segmentation[..., 0].astype(np.int64)
        geom = segmentation[..., 1] == int(mujoco.mjtObj.mjOBJ_GEOM)
        return np.where(geom & (ids >= 0), self._owner[np.clip(ids, 0, len(self._owner) - 1)], -1)

    def _truth(
        self, solid: NDArray[np.int64], airy: NDArray[np.int64], stances: Sequence[Stance | None]
    ) -> tuple[tuple[int, ...], NDArray[np.float32]]:
        rows, things = [], []
        for index, (kind, geoms) in enumerate(self._things):
            seen = (airy if kind >= KINDS.index("fire") else solid) == index
            count = int(np.count_nonzero(seen))
            if count < 8:
                continue
            if kind == 0:
                kind = _kind(stances[index])
            clear = count if kind >= KINDS.index("fire") else int(np.count_nonzero(airy == index))
            ys, xs = np.nonzero(seen)
            box = (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)
            whole, area = self._outline(geoms)
            whole = (min(whole[0], box[0]), min(whole[1], box[1]), max(whole[2], box[2]), max(whole[3], box[3]))
            things.append(index)
            rows.append([kind, *box, *whole, min(1.0, clear / max(area, count)), count])
        return tuple(things), np.array(rows, np.float32).reshape(-1, COLUMNS)

    def _outline(self, geoms: Sequence[int]) -> tuple[tuple[float, float, float, float], int]:
        """The box that all of a thing fills in the picture, and how many pixels it covers there and round it."""
        turn, at = self._camera[:3, :3], self._camera[:3, 3]
        focal, limit = WIDTH / 2 / math.tan(FOV / 2), np.array([WIDTH, HEIGHT])
        filled = np.zeros((3 * HEIGHT, 3 * WIDTH), np.uint8)
        least, most = np.full(2, np.inf), np.full(2, -np.inf)
        for g in geoms:
            points = _surface(self.model, g) @ self.data.geom_xmat[g].reshape(3, 3).T + self.data.geom_xpos[g]
            points[:, 2] = np.maximum(points[:, 2], 0.0)  # who sits is drawn a little way into the ground
            seen = (points - at) @ turn
            seen = seen[seen[:, 0] > 0.05]
            if len(seen) < 3:
                continue
            pixels = np.stack(
                [WIDTH / 2 - focal * seen[:, 1] / seen[:, 0], HEIGHT / 2 - focal * seen[:, 2] / seen[:, 0]], axis=1
            )
            least, most = np.minimum(least, pixels.min(axis=0)), np.maximum(most, pixels.max(axis=0))
            hull = cv2.convexHull(np.clip(pixels + limit, -4000, 4000).astype(np.float32))
            cv2.fillConvexPoly(filled, (hull - 0.5).round().astype(np.int32), 1)
        if not np.isfinite(least).all():
            return (np.inf, np.inf, -np.inf, -np.inf), 0
        least, most = np.clip(least, 0, limit), np.clip(most, 0, limit)
        return (*least.tolist(), *most.tolist()), cv2.countNonZero(filled)


def any_dress(choose: Choose) -> Dress:
    """A grown person of any size in anything."""
    skin = np.array(SKINS[choose.integers(len(SKINS))]) * choose.uniform(0.85, 1.05)
    colours = [tuple(map(float, any_colour(choose))) for _ in range(3)]
    hair = tuple(map(float, any_colour(choose) * choose.uniform(0.15, 0.8)))
    tall = float(np.clip(choose.normal(1.0, 0.06), 0.86, 1.12))
    return Dress(tuple(map(float, skin)), *colours, hair, tall, choose.uniform(0.85, 1.25))


def any_colour(choose: Choose) -> NDArray[np.float64]:
    """Mostly dull, now and then loud."""
    grey = choose.uniform(0.03, 0.95)
    return np.clip(grey + choose.normal(0, choose.choice([0.03, 0.12, 0.35]), 3), 0, 1)


class Ground:
    """The free ground of a site's map: places with nothing within ``clearance`` metres."""

    def __init__(self, folder: Path, clearance: float) -> None:
        described = yaml.safe_load((folder / "map.yaml").read_text(encoding="utf-8"))
        grey = cv2.imread(str(folder / described["image"]), cv2.IMREAD_GRAYSCALE)
        self._resolution, (self._left, self._low, _) = described["resolution"], described["origin"]
        reach = max(1, round(clearance / self._resolution))
        around = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
        self._free = cv2.erode((grey > 250).astype(np.uint8), around)[::-1] > 0
        self._rows, self._columns = np.nonzero(self._free)

    def anywhere(self, choose: Choose) -> tuple[float, float]:
        """A free place."""
        n = choose.integers(len(self._rows))
        column, row = self._columns[n] + choose.random(), self._rows[n] + choose.random()
        return float(self._left + column * self._resolution), float(self._low + row * self._resolution)

    def free(self, x: float, y: float) -> bool:
        """Whether a place is."""
        row, column = int((y - self._low) // self._resolution), int((x - self._left) // self._resolution)
        rows, columns = self._free.shape
        return 0 <= row < rows and 0 <= column < columns and bool(self._free[row, column])


def _kind(stance: Stance | None) -> int:
    posture = stance.posture if stance is not None else Posture.STANDING
    return {Posture.SITTING: 1, Posture.LYING: 2}.get(posture, 0)


def _things(model: "mujoco.MjModel", figures: Sequence[Figure], kinds: dict[str, int]) -> list[tuple[int, list[int]]]:
    """All that is labelled: its kind (a person's is that of standing) and its geoms; people first, in their order."""
    things = [(0, list(figure.geoms)) for figure in figures]
    geoms: dict[str, list[int]] = {name: [] for name in (*kinds, "fire", "smoke")}
    for g in range(model.ngeom):
        owner = (mujoco.mj_id2name(model, mujoco.mjtObj.mjOBJ_GEOM, g) or "").split("/")[0]
        body = (mujoco.mj_id2name(model, mujoco.mjtObj.mjOBJ_BODY, model.geom_bodyid[g]) or "").split("/")[0]
        name = owner if owner in geoms else body
        if name in geoms and model.geom_group[g] != Group.COLLISION:
            geoms[name].append(g)
    rank = {"fire": KINDS.index("fire"), "smoke": KINDS.index("smoke")}
    things += [(kinds.get(name, rank.get(name, 0)), found) for name, found in geoms.items() if found]
    return things


def _sphere(rings: int = 9, around: int = 16) -> NDArray[np.float64]:
    tilt = np.linspace(-math.pi / 2, math.pi / 2, rings)[:, None]
    turn = np.linspace(0, math.tau, around, endpoint=False)[None]
    return np.stack(
        [np.cos(tilt) * np.cos(turn), np.cos(tilt) * np.sin(turn), np.sin(tilt) + 0 * turn], axis=-1
    ).reshape(-1, 3)


UNIT_SPHERE = _sphere()
UNIT_BOX = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
UNIT_CYLINDER = np.array(
    [[math.cos(a), math.sin(a), z] for a in np.linspace(0, math.tau, 16, endpoint=False) for z in (-1, 1)]
)


def _surface(model: "mujoco.MjModel", g: int) -> NDArray[np.float64]:
    """N x 3 points on a geom, in its own frame, whose hull is the geom's."""
    size, kind = model.geom_size[g], model.geom_type[g]
    if kind == mujoco.mjtGeom.mjGEOM_BOX:
        return UNIT_BOX * size
    if kind == mujoco.mjtGeom.mjGEOM_CYLINDER:
        return UNIT_CYLINDER * [size[0], size[0], size[1]]
    if kind == mujoco.mjtGeom.mjGEOM_CAPSULE:
        ball, up = UNIT_SPHERE * size[0], np.array([0.0, 0.0, size[1]])
        return np.concatenate([ball + up, ball - up])
    if kind == mujoco.mjtGeom.mjGEOM_SPHERE:
        return UNIT_SPHERE * size[0]
    return UNIT_SPHERE * size


def _showing(groups: Sequence[int]) -> "mujoco.MjvOption":
    option = mujoco.MjvOption()
    option.geomgroup[:] = 0
    option.geomgroup[list(groups)] = 1
    return option
