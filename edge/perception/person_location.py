"""Where on the map a person in a picture stands, and how surely.

A box gives two slopes, of the foot and of the head. At ground distance d, with the camera h above flat ground and a
person of height H, they are -h/d and (H - h)/d: both linear in 1/d. The camera is low, so the foot alone is coarse
far away (at 10 m one pixel is half a metre), while the head leans on how tall people are. Weighted least squares
over 1/d takes from each what it knows; the dog's lean errs on both alike, and its share cancels. How tall people are,
and how far before their middle the lowest point of their box lies, depends on their posture: FIGURES.
"""

import math
from dataclasses import dataclass

import numpy as np

from edge.perception.camera_geometry import View
from edge.perception.detector import Box, Posture


@dataclass(frozen=True, slots=True)
class Figure:
    """The outline of people of one posture, metres, with deviations. ``top``: above the ground, hair and shoes
    included; None where it tells nothing. ``low``: how high the lowest edge of the box lies, and ``ahead``: how far
    nearer to the camera than the person's middle."""

    top: float | None
    top_deviation: float
    low: float
    ahead: float
    ahead_deviation: float


FIGURES = {
    # Grown people of both sexes, in shoes, standing or in mid-stride: 1.55 to 1.95 m; a foot is set before the body.
    Posture.UPRIGHT: Figure(1.75, 0.10, 0.0, 0.08, 0.14),
    # On the ground, legs before them, any way round.
    Posture.SITTING: Figure(0.95, 0.10, 0.0, 0.20, 0.35),
    # The top of one who lies is about as high as the camera, so near the horizon at any distance; head or feet lie up
    # to 0.9 m before the middle.
    Posture.LYING: Figure(None, 0.0, 0.04, 0.5, 0.35),
}
EDGE_FLOOR, EDGE_PART = 0.004, 0.05
"""Error of a box's edge: 2 pixels of 480, and a twentieth of the box's height. Measured against the truth of simulated
pictures: 0.045 to 0.06 of the height for YOLOX-nano and for our own network alike."""
LEAN_DEVIATION = 0.008
"""Radians: of the trotting body's pitch at a frame's stamp, and of ground that is not quite flat."""
MARGIN = 0.008
"""An edge of the box this near to the picture's, in picture heights, is cut off: what lies beyond is unknown."""
SIDE_DEVIATION = 0.2
"""Metres across, where the picture's side cuts a person off."""
FARTHEST = 30.0
"""Metres; farther away nothing is located."""
WORST = 5.0
"""Metres; a place less sure than this is none."""


@dataclass(frozen=True, slots=True)
class Located:
    """A foot point on the map, metres, with its covariance in square metres."""

    x: float
    y: float
    xx: float
    xy: float
    yy: float

    @property
    def deviation(self) -> float:
        """One standard deviation along the worst direction, metres."""
        middle, spread = (self.xx + self.yy) / 2, (self.xx - self.yy) / 2
        return math.sqrt(middle + math.hypot(spread, self.xy))


def locate(box: Box, view: View, posture: Posture | None = None) -> Located | None:
    """The point on the ground under the middle of the person in ``box``; None where the box does not tell.

    ``box`` is best that of the whole person; without a ``posture`` people are taken to be upright.

    A box cut off by the picture's lower edge is located by its head alone, one cut off above by its foot alone.
    Where foot and head contradict each other (a crouching person, feet behind a wall) the deviation grows with the
    contradiction.
    """
    found = _inverse_distance(box, view, FIGURES[posture or Posture.UPRIGHT])
    if found is None:
        return None
    inverse, deviation = found
    if inverse <= 1 / FARTHEST:
        return None
    distance = 1 / inverse
    along = deviation * distance**2
    if along > WORST:
        return None
    k = view.intrinsics
    across = distance * math.hypot(_edge_deviation(box, view) / k.fx, view.heading_deviation)
    if box.left < MARGIN * k.height or box.right > k.width - MARGIN * k.height:
        across = math.hypot(across, SIDE_DEVIATION)
    x, y, _ = view.place()
    azimuth = view.ray((box.left + box.right) / 2, (box.top + box.bottom) / 2).azimuth
    return _place(x, y, azimuth, distance, along, across, view.position_deviation)


def _edge_deviation(box: Box, view: View) -> float:
    """Pixels."""
    return math.hypot(EDGE_FLOOR * view.intrinsics.height, EDGE_PART * box.height)


def _inverse_distance(box: Box, view: View, figure: Figure) -> tuple[float, float] | None:
    """1/d and its standard deviation, by generalised least squares over the slopes that can be trusted."""
    k, h = view.intrinsics, view.place()[2]
    middle = (box.left + box.right) / 2
    seen, factors, ahead, own = [], [], [], []
    if box.bottom < k.height * (1 - MARGIN):
        seen.append(view.ray(middle, box.bottom).slope)
        factors.append(figure.low - h)
        ahead.append(figure.ahead)
        own.append((h * figure.ahead_deviation, 2))
    if figure.top is not None and box.top > k.height * MARGIN:
        seen.append(view.ray(middle, box.top).slope)
        factors.append(figure.top - h)
        ahead.append(0.0)
        own.append((figure.top_deviation, 1))
    if not seen:
        return None
    slopes, design = np.array(seen), np.array(factors)
    edge = (_edge_deviation(box, view) / k.fy) ** 2
    inverse, variance = max(float(np.mean(slopes / design)), 1 / FARTHEST), 0.0
    for _ in range(3):  # the figure's share of the error shrinks with distance, which is only now known
        noise = np.full((len(seen), len(seen)), LEAN_DEVIATION**2) + np.eye(len(seen)) * edge
        noise += np.diag([(error * inverse**power) ** 2 for error, power in own])
        level = slopes * (1 - np.array(ahead) * inverse)  # as if the lowest point were under the middle
        weights = np.linalg.solve(noise, design)
        variance = 1 / float(weights @ design)
        inverse = max(float(weights @ level) * variance, 1 / (2 * FARTHEST))
    left_over = level - design * inverse
    contradiction = float(left_over @ np.linalg.solve(noise, left_over))
    return inverse, math.sqrt(variance * max(1.0, contradiction))


def _place(x: float, y: float, azimuth: float, distance: float, along: float, across: float, own: float) -> Located:
    cos, sin = math.cos(azimuth), math.sin(azimuth)
    return Located(
        x + distance * cos,
        y + distance * sin,
        (along * cos) ** 2 + (across * sin) ** 2 + own**2,
        (along**2 - across**2) * sin * cos,
        (along * sin) ** 2 + (across * cos) ** 2 + own**2,
    )
