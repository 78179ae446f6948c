"""The nouns that all rooms of a robot share. Metres, radians, seconds (UTC); x forward or east, y left or north."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


def wrap(angle: float) -> float:
    """The same direction within [-pi, pi]; keeps NaN and infinity as NaN."""
    return math.remainder(angle, math.tau) if math.isfinite(angle) else math.nan


def roll_pitch_yaw(x: float, y: float, z: float, w: float) -> tuple[float, float, float]:
    """Angles of a quaternion about the fixed axes x, y, z (REP 103); NaN where it is none."""
    norm = math.sqrt(x * x + y * y + z * z + w * w)
    if not 0.5 < norm < 2.0:  # NaN compares false: a quaternion of zeros is "orientation unknown" in sensor_msgs/Imu
        return math.nan, math.nan, math.nan
    x, y, z, w = x / norm, y / norm, z / norm, w / norm
    roll = math.atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))
    pitch = math.asin(max(-1.0, min(1.0, 2 * (w * y - z * x))))
    return roll, pitch, math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))


@dataclass(frozen=True, slots=True)
class Pose2D:
    """A place and a heading: metres, and radians counter-clockwise from the x axis."""

    x: float
    y: float
    theta: float

    def compose(self, other: "Pose2D") -> "Pose2D":
        """``other``, given in this pose's frame, in the frame in which this pose is given."""
        cos, sin = math.cos(self.theta), math.sin(self.theta)
        return Pose2D(
            self.x + cos * other.x - sin * other.y,
            self.y + sin * other.x + cos * other.y,
            wrap(self.theta + other.theta),
        )

    def inverse(self) -> "Pose2D":
        """The frame in which this pose is given, as seen from this pose."""
        cos, sin = math.cos(self.theta), math.sin(self.theta)
        return Pose2D(-cos * self.x - sin * self.y, sin * self.x - cos * self.y, wrap(-self.theta))

    def between(self, other: "Pose2D") -> "Pose2D":
        """``other`` as seen from this pose; both in the same frame."""
        return self.inverse().compose(other)

    def towards(self, other: "Pose2D", share: float) -> "Pose2D":
        """The pose that lies ``share`` of the way to ``other``, turning the short way."""
        return Pose2D(
            self.x + share * (other.x - self.x),
            self.y + share * (other.y - self.y),
            wrap(self.theta + share * wrap(other.theta - self.theta)),
        )

    def distance(self, other: "Pose2D") -> float:
        """Metres between the two places."""
        return math.hypot(other.x - self.x, other.y - self.y)

    def is_finite(self) -> bool:
        """Whether no number of it is NaN or infinite."""
        return all(math.isfinite(value) for value in (self.x, self.y, self.theta))


@dataclass(frozen=True, slots=True)
class Twist2D:
    """A velocity in the body's frame: m/s forward, m/s left, rad/s counter-clockwise."""

    vx: float
    vy: float
    omega: float

    def is_finite(self) -> bool:
        """Whether no number of it is NaN or infinite."""
        return all(math.isfinite(value) for value in (self.vx, self.vy, self.omega))


STILL = Twist2D(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Scan:
    """One turn of a 2D lidar: metres by beam; no return is infinite. Angles are in the lidar's own plane."""

    angle_min: float
    angle_increment: float
    range_min: float
    range_max: float
    ranges: NDArray[np.float32]
    stamp: float

    def angles(self) -> NDArray[np.float64]:
        """The direction of each beam, radians."""
        return self.angle_min + self.angle_increment * np.arange(len(self.ranges), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Cloud:
    """One turn of a 3-D lidar, or one depth picture: where rays ended, (n, 3) metres in the sensor's own frame
    (x forward, y left, z up). Rays that met nothing are left out, or NaN."""

    points: NDArray[np.float32]
    stamp: float


@dataclass(frozen=True, slots=True)
class Imu:
    """How the body leans and turns: radians (REP 103: nose down is a positive pitch) and rad/s about the vertical."""

    roll: float
    pitch: float
    yaw_rate: float
    stamp: float


@dataclass(frozen=True, slots=True)
class Odometry:
    """Where the legs believe the dog is, in the drifting frame ``odom``, and how it moves."""

    pose: Pose2D
    twist: Twist2D
    stamp: float


@dataclass(frozen=True, slots=True)
class Obstruction:
    """What stands in the way, as it was seen: its middle on the map, and the sides of a box round it, metres.

    ``height`` is None where only a plane of it was seen. ``moves``: it was seen moving. ``seen`` is false for what only
    pushed back.
    """

    x: float
    y: float
    length: float
    width: float
    height: float | None = None
    moves: bool = False
    seen: bool = True

    def __str__(self) -> str:
        size = f"{self.length:.1f} x {self.width:.1f} m" if self.seen else "unseen"
        kind = "somebody who moves" if self.moves else "something"
        return f"{kind} ({size}) at x {self.x:.1f}, y {self.y:.1f}"


@dataclass(frozen=True, slots=True)
class PoseEstimate:
    """The dog on the map. ``covariance`` is 3 x 3 over x, y, theta; ``quality`` runs from 0 (lost) to 1."""

    pose: Pose2D
    covariance: NDArray[np.float64]
    quality: float
    stamp: float
