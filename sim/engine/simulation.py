"""The world in motion: dogs, people, time and what a report says of them. No ROS, no wall clock, no threads."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import structlog
import yaml
from numpy.typing import NDArray

from sim.engine import opengl_backend
from sim.engine.camera_rendering import CameraRenderer, open_camera_renderer
from sim.engine.contacts import Contacts, Touch
from sim.engine.dog import LIES_S, Dog, DogPlan, Make
from sim.engine.dog_bodies import CLEARANCE, CONTROL_S, floor_under
from sim.engine.entities import compile_world, find_entities, roles_in
from sim.engine.lidar_attenuation import LidarAttenuation
from sim.engine.lighting import Light as Daylight
from sim.engine.lighting import Lighting
from sim.engine.mujoco_model import Group
from sim.engine.people import HULL_RADIUS, Figure, Posture
from sim.engine.raycasting import RaycastingScene
from sim.engine.script import Script, Sensor
from sim.engine.script_execution import ScriptExecution
from sim.engine.sdf import read_model, read_world
from sim.engine.walkers import Walker, follower, read_dress, read_way

import mujoco  # isort: skip

__all__ = ["Dog", "DogPlan", "Make", "Simulation"]

log = structlog.get_logger()
LOOKS_PER_STEP = 2  # how often a control step looks for contacts: each 10 ms
PATH_S = TRUTH_S = 0.5
DOCK_M, DOCK_RAD = 0.35, 0.6  # how near a dog stands to a dock's pose to charge
HALF_LENGTH, HALF_WIDTH = 0.33, 0.17  # of the dog's outline from above
BODY_M = 0.65  # from the middle of one who lies to his head, and to his feet


class Simulation:
    """A world with its dogs. ``step()`` moves it on by CONTROL_S; sensors answer for the instant they are asked in.

    The same world, dogs, script, seed and commands give the same numbers. ``pictures=False`` needs no OpenGL.
    Raises MalformedWorld, and MalformedScript where the script names what is not there.
    """

    def __init__(
        self,
        world: Path,
        dogs: Sequence[DogPlan],
        seed: int = 0,
        start: float = 0.0,
        pictures: bool = True,
        light: Daylight = Daylight.DAY,
        script: Script = (),
    ) -> None:
        read, person = read_world(world), read_model("person")
        roles = roles_in(read, script, dogs)
        models = [replace(read_model("xiaotian_dog"), name=plan.name) for plan in dogs]
        self.model = compile_world(read, roles, person, dogs, models)
        self.data = mujoco.MjData(self.model)
        self.start, self.steps = start, 0
        self._substeps = round(CONTROL_S / read.step / LOOKS_PER_STEP)
        self._docks = _docks(world.parent)
        rngs = np.random.default_rng(seed).spawn(len(dogs))
        scene = RaycastingScene(self.model)
        self.dogs = {p.name: Dog(self.model, scene, p, m, rng) for p, m, rng in zip(dogs, models, rngs, strict=True)}
        cast = find_entities(self.model, roles, person)
        followers = [(model.name, plugin) for model in roles.walkers if (plugin := follower(model)) is not None]
        for name, plugin in followers:
            cast.figures[name].dress(self.model, read_dress(plugin))
        people = [(cast.figures[name], Walker(read_way(plugin))) for name, plugin in followers]
        self.story = ScriptExecution(script, cast, self, people)
        self.truths: list[dict[str, Any]] = []
        self._air = LidarAttenuation(cast.plumes.values())
        self._lighting, self._light = Lighting(self.model), light
        self._eye: CameraRenderer | None = None
        self.relight(light, None)
        mujoco.mj_forward(self.model, self.data)
        self._stand_up(dogs)
        self._contacts = Contacts(self.model, list(self.dogs))
        self._eye = self._open() if pictures and self.dogs else None
        self._posed_at = -1
        self._trace = hashlib.sha256()
        self._solid = cast.solid()

    def _stand_up(self, dogs: Sequence[DogPlan]) -> None:
        """Put those on their feet who start on a platform: where that is, only the compiled world tells."""
        raised = [plan for plan in dogs if floor_under(self.model, self.data, plan.x, plan.y) > CLEARANCE]
        for plan in raised:
            self.dogs[plan.name].body.stand(self.data, plan.x, plan.y, plan.theta)
        if raised:
            mujoco.mj_forward(self.model, self.data)

    @property
    def trace(self) -> str:
        """A digest of where everything was in every step: two runs that have the same were the same."""
        return self._trace.hexdigest()

    @property
    def people(self) -> list[tuple[Figure, Walker]]:
        """Those who are there now."""
        return self.story.people

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
        """What draws the pictures: egl, osmesa, rays or none."""
        return self._eye.backend if self._eye else "none"

    def close(self) -> None:
        """Give the OpenGL context back."""
        if self._eye:
            self._eye.close()

    def relight(self, light: Daylight | None, visibility: float | None) -> None:
        """Have this light, or what it has; and fog through which one sees so far, or none."""
        self._light = light or self._light
        self._lighting.choose(self._light)
        self._lighting.fog(visibility)
        self._air.visibility = math.inf if visibility is None else visibility
        if self._eye is not None:
            self._eye.refresh()

    def step(self) -> None:
        """Move the world on by CONTROL_S."""
        self.story.update(self.elapsed)
        for dog in self.dogs.values():
            dog.act(self.data, self.now)
        for _ in range(LOOKS_PER_STEP):
            mujoco.mj_step(self.model, self.data, self._substeps)
            for dog_name, thing in self._contacts.update(self.data, self.elapsed):
                self.story.tell(self.elapsed, "collision", dog=dog_name, **{"with": thing})
        # Else what the legs and sensors see would depend on whether a picture was taken, which needs the same call.
        mujoco.mj_kinematics(self.model, self.data)
        self.steps += 1
        for moved in (self.data.qpos, self.data.qvel, self.data.mocap_pos[self._solid]):
            self._trace.update(moved.tobytes())
        for dog in self.dogs.values():
            self._look_after(dog)
        if self.steps % round(TRUTH_S / CONTROL_S) == 0:
            self.truths.append({"t": round(self.elapsed, 2), **self.story.truth()})

    def sense(self, name: str, sensor: Sensor) -> Any:
        """What a dog's sensor says now, faults in it; None where it says nothing."""
        if sensor in (Sensor.CAMERA, Sensor.DEPTH) and self._eye is not None:
            self.pose_all()
        return self.dogs[name].sense(sensor, self.data, self._air, self._eye, self.elapsed)

    def photograph(self, name: str) -> NDArray[np.uint8]:
        """What the dog's camera would see if it were sound: height x width x 3, RGB; raises NoPictures."""
        if self._eye is None:
            raise opengl_backend.explain()
        self.pose_all()
        return self.dogs[name].camera.photograph(self.data, self._eye)

    def report(self) -> dict[str, Any]:
        """What happened to each dog. ``nearest_approach_m``: the least gap between its outline and a person."""
        return {name: self._account(dog) for name, dog in self.dogs.items()}

    def truth(self) -> dict[str, Any]:
        """Where everything is: dogs as [x, y, theta], the others with a word more."""
        dogs = {name: [round(v, 3) for v in dog.place(self.data)] for name, dog in self.dogs.items()}
        return {"t": round(self.elapsed, 2), "dogs": dogs, **self.story.truth()}

    def touches(self, name: str) -> list[Touch]:
        """What a dog ran into, and where, in order."""
        return self._contacts.touches[name]

    def ground_under(self, name: str) -> float:
        """Metres of the ground straight below a dog's middle, whatever hangs over it."""
        root, down = self.dogs[name].body.root, np.array([0.0, 0.0, -1.0])
        groups, geom = np.array([g == Group.COLLISION for g in range(6)], np.uint8), np.full(1, -1, np.int32)
        at = self.data.xpos[root]
        gap = mujoco.mj_ray(self.model, self.data, at, down, groups, 1, root, geom, None)
        return float(at[2] - gap) if gap >= 0 else 0.0

    def events(self) -> list[dict[str, Any]]:
        """What happened, in order: the script as it was carried out, and what came of it."""
        return self.story.events

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

    def _open(self) -> CameraRenderer:
        camera = next(iter(self.dogs.values())).camera
        return open_camera_renderer(self.model, camera.height, camera.width)

    def pose_all(self) -> None:
        """Pose what only pictures show; once a step."""
        if self._posed_at != self.steps:
            self.story.draw(self.elapsed)
            mujoco.mj_kinematics(self.model, self.data)
            mujoco.mj_camlight(self.model, self.data)
            self._posed_at = self.steps

    def _look_after(self, dog: Dog) -> None:
        x, y, theta = dog.place(self.data)
        dog.legs.update(self.data, CONTROL_S, dog.faults.slip())
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
            self.story.tell(self.elapsed, "fell", dog=dog.plan.name, x=round(x, 2), y=round(y, 2))
        dog.lying += CONTROL_S
        if dog.lying > LIES_S:
            dog.body.stand(self.data, x, y, theta)
            dog.lying = 0.0
            self.story.tell(self.elapsed, "got_up", dog=dog.plan.name)

    def _at_dock(self, x: float, y: float, theta: float) -> bool:
        return any(
            math.hypot(x - dx, y - dy) < DOCK_M and abs(math.remainder(theta - dt, math.tau)) < DOCK_RAD
            for dx, dy, dt in self._docks
        )


def _docks(folder: Path) -> list[tuple[float, float, float]]:
    path = folder / "site.yaml"
    if not path.is_file():
        return []
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [(d["pose"]["x"], d["pose"]["y"], d["pose"]["theta"]) for d in read.get("docks", [])]


def _gap(figure: Figure, walker: Walker, x: float, y: float, theta: float) -> float:
    """Metres from the dog's outline to the person's skin; negative where they overlap."""
    stance = walker.stance
    lies = BODY_M * figure.scale if stance.posture is Posture.LYING else 0.0
    gaps = []
    for along in (-lies, 0.0, lies) if lies else (0.0,):
        dx, dy = stance.x + along * math.cos(stance.theta) - x, stance.y + along * math.sin(stance.theta) - y
        ahead = abs(math.cos(theta) * dx + math.sin(theta) * dy) - HALF_LENGTH
        beside = abs(-math.sin(theta) * dx + math.cos(theta) * dy) - HALF_WIDTH
        gaps.append(math.hypot(max(0.0, ahead), max(0.0, beside)))
    return min(gaps) - HULL_RADIUS * figure.scale
