"""A lidar that repeats itself: as silent as one that says nothing, and worse, for it looks alive."""

import numpy as np
from numpy.typing import NDArray

from edge.types import Scan, Twist2D

MOVING = 0.05  # m/s or rad/s
MOST = 0.5  # of the beams: so many do not change because someone walks by


class FrozenScan:
    """Tells when the very same ranges came for too long from a sensor that is known to be noisy, or that moves."""

    def __init__(self, after: float) -> None:
        self._after = after
        self.forget()

    def forget(self) -> None:
        """Start anew."""
        self._ranges: NDArray[np.float32] | None = None
        self._stamp = self._moved = 0.0
        self._noisy = False

    def update(self, scan: Scan, twist: Twist2D) -> bool:
        """Whether the sensor is frozen, given its newest scan and how the dog moves."""
        moving = abs(twist.vx) > MOVING or abs(twist.vy) > MOVING or abs(twist.omega) > MOVING
        changed = 1.0 if self._ranges is None else _changed(self._ranges, scan.ranges)
        if changed > 0:
            self._noisy |= self._ranges is not None and not moving and changed > MOST
            self._ranges, self._stamp, self._moved = scan.ranges, scan.stamp, 0.0
            return False
        if moving or self._noisy:
            self._moved += max(0.0, scan.stamp - self._stamp)
        self._stamp = scan.stamp
        return self._moved > self._after


def _changed(before: NDArray[np.float32], after: NDArray[np.float32]) -> float:
    """The share of beams that differ; NaN equals NaN."""
    if before.shape != after.shape:
        return 1.0
    return float(np.mean(~((before == after) | (np.isnan(before) & np.isnan(after)))))
