"""Pictures at the sites' checkpoints before and now: other light, a pose some centimetres off, people, and a change."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.dog.perception_core import MOUNT
from edge.perception.camera_geometry import Intrinsics, View
from edge.types import Pose2D
from sim.engine.camera_rendering import open_camera_renderer
from sim.engine.entities import compile_world, find_entities, roles_in
from sim.engine.lighting import Light, Lighting
from sim.engine.people import Dress, Posture, Stance
from sim.engine.script import check
from sim.engine.sdf import read_model, read_world
from sim.engine.transforms import pose
from sim.engine.walkers import follower
from xiaotian.direct.trial_site import site

import mujoco  # isort: skip

WIDTH, HEIGHT, FOV = 640, 480, 1.5
FOCAL = WIDTH / 2 / math.tan(FOV / 2)
LENS = Intrinsics(FOCAL, FOCAL, WIDTH / 2, HEIGHT / 2, WIDTH, HEIGHT)
GRAIN = 2.0  # grey levels
OFF_M, OFF_RAD, LEAN_RAD = 0.05, 0.1, 0.008
"""By how much the dog stands off the checkpoint's pose, each time anew: the deviation of x and of y; the most that it
is turned, for it turns until that is left; and the deviation of how it leans."""
TOLD_M, TOLD_RAD = 0.02, 0.005
"""Deviations of where it believes to stand, and to lean, from where it stands."""
CHANGES = ("nothing", "added", "missing", "moved", "opened")
MODELS = ("bag", "carton", "crate", "litter_bin", "bicycle", "car_grey", "car_red")
NEAR, FAR = {"car_grey": 5.0, "car_red": 5.0}, {"car_grey": 10.0, "car_red": 10.0, "bag": 5.0, "carton": 5.0}
"""Metres; 2 and 7 for other things."""
DOORS = {"residential_compound": "pump_yard_door"}
PEOPLE = 2
Picture = NDArray[np.uint8]
Random = np.random.Generator


@dataclass(frozen=True)
class Shot:
    """A picture, and where the dog believed to stand."""

    picture: Picture
    view: View


@dataclass(frozen=True)
class Case:
    """A checkpoint before and now; ``looks`` are a second apart. The change is at ``x``, ``y``."""

    site: str
    checkpoint: str
    seed: int
    change: str
    model: str
    lights: tuple[Light, Light]
    people: int
    before: tuple[Shot, ...]
    looks: tuple[Shot, ...]
    x: float = math.nan
    y: float = math.nan


def cases(name: str, seed: int) -> Iterator[Case]:
    """A case at each checkpoint of a site; half of them with nothing changed."""
    random = np.random.default_rng([seed, len(name)])
    world = _World(name, random)
    try:
        for number, checkpoint in enumerate(site(name).file.checkpoints):
            at = checkpoint.pose
            change = "nothing" if (number + seed) % 2 else str(random.choice(CHANGES[1:4]))
            yield world.case(checkpoint.checkpoint_id, Pose2D(at.x, at.y, at.theta), seed, change)
        door = DOORS.get(name)
        if door in world.cast.props and (stand := world.before_door(door)) is not None:
            yield world.case("door", stand, seed, "opened")
            yield world.case("door", stand, seed, "nothing")
    finally:
        world.eye.close()


class _World:
    """A site with some things and people that can be put anywhere."""

    def __init__(self, name: str, random: Random) -> None:
        self.name, self.random, self.grid = name, random, site(name).ground.grid
        read, person = read_world(site(name).world), read_model("person")
        entries = [{"at": 0.0, "do": "thing", "name": f"new_{m}", "model": m, "x": 0.0, "y": 0.0} for m in MODELS]
        way = [{"x": 0.0, "y": 0.0}]
        entries += [{"at": 0.0, "do": "person", "name": f"p{n}", "way": way} for n in range(PEOPLE)]
        names = {model.name for model in read.models}
        door = DOORS.get(name)
        entries += [{"at": 0.0, "do": "door", "name": door, "state": "open"}] if door in names else []
        roles = roles_in(read, check(entries), [])
        self.model = compile_world(read, roles, person, [], [])
        self.data = mujoco.MjData(self.model)
        self.cast = find_entities(self.model, roles, person)
        for figure in self.cast.figures.values():
            figure.vanish(self.data)
        for prop in self.cast.props.values():
            if prop.home is not None:
                prop.put(self.data, prop.home)
            else:
                prop.vanish(self.data)
        self.walkers = [model.name for model in read.models if follower(model) is not None]
        self.lighting = Lighting(self.model)
        self.eye = open_camera_renderer(self.model, HEIGHT, WIDTH)

    def case(self, checkpoint: str, at: Pose2D, seed: int, change: str) -> Case:
        """The checkpoint before and now."""
        random = self.random
        lights = [Light(str(random.choice([light.value for light in Light]))) for _ in range(2)]
        lights[1] = lights[0] if random.random() < 0.6 else lights[1]
        model = str(random.choice(MODELS))
        spots = [self._spot(at, model) for _ in range(2)]
        if change not in ("nothing", "opened") and (spots[0] is None or (change == "moved" and spots[1] is None)):
            change = "nothing"
        people = int(random.choice([0, 1, 2], p=[0.5, 0.3, 0.2]))
        theta = float(random.uniform(-math.pi, math.pi))
        put = {"nothing": (None, None), "opened": (None, None), "added": (None, spots[0]), "missing": (spots[0], None)}
        before, now = put.get(change, (spots[0], spots[1]))
        door = self.cast.props.get(DOORS.get(self.name, ""))
        shots: list[tuple[Shot, ...]] = []
        for n, (light, spot) in enumerate(zip(lights, (before, now), strict=True)):
            self.lighting.choose(light)
            self.eye.refresh()
            thing = self.cast.props[f"new_{model}"]
            if spot is None:
                thing.vanish(self.data)
            else:
                thing.put(self.data, pose(float(spot[0]), float(spot[1]), 0.0, yaw=theta))
            if door is not None and door.home is not None:
                angle = 1.3 if n and change == "opened" else 0.0
                door.put(self.data, door.home @ pose(0.0, 0.0, 0.0, yaw=angle))
            shots.append(self._shots(at, people))
        place = now if now is not None else before
        x, y = (float(place[0]), float(place[1])) if place is not None else (math.nan, math.nan)
        if change == "opened" and door is not None and door.home is not None:
            x, y = float(door.home[0, 3]), float(door.home[1, 3])
        kinds = (lights[0], lights[1])
        return Case(self.name, checkpoint, seed, change, model, kinds, people, shots[0], shots[1], x, y)

    def before_door(self, door: str) -> Pose2D | None:
        """A place some metres before a door, with nothing between."""
        home = self.cast.props[door].home
        assert home is not None
        for _ in range(200):
            angle, far = self.random.uniform(-math.pi, math.pi), self.random.uniform(3.5, 6.0)
            place = np.array([home[0, 3] + far * math.cos(angle), home[1, 3] + far * math.sin(angle)])
            line = place + np.linspace(0.0, 0.8, 30)[:, None] * (home[:2, 3] - place)
            if self.grid.distance_at(line).min() > 0.2 and self.grid.distance_at(place[None, :])[0] > 0.6:
                return Pose2D(float(place[0]), float(place[1]), math.remainder(angle + math.pi, math.tau))
        return None

    def _spot(self, at: Pose2D, model: str) -> NDArray[np.float64] | None:
        """Somewhere in plain view, with room."""
        near, far = NEAR.get(model, 2.0), FAR.get(model, 7.0)
        room = 2.4 if model.startswith("car") else 0.6
        for _ in range(80):
            angle, away = at.theta + self.random.uniform(-0.5, 0.5), self.random.uniform(near, far)
            place = np.array([at.x + away * math.cos(angle), at.y + away * math.sin(angle)])
            line = np.array([at.x, at.y]) + np.linspace(0.1, 1.0, 40)[:, None] * (place - [at.x, at.y])
            if self.grid.distance_at(line).min() > 0.25 and self.grid.distance_at(place[None, :])[0] > room:
                return place
        return None

    def _shots(self, at: Pose2D, people: int) -> tuple[Shot, ...]:
        """Three looks from where the dog came to stand; people walk on between them."""
        random = self.random
        x, y = at.x + random.normal(0, OFF_M), at.y + random.normal(0, OFF_M)
        theta = at.theta + random.uniform(-OFF_RAD, OFF_RAD)
        walks = [self._walk(at) for _ in range(people)]
        made = []
        for second in range(3):
            for n in range(PEOPLE):
                figure = self.cast.figures[f"p{n}"]
                if n >= people:
                    figure.vanish(self.data)
                    continue
                (px, py), way = walks[n]
                step = 1.1 * second
                stance = Stance(
                    px + step * math.cos(way), py + step * math.sin(way), way, Posture.WALKING, 3.0 * second
                )
                figure.dress(self.model, Dress(top=(0.2 + 0.3 * n, 0.3, 0.5 - 0.2 * n)))
                figure.stand(self.data, stance)
            made.append(self._shot(x, y, theta))
        return tuple(made)

    def _walk(self, at: Pose2D) -> tuple[tuple[float, float], float]:
        """Where somebody who passes begins, and his direction."""
        away, angle = self.random.uniform(2.5, 7.0), at.theta + self.random.uniform(-0.6, 0.6)
        side = float(self.random.choice([-1.0, 1.0]))
        way = at.theta + side * self.random.uniform(1.2, 1.9)
        return (at.x + away * math.cos(angle), at.y + away * math.sin(angle)), way

    def _shot(self, x: float, y: float, theta: float) -> Shot:
        random = self.random
        roll, pitch = random.normal(0, LEAN_RAD, 2)
        true = View(LENS, MOUNT, Pose2D(x, y, theta), float(roll), float(pitch))
        at = true.place()
        mujoco.mj_kinematics(self.model, self.data)
        mujoco.mj_camlight(self.model, self.data)
        fovy = math.degrees(2 * math.atan(HEIGHT / 2 / FOCAL))
        seen = self.eye.see(self.data, pose(*at, float(roll), float(pitch), theta), fovy)
        grain = random.normal(0, GRAIN, seen.shape)
        told = View(
            LENS,
            MOUNT,
            Pose2D(x + random.normal(0, TOLD_M), y + random.normal(0, TOLD_M), theta + random.normal(0, TOLD_RAD)),
            float(roll + random.normal(0, TOLD_RAD / 2)),
            float(pitch + random.normal(0, TOLD_RAD / 2)),
        )
        return Shot(np.clip(seen + grain, 0, 255).astype(np.uint8), told)
