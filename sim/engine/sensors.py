"""What a dog's sensors say of the world: camera, IMU, odometry, battery. All noise is seeded."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.engine.camera_rendering import CameraRenderer
from sim.engine.dog_bodies import body_pose, body_velocity
from sim.engine.sdf import Model, Sensor
from sim.engine.transforms import Matrix, quaternion, roll_pitch_yaw, rotation

import mujoco  # isort: skip

GRAVITY = 9.81
TILT_NOISE, RATE_NOISE, ACCELERATION_NOISE = 0.002, 0.003, 0.05  # rad, rad/s, m/s2: a small MEMS unit
SCALE_ERROR, SLIP_NOISE, GYRO_BIAS = 0.01, 0.02, 0.001  # of the way; per root metre; rad/s while walking
IDLE_W, WALK_W_PER_MPS, CAPACITY_WH = 60.0, 180.0, 450.0
DEPTH_NOISE = 0.002  # per metre, of a stereo pair: the error grows with the square of the distance
DEPTH_NEAR, DEPTH_FAR = 0.3, 12.0  # metres
CHARGE_W, FULL_V, EMPTY_V = 900.0, 50.4, 42.0


@dataclass(frozen=True)
class Inertial:
    """Quaternion x, y, z, w; turning in rad/s and specific force in m/s2 along the body's axes."""

    orientation: tuple[float, float, float, float]
    turning: tuple[float, float, float]
    force: tuple[float, float, float]


@dataclass(frozen=True)
class Odometry:
    """Where the legs believe the dog is in a frame that began at its start, and its velocity forward, left, turning."""

    x: float
    y: float
    theta: float
    velocity: tuple[float, float, float]


@dataclass(frozen=True)
class Battery:
    """Charge 0..1, volts, amperes (negative while it drains), and whether it charges."""

    charge: float
    voltage: float
    current: float
    charging: bool


class Camera:
    """The camera of one dog, and the depth camera behind the same lens. Many share one Eye."""

    def __init__(self, model: "mujoco.MjModel", dog: Model, rng: np.random.Generator) -> None:
        sensor = find_sensor(dog, "camera")
        self.width, self.height = (int(sensor.xml.findtext(f"camera/image/{key}")) for key in ("width", "height"))
        fov = float(sensor.xml.findtext("camera/horizontal_fov"))
        self.focal = self.width / 2 / math.tan(fov / 2)
        self._fovy_deg = math.degrees(2 * math.atan(self.height / 2 / self.focal))
        self._site = model.site(f"{dog.name}/{sensor.name}").id
        self._rng = rng
        noise = float(sensor.xml.findtext("camera/noise/stddev") or 0.0) * 255
        self._depth_grain = rng.standard_normal((self.height, self.width), np.float32)
        self._grain = rng.normal(0.0, noise, (self.height + 64, self.width + 64, 3)).round().astype(np.int16)

    def photograph(self, data: "mujoco.MjData", eye: CameraRenderer) -> NDArray[np.uint8]:
        """A picture, height x width x 3, RGB."""
        picture = eye.see(data, self._at(data), self._fovy_deg)
        row, column = self._rng.integers(0, 64, 2)
        grain = self._grain[row : row + self.height, column : column + self.width]
        grainy: NDArray[np.uint8] = np.clip(picture + grain, 0, 255).astype(np.uint8)
        return grainy

    def depth(self, data: "mujoco.MjData", eye: CameraRenderer) -> NDArray[np.float32]:
        """Metres along the axis, height x width: infinite beyond reach, no number too near (REP 118)."""
        metres = eye.depth(data, self._at(data), self._fovy_deg)
        beyond = metres > DEPTH_FAR
        metres[beyond] = 0.0
        metres += metres * metres * np.float32(DEPTH_NOISE) * self._depth_grain
        near = (metres < DEPTH_NEAR) & ~beyond
        metres[beyond] = math.inf
        metres[near] = math.nan
        return metres

    def _at(self, data: "mujoco.MjData") -> Matrix:
        at = np.eye(4)
        at[:3, :3], at[:3, 3] = data.site_xmat[self._site].reshape(3, 3), data.site_xpos[self._site]
        return at


