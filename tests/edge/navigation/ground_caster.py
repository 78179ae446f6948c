"""Exact 3-D rays over a small world of boxes, ramps and holes, seen by a dog that leans. Fast: all rays at once."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edge.navigation.point_cloud import CloudMounting
from edge.types import Cloud, Imu, Pose2D

RINGS, COLUMNS, REACH = 16, 360, 15.0
ELEVATIONS = np.radians(np.linspace(-45.0, 15.0, RINGS))


@dataclass(frozen=True)
class Box:
    """From corner to corner, turned about its middle by ``yaw``, and lifted along its own x by ``slope`` (rad)."""

    x: float
    y: float
    z: float  # its middle
    length: float
    width: float
    height: float
    yaw: float = 0.0
    slope: float = 0.0  # rad: its far end (+x) is up

    def rotation(self) -> NDArray[np.float64]:
        cy, sy, cp, sp = math.cos(self.yaw), math.sin(self.yaw), math.cos(-self.slope), math.sin(-self.slope)
        return np.array([[cy * cp, -sy, cy * sp], [sy * cp, cy, sy * sp], [-sp, 0.0, cp]])

    def hit(self, origin: NDArray[np.float64], rays: NDArray[np.float64]) -> NDArray[np.float64]:
        """Metres along each ray (n, 3) to this box; infinite where it is missed."""
        turn = self.rotation()
        start = (origin - (self.x, self.y, self.z)) @ turn
        along = rays @ turn
        half = np.array([self.length, self.width, self.height]) / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            first, second = (-half - start) / along, (half - start) / along
        enter = np.nanmax(np.minimum(first, second), axis=1)
        leave = np.nanmin(np.maximum(first, second), axis=1)
        return np.where((enter <= leave) & (enter > 0), enter, np.inf)


@dataclass(frozen=True)
class Hole:
    """A pit of vertical walls in the ground at 0: a missing manhole cover, a dock's edge. Infinite depth: nothing."""

    x0: float
    y0: float
    x1: float
    y1: float
    depth: float = math.inf

    def contains(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        return (x > self.x0) & (x < self.x1) & (y > self.y0) & (y < self.y1)


@dataclass
class GroundWorld:
    """Flat ground at 0 with holes in it and boxes on it."""

    boxes: Sequence[Box] = ()
    holes: Sequence[Hole] = ()
    mounting: CloudMounting = field(default_factory=CloudMounting)
    noise: float = 0.02  # m along the ray
    seed: int = 0

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.seed)

    def height_at(self, x: float, y: float) -> float:
        """The top of what stands at a place."""
        down = self.cast(np.array([x, y, 5.0]), np.array([[0.0, 0.0, -1.0]]))
        return 5.0 - float(down[0])

    def cast(self, origin: NDArray[np.float64], rays: NDArray[np.float64]) -> NDArray[np.float64]:
        """Metres along each ray to the first thing."""
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = np.where(rays[:, 2] < 0, -origin[2] / rays[:, 2], np.inf)
        for hole in self.holes:
            with np.errstate(invalid="ignore"):
                x, y = origin[0] + reach * rays[:, 0], origin[1] + reach * rays[:, 1]
            inside = hole.contains(x, y) & np.isfinite(reach)
            reach[inside] = _into(hole, origin, rays[inside])
        for box in self.boxes:
            reach = np.minimum(reach, box.hit(origin, rays))
        return reach

    def cloud(
        self,
        pose: Pose2D,
        lean: tuple[float, float] = (0.0, 0.0),
        ground: float = 0.0,
        stamp: float = 0.0,
        believed: tuple[float, float] | None = None,
    ) -> tuple[Cloud, Imu]:
        """One turn of a dog that stands on ``ground`` and leans by (roll, pitch); its IMU says ``believed``."""
        body = _rotation(*lean, pose.theta)
        mounting = self.mounting
        own = _rotation(mounting.roll, mounting.pitch, mounting.yaw)
        rays = _directions() @ (body @ own).T
        place = np.array([pose.x, pose.y, ground + mounting.standing])
        origin = place + body @ np.array([mounting.x, mounting.y, mounting.z])
        reach = self.cast(origin, rays)
        reach = np.where(reach < REACH, reach + self.noise * self.random.standard_normal(len(reach)), np.nan)
        points = (_directions() * reach[:, None]).astype(np.float32).reshape(RINGS, COLUMNS, 3)
        roll, pitch = believed or lean
        return Cloud(points.reshape(-1, 3), stamp), Imu(roll, pitch, 0.0, stamp)


def trot(now: float, amount: float = 1.0) -> tuple[float, float]:
    """Roll and pitch of a trotting body: up to 11 degrees."""
    phase = math.tau * now / 0.3
    return amount * math.radians(6) * math.sin(phase), amount * math.radians(5) * math.sin(1.7 * phase + 1.0)


def _into(hole: Hole, origin: NDArray[np.float64], rays: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres along rays that fall into the hole, to its wall or its bottom."""
    with np.errstate(divide="ignore", invalid="ignore"):
        to_x = np.where(rays[:, 0] > 0, hole.x1 - origin[0], hole.x0 - origin[0]) / rays[:, 0]
        to_y = np.where(rays[:, 1] > 0, hole.y1 - origin[1], hole.y0 - origin[1]) / rays[:, 1]
        to_bottom = (-hole.depth - origin[2]) / rays[:, 2]
    wall = np.fmin(to_x, to_y)
    return np.fmin(np.where(np.isfinite(wall), wall, np.inf), to_bottom)


def _directions() -> NDArray[np.float64]:
    """Unit rays (rings x columns, 3) in the sensor's frame."""
    around = np.linspace(-math.pi, math.pi, COLUMNS, endpoint=False)
    up, turn = np.meshgrid(ELEVATIONS, around, indexing="ij")
    flat = np.stack([np.cos(up) * np.cos(turn), np.cos(up) * np.sin(turn), np.sin(up)], axis=-1)
    return flat.reshape(-1, 3)


def _rotation(roll: float, pitch: float, yaw: float) -> NDArray[np.float64]:
    sr, cr, sp, cp, sy, cy = (f(a) for a in (roll, pitch, yaw) for f in (math.sin, math.cos))
    return np.array(
        [
            [cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr],
            [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr],
            [-sp, cp * sr, cp * cr],
        ]
    )
