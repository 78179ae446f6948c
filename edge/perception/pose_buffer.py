"""Where the dog was, and how it leaned, when a frame was taken: poses and leans arrive at other times than frames."""

import bisect
import math
from dataclasses import dataclass

from edge.types import Imu, Pose2D, PoseEstimate

KEPT = 3.0
"""Seconds of history."""
REACH = 0.3
"""Seconds beyond the newest pose for which the last movement is taken to go on."""


STILL = 0.08
"""m/s: slower is standing; a place on the map wanders a little."""


@dataclass(frozen=True, slots=True)
class Stance:
    """The dog at one moment. Deviations in metres and radians."""

    pose: Pose2D
    roll: float
    pitch: float
    position_deviation: float
    heading_deviation: float


class PoseBuffer:
    """The last seconds of poses and leans."""

    def __init__(self) -> None:
        self._poses: list[PoseEstimate] = []
        self._leans: list[Imu] = []

    def add_pose(self, pose: PoseEstimate) -> None:
        """A pose on the map. One that is older than the newest means that time was set back: history begins anew."""
        if self._poses and pose.stamp < self._poses[-1].stamp:
            self._poses.clear()
        self._poses.append(pose)
        while self._poses[0].stamp < pose.stamp - KEPT:
            self._poses.pop(0)

    def add_lean(self, lean: Imu) -> None:
        """A lean of the body; one without orientation is passed over."""
        if not (math.isfinite(lean.roll) and math.isfinite(lean.pitch)):
            return
        if self._leans and lean.stamp < self._leans[-1].stamp:
            self._leans.clear()
        self._leans.append(lean)
        while self._leans[0].stamp < lean.stamp - KEPT:
            self._leans.pop(0)

    @property
    def newest(self) -> float:
        """The stamp (s) of the newest pose; minus infinity where none is known."""
        return self._poses[-1].stamp if self._poses else -math.inf

    def covers(self, stamp: float) -> bool:
        """Whether a pose is known that is not older than ``stamp``."""
        return bool(self._poses) and self._poses[-1].stamp >= stamp

    def still(self, stamp: float, seconds: float = 1.0) -> bool:
        """Whether the dog has stood for so long before ``stamp``, as far as is known."""
        some = [pose.pose for pose in self._poses if stamp - seconds <= pose.stamp <= stamp]
        return len(some) > 1 and math.hypot(some[-1].x - some[0].x, some[-1].y - some[0].y) < STILL * seconds

    def at(self, stamp: float) -> Stance | None:
        """The dog at ``stamp``: interpolated, or carried on for up to REACH; None where nothing is known."""
        if not self._poses or not self._poses[0].stamp - REACH <= stamp <= self._poses[-1].stamp + REACH:
            return None
        after = min(max(bisect.bisect_left(self._poses, stamp, key=lambda p: p.stamp), 1), len(self._poses) - 1)
        old, new = self._poses[max(after - 1, 0)], self._poses[after]
        share = (stamp - old.stamp) / (new.stamp - old.stamp) if new.stamp > old.stamp else 1.0
        if new.quality <= 0:  # lost: a place that means nothing is none
            return None
        roll, pitch = self._lean(stamp)
        covariance = new.covariance
        return Stance(
            old.pose.towards(new.pose, share),
            roll,
            pitch,
            math.sqrt(max(float(covariance[0, 0] + covariance[1, 1]) / 2, 0.0)),
            math.sqrt(max(float(covariance[2, 2]), 0.0)),
        )

    def _lean(self, stamp: float) -> tuple[float, float]:
        """Roll and pitch nearest in time to ``stamp``; level where none is known."""
        if not self._leans:
            return 0.0, 0.0
        after = bisect.bisect_left(self._leans, stamp, key=lambda lean: lean.stamp)
        near = min(self._leans[max(after - 1, 0) : after + 1], key=lambda lean: abs(lean.stamp - stamp))
        return near.roll, near.pitch
