"""The world in motion: dogs, people, time and what a report says of them. No ROS, no wall clock, no threads."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import structlog
import yaml
from numpy.typing import NDArray

from sim.engine import gl
from sim.engine.build import Touch, add_static, new_spec
from sim.engine.contacts import Contacts
from sim.engine.dogs import CONTROL_S, Body, Command, Legged, Light, add_dog, body_pose
from sim.engine.frames import roll_pitch_yaw
from sim.engine.lighting import Light as Daylight
from sim.engine.lighting import Lighting
from sim.engine.people import HULL_RADIUS, Figure, add_person, find_figure
from sim.engine.sdf import Model, World, read_model, read_world
from sim.engine.sensors import Accumulator, Camera, Legs, Lidar
from sim.engine.studio import open_renderer
from sim.engine.walkers import Walker, follower, read_dress, read_way

import mujoco  # isort: skip

log = structlog.get_logger()
COMMAND_S = 0.5  # a command older than this is void: the dog stands
LOOKS_PER_STEP = 2  # how often a control step looks for contacts: each 10 ms
PATH_S = 0.5
DOCK_M, DOCK_RAD = 0.35, 0.6  # how near a dog stands to a dock's pose to charge
LIES_S = 3.0  # then a fallen dog gets up again, as real ones do
HALF_LENGTH, HALF_WIDTH = 0.33, 0.17  # of the dog's outline from above


class Make(StrEnum):
    """What carries a dog."""

    LEGGED = "legged"
    LIGHT = "light"


@dataclass(frozen=True)
class DogPlan:
    """A dog to be: its name, where it starts (metres, radians), and its make."""

    name: str
    x: float
    y: float
    theta: float
    make: Make = Make.LEGGED


class Dog:
    """One dog in the running world."""

    def __init__(self, sim: "Simulation", plan: DogPlan, model: Model, rng: np.random.Generator) -> None:
        compiled = sim.model
        self.plan = plan
        self.body: Body = (Legged if plan.make is Make.LEGGED else Light)(compiled, plan.name)
        own = np.array(
            [g for g in range(compiled.ngeom) if compiled.geom(g).name.startswith(f"{plan.name}/")], np.int32
        )
        self.lidar = Lidar(compiled, model, own, rng)
        self.camera = Camera(compiled, model, rng)
        self.legs = Legs(compiled, self.body.root, rng)
        self.battery = Accumulator()
        self.path: list[tuple[float, float, float, float]] = []
        self.falls = 0
        self.nearest: float | None = None
        self.lying = 0.0
        self._command: Command = (0.0, 0.0, 0.0)
        self._commanded_at = -math.inf

    def command(self, velocity: Command, now: float) -> None:
        """Walk like this from now on: m/s forward, m/s left, rad/s."""
        self._command, self._commanded_at = velocity, now

    def wanted(self, now: float) -> Command:
        """The command that holds; to stand where none is fresh, or where it is no number."""
        fresh = now - self._commanded_at <= COMMAND_S and all(map(math.isfinite, self._command))
        return self._command if fresh else (0.0, 0.0, 0.0)

    def place(self, data: "mujoco.MjData") -> tuple[float, float, float]:
        """Where it truly is: x, y, theta."""
        at = body_pose(data, self.body.root)
        return float(at[0, 3]), float(at[1, 3]), roll_pitch_yaw(at)[2]


class Simulation:
    """A world with its dogs. ``step()`` moves it on by CONTROL_S; sensors answer for the instant they are asked in.

    The same world, dogs, seed and commands give the same numbers. ``pictures=False`` needs no OpenGL.
    """

    def __init__(
        self,
        world: Path,
        dogs: Sequence[DogPlan],
        seed: int = 0,
        start: float = 0.0,
        pictures: bool = True,
        light: Daylight = Daylight.DAY,
    ) -> None:
        read = read_world(world)
        person, walks = read_model("person"), _walks(read)
        models = [replace(read_model("xiaotian_dog"), name=plan.name) for plan in dogs]
        self.model = _compile(read, person, walks, dogs, models)
        self.data = mujoco.MjData(self.model)
        self.start, self.steps = start, 0
        self._substeps = round(CONTROL_S / read.step / LOOKS_PER_STEP)
        self._docks = _docks(world.parent)
        self.people = [(find_figure(self.model, person, m.name), Walker(read_way(f))) for m, f in walks]
        for (figure, _), (_, plugin) in zip(self.people, walks, strict=True):
            figure.dress(self.model, read_dress(plugin))
        mujoco.mj_forward(self.model, self.data)
        rngs = np.random.default_rng(seed).spawn(len(dogs))
        self.dogs = {p.name: Dog(self, p, m, rng) for p, m, rng in zip(dogs, models, rngs, strict=True)}
        self._contacts = Contacts(self.model, list(self.dogs))
        self._renderer = self._open(light) if pictures and self.dogs else None
        self._posed_at = -1

    @property
    def now(self) -> float:
        """Seconds on the clock."""
        return self.start + self.elapsed

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return self.steps * CONTROL_S

    @property
    def camera_backend(self) -> str:
        """What draws the pictures: egl, osmesa or none."""
        return gl.BACKEND if self._renderer else "none"

    def close(self) -> None:
        """Give the OpenGL context back."""
        if self._renderer:
            self._renderer.close()

    def step(self) -> None:
        """Move the world on by CONTROL_S."""
        places = {name: dog.place(self.data) for name, dog in self.dogs.items()}
        self._walk_people([(x, y) for x, y, _ in places.values()])
        for dog in self.dogs.values():
            dog.body.drive(self.data, dog.wanted(self.now))
        for _ in range(LOOKS_PER_STEP):
            mujoco.mj_step(self.model, self.data, self._substeps)
            self._contacts.update(self.data, self.elapsed)
        self.steps += 1
        for dog in self.dogs.values():
            self._look_after(dog)

    def photograph(self, name: str) -> NDArray[np.uint8]:
        """What the dog's camera sees: height x width x 3, RGB; raises NoPictures."""
        if self._renderer is None:
            raise gl.explain()
        if self._posed_at != self.steps:
            for figure, walker in self.people:
                figure.stand(self.data, walker.stance)
            mujoco.mj_kinematics(self.model, self.data)
            mujoco.mj_camlight(self.model, self.data)
            self._posed_at = self.steps
        return self.dogs[name].camera.photograph(self.data, self._renderer)

    def report(self) -> dict[str, Any]:
        """What happened to each dog. ``nearest_approach_m``: the least gap between its outline and a person."""
        return {name: self._account(dog) for name, dog in self.dogs.items()}

    def _account(self, dog: Dog) -> dict[str, Any]:
        steps = zip(dog.path, dog.path[1:], strict=False)
        return {
            "distance_m": round(sum(math.hypot(b[1] - a[1], b[2] - a[2]) for a, b in steps), 2),
            "collisions": len(self._contacts.events[dog.plan.name]),
            "collided_with": [{"t": round(t, 2), "with": what} for t, what in self._contacts.events[dog.plan.name]],
            "falls": dog.falls,
            "nearest_approach_m": None if dog.nearest is None else round(dog.nearest, 3),
            "path": [[round(v, 3) for v in row] for row in dog.path],
        }

    def _open(self, light: Daylight) -> "mujoco.Renderer":
        camera = next(iter(self.dogs.values())).camera
        renderer = open_renderer(self.model, camera.height, camera.width)
        Lighting(self.model).choose(light, renderer)
        return renderer

    def _walk_people(self, dogs: list[tuple[float, float]]) -> None:
        for figure, walker in self.people:
            walker.update(dogs, CONTROL_S)
            stance = walker.stance
            self.data.mocap_pos[figure.hull] = (stance.x, stance.y, 0.0)

    def _look_after(self, dog: Dog) -> None:
        x, y, theta = dog.place(self.data)
        dog.legs.update(self.data, CONTROL_S)
        vx, vy, _ = dog.legs.odometry().velocity
        dog.battery.update(math.hypot(vx, vy), self._at_dock(x, y, theta), CONTROL_S)
        if self.steps % round(PATH_S / CONTROL_S) == 0 or not dog.path:
            dog.path.append((self.now, x, y, theta))
        for figure, walker in self.people:
            gap = _gap(figure, walker, x, y, theta)
            dog.nearest = gap if dog.nearest is None else min(gap, dog.nearest)
        if dog.body.fallen(self.data):
            self._fall(dog, x, y, theta)
        else:
            dog.lying = 0.0

    def _fall(self, dog: Dog, x: float, y: float, theta: float) -> None:
        if dog.lying == 0.0:
            dog.falls += 1
            log.warning("dog_fell", dog=dog.plan.name, x=round(x, 2), y=round(y, 2), t=round(self.elapsed, 2))
        dog.lying += CONTROL_S
        if dog.lying > LIES_S:
            dog.body.get_up(self.data, x, y, theta)
            dog.lying = 0.0

    def _at_dock(self, x: float, y: float, theta: float) -> bool:
        return any(
            math.hypot(x - dx, y - dy) < DOCK_M and abs(math.remainder(theta - dt, math.tau)) < DOCK_RAD
            for dx, dy, dt in self._docks
        )


