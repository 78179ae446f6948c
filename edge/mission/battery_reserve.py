"""Whether the charge still suffices for the way home, by what walking has cost and by what its maker says."""

import math
from dataclasses import dataclass

from edge.types import Pose2D

FULL_REACH_M = 9000.0
"""What a full battery carries: at 0.8 m/s for a little over three hours, the profile's figure."""


@dataclass(frozen=True, slots=True)
class ReserveConfig:
    """Shares of a full battery, 0..1."""

    left: float = 0.15  # that is left on arriving at the dock
    unknown: float = 0.20  # at which it turns home where no way home is known
    resume: float = 0.80  # at which it goes on with its order
    detour: float = 1.4  # how much longer than the shortest way home the way may become
    full_reach: float = FULL_REACH_M  # m of walking


MEASURED_OVER_M = 50.0  # of walking, before what was measured is believed
FORGET_M = 300.0  # of walking, over which older figures fade
STEP_M, STEP_S = 0.3, 3.0  # what counts as walking: standing, and a pose that trembles, do not
MOST_TIMES = 60.0  # the specified cost: more than that is a fault of the gauge


class Consumption:
    """What a metre costs, as a share of a full battery: as specified, or more where walking was seen to cost more."""

    def __init__(self, full_reach: float = FULL_REACH_M) -> None:
        self._specified = 1.0 / full_reach
        self._walked = self._used = 0.0
        self._from: tuple[Pose2D, float, float] | None = None  # where it was, with what charge, when

    @property
    def per_metre(self) -> float:
        """Never less than specified: a walk downhill is no promise."""
        measured = self._used / self._walked if self._walked >= MEASURED_OVER_M else 0.0
        return min(max(measured, self._specified), MOST_TIMES * self._specified)

    @property
    def full_reach(self) -> float:
        """Metres that a full battery carries."""
        return 1.0 / self.per_metre

    def update(self, pose: Pose2D, charge: float, charging: bool, now: float) -> None:
        """Look at where the dog is, and at what is left."""
        before, charged, at = self._from or (pose, charge, now)
        step = before.distance(pose)
        walks = 0 <= now - at <= STEP_S and step <= 2 * STEP_M and not charging and charge <= charged
        if walks and step < STEP_M:
            self._from = (before, charged, at)
            return
        self._from = (pose, charge, now)
        if walks:
            fade = math.exp(-step / FORGET_M)
            self._walked, self._used = self._walked * fade + step, self._used * fade + charged - charge


def need(config: ReserveConfig, per_metre: float, way: float) -> float:
    """The charge, 0..1, with which the dog has to turn home ``way`` metres from its dock; infinite: not known."""
    if not math.isfinite(way):
        return config.unknown
    return min(1.0, config.left + way * config.detour * per_metre)
