"""A 3-D lidar's or depth camera's cloud made level: base_link's frame without its lean, heights from the ground."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edge.types import Cloud, Imu

Points3 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Body:
    """The box about base_link (m) within which returns are the dog's own trunk, head and legs.

    It is hardly larger than the dog: what touches it at its sides must still be seen.
    """

    front: float = 0.40
    back: float = 0.36
    half_width: float = 0.19
    top: float = 0.66  # above the ground: the lidar on the head with its mount


@dataclass(frozen=True, slots=True)
class CloudMounting:
    """Where the sensor sits on the body, and what of its returns can be used."""

    x: float = 0.32  # m ahead of base_link
    y: float = 0.0  # m left of it
    z: float = 0.17  # m above it
    roll: float = 0.0  # rad, fixed axes x, y, z (REP 103)
    pitch: float = 0.0
    yaw: float = 0.0
    standing: float = 0.38  # m of base_link above the ground when the dog stands
    nearest: float = 0.08  # m: nearer returns are the sensor's own cover
    farthest: float = 8.0  # m: farther ones are of no use to what is near
    body: Body = field(default_factory=Body)


@dataclass(frozen=True, slots=True)
class LevelCloud:
    """Points (n, 3): x ahead, y left of base_link, z above the ground under the feet, m. ``origin`` is the sensor."""

    points: Points3
    origin: tuple[float, float, float]
    stamp: float


DEPTH_POINTS = 12_000  # of a depth picture that are looked at: each then costs what a lidar's turn does


def cloud_from_depth(depth: NDArray[np.float32], fx: float, fy: float, cx: float, cy: float, stamp: float) -> Cloud:
    """A depth picture (height, width), metres along the optical axis, as points in the camera body's frame (x ahead).

    ``fx``, ``fy``, ``cx``, ``cy`` in pixels. Zero, the 16-bit way to say nothing, becomes NaN.
    """
    every = max(1, math.ceil(math.sqrt(depth.size / DEPTH_POINTS)))
    seen = depth[::every, ::every]
    rows, columns = np.arange(0, depth.shape[0], every), np.arange(0, depth.shape[1], every)
    ahead = np.where(seen > 0, seen, np.nan).astype(np.float32)
    left = ahead * ((cx - columns) / fx).astype(np.float32)
    up = ahead * ((cy - rows) / fy).astype(np.float32)[:, None]
    return Cloud(np.stack([ahead, left, up], axis=-1).reshape(-1, 3), stamp)


def level_cloud(cloud: Cloud, lean: Imu, mounting: CloudMounting) -> LevelCloud:
    """``cloud`` as a level dog would see it; what is no number, too near, too far or the dog itself is left out."""
    body = _turn(lean.roll, lean.pitch, 0.0)
    sensor = body @ _turn(mounting.roll, mounting.pitch, mounting.yaw)
    origin = body @ np.array([mounting.x, mounting.y, mounting.z]) + (0.0, 0.0, mounting.standing)
    rays = np.asarray(cloud.points, np.float32).reshape(-1, 3)
    with np.errstate(invalid="ignore", over="ignore"):
        reach = np.einsum("ij,ij->i", rays, rays)  # NaN and infinity compare false below
        rays = rays[(reach > mounting.nearest**2) & (reach < mounting.farthest**2)]
    on_body = rays @ _turn(mounting.roll, mounting.pitch, mounting.yaw).T.astype(np.float32)
    on_body += np.array([mounting.x, mounting.y, mounting.z], np.float32)
    rays = rays[~_is_own(on_body, mounting)]
    points = rays @ sensor.T.astype(np.float32) + origin.astype(np.float32)
    return LevelCloud(points, (float(origin[0]), float(origin[1]), float(origin[2])), cloud.stamp)


def _is_own(points: Points3, mounting: CloudMounting) -> NDArray[np.bool_]:
    """Which points (n, 3) in the body's own frame lie in the box of the dog, its feet's ground left alone."""
    box, z = mounting.body, points[:, 2] + mounting.standing
    along = (points[:, 0] < box.front) & (points[:, 0] > -box.back)
    own: NDArray[np.bool_] = along & (np.abs(points[:, 1]) < box.half_width) & (z < box.top)
    return own


def _turn(roll: float, pitch: float, yaw: float) -> NDArray[np.float64]:
    """Rz(yaw) Ry(pitch) Rx(roll); an angle that is no number counts as none."""
    r, p, y = (angle if math.isfinite(angle) else 0.0 for angle in (roll, pitch, yaw))
    sr, cr, sp, cp, sy, cy = math.sin(r), math.cos(r), math.sin(p), math.cos(p), math.sin(y), math.cos(y)
    return np.array(
        [
            [cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr],
            [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr],
            [-sp, cp * sr, cp * cr],
        ]
    )
