"""A lidar's turn made level: a trotting body leans, and a leaning lidar sees the ground and calls it a wall."""

import math
from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.types import Imu, Scan

Points = NDArray[np.float64]
CELL_HALF = 0.035  # m: half the diagonal of a cell of the height map: beams that pass it nearer than this meet it


@dataclass(frozen=True, slots=True)
class Mounting:
    """Where the lidar sits and what may count as ground."""

    x: float = 0.0  # m ahead of base_link
    z: float = 0.12  # m above base_link
    height: float = 0.50  # m above the ground when the dog stands level
    ground: float = 0.10  # m: what ends lower than this may be the ground ...
    slack: float = 0.015  # rad: ... and the farther it is, the less is known of how low it is


@dataclass(frozen=True, slots=True)
class LevelScan:
    """One turn in the level frame of base_link. All arrays are by beam and equally long.

    ``points`` (n, 2) are where beams ended on something, NaN where they did not. ``bearing`` is the beam's direction
    and ``free`` how far along it nothing stands: the range, the sensor's reach where there was no return,
    less where the beam may have met the ground, and 0 where it tells nothing.
    """

    points: Points
    bearing: NDArray[np.float64]
    free: NDArray[np.float64]
    stamp: float

    def hits(self) -> Points:
        """The points (m, 2) that are there."""
        return self.points[np.isfinite(self.points[:, 0])]


def level(scan: Scan, lean: Imu, mounting: Mounting) -> LevelScan:
    """``scan`` projected onto the horizontal, without what is or may be ground.

    A beam d = (cos a, sin a, 0) is turned by Ry(pitch) Rx(roll); it ends ``height + range * d_z`` above the ground.
    """
    angles, ranges = scan.angles(), scan.ranges.astype(np.float64)
    directions = np.stack([np.cos(angles), np.sin(angles), np.zeros_like(angles)], axis=1) @ _rotation(lean).T
    offset = _rotation(lean) @ np.array([mounting.x, 0.0, mounting.z])
    lidar_height = mounting.height - mounting.z + float(offset[2])
    valid = (ranges >= scan.range_min) & (ranges <= scan.range_max)  # NaN compares false
    nothing = np.isposinf(ranges) | (ranges > scan.range_max)
    reach = np.where(valid, ranges, np.where(nothing, scan.range_max, 0.0))
    end = lidar_height + reach * directions[:, 2]
    grounded = end < mounting.ground + mounting.slack * reach
    across = np.hypot(directions[:, 0], directions[:, 1])
    points = offset[:2] + reach[:, None] * directions[:, :2]
    points[~valid | grounded] = np.nan
    # A beam that points down has not looked beyond where it may meet the ground, whatever it found there.
    looked = np.where(grounded, np.minimum(reach, _ground_distance(lidar_height, directions[:, 2], mounting)), reach)
    return LevelScan(points, np.arctan2(directions[:, 1], directions[:, 0]), looked * across, scan.stamp)


def with_low_obstacles(scan: LevelScan, low: Points) -> LevelScan:
    """``scan`` as if its plane were bent down to the ground: each beam ends at the nearest of what it met and of
    ``low`` (n, 2), the middles of cells that must not be walked (things below the plane, and edges of drops)."""
    if not len(low) or not len(scan.bearing):
        return scan
    order = np.argsort(scan.bearing)
    bearing = scan.bearing[order]
    distance = np.hypot(low[:, 0], low[:, 1])
    far_first = np.argsort(-distance)  # the nearest is written last, and stays
    away, direction = distance[far_first], np.arctan2(low[far_first, 1], low[far_first, 0])
    half = np.arctan2(CELL_HALF, np.maximum(away, CELL_HALF))
    met = np.full(len(bearing), np.inf)
    for turn in (0.0, math.tau, -math.tau):  # a cell behind the dog lies at both ends of the turn
        first = np.searchsorted(bearing, direction + turn - half)
        last = np.searchsorted(bearing, direction + turn + half, side="right")
        count = last - first
        beams = np.repeat(last - np.cumsum(count), count) + np.arange(count.sum())
        met[beams] = np.repeat(away, count)
    nearer = np.empty(len(bearing))
    nearer[order] = met
    ended = np.where(np.isfinite(scan.points[:, 0]), np.hypot(scan.points[:, 0], scan.points[:, 1]), np.inf)
    low_first = nearer < ended
    reach = np.where(low_first, nearer, 0.0)
    ends = np.stack([reach * np.cos(scan.bearing), reach * np.sin(scan.bearing)], axis=1)
    points = np.where(low_first[:, None], ends, scan.points)
    return LevelScan(points, scan.bearing, np.where(low_first, np.minimum(scan.free, nearer), scan.free), scan.stamp)


def lean_at(history: list[Imu], stamp: float, nearest_only: float = 0.1) -> Imu | None:
    """The lean at ``stamp``, interpolated in ``history`` (oldest first); None where nothing lies within 0.1 s."""
    after = bisect_left(history, stamp, key=_stamp)
    around = [history[index] for index in (after - 1, after) if 0 <= index < len(history)]
    close = [sample for sample in around if abs(sample.stamp - stamp) <= nearest_only]
    if not close:
        return None
    if len(close) == 1 or close[0].stamp == close[1].stamp:
        return close[-1]
    first, second = close
    share = (stamp - first.stamp) / (second.stamp - first.stamp)
    return Imu(
        first.roll + share * (second.roll - first.roll),
        first.pitch + share * (second.pitch - first.pitch),
        first.yaw_rate + share * (second.yaw_rate - first.yaw_rate),
        stamp,
    )


def _stamp(sample: Imu) -> float:
    return sample.stamp


def _rotation(lean: Imu) -> NDArray[np.float64]:
    """Ry(pitch) Rx(roll); an unknown lean counts as none."""
    roll = lean.roll if math.isfinite(lean.roll) else 0.0
    pitch = lean.pitch if math.isfinite(lean.pitch) else 0.0
    sr, cr, sp, cp = math.sin(roll), math.cos(roll), math.sin(pitch), math.cos(pitch)
    return np.array([[cp, sp * sr, sp * cr], [0.0, cr, -sr], [-sp, cp * sr, cp * cr]])


def _ground_distance(height: float, fall: NDArray[np.float64], mounting: Mounting) -> NDArray[np.float64]:
    """Range at which beams come so low that they may meet the ground; solves end = ground + slack * range."""
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = (height - mounting.ground) / (mounting.slack - fall)
    return np.where(distance > 0, distance, 0.0)
