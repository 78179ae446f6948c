"""What the dog did in the last seconds: odometry and IMU side by side, asked for at any stamp."""

import math
from bisect import bisect_left
from collections.abc import Sequence

from edge.navigation.scan_leveling import lean_at
from edge.types import Imu, Odometry, Pose2D, PoseEstimate

KEPT = 2.0  # s
COAST = 0.25  # s that the newest odometry may be carried on by its velocity
GAP = 0.2  # s between IMU samples over which turning is not guessed


class Motion:
    """Displacement by legs and gyroscope: the legs know how far, the gyroscope knows better how it turned.

    ``pose_at`` answers in a drifting frame of its own; only differences of it mean anything.
    """

    def __init__(self) -> None:
        self._imu: list[Imu] = []
        self._turned: list[float] = []  # the gyroscope's heading at each IMU sample
        self._odometry: list[Odometry] = []
        self._fused: list[Pose2D] = []

    def add_imu(self, imu: Imu) -> None:
        """The next IMU sample; one that is older than the last starts the history anew."""
        if self._imu and imu.stamp <= self._imu[-1].stamp:
            self._imu.clear()
            self._turned.clear()
        last = self._imu[-1] if self._imu else imu
        passed = imu.stamp - last.stamp
        rate = 0.5 * (imu.yaw_rate + last.yaw_rate)
        before = self._turned[-1] if self._turned else 0.0
        self._imu.append(imu)
        self._turned.append(before + rate * passed if passed < GAP and math.isfinite(rate) else math.nan)
        if math.isnan(self._turned[-1]):  # turning unknown over a gap: what was summed before it is of no use
            self._imu, self._turned = [imu], [0.0]
        while self._imu[0].stamp < imu.stamp - KEPT:
            del self._imu[0], self._turned[0]

    def add_odometry(self, odometry: Odometry) -> None:
        """The next odometry; one older than the last starts the history anew, one that is no number is passed over."""
        if not (odometry.pose.is_finite() and odometry.twist.is_finite()):
            return
        if self._odometry and odometry.stamp <= self._odometry[-1].stamp:
            self._odometry.clear()
            self._fused.clear()
        if not self._odometry:
            self._odometry.append(odometry)
            self._fused.append(odometry.pose)
            return
        last = self._odometry[-1]
        step = last.pose.between(odometry.pose)
        turned = self._turn_between(last.stamp, odometry.stamp)
        self._odometry.append(odometry)
        self._fused.append(self._fused[-1].compose(Pose2D(step.x, step.y, step.theta if turned is None else turned)))
        while self._odometry[0].stamp < odometry.stamp - KEPT:
            del self._odometry[0], self._fused[0]

    def lean_at(self, stamp: float) -> Imu | None:
        """How the body leant; None where no sample is near."""
        return lean_at(self._imu, stamp)

    def pose_at(self, stamp: float) -> Pose2D | None:
        """Where the dog was by legs and gyroscope; None where that is not known."""
        return _interpolated(self._odometry, self._fused, stamp) or self._coasted(stamp)

    def _coasted(self, stamp: float) -> Pose2D | None:
        if not self._odometry or not 0 <= stamp - self._odometry[-1].stamp <= COAST:
            return None
        ahead, twist = stamp - self._odometry[-1].stamp, self._odometry[-1].twist
        return self._fused[-1].compose(Pose2D(twist.vx * ahead, twist.vy * ahead, twist.omega * ahead))

    def _turn_between(self, start: float, end: float) -> float | None:
        first, last = self._heading_at(start), self._heading_at(end)
        return None if first is None or last is None else last - first

    def _heading_at(self, stamp: float) -> float | None:
        """The gyroscope's heading, carried on by at most one GAP."""
        if not self._imu or not self._imu[0].stamp - 0.03 <= stamp <= self._imu[-1].stamp + GAP / 2:
            return None
        after = bisect_left(self._imu, stamp, key=_stamp)
        if after in (0, len(self._imu)):
            near, heading = (self._imu[0], self._turned[0]) if after == 0 else (self._imu[-1], self._turned[-1])
            return heading + near.yaw_rate * (stamp - near.stamp)
        first, second = self._imu[after - 1], self._imu[after]
        share = (stamp - first.stamp) / (second.stamp - first.stamp)
        return self._turned[after - 1] + share * (self._turned[after] - self._turned[after - 1])


class PoseHistory:
    """The poses of the last seconds, asked for at any stamp between them."""

    def __init__(self) -> None:
        self._estimates: list[PoseEstimate] = []
        self._poses: list[Pose2D] = []

    def add(self, estimate: PoseEstimate) -> None:
        """The next pose; one that is older than the last starts the history anew."""
        if self._estimates and estimate.stamp <= self._estimates[-1].stamp:
            self._estimates.clear()
            self._poses.clear()
        self._estimates.append(estimate)
        self._poses.append(estimate.pose)
        while self._estimates[0].stamp < estimate.stamp - KEPT:
            del self._estimates[0], self._poses[0]

    def newest(self) -> PoseEstimate | None:
        """The last pose."""
        return self._estimates[-1] if self._estimates else None

    def at(self, stamp: float) -> Pose2D | None:
        """The pose at ``stamp``, between two known ones; None before the first and after the last."""
        return _interpolated(self._estimates, self._poses, stamp)


def _stamp(sample: Imu | Odometry | PoseEstimate) -> float:
    return sample.stamp


def _interpolated(
    samples: Sequence[Odometry] | Sequence[PoseEstimate], poses: Sequence[Pose2D], stamp: float
) -> Pose2D | None:
    """The pose at ``stamp``; ``poses`` belong to ``samples``, the oldest first."""
    if not samples or not samples[0].stamp <= stamp <= samples[-1].stamp:
        return None
    after = bisect_left(samples, stamp, key=_stamp)
    if samples[after].stamp == stamp or after == 0:
        return poses[after]
    first = samples[after - 1].stamp
    share = (stamp - first) / (samples[after].stamp - first)
    return poses[after - 1].towards(poses[after], share)
