"""The ellipse, and the circle round it, that hold an incident's place with 95 %, by what the dog said of its error."""

import math
from dataclasses import dataclass

DEVIATIONS_95 = math.sqrt(-2 * math.log(0.05))
"""How many deviations hold 95 % of a normal distribution over two dimensions: 2.45."""


@dataclass(frozen=True, slots=True)
class ConfidenceEllipse:
    """Half axes in metres, the longer first, which lies ``turn`` radians counter-clockwise from the map's x."""

    major: float
    minor: float
    turn: float


def confidence_ellipse(xx: float, xy: float, yy: float) -> ConfidenceEllipse:
    """Of a covariance, square metres along the map's axes."""
    middle, spread = (xx + yy) / 2, math.hypot((xx - yy) / 2, xy)
    # What single precision makes of a place that is sure one way may leave less than nothing.
    major, minor = (DEVIATIONS_95 * math.sqrt(max(variance, 0.0)) for variance in (middle + spread, middle - spread))
    return ConfidenceEllipse(major, minor, math.atan2(2 * xy, xx - yy) / 2)


def confidence_radius(ellipse: ConfidenceEllipse | None, deviation: float | None) -> float | None:
    """Metres: of the least circle round the ellipse; without one, by the ``deviation`` along the worst direction.
    It holds 95 % or more. None where the dog said neither."""
    if ellipse is not None:
        return ellipse.major
    return None if deviation is None else DEVIATIONS_95 * deviation
