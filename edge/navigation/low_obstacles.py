"""What is low about the dog: its clouds, laid on a height map by lean, legs and gyroscope."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edge.navigation.height_map import HeightMap, HeightMapConfig
from edge.navigation.motion_history import Motion
from edge.navigation.point_cloud import CloudMounting, level_cloud
from edge.types import Cloud, Imu, Odometry

Points = NDArray[np.float64]
FALLEN = 0.7  # rad of lean: more than a trot on the steepest ground; it lies, or is thrown about ...
GETS_UP = 5.0  # s: ... and so long it may stand higher or lower than it did
NOTHING: Points = np.zeros((0, 2))


@dataclass(frozen=True, slots=True)
class Low:
    """In base_link: the edges (n, 2) of what is too high or too deep, and of what nobody has looked at."""

    obstacles: Points = field(default_factory=lambda: NOTHING)
    unseen: Points = field(default_factory=lambda: NOTHING)


class LowObstacles:
    """A height map and what it needs to be kept. What is said twice (the very same object) is heard once."""

    def __init__(self, mounting: CloudMounting | None = None, config: HeightMapConfig | None = None) -> None:
        self.mounting = mounting or CloudMounting()
        self.map = HeightMap(config)
        self.motion = Motion()
        self.cloud: Cloud | None = None  # the newest that is on the map ...
        self.usable = 0  # ... and how many of its points told anything
        self._imu: Imu | None = None
        self._odometry: Odometry | None = None
        self._heard: Cloud | None = None
        self._waiting: Cloud | None = None
        self._fallen_at = -math.inf

    def take_imu(self, imu: Imu) -> None:
        """How the body leans and turns. A cloud waits for the sample after it: a trotting body leans 4 rad/s."""
        if imu is self._imu:
            return
        self._imu = imu
        self.motion.add_imu(imu)
        if self._waiting is not None and imu.stamp >= self._waiting.stamp:
            waiting, self._waiting = self._waiting, None
            self._lay(waiting)

    def take_odometry(self, odometry: Odometry) -> None:
        """Where the legs believe the dog is."""
        if odometry is not self._odometry:
            self._odometry = odometry
            self.motion.add_odometry(odometry)

    def take_cloud(self, cloud: Cloud) -> None:
        """A cloud; one that comes before the last has been laid on the map takes its place."""
        if cloud is self._heard:
            return
        self._heard = cloud
        if self._imu is not None and self._imu.stamp >= cloud.stamp:
            self._lay(cloud)
        else:
            self._waiting = cloud

    def at(self, stamp: float) -> Low:
        """What is low, from where the dog is at ``stamp``; nothing where that, or everything, is unknown."""
        pose = self.motion.pose_at(stamp)
        if pose is None or self.map.stamp is None:
            return Low()
        return Low(self.map.obstacles(pose), self.map.unseen(pose))

    def obstacles_at(self, stamp: float) -> Points:
        """The first half of ``at``."""
        pose = self.motion.pose_at(stamp)
        return NOTHING if pose is None or self.map.stamp is None else self.map.obstacles(pose)

    def returns_at(self, stamp: float) -> Points:
        """Where the newest cloud met what stands up, from where the dog is at ``stamp``."""
        pose = self.motion.pose_at(stamp)
        return NOTHING if pose is None or self.map.stamp is None else self.map.returns(pose)

    def _lay(self, cloud: Cloud) -> None:
        lean, pose = self.motion.lean_at(cloud.stamp), self.motion.pose_at(cloud.stamp)
        if lean is None or pose is None:  # the IMU is stale, or the odometry is, or the cloud: the gate says which
            return
        seen = level_cloud(cloud, lean, self.mounting)
        if max(abs(lean.roll), abs(lean.pitch)) > FALLEN:
            self._fallen_at = cloud.stamp
        self.map.update(seen, pose, on_its_feet=not 0.0 <= cloud.stamp - self._fallen_at < GETS_UP)
        self.cloud, self.usable = cloud, len(seen.points)
