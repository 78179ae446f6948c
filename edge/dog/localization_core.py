"""What the localization node does between its messages: scan + imu + odom -> the pose on the map."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.navigation.likelihood_field import Field, field
from edge.navigation.localization import Fix, LocalizationConfig, Localizer
from edge.navigation.motion_history import Motion
from edge.navigation.scan_leveling import Mounting, level
from edge.navigation.site_map import SiteMap, site_map_from
from edge.types import Imu, Odometry, Pose2D, PoseEstimate, Scan

SCAN_AGE = 0.5  # s: without scans the pose is not carried on for longer
GIVEN_DEVIATION = 0.3  # m: of a start pose that says nothing of it
LEAST_GIVEN, MOST_GIVEN = 0.2, 2.0  # m: nobody who points at a map is surer, or less sure
LOST_DEVIATION = 0.8  # m: at and beyond this standard deviation a pose has no quality


def worth(covariance: NDArray[np.float64]) -> float:
    """The quality, 1 to 0, of a pose with this 3 x 3 covariance: 0 at LOST_DEVIATION and beyond.

    A lost dog's localization says so by a covariance beyond all bounds, so its quality is 0.
    """
    variance = max(float(covariance[0, 0]), float(covariance[1, 1]))
    return max(0.0, 1 - math.sqrt(variance) / LOST_DEVIATION) if variance >= 0 else 0.0  # NaN compares false


@dataclass(frozen=True, slots=True)
class Placed:
    """The dog on the map, and where the frame ``odom`` lies on it."""

    estimate: PoseEstimate
    map_to_odom: Pose2D


class LocalizationCore:
    """Each scan corrects the pose; each odometry carries it on and gives it out."""

    def __init__(
        self,
        config: LocalizationConfig | None = None,
        mounting: Mounting | None = None,
        start: Pose2D | None = None,
        seed: int = 0,
    ) -> None:
        """``start`` None, or not finite: the dog is looked for all over the map."""
        self._config = config or LocalizationConfig()
        self._mounting = mounting or Mounting()
        self._seed = seed
        self._given = (start, GIVEN_DEVIATION) if start is not None and start.is_finite() else None
        self._motion = Motion()
        self._ground: SiteMap | None = None
        self._localizer: Localizer | None = None
        self._estimate: PoseEstimate | None = None
        self._matched_at: float | None = None  # the stamp of the last scan

    @property
    def fix(self) -> Fix:
        """What is known of where the dog is."""
        return self._localizer.fix if self._localizer else Fix.UNSET

    @property
    def quality(self) -> float:
        """How well scans agree with the map, 0 to 1."""
        return self._estimate.quality if self._estimate else 0.0

    def stand_on(self, ground: SiteMap, on: Field | None = None) -> None:
        """Believe in this map from now on; ``on`` is its field, where that is known already."""
        if self._ground is None or ground.grid is not self._ground.grid:
            self._localizer = Localizer(on or field(ground.grid), self._config, self._seed)
            if self._given is None and self._estimate is not None:
                self._given = (self._estimate.pose, GIVEN_DEVIATION)
        self._ground = ground

    def take_site(self, payload: str | bytes) -> None:
        """A site from the wire; raises MalformedMessage or UnusableMap."""
        ground = site_map_from(payload, self._ground)
        if ground is not None:
            self.stand_on(ground)

    def take_initial_pose(self, pose: Pose2D, variance: float) -> bool:
        """Somebody says where the dog is, give or take; False where that is no pose."""
        if not pose.is_finite():
            return False
        deviation = min(max(math.sqrt(variance), LEAST_GIVEN), MOST_GIVEN) if variance > 0 else GIVEN_DEVIATION
        self._given = (pose, deviation)
        return True

    def take_imu(self, imu: Imu) -> None:
        """How the body leans and turns."""
        self._motion.add_imu(imu)

    def take_scan(self, scan: Scan) -> None:
        """Match a scan to the map, from where the dog has walked to since the last one."""
        lean, pose = self._motion.lean_at(scan.stamp), self._motion.pose_at(scan.stamp)
        if self._localizer is None or lean is None or pose is None:
            return
        if self._given is not None:
            self._localizer.place(self._given[0], scan.stamp, deviation=self._given[1])
            self._given, self._matched_at = None, None
        before = self._motion.pose_at(self._matched_at) if self._matched_at is not None else None
        moved = before.between(pose) if before else Pose2D(0.0, 0.0, 0.0)
        self._matched_at = scan.stamp
        self._estimate = self._localizer.update(level(scan, lean, self._mounting), moved, scan.stamp)

    def take_odometry(self, odometry: Odometry) -> Placed | None:
        """The last match carried on to this odometry; None where there is none, or none young enough."""
        self._motion.add_odometry(odometry)
        now = self._motion.pose_at(odometry.stamp)
        then = self._motion.pose_at(self._matched_at) if self._matched_at is not None else None
        if self._estimate is None or now is None or then is None:
            return None
        if abs(odometry.stamp - self._estimate.stamp) > SCAN_AGE:
            return None
        pose, covariance = self._estimate.pose.compose(then.between(now)), self._estimate.covariance
        estimate = PoseEstimate(pose, covariance, worth(covariance), odometry.stamp)
        return Placed(estimate, pose.compose(odometry.pose.inverse()))
