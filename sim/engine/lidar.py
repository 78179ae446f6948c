"""A dog's lidars: one plane of beams, and many rings. They meet what a body can touch; all noise is seeded."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.engine.lidar_attenuation import CLEAR, LidarAttenuation
from sim.engine.raycasting import RaycastingScene
from sim.engine.sdf import Model, Sensor

import mujoco  # isort: skip


@dataclass(frozen=True)
class Scan:
    """One turn of the lidar: radians, metres; no return is infinite."""

    angle_min: float
    angle_increment: float
    range_min: float
    range_max: float
    ranges: NDArray[np.float32]


@dataclass(frozen=True)
class Rings:
    """One turn of the lidar of many rings, the lowest first: directions (rings, columns, 3) in the sensor's frame
    (x forward, y left, z up), and metres (rings, columns), no number where nothing came back."""

    rays: NDArray[np.float32]
    range_min: float
    range_max: float
    ranges: NDArray[np.float32]

    def points(self) -> NDArray[np.float32]:
        """Where the beams ended: (rings, columns, 3), metres in the sensor's frame."""
        ends: NDArray[np.float32] = self.rays * self.ranges[..., None]
        return ends


class Beams:
    """The beams of one lidar, cast all at once at an instant; the dog's own body gives no return.

    ``rays`` (n, 3) are their directions in the sensor's frame, of length one; ``far`` in metres.
    """

    def __init__(
        self,
        model: "mujoco.MjModel",
        scene: RaycastingScene,
        dog: str,
        sensor: str,
        rays: NDArray[np.float64],
        far: float,
    ) -> None:
        self.rays = rays
        self._scene, self._far = scene, far
        self._site = model.site(f"{dog}/{sensor}").id
        self._own = scene.belonging_to(f"{dog}/")

    def cast(
        self, data: "mujoco.MjData", air: LidarAttenuation, now: float, rng: np.random.Generator
    ) -> NDArray[np.float64]:
        """Metres by beam, negative where nothing came back, through ``air`` as it is at ``now``."""
        eye = data.site_xpos[self._site]
        rays = self.rays @ data.site_xmat[self._site].reshape(3, 3).T
        ranges, shapes = self._scene.cast(data, eye, rays, self._far)
        ranges[self._own[shapes]] = -1.0
        air.dim(now, eye, rays, ranges, rng)
        return ranges


class Lidar:
    """A lidar of one plane as the SDF describes it."""

    def __init__(self, model: "mujoco.MjModel", scene: RaycastingScene, dog: Model, rng: np.random.Generator) -> None:
        sensor = find_lidar(dog, rings=False)
        angles = _angles(sensor, "horizontal")
        self._first, self._step = float(angles[0]), float(angles[-1] - angles[0]) / (len(angles) - 1)
        self._near, self._far, self._noise = _reach(sensor)
        rays = np.column_stack([np.cos(angles), np.sin(angles), np.zeros(len(angles))])
        self._beams = Beams(model, scene, dog.name, sensor.name, rays, self._far)
        self._rng = rng

    def measure(self, data: "mujoco.MjData", air: LidarAttenuation = CLEAR, now: float = 0.0) -> Scan:
        """One turn, all of it at this instant, through ``air`` as it is at ``now``."""
        ranges = self._beams.cast(data, air, now, self._rng)
        nothing = ranges < 0
        ranges += self._rng.normal(0.0, self._noise, len(ranges))
        nothing |= ranges > self._far
        ranges[nothing] = math.inf
        return Scan(self._first, self._step, self._near, self._far, ranges.astype(np.float32))


class Lidar3D:
    """A lidar of many rings as the SDF describes it."""

    def __init__(self, model: "mujoco.MjModel", scene: RaycastingScene, dog: Model, rng: np.random.Generator) -> None:
        sensor = find_lidar(dog, rings=True)
        around, up = np.meshgrid(_angles(sensor, "horizontal"), _angles(sensor, "vertical"))
        self._near, self._far, self._noise = _reach(sensor)
        rays = np.stack([np.cos(up) * np.cos(around), np.cos(up) * np.sin(around), np.sin(up)], axis=-1)
        self._beams = Beams(model, scene, dog.name, sensor.name, rays.reshape(-1, 3), self._far)
        self._rays = rays.astype(np.float32)
        self._rng = rng

    def measure(self, data: "mujoco.MjData", air: LidarAttenuation = CLEAR, now: float = 0.0) -> Rings:
        """One turn, all of it at this instant, through ``air`` as it is at ``now``."""
        ranges = self._beams.cast(data, air, now, self._rng)
        ranges[(ranges < self._near) | (ranges > self._far)] = math.nan
        ranges += self._rng.normal(0.0, self._noise, len(ranges))
        return Rings(self._rays, self._near, self._far, ranges.astype(np.float32).reshape(self._rays.shape[:2]))


def find_lidar(dog: Model, rings: bool) -> Sensor:
    """The dog's lidar of many rings, or its lidar of one plane."""
    lidars = [sensor for link in dog.links for sensor in link.sensors if sensor.kind == "gpu_lidar"]
    return next(s for s in lidars if (int(s.xml.findtext("lidar/scan/vertical/samples") or 1) > 1) == rings)


def _angles(sensor: Sensor, way: str) -> NDArray[np.float64]:
    scan = sensor.xml.find(f"lidar/scan/{way}")
    first, last, count = float(scan.findtext("min_angle")), float(scan.findtext("max_angle")), scan.findtext("samples")
    return np.linspace(first, last, int(count))


def _reach(sensor: Sensor) -> tuple[float, float, float]:
    """Metres: the least and the greatest range, and the noise's standard deviation."""
    reach = sensor.xml.find("lidar/range")
    near, far = float(reach.findtext("min")), float(reach.findtext("max"))
    return near, far, float(sensor.xml.findtext("lidar/noise/stddev") or 0.0)
