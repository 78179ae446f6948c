"""A sensor that repeats itself: as silent as one that says nothing, and worse, for it looks alive."""

import numpy as np
from numpy.typing import NDArray

from edge.types import Odometry, Twist2D

MOVING = 0.05  # m/s or rad/s
MOST = 0.5  # of the values: so many do not change because someone walks by
REPEATED = 0.25  # s of the very same from a sensor that is known to be noisy: chance does not do that even once
STEPS = 0.15  # m/s or rad/s that legs which are told so surely make ...
STANDING = 1.0  # s: ... within this
AGAIN = 4.0  # s after which legs that did not move are told to once more: perhaps they would not, then

Values = NDArray[np.float32]


class FrozenSensor:
    """Tells when the very same values came for too long from a sensor that is known to be noisy, or that moves."""

    def __init__(self, after: float) -> None:
        """``after`` so many seconds of moving; of a noisy sensor it is known sooner."""
        self._after = after
        self.forget()

    def forget(self) -> None:
        """Start anew."""
        self._values: Values | None = None
        self._stamp = self._repeated = 0.0
        self._noisy = False

    def update(self, values: Values, stamp: float, twist: Twist2D) -> bool:
        """Whether the sensor is frozen, given the newest it said and how the dog moves."""
        moving = _moves(twist, MOVING)
        if self._values is values and stamp == self._stamp:
            return self._repeated > (min(REPEATED, self._after) if self._noisy else self._after)
        changed = 1.0 if self._values is None else _changed(self._values, values)
        if not np.isfinite(values).any():
            changed = 1.0  # nothing is near: in the open that stays the same for long
        if changed > 0:
            self._noisy |= self._values is not None and not moving and changed > MOST
            self._values, self._stamp, self._repeated = values, stamp, 0.0
            return False
        if moving or self._noisy:
            self._repeated += max(0.0, stamp - self._stamp)
        self._values, self._stamp = values, stamp
        return self._repeated > (min(REPEATED, self._after) if self._noisy else self._after)


def _changed(before: Values, after: Values) -> float:
    """The share of values that differ; NaN equals NaN."""
    if before.shape != after.shape:
        return 1.0
    if not before.size:
        return 0.0
    return float(np.mean(~((before == after) | (np.isnan(before) & np.isnan(after)))))


class FrozenOdometry:
    """Tells when odometry says the very same place again and again of a dog that moves.

    It moves by its own odometry, or has been told to for a second. Legs that would not move look the same: so after
    AGAIN it may be tried once more.
    """

    def __init__(self) -> None:
        self._last: Odometry | None = None
        self._repeated = self._told = self._frozen = 0.0  # s

    def update(self, odometry: Odometry, passed: Twist2D) -> bool:
        """Whether it is frozen, given the newest and what the legs were told last."""
        last, self._last = self._last, odometry
        if last is None or odometry.stamp < last.stamp or odometry.pose != last.pose or odometry.twist != last.twist:
            self._repeated = self._told = self._frozen = 0.0
            return False
        seconds = odometry.stamp - last.stamp
        self._repeated += seconds if _moves(odometry.twist, MOVING) else 0.0
        self._told += seconds if _moves(passed, STEPS) else 0.0
        frozen = self._repeated > REPEATED or self._told > STANDING
        self._frozen += seconds if frozen else 0.0
        if self._repeated <= REPEATED and self._frozen > AGAIN:
            self._told = self._frozen = 0.0
        return frozen


def _moves(twist: Twist2D, least: float) -> bool:
    return max(abs(twist.vx), abs(twist.vy), abs(twist.omega)) > least
