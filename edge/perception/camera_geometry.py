"""Rays of a camera on a leaning, turning dog. Frames after REP 103: x forward, y left, z up; pitch down positive."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from edge.types import Pose2D


@dataclass(frozen=True, slots=True)
class Intrinsics:
    """A pinhole without distortion, pixels: K of sensor_msgs/CameraInfo and the picture's size."""

    fx: float
    fy: float
    cx: float
    cy: float
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Mount:
    """Where the camera sits: metres forward of and above the body's centre, pitch in radians (down is positive),
    and how high the body's centre is carried above the ground, metres."""

    x: float
    z: float
    pitch: float
    body_height: float


@dataclass(frozen=True, slots=True)
class Direction:
    """A ray: radians counter-clockwise from the map's x axis, and the tangent of the angle above the horizon."""

    azimuth: float
    slope: float


@dataclass(frozen=True)  # without slots: what is worked out of it once is kept beside it
class View:
    """The camera at the moment of one frame: where the dog was on the map and how it leaned."""

    intrinsics: Intrinsics
    mount: Mount
    pose: Pose2D
    roll: float = 0.0
    pitch: float = 0.0
    position_deviation: float = 0.0
    heading_deviation: float = 0.0

    def place(self) -> tuple[float, float, float]:
        """The camera on the map: x, y, and metres above the ground."""
        return self._place

    @cached_property
    def _place(self) -> tuple[float, float, float]:
        at = turn(self.pose.theta, self.pitch, self.roll) @ np.array([self.mount.x, 0.0, self.mount.z])
        return self.pose.x + float(at[0]), self.pose.y + float(at[1]), self.mount.body_height + float(at[2])

    def ray(self, u: float, v: float) -> Direction:
        """The direction in which pixel (u, v) looks."""
        k = self.intrinsics
        x, y, z = self.rotation() @ np.array([1.0, (k.cx - u) / k.fx, (k.cy - v) / k.fy])
        return Direction(math.atan2(y, x), float(z) / math.hypot(x, y))

    def project(self, x: float, y: float, z: float) -> tuple[float, float] | None:
        """The pixel, within the picture or not, at which a map point ``z`` metres above the ground is seen;
        None where it lies behind the camera."""
        at = self.place()
        forward, left, up = self.rotation().T @ (np.array([x, y, z]) - np.array(at))
        if forward < NEAR:
            return None
        k = self.intrinsics
        return k.cx - k.fx * float(left / forward), k.cy - k.fy * float(up / forward)

    def rotation(self) -> NDArray[np.float64]:
        """The 3 x 3 matrix from the camera's axes (forward, left, up) to the map's."""
        return self._rotation

    @cached_property
    def _rotation(self) -> NDArray[np.float64]:
        return turn(self.pose.theta, self.pitch, self.roll) @ turn(0.0, self.mount.pitch, 0.0)


NEAR = 0.05
"""Metres before the camera; nearer points have no pixel."""


def turn(yaw: float, pitch: float, roll: float) -> NDArray[np.float64]:
    """The 3 x 3 matrix Rz(yaw) Ry(pitch) Rx(roll): from the turned frame to the level one."""
    cy, sy, cp, sp, cr, sr = *_cos_sin(yaw), *_cos_sin(pitch), *_cos_sin(roll)
    return np.array(
        [
            [cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr],
            [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr],
            [-sp, cp * sr, cp * cr],
        ]
    )


def _cos_sin(angle: float) -> tuple[float, float]:
    return math.cos(angle), math.sin(angle)
