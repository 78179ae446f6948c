"""A cloud laid on the ground that is known: odometry is flat, and the lean of a trotting body is a little off."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Heights = NDArray[np.float32]

FEWEST = 60  # points of known ground, or the cloud stays as it is
WITHIN = 3.5  # m: farther ones are too oblique
OFF, OFF_AFTER = 0.15, 0.05  # m from the ground that still count, before and after the first fit
NOISE = 0.03  # m of one point
WEIGHT = 30.0  # independent points: neighbours are wrong together
HEIGHT_PRIOR, SLOPE_PRIOR = 0.06, 0.035  # m between two clouds; the tangent of 2 degrees of lean
LEAST_RISE = 0.12  # m by which the ground may be off for a dog that stands


@dataclass(frozen=True, slots=True)
class Fit:
    """How far above the known ground a cloud lies: ``height`` at (x, y), and its slopes (tangents) along both axes."""

    height: float = 0.0
    along_x: float = 0.0
    along_y: float = 0.0
    x: float = 0.0
    y: float = 0.0

    def at(self, points: Heights) -> Heights:
        """Metres by which points (n, 3) lie too high."""
        over = self.height + self.along_x * (points[:, 0] - self.x) + self.along_y * (points[:, 1] - self.y)
        return np.asarray(over, np.float32)


def fit_to_ground(points: Heights, ground: Heights, origin: Heights, rise: float = 0.0) -> Fit:
    """The fit of points (n, 3) over known ground (n) about the sensor's place; priors hold what the points do not.

    ``rise`` (m) is what the dog can have climbed since: a car that stands before it is no ground that has risen.
    """
    x, y = points[:, 0] - origin[0], points[:, 1] - origin[1]
    over = points[:, 2] - ground
    near = np.hypot(x, y) < WITHIN
    x, y, over = x[near], y[near], over[near]
    if len(over) < FEWEST:
        return Fit()
    most = LEAST_RISE + rise
    middle = float(np.median(over))
    solved = np.array([middle if abs(middle) < most else 0.0, 0.0, 0.0])
    for off in (OFF, OFF_AFTER, OFF_AFTER):
        use = np.abs(over - (solved[0] + solved[1] * x + solved[2] * y)) < off
        if np.count_nonzero(use) < FEWEST:
            break
        solved = _least_squares(x[use], y[use], over[use])
    if abs(solved[0]) > most:
        return Fit()
    return Fit(float(solved[0]), float(solved[1]), float(solved[2]), float(origin[0]), float(origin[1]))


def _least_squares(x: Heights, y: Heights, over: Heights) -> NDArray[np.float64]:
    rows = np.stack([np.ones_like(x), x, y])
    weight = WEIGHT / len(x) / NOISE**2
    normal = (rows @ rows.T).astype(np.float64) * weight
    normal += np.diag([HEIGHT_PRIOR**-2, SLOPE_PRIOR**-2, SLOPE_PRIOR**-2])
    return np.linalg.solve(normal, (rows @ over).astype(np.float64) * weight).astype(np.float64)
