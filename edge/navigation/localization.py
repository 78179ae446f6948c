"""Where the dog is on a known map: an iterated extended Kalman filter over pose and stride.

Odometry and gyroscope carry the pose on; all beams of each scan are matched to the map, held by what was known before
(Probabilistic Robotics, 3.3; the scan as measurement after Kohlbrecher and others 2011). Legs that slip tell too much
of every step alike, so the length of a stride is part of the state: learnt where the map tells it, and where it tells
nothing, as along a bare wall, the uncertainty grows with every metre, as the error does.
"""

import math
from collections.abc import Generator
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from edge.navigation.likelihood_field import SIGMA, Field, agreement, log_likelihoods, refined
from edge.navigation.relocalization import search
from edge.navigation.scan_leveling import LevelScan
from edge.types import Pose2D, PoseEstimate

LEAST_HITS = 10  # fewer ends of beams say nothing
ROUGH, ROUGH_SIGMA = 0.25, 0.5  # m: less sure than this, a first match looks this far about
WIDEST = 2 * SIGMA  # m from the map at which a beam counts 0.6, at most
LIKELIER_AT_ALL, LIKELIER = 0.3, 4.0  # log-likelihood by which who doubts the legs is kept in mind, and believed
EARLY_COUNTS = 0.25  # of a beam that ends on something unmapped: a crowd round a dog that is where it believes
COLLAPSED = 0.6  # share of its usual quality under which a dog doubts: a crowd comes by and by, another place at once
ODD, LOOKS, HERE = 0.15, 3, 0.5  # under the usual; looks elsewhere; m: what is found so near is no other place
UNSURE_A_METRE = 0.1  # m of deviation for each that the dog went while it was searched for
RISES, FALLS = 0.05, 0.01  # share of a scan's agreement that becomes usual: 2 s, and 10 s
KNOCKED, BETTER = 0.6, 0.15  # share of its quality that a scan may agree at once before it is matched again ...
KNOCK_M, KNOCK_RAD = 0.25, 0.3  # ... as that of a dog that was pushed: a gyroscope does not follow that
LOST_VARIANCE = 1e4  # m² and rad²: what the covariance says of a dog that does not know where it is


class Fix(StrEnum):
    """What localization knows."""

    UNSET = "UNSET"  # no pose was ever given, nor found
    TRACKING = "TRACKING"
    LOST = "LOST"


@dataclass(frozen=True, slots=True)
class LocalizationConfig:
    """How far motion and map are believed."""

    slip: float = 0.016  # m of deviation a root of a metre walked, beside that of the stride
    slip_all: float = 0.6  # m of deviation a metre told, for who doubts the legs
    still: float = 0.01  # m between scans: legs that tell less do not walk ...
    stride_longest: float = 0.2  # ... and none walk more
    skid: float = 0.05  # rad of deviation a radian turned between scans
    veer: float = 0.01  # rad of deviation a root of a metre walked
    jitter: float = 0.004  # m, and a fourth as many rad, of deviation a scan
    stride: float = 0.08  # share by which the legs may mistake each metre alike ...
    stride_drift: float = 0.01  # ... and how far that changes in a root of a metre
    stride_most: float = 0.3  # no legs are off by a greater share
    match_width: float = 0.06  # m from the map at which a beam counts 0.6 to a dog that is sure of its place ...
    map_error: tuple[float, float] = (0.012, 0.003)  # m, rad of deviation: what all scans of one place have in common
    lost_below: float = 0.35  # quality under which the dog is lost after ``patience``
    patience: float = 2.0  # s
    learn: float = 0.04  # share of each scan's surprise by which the legs' measure is corrected ...
    learn_from: float = 0.03  # m: ... where the dog has walked so far since the last ...
    learn_most: float = 0.3  # ... and legs are never off by more than this share
    spread: float = 1.0  # m of deviation over which the dog is lost
    search_every: float = 2.0  # s between searches of the map while lost


@dataclass(frozen=True, slots=True)
class Belief:
    """Where the dog is and what a stride is worth, with the covariance (4 x 4) of x, y, theta and stride."""

    pose: Pose2D
    stride: float  # m that the dog goes for each that its legs believe to
    covariance: NDArray[np.float64]

    @property
    def deviation(self) -> float:
        """Of the place, in metres."""
        return math.sqrt(self.covariance[0, 0] + self.covariance[1, 1])

    def loosened(self, metres: float, radians: float) -> "Belief":
        """The same, less sure by so much deviation."""
        return replace(self, covariance=self.covariance + np.diag([metres**2, metres**2, radians**2, 0.0]))


