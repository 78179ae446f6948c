"""Since when a dog that is on its way has not got on, whatever its navigator says of it."""

import math

from edge.types import Pose2D

STEP_M = 0.5  # metres from where it stood: backing off and coming again is not getting on
TURN_RAD = 0.8  # nor is looking about


class Standstill:
    """Watches where the dog is while it should be walking."""

    def __init__(self) -> None:
        self._from: Pose2D | None = None
        self._since = 0.0

    def forget(self) -> None:
        """It is not on its way, or has a reason to stand that is told otherwise."""
        self._from = None

    def update(self, pose: Pose2D, now: float) -> float:
        """Seconds since the dog last got on."""
        last = self._from
        turned = abs(math.remainder(pose.theta - last.theta, math.tau)) if last is not None else 0.0
        if last is None or last.distance(pose) > STEP_M or turned > TURN_RAD or now < self._since:
            self._from, self._since = pose, now
        return now - self._since
