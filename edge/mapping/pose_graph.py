"""All links at once: the poses that contradict them least, with loops that are none left out (GTSAM)."""

from collections.abc import Sequence

import gtsam
import numpy as np

from edge.mapping.scan_matching import Match
from edge.mapping.scan_odometry import Link
from edge.types import Pose2D

FIRST = (0.02, 0.02, 0.01)  # m, m, rad: something has to hold the whole
ANCHOR = (0.02, 0.02, 0.002)  # m, m, rad: of a match to all that was seen


def optimized(poses: list[Pose2D], links: list[Link], anchors: Sequence[Match | None] = ()) -> tuple[list[Pose2D], int]:
    """The poses, and how many loops were believed; ``anchors`` are places that poses were matched to.

    Graduated non-convexity (Yang and others 2020): a loop that the others contradict loses its weight.
    """
    graph, values = gtsam.NonlinearFactorGraph(), gtsam.Values()
    graph.add(gtsam.PriorFactorPose2(0, _pose(poses[0]), gtsam.noiseModel.Diagonal.Sigmas(np.array(FIRST))))
    for link in links:
        noise = gtsam.noiseModel.Gaussian.Covariance(link.covariance)
        graph.add(gtsam.BetweenFactorPose2(link.first, link.second, _pose(link.seen), noise))
    for index, match in enumerate(anchors):
        if match is not None:
            noise = gtsam.noiseModel.Gaussian.Covariance(match.covariance + np.diag(np.square(ANCHOR)))
            graph.add(gtsam.PriorFactorPose2(index, _pose(match.pose), noise))
    for index, pose in enumerate(poses):
        values.insert(index, _pose(pose))
    settings = gtsam.GncLMParams()
    doubtful = {n for n, link in enumerate(links, 1) if link.closes}
    settings.setKnownInliers([n for n in range(graph.size()) if n not in doubtful])
    optimizer = gtsam.GncLMOptimizer(graph, values, settings)
    result = optimizer.optimize()
    weights = optimizer.getWeights()
    believed = sum(bool(weights[n] > 0.5) for n in doubtful)
    found = [result.atPose2(index) for index in range(len(poses))]
    return [Pose2D(pose.x(), pose.y(), pose.theta()) for pose in found], believed


def _pose(pose: Pose2D) -> gtsam.Pose2:
    return gtsam.Pose2(pose.x, pose.y, pose.theta)