class Localizer:
    """Follows a dog over a map. One scan in, one estimate out."""

    def __init__(self, on: Field, config: LocalizationConfig | None = None, seed: int = 0) -> None:
        self.config = config or LocalizationConfig()
        self.fix = Fix.UNSET
        self._field = on
        self._random = np.random.default_rng(seed)
        self._estimate: PoseEstimate | None = None
        self._doubt_since: float | None = None
        self._usual, self._looks = 0.0, 0  # quality, as it was before any doubt; looks elsewhere since then
        self._searched = -math.inf
        self._searching: Generator[None, None, Pose2D | None] | None = None
        self._since = Pose2D(0.0, 0.0, 0.0)  # how far the dog went since the scan that is searched for
        self._candidate: Pose2D | None = None  # what the last search found, carried on as the dog walks
        self._belief = Belief(Pose2D(0.0, 0.0, 0.0), 1.0, np.diag([0.0, 0.0, 0.0, self.config.stride**2]))
        self._doubting_legs = self._belief  # follows the dog too, and hardly believes its legs

    def place(self, pose: Pose2D, now: float, deviation: float = 0.3, turn: float = 0.15) -> None:
        """Believe in ``pose``, give or take ``deviation`` metres and ``turn`` radians; the stride stays as learnt."""
        stride = max(float(self._belief.covariance[3, 3]), (self.config.stride / 2) ** 2)
        covariance = np.diag([deviation**2, deviation**2, turn**2, stride])
        self._belief = self._doubting_legs = Belief(pose, self._belief.stride, covariance)
        self._estimate = PoseEstimate(pose, covariance[:3, :3].copy(), 0.5, now)
        self._doubt_since, self._usual = None, 0.0
        self._searching = self._candidate = None
        self.fix = Fix.TRACKING

    def update(self, scan: LevelScan, moved: Pose2D, now: float) -> PoseEstimate | None:
        """The pose at the scan; ``moved`` is the displacement since the last one. None before any pose is known."""
        if not moved.is_finite():
            moved = Pose2D(0.0, 0.0, 0.0)
        agreed = self._track(scan, moved) if self.fix is Fix.TRACKING else None
        self._carry_on(moved)
        due = self._searching is None and not 0 <= now - self._searched < self.config.search_every
        if due and (agreed is None or self._is_odd(agreed)):
            about = self._candidate or (self._estimate.pose if self._estimate else None)
            self._searched, self._since = now, Pose2D(0.0, 0.0, 0.0)
            self._searching = search(self._field, scan, about, self._random)
        if self._search_on(now):
            agreed = None
        return self._judged(scan, now, agreed)

    def _is_odd(self, agreed: float) -> bool:
        """Whether a dog that follows its place is to look elsewhere too: scans agree with the map less than usual.

        Somebody took it up, perhaps, and the scan fits where it was halfway. Three looks tell: else it is a crowd.
        """
        if agreed > self._usual - ODD:
            self._looks = 0
            return False
        self._looks += 1
        return self._looks <= LOOKS

    def _track(self, scan: LevelScan, told: Pose2D) -> float:
        """Follow the dog to this scan; how far it agrees with the map there."""
        assert self._estimate is not None
        hits, quality = scan.hits(), self._estimate.quality
        expected = self._predicted(self._belief, told)
        belief = self._matched(expected, hits)
        belief = self._unless_legs_slip(belief, told, hits)
        agreed = self._agreement(belief.pose, scan)
        if agreed < KNOCKED * quality:
            again = self._matched(expected.loosened(KNOCK_M, KNOCK_RAD), hits)
            if (better := self._agreement(again.pose, scan)) > agreed + BETTER:
                belief, agreed = again, better
        self._belief = belief
        metres, radians = self.config.map_error
        covariance = belief.covariance[:3, :3] + np.diag([metres**2, metres**2, radians**2])
        self._estimate = PoseEstimate(belief.pose, covariance, quality, scan.stamp)
        return agreed

    def _agreement(self, pose: Pose2D, scan: LevelScan) -> float:
        return agreement(self._field, pose, scan, EARLY_COUNTS)

    def _unless_legs_slip(self, belief: Belief, told: Pose2D, hits: NDArray[np.float64]) -> Belief:
        """``belief``, or that which doubts the legs, once the scan is much likelier there.

        A dog that walks on the spot, held by something, must not take itself past it. Two filters of which the likelier
        is believed: interacting multiple models (Bar-Shalom, Li and Kirubarajan 2001, 11.6) without their mixing.
        """
        walked = math.hypot(told.x, told.y)
        if not self.config.still < walked < self.config.stride_longest:  # it stands; or is thrown, or falls
            self._doubting_legs = belief
            return belief
        doubting = self._predicted(self._doubting_legs, told).loosened(self.config.slip_all * walked, 0.0)
        doubting = self._matched(doubting, hits)
        poses = np.array([(pose.x, pose.y, pose.theta) for pose in (belief.pose, doubting.pose)])
        likely = log_likelihoods(self._field, poses, hits)
        ahead = float(likely[1] - likely[0])
        self._doubting_legs = doubting if ahead > LIKELIER_AT_ALL else belief
        return doubting if ahead > LIKELIER else belief

    def _predicted(self, belief: Belief, told: Pose2D) -> Belief:
        """The motion model: the displacement that the legs tell, by the stride; noise grows with both."""
        config, pose, stride = self.config, belief.pose, belief.stride
        cos, sin = math.cos(pose.theta), math.sin(pose.theta)
        along_x, along_y = cos * told.x - sin * told.y, sin * told.x + cos * told.y
        motion = np.eye(4)
        motion[:2, 2] = -stride * along_y, stride * along_x
        motion[:2, 3] = along_x, along_y
        walked, turned = math.hypot(told.x, told.y), abs(told.theta)
        place = config.slip**2 * walked + config.jitter**2
        turn = (config.skid * turned) ** 2 + config.veer**2 * walked + (config.jitter / 4) ** 2
        noise = np.diag([place, place, turn, config.stride_drift**2 * walked])
        moved = pose.compose(Pose2D(stride * told.x, stride * told.y, told.theta))
        return Belief(moved, stride, motion @ belief.covariance @ motion.T + noise)

    def _matched(self, expected: Belief, hits: NDArray[np.float64]) -> Belief:
        """What is believed once the hits are laid on the map; ``expected`` where they say nothing or lie far off."""
        if len(hits) < LEAST_HITS:
            return expected
        prior, deviation, first = expected.covariance[:3, :3], expected.deviation, expected.pose
        if deviation > ROUGH:
            first, _ = refined(self._field, first, prior, hits, sigma=ROUGH_SIGMA)
        width = min(self.config.match_width + 2 * deviation, WIDEST)
        pose, covariance = refined(self._field, expected.pose, prior, hits, width=width, first=first, thin=True)
        if expected.pose.distance(pose) >= 0.2 + 2 * deviation:
            return expected
        theta = math.remainder(pose.theta - expected.pose.theta, math.tau)
        off = np.array([pose.x - expected.pose.x, pose.y - expected.pose.y, theta])
        learnt = float(np.linalg.solve(prior, expected.covariance[:3, 3]) @ off)
        most = self.config.stride_most
        told = np.zeros((4, 4))
        told[:3, :3] = np.linalg.inv(covariance) - np.linalg.inv(prior)
        posterior = np.linalg.inv(np.linalg.inv(expected.covariance) + told)
        stride = min(max(expected.stride + learnt, 1.0 - most), 1.0 + most)
        return Belief(pose, stride, (posterior + posterior.T) / 2)

    def _carry_on(self, moved: Pose2D) -> None:
        """What is being found, and was, lies at an older scan: the dog went on since."""
        step = Pose2D(self._belief.stride * moved.x, self._belief.stride * moved.y, moved.theta)
        self._since = self._since.compose(step)
        self._candidate = self._candidate.compose(step) if self._candidate is not None else None

    def _search_on(self, now: float) -> bool:
        """A step of the search for the pose on the whole map and round the last one known; a search takes about two
        seconds of scans. What is found twice running is believed: then True."""
        if self._searching is None:
            return False
        try:
            next(self._searching)
        except StopIteration as end:
            self._searching, before = None, self._candidate
            self._candidate = end.value.compose(self._since) if end.value is not None else None
        else:
            return False
        found = self._candidate
        if found is None or before is None or found.distance(before) > 0.5:
            return False
        if self.fix is Fix.TRACKING and found.distance(self._belief.pose) < HERE:
            self._candidate = None
            return False
        walked = math.hypot(self._since.x, self._since.y)
        self.place(found, now, deviation=0.2 + UNSURE_A_METRE * walked, turn=0.08)
        return True

    def _judged(self, scan: LevelScan, now: float, agreed: float | None) -> PoseEstimate | None:
        if self._estimate is None:
            return None
        if agreed is None:
            agreed = self._agreement(self._estimate.pose, scan)
        quality = self._estimate.quality + 0.3 * (agreed - self._estimate.quality)  # over about three scans
        deviation = math.sqrt(max(self._estimate.covariance[0, 0], self._estimate.covariance[1, 1]))
        fell = quality < max(self.config.lost_below, COLLAPSED * self._usual)
        if not fell:
            self._usual += (RISES if agreed > self._usual else FALLS) * (agreed - self._usual)
        if not fell and deviation < self.config.spread:
            self._doubt_since = None
        elif self._doubt_since is None or now < self._doubt_since:
            self._doubt_since = now
        elif now - self._doubt_since >= self.config.patience:
            self.fix = Fix.LOST
        self._estimate = replace(self._estimate, quality=quality, stamp=scan.stamp)
        if self.fix is Fix.TRACKING:
            return self._estimate
        return replace(self._estimate, covariance=LOST_VARIANCE * np.eye(3), quality=0.0)