def _walks(world: World) -> list[tuple[Model, Any]]:
    return [(model, plugin) for model in world.models if (plugin := follower(model)) is not None]


def _compile(
    world: World, person: Model, walks: list[tuple[Model, Any]], plans: Sequence[DogPlan], models: Sequence[Model]
) -> "mujoco.MjModel":
    spec = new_spec(world)
    for model in world.models:
        if model.static:
            add_static(spec, model)
        elif follower(model) is None:
            log.warning("sdf_not_supported", element=f"model {model.name}: free bodies; it is taken as static")
            add_static(spec, model)
    for model, _ in walks:
        add_person(spec, person, model.name)
    for index, (plan, model) in enumerate(zip(plans, models, strict=True)):
        touch = int(Touch.FIRST_DOG) << index
        add_dog(spec, model, (plan.x, plan.y, plan.theta), touch, plan.make is Make.LEGGED)
    return spec.compile()


def _docks(folder: Path) -> list[tuple[float, float, float]]:
    path = folder / "site.yaml"
    if not path.is_file():
        return []
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [(d["pose"]["x"], d["pose"]["y"], d["pose"]["theta"]) for d in read.get("docks", [])]


def _gap(figure: Figure, walker: Walker, x: float, y: float, theta: float) -> float:
    """Metres from the dog's outline to the person's skin; negative where they overlap."""
    stance = walker.stance
    dx, dy = stance.x - x, stance.y - y
    ahead = abs(math.cos(theta) * dx + math.sin(theta) * dy) - HALF_LENGTH
    beside = abs(-math.sin(theta) * dx + math.cos(theta) * dy) - HALF_WIDTH
    return math.hypot(max(0.0, ahead), max(0.0, beside)) - HULL_RADIUS * figure.scale
