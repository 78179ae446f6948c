"""From keyframe to keyframe: each is matched to what the last ones saw; what legs and gyroscope say holds the rest."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.mapping.keyframes import Keyframe
from edge.mapping.scan_matching import followed, patch, placed
from edge.navigation.likelihood_field import Field
from edge.types import Pose2D

BEHIND = 30.0  # m of the way whose keyframes a new one is matched to: what stays in sight holds the heading
MOST = 60  # keyframes, the others of these are left out
ABOUT = 20.0  # m about the dog that the patch covers
ANEW = 2.0  # m after which the patch is made anew ...
ANEW_FRAMES = 10  # ... or so many keyframes
SLIP, SLIP_UNKNOWN = 0.05, 0.15  # m a metre: how far the legs may be off, once their scale is known and before
DRIFT, SKID, VEER = 0.001, 0.01, 0.004  # rad, rad a radian, rad a metre: a gyroscope of 0.1 degree/s is as good
LEAST = (0.01, 0.01, 0.001)  # m, m, rad: deviation of every link
POOR = 0.35  # fit under which a match is not believed


@dataclass(frozen=True, slots=True)
class Link:
    """Keyframe ``second`` as seen from ``first``, with its covariance (3 x 3); ``closes``: a loop, not a step."""

    first: int
    second: int
    seen: Pose2D
    covariance: NDArray[np.float64]
    closes: bool = False


def tracked(
    frames: list[Keyframe], scale: float, tell: Callable[[float], None]
) -> tuple[list[Pose2D], list[Link], float]:
    """Poses, the links between neighbours, and how much farther the legs believed to get than they did (1: no more).

    ``scale`` is that of an earlier round, by which odometry is corrected; ``tell`` hears the share that is done.
    """
    poses, links = [Pose2D(0.0, 0.0, 0.0)], []
    believed = got = 0.0
    on, made_at = _patch(frames, poses), 0
    for index in range(1, len(frames)):
        step = frames[index - 1].odometry.between(frames[index].odometry)
        guess = poses[-1].compose(Pose2D(step.x / scale, step.y / scale, step.theta))
        prior = odometry_covariance(step, SLIP_UNKNOWN if scale == 1.0 else SLIP)
        found = followed(on, guess, _turned(prior, poses[-1].theta), frames[index].hits)
        good = found.fit >= POOR and len(frames[index].hits) >= 30 and found.pose.distance(guess) < 0.5
        pose = found.pose if good else guess
        covariance = _turned(found.covariance, -poses[-1].theta) if good else prior
        link = Link(index - 1, index, poses[-1].between(pose), covariance + np.diag(np.square(LEAST)))
        if good and math.hypot(step.x, step.y) > 0.1:
            believed += math.hypot(step.x, step.y)
            got += math.copysign(math.hypot(link.seen.x, link.seen.y), link.seen.x * step.x + link.seen.y * step.y)
        poses.append(pose)
        links.append(link)
        if frames[index].along - frames[made_at].along > ANEW or index - made_at >= ANEW_FRAMES:
            on, made_at = _patch(frames, poses), index
        tell(index / len(frames))
    return poses, links, believed / got if got > 0 else 1.0


def odometry_covariance(step: Pose2D, slip: float) -> NDArray[np.float64]:
    """How far a step of the odometry may be off (3 x 3)."""
    walked = math.hypot(step.x, step.y)
    metres = 0.005 + slip * walked
    return np.diag(np.square([metres, metres, DRIFT + SKID * abs(step.theta) + VEER * walked]))


def _patch(frames: list[Keyframe], poses: list[Pose2D]) -> Field:
    last = len(poses) - 1
    first = last
    while first > 0 and frames[last].along - frames[first - 1].along <= BEHIND:
        first -= 1
    chosen = range(last, first - 1, -math.ceil((last - first + 1) / MOST))
    seen = np.vstack([placed(frames[index].hits, poses[index]) for index in chosen])
    return patch([seen[np.abs(seen - (poses[last].x, poses[last].y)).max(axis=1, initial=0.0) < ABOUT]])


def _turned(covariance: NDArray[np.float64], theta: float) -> NDArray[np.float64]:
    cos, sin = math.cos(theta), math.sin(theta)
    turn = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
    rotated: NDArray[np.float64] = turn @ covariance @ turn.T
    return rotated