class Legs:
    """Odometry and IMU of one dog. The heading drifts, as that of legs and a gyroscope does."""

    def __init__(self, model: "mujoco.MjModel", root: int, rng: np.random.Generator) -> None:
        self._model, self._root = model, root
        self._rng, self._imu_rng = rng.spawn(2)  # so that the odometry is the same however often the IMU is read
        rng = self._rng
        self._scale = 1.0 + rng.normal(0.0, SCALE_ERROR)
        self._turn_scale = 1.0 + rng.normal(0.0, SCALE_ERROR)
        self._bias = rng.normal(0.0, GYRO_BIAS)
        self._x = self._y = self._theta = 0.0
        self._last: tuple[float, float, float] | None = None
        self._velocity = (0.0, 0.0, 0.0)
        self._moved = np.zeros(3)

    def forget(self) -> None:
        """Take where it is at the next update as where it was: it was carried there."""
        self._last = None

    def update(self, data: "mujoco.MjData", dt: float, slip: float = 0.0) -> None:
        """Take in what has happened in the ``dt`` seconds since the last call.

        ``slip`` is how much further than they got the feet went, as a share of the way.
        """
        at = body_pose(data, self._root)
        place = (float(at[0, 3]), float(at[1, 3]), roll_pitch_yaw(at)[2])
        turn, move = body_velocity(self._model, data, self._root)
        self._moved = move
        if self._last is not None:
            self._integrate(place, self._last, dt, slip)
        self._last = place
        scale = self._scale * (1.0 + slip)
        self._velocity = (float(move[0]) * scale, float(move[1]) * scale, float(at[2, :3] @ turn))

    def odometry(self) -> Odometry:
        """Where the legs believe it is."""
        return Odometry(float(self._x), float(self._y), float(self._theta), self._velocity)

    def inertial(self, data: "mujoco.MjData") -> Inertial:
        """What the IMU says; its heading is the odometry's."""
        at = body_pose(data, self._root)
        roll, pitch, _ = roll_pitch_yaw(at)
        turn, _ = body_velocity(self._model, data, self._root)
        noise = self._imu_rng.normal(0.0, 1.0, 8)
        w, x, y, z = _quaternion(roll + TILT_NOISE * noise[0], pitch + TILT_NOISE * noise[1], self._theta)
        turning = turn + RATE_NOISE * noise[2:5]
        force = at[:3, :3].T @ np.array([0.0, 0.0, GRAVITY]) + ACCELERATION_NOISE * noise[5:8]
        return Inertial((x, y, z, w), tuple(map(float, turning)), tuple(map(float, force)))  # type: ignore[arg-type]

    def _integrate(
        self, now: tuple[float, float, float], last: tuple[float, float, float], dt: float, spin: float
    ) -> None:
        dx, dy = now[0] - last[0], now[1] - last[1]
        turned = math.remainder(now[2] - last[2], math.tau)
        cos, sin = math.cos(last[2]), math.sin(last[2])
        step = math.hypot(dx, dy)
        slip = self._rng.normal(0.0, 1.0, 3) * SLIP_NOISE * math.sqrt(step)
        ahead = (cos * dx + sin * dy) * self._scale * (1.0 + spin) + 0.3 * slip[0]
        left = (-sin * dx + cos * dy) * self._scale * (1.0 + spin) + 0.3 * slip[1]
        moving = step > 0.1 * dt
        cos, sin = math.cos(self._theta), math.sin(self._theta)
        self._x += cos * ahead - sin * left
        self._y += sin * ahead + cos * left
        drift = self._bias * dt + 0.3 * slip[2] if moving else 0.0
        self._theta = math.remainder(self._theta + turned * self._turn_scale * (1.0 + 0.3 * spin) + drift, math.tau)


class Accumulator:
    """The battery: drains with effort, charges at a dock."""

    def __init__(self, charge: float = 0.95) -> None:
        self._charge = charge
        self._drain = 1.0
        self._watts = -IDLE_W
        self._charging = False

    def set(self, charge: float | None, drain: float | None) -> None:
        """Have this charge (0..1) from now on, or drain so many times as fast."""
        self._charge = self._charge if charge is None else charge
        self._drain = self._drain if drain is None else drain

    def update(self, speed: float, docked: bool, dt: float) -> None:
        """``speed`` in m/s; ``docked``: it stands at a dock's contacts."""
        self._charging = docked and speed < 0.1 and self._charge < 1.0
        self._watts = CHARGE_W if self._charging else -(IDLE_W + WALK_W_PER_MPS * speed) * self._drain
        self._charge = min(1.0, max(0.0, self._charge + self._watts * dt / 3600 / CAPACITY_WH))

    def read(self) -> Battery:
        """What its electronics report."""
        voltage = EMPTY_V + (FULL_V - EMPTY_V) * self._charge
        return Battery(self._charge, voltage, self._watts / voltage, self._charging)


def find_sensor(dog: Model, kind: str) -> Sensor:
    """The dog's first sensor of that SDF type."""
    return next(sensor for link in dog.links for sensor in link.sensors if sensor.kind == kind)


def _quaternion(roll: float, pitch: float, yaw: float) -> tuple[float, float, float, float]:
    return quaternion(rotation(roll, pitch, yaw))
