"""One dog in the running world: its body, its sensors and what is wrong with them, and what happened to it."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from sim.engine.camera_rendering import CameraRenderer
from sim.engine.dog_bodies import CONTROL_S, Body, Command, Legged, Light, body_pose
from sim.engine.lidar import Lidar, Lidar3D
from sim.engine.lidar_attenuation import LidarAttenuation
from sim.engine.raycasting import RaycastingScene
from sim.engine.script import Sensor
from sim.engine.sdf import Model
from sim.engine.sensor_faults import Faults
from sim.engine.sensors import Accumulator, Camera, Legs
from sim.engine.transforms import roll_pitch_yaw

import mujoco  # isort: skip

COMMAND_S = 0.5  # a command older than this is void: the dog stands
LIES_S = 3.0  # then a fallen dog gets up again, as real ones do
PUSH_S = 0.1  # over which a push's impulse is spread
CARRIED_M = 0.6  # above ground, while it is lifted


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


@dataclass
class Carried:
    """Where a lifted dog is taken, and how long that takes yet."""

    x: float
    y: float
    theta: float
    left: float


class Dog:
    """``legs``, ``lidar``, ``camera`` and ``battery`` are its sound sensors; ``sense`` is what comes out of them."""

    def __init__(
        self, compiled: "mujoco.MjModel", scene: RaycastingScene, plan: DogPlan, model: Model, rng: np.random.Generator
    ) -> None:
        self.plan = plan
        self.body: Body = (Legged if plan.make is Make.LEGGED else Light)(compiled, plan.name)
        lidar, camera, legs, faults, rings = rng.spawn(
            5
        )  # so that one sensor's fault leaves the others' noise as it is
        self.lidar = Lidar(compiled, scene, model, lidar)
        self.lidar_3d = Lidar3D(compiled, scene, model, rings)
        self.camera = Camera(compiled, model, camera)
        self.legs = Legs(compiled, self.body.root, legs)
        self.battery = Accumulator()
        self.faults = Faults(faults)
        self.path: list[tuple[float, float, float, float]] = []
        self.falls = 0
        self.nearest: float | None = None
        self.lying = 0.0
        self.carried: Carried | None = None
        self._pushes: list[tuple[float, float, float]] = []
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

    def push(self, forward: float, left: float) -> None:
        """Be pushed: an impulse in N s along its own axes."""
        self._pushes.append((forward, left, PUSH_S))

    def lift(self, to: Carried) -> None:
        """Be taken up, and put down there."""
        self.carried = to

    def act(self, data: "mujoco.MjData", now: float) -> None:
        """Set forces and servos for the next CONTROL_S."""
        self.body.drive(data, self.wanted(now))
        force = np.zeros(3)
        if self._pushes:
            forward, left, _ = np.sum(self._pushes, axis=0) / PUSH_S
            force = data.xmat[self.body.root].reshape(3, 3) @ np.array([forward, left, 0.0])
            self._pushes = [(x, y, left_s - CONTROL_S) for x, y, left_s in self._pushes if left_s > 1.5 * CONTROL_S]
        data.xfrc_applied[self.body.root, :3] = force
        if self.carried is not None:
            self._carry(data, self.carried)

    def sense(
        self, sensor: Sensor, data: "mujoco.MjData", air: LidarAttenuation, eye: CameraRenderer | None, elapsed: float
    ) -> Any:
        """What ``sensor`` says now, its fault in it; None where it is silent, or has no ``eye`` to see with."""
        through = self.faults.through
        match sensor:
            case Sensor.SCAN:
                return through(sensor, lambda: self.lidar.measure(data, air, elapsed))
            case Sensor.POINTS:
                rings = through(sensor, lambda: self.lidar_3d.measure(data, air, elapsed))
                return None if rings is None else rings.points()
            case Sensor.IMU:
                return through(sensor, lambda: self.legs.inertial(data))
            case Sensor.ODOM:
                return through(sensor, self.legs.odometry)
            case Sensor.BATTERY:
                return through(sensor, self.battery.read)
        if eye is None:
            return None
        if sensor is Sensor.DEPTH:
            return through(sensor, lambda: self.camera.depth(data, eye))
        return through(sensor, lambda: self.camera.photograph(data, eye))

    def _carry(self, data: "mujoco.MjData", to: Carried) -> None:
        to.left -= CONTROL_S
        if to.left > 0:
            self.body.stand(data, *self.place(data), above=CARRIED_M)
            return
        self.body.stand(data, to.x, to.y, to.theta)
        self.carried = None
        self.legs.forget()
        self.lying = 0.0
