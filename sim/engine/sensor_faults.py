"""What can be wrong with a dog's sensors: each reading passes through here on its way out."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.engine.lidar import Rings, Scan
from sim.engine.script import Fault, Sensor
from sim.engine.sensors import Inertial, Odometry

# What `noisy` adds at strength 1, as standard deviations, beside what the sensor has anyway.
SCAN_NOISE_M, SCAN_LOST = 0.3, 0.2  # and the share of beams that come back from nowhere
CAMERA_NOISE = 60.0  # grey levels of 255
DEPTH_NOISE = 0.2  # of the distance
TILT_NOISE, RATE_NOISE, FORCE_NOISE = 0.05, 0.3, 2.0  # rad, rad/s, m/s2
PLACE_NOISE_M, HEADING_NOISE, SPEED_NOISE = 0.1, 0.1, 0.2
COVER_M = 0.2  # metres to a lidar's hood
DARK = 6  # grey levels of 255 under a camera's cover

Reading = TypeVar("Reading")


@dataclass(frozen=True)
class Failing:
    """How a sensor fails, and how badly."""

    fault: Fault
    strength: float = 1.0


class Faults:
    """The faults of one dog. ``clock_offset``: seconds that its stamps are ahead."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.clock_offset = 0.0
        self._rng = rng
        self._failing: dict[Sensor, Failing] = {}
        self._last: dict[Sensor, Any] = {}

    def fail(self, sensor: Sensor, failing: Failing) -> None:
        """From now on ``sensor`` fails like this."""
        self._failing[sensor] = failing

    def mend(self, sensor: Sensor | None = None) -> None:
        """``sensor`` works again; all of them where none is named."""
        for each in Sensor if sensor is None else (sensor,):
            self._failing.pop(each, None)

    def slip(self) -> float:
        """How much further than it went the odometry believes that it went, as a share."""
        failing = self._failing.get(Sensor.ODOM)
        return 0.6 * failing.strength if failing and failing.fault is Fault.SLIP else 0.0

    def through(self, sensor: Sensor, measure: Callable[[], Reading]) -> Reading | None:
        """What comes out where ``measure()`` tells what a sound sensor would say; None where nothing does."""
        failing = self._failing.get(sensor)
        if failing is not None and failing.fault is Fault.SILENT:
            return None
        if failing is not None and failing.fault is Fault.FROZEN and sensor in self._last:
            kept: Reading = self._last[sensor]
            return kept
        reading = measure()
        self._last[sensor] = reading
        if failing is None or failing.fault in (Fault.FROZEN, Fault.SLIP):
            return reading
        spoilt: Reading = _spoil(reading, failing, self._rng)
        return spoilt


def _spoil(reading: Any, failing: Failing, rng: np.random.Generator) -> Any:
    covered = failing.fault is Fault.COVERED
    match reading:
        case Scan():
            return _hood(reading, rng) if covered else _noisy_scan(reading, failing.strength, rng)
        case Inertial():
            return _noisy_inertial(reading, failing.strength, rng)
        case Odometry():
            return _noisy_odometry(reading, failing.strength, rng)
        case np.ndarray() if reading.dtype == np.uint8:
            return _dark(reading, rng) if covered else _noisy_picture(reading, failing.strength, rng)
        case Rings():
            return _hood_rings(reading, rng) if covered else _noisy_rings(reading, failing.strength, rng)
        case np.ndarray():
            return np.full_like(reading, math.nan) if covered else _noisy_depth(reading, failing.strength, rng)
    return reading


def _hood(scan: Scan, rng: np.random.Generator) -> Scan:
    return replace(scan, ranges=rng.normal(COVER_M, 0.01, len(scan.ranges)).astype(np.float32))


def _noisy_scan(scan: Scan, strength: float, rng: np.random.Generator) -> Scan:
    ranges = scan.ranges + rng.normal(0.0, SCAN_NOISE_M * strength, len(scan.ranges))
    nowhere = rng.random(len(ranges)) < min(0.9, SCAN_LOST * strength)
    ranges[nowhere] = rng.uniform(scan.range_min, scan.range_max, int(nowhere.sum()))
    return replace(scan, ranges=np.maximum(ranges, 0.0).astype(np.float32))


def _hood_rings(rings: Rings, rng: np.random.Generator) -> Rings:
    return replace(rings, ranges=rng.normal(COVER_M, 0.01, rings.ranges.shape).astype(np.float32))


def _noisy_rings(rings: Rings, strength: float, rng: np.random.Generator) -> Rings:
    ranges = rings.ranges + rng.normal(0.0, SCAN_NOISE_M * strength, rings.ranges.shape)
    nowhere = rng.random(ranges.shape) < min(0.9, SCAN_LOST * strength)
    ranges[nowhere] = rng.uniform(rings.range_min, rings.range_max, int(nowhere.sum()))
    return replace(rings, ranges=np.maximum(ranges, 0.0).astype(np.float32))


def _noisy_inertial(imu: Inertial, strength: float, rng: np.random.Generator) -> Inertial:
    noise = rng.normal(0.0, strength, 9)
    x, y, z, w = np.array(imu.orientation) + np.array([*(0.5 * TILT_NOISE * noise[:3]), 0.0])
    length = math.sqrt(x * x + y * y + z * z + w * w)
    turning = np.array(imu.turning) + RATE_NOISE * noise[3:6]
    force = np.array(imu.force) + FORCE_NOISE * noise[6:9]
    return Inertial(
        (float(x / length), float(y / length), float(z / length), float(w / length)),
        (float(turning[0]), float(turning[1]), float(turning[2])),
        (float(force[0]), float(force[1]), float(force[2])),
    )


def _noisy_odometry(odometry: Odometry, strength: float, rng: np.random.Generator) -> Odometry:
    noise = rng.normal(0.0, strength, 6)
    forward, left, turn = (float(v) for v in np.array(odometry.velocity) + SPEED_NOISE * noise[3:])
    return Odometry(
        odometry.x + PLACE_NOISE_M * float(noise[0]),
        odometry.y + PLACE_NOISE_M * float(noise[1]),
        odometry.theta + HEADING_NOISE * float(noise[2]),
        (forward, left, turn),
    )


def _dark(picture: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    return rng.integers(0, 2 * DARK, picture.shape, np.uint8)


def _noisy_picture(picture: NDArray[np.uint8], strength: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    noise = rng.standard_normal(picture.shape, np.float32) * np.float32(CAMERA_NOISE * strength)
    noisy: NDArray[np.uint8] = np.clip(picture + noise, 0, 255).astype(np.uint8)
    return noisy


def _noisy_depth(depth: NDArray[np.float32], strength: float, rng: np.random.Generator) -> NDArray[np.float32]:
    noisy: NDArray[np.float32] = depth * (1.0 + DEPTH_NOISE * strength * rng.standard_normal(depth.shape, np.float32))
    return noisy
