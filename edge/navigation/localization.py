"""Where the dog is on a known map: Monte Carlo localization (Probabilistic Robotics, 8.3), refined by scan matching.

Particles follow odometry and gyroscope and are weighed by the likelihood field; the mean is then matched to the map,
and a few particles are drawn round the match, so that few particles do (after Grisetti and others 2007).
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from edge.navigation.likelihood_field import Field, agreement, log_likelihoods, refined
from edge.navigation.relocalization import relocate
from edge.navigation.scan_leveling import LevelScan
from edge.types import Pose2D, PoseEstimate

LOST_VARIANCE = 1e4  # m² and rad²: what the covariance says of a dog that does not know where it is


class Fix(StrEnum):
    """What localization knows."""

    UNSET = "UNSET"  # no pose was ever given, nor found
    TRACKING = "TRACKING"
    LOST = "LOST"


@dataclass(frozen=True, slots=True)
class LocalizationConfig:
    """How much motion and scans are believed."""

    particles: int = 350
    beams: int = 72
    slip: float = 0.10  # m of deviation a metre walked
    skid: float = 0.08  # rad of deviation a radian turned
    veer: float = 0.02  # rad of deviation a metre walked
    jitter: float = 0.006  # m, and a fourth as many rad, of deviation a scan
    still: float = 0.01  # m, or rad: less motion than this since the last filtering is standing still
    fresh: float = 0.06  # share of particles drawn round the matched pose
    lost_below: float = 0.35  # quality under which the dog is lost after ``patience``
    patience: float = 2.0  # s
    learn: float = 0.04  # share of each scan's surprise by which the legs' measure is corrected ...
    learn_from: float = 0.03  # m: ... where the dog has walked so far since the last ...
    learn_most: float = 0.3  # ... and legs are never off by more than this share
    spread: float = 0.6  # m of deviation over which the dog is lost
    search_every: float = 2.0  # s between searches of the map while lost


class Localizer:
    """Follows a dog over a map. One scan in, one estimate out."""

    def __init__(self, on: Field, config: LocalizationConfig | None = None, seed: int = 0) -> None:
        self.config = config or LocalizationConfig()
        self.fix = Fix.UNSET
        self._field = on
        self._random = np.random.default_rng(seed)
        self._particles = np.zeros((0, 3))
        self._unfiltered = Pose2D(0.0, 0.0, 0.0)
        self._estimate: PoseEstimate | None = None
        self._doubt_since: float | None = None
        self._searched = -math.inf
        self._candidate: Pose2D | None = None
        self._stride = 1.0  # m that the dog goes for each that its legs believe to

    def place(self, pose: Pose2D, now: float, deviation: float = 0.3, turn: float = 0.15) -> None:
        """Believe in ``pose``, give or take ``deviation`` metres and ``turn`` radians."""
        self._particles = self._cloud(pose, np.diag([deviation**2, deviation**2, turn**2]), self.config.particles)
        self._unfiltered = Pose2D(1.0, 0.0, 0.0)  # as if it had walked: the next scan is to be weighed
        self._estimate = PoseEstimate(pose, np.diag([deviation**2, deviation**2, turn**2]), 0.5, now)
        self._doubt_since = None
        self.fix = Fix.TRACKING

    def update(self, scan: LevelScan, moved: Pose2D, now: float) -> PoseEstimate | None:
        """The pose at the scan; ``moved`` is the displacement since the last one. None before any pose is known."""
        if not moved.is_finite():
            moved = Pose2D(0.0, 0.0, 0.0)
        if self.fix is Fix.TRACKING:
            self._track(scan, moved)
        if self.fix is not Fix.TRACKING and now - self._searched >= self.config.search_every:
            self._searched = now
            self._search(scan, now)
        return self._judged(scan, now)

    def _track(self, scan: LevelScan, told: Pose2D) -> None:
        assert self._estimate is not None
        moved = Pose2D(self._stride * told.x, self._stride * told.y, told.theta)
        self._predict(moved)
        hits = scan.hits()
        covariance = _covariance(self._particles)
        predicted = estimate = self._estimate.pose.compose(moved)
        if len(hits) >= 10:
            if self._has_moved(moved):
                self._filter(hits[:: max(1, len(hits) // self.config.beams)])
                estimate, covariance = _mean(self._particles), _covariance(self._particles)
            prior = covariance + np.diag([1e-4, 1e-4, 5e-6])
            matched, sharpness = refined(self._field, estimate, prior, hits)
            if estimate.distance(matched) < 0.2 + 2 * math.sqrt(prior[0, 0] + prior[1, 1]):
                estimate, covariance = matched, sharpness
                self._learn(told, predicted.between(matched))
                self._refresh(matched, sharpness)
        self._estimate = PoseEstimate(estimate, covariance, self._estimate.quality, scan.stamp)

    def _learn(self, told: Pose2D, off: Pose2D) -> None:
        """Legs that slip tell too much of each step alike: how far ``off`` (dog's frame) the map says they were."""
        far = math.hypot(told.x, told.y)
        if far < self.config.learn_from:
            return
        surprise = (off.x * told.x + off.y * told.y) / far**2
        most = self.config.learn_most
        self._stride = min(max(self._stride + self.config.learn * surprise, 1.0 - most), 1.0 + most)

    def _predict(self, moved: Pose2D) -> None:
        """The motion model: the displacement, with noise that grows with it, applied to every particle."""
        config, count = self.config, len(self._particles)
        walked, turned = math.hypot(moved.x, moved.y), abs(moved.theta)
        noise = self._random.standard_normal((count, 3))
        along = moved.x + noise[:, 0] * (config.slip * walked + config.jitter)
        across = moved.y + noise[:, 1] * (config.slip * walked + config.jitter)
        turn = moved.theta + noise[:, 2] * (config.skid * turned + config.veer * walked + config.jitter / 4)
        cos, sin = np.cos(self._particles[:, 2]), np.sin(self._particles[:, 2])
        self._particles[:, 0] += cos * along - sin * across
        self._particles[:, 1] += sin * along + cos * across
        self._particles[:, 2] += turn

    def _has_moved(self, moved: Pose2D) -> bool:
        """Whether there was motion since the last filtering: a dog that stands would weigh the same scan for ever."""
        self._unfiltered = self._unfiltered.compose(moved)
        far = math.hypot(self._unfiltered.x, self._unfiltered.y)
        if far < self.config.still and abs(self._unfiltered.theta) < self.config.still:
            return False
        self._unfiltered = Pose2D(0.0, 0.0, 0.0)
        return True

    def _filter(self, hits: NDArray[np.float64]) -> None:
        """Weigh by the scan and draw anew with low variance (Probabilistic Robotics, table 4.4)."""
        log_weight = log_likelihoods(self._field, self._particles, hits)
        weight = np.exp(log_weight - log_weight.max())
        weight /= weight.sum()
        count = len(self._particles)
        positions = (self._random.random() + np.arange(count)) / count
        chosen = np.minimum(np.searchsorted(np.cumsum(weight), positions), count - 1)
        self._particles = self._particles[chosen]

    def _refresh(self, matched: Pose2D, covariance: NDArray[np.float64]) -> None:
        count = max(1, round(self.config.fresh * len(self._particles)))
        index = self._random.choice(len(self._particles), count, replace=False)
        self._particles[index] = self._cloud(matched, covariance, count)

    def _search(self, scan: LevelScan, now: float) -> None:
        """Look for the pose round the last one known, then everywhere; believe it when it is found twice running."""
        about = self._candidate or (self._estimate.pose if self._estimate else None)
        found = relocate(self._field, scan, about, self._random)
        if found is not None and self._candidate is not None and found.distance(self._candidate) < 0.5:
            self.place(found, now, deviation=0.2, turn=0.08)
            found = None
        self._candidate = found

    def _judged(self, scan: LevelScan, now: float) -> PoseEstimate | None:
        if self._estimate is None:
            return None
        agreed = agreement(self._field, self._estimate.pose, scan)
        quality = self._estimate.quality + 0.3 * (agreed - self._estimate.quality)  # over about three scans
        deviation = math.sqrt(max(self._estimate.covariance[0, 0], self._estimate.covariance[1, 1]))
        doubtful = quality < self.config.lost_below or deviation > self.config.spread
        if not doubtful:
            self._doubt_since = None
        elif self._doubt_since is None or now < self._doubt_since:
            self._doubt_since = now
        elif now - self._doubt_since >= self.config.patience:
            self.fix = Fix.LOST
        self._estimate = replace(self._estimate, quality=quality, stamp=scan.stamp)
        if self.fix is Fix.TRACKING:
            return self._estimate
        return replace(self._estimate, covariance=LOST_VARIANCE * np.eye(3), quality=0.0)

    def _cloud(self, pose: Pose2D, covariance: NDArray[np.float64], count: int) -> NDArray[np.float64]:
        centre = np.array([pose.x, pose.y, pose.theta])
        cloud: NDArray[np.float64] = self._random.multivariate_normal(centre, covariance, count, method="cholesky")
        return cloud


def _mean(particles: NDArray[np.float64]) -> Pose2D:
    theta = math.atan2(np.sin(particles[:, 2]).mean(), np.cos(particles[:, 2]).mean())
    return Pose2D(float(particles[:, 0].mean()), float(particles[:, 1].mean()), theta)


def _covariance(particles: NDArray[np.float64]) -> NDArray[np.float64]:
    mean = _mean(particles)
    off = particles - (mean.x, mean.y, mean.theta)
    off[:, 2] = np.arctan2(np.sin(off[:, 2]), np.cos(off[:, 2]))
    covariance: NDArray[np.float64] = off.T @ off / max(len(particles) - 1, 1)
    return covariance + np.diag([1e-6, 1e-6, 1e-6])
