"""Where on the map a vehicle, a bag, a fire or smoke in a picture stands, and how surely.

The lower edge of its box tells its distance where it stands on flat ground; what echoes of a lidar lie within the box
measure it. Both tell its near side: its middle is some way behind.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.perception.camera_geometry import View
from edge.perception.detector import Detection
from edge.perception.lidar_ranging import LEAST_HEIGHT, Points
from edge.perception.person_location import EDGE_FLOOR, EDGE_PART, LEAN_DEVIATION, MARGIN, WORST, Located
from edge.perception.vehicle_shape import DEVIATION, Middle, middle


@dataclass(frozen=True, slots=True)
class Extent:
    """Metres from a thing's near side to its middle, and their deviation. ``solid`` things are met by a lidar,
    ``footed`` ones stand on the ground, and what is seen ``anywhere`` counts wherever it is. ``vague`` is the share of
    its distance by which that is unsure in any case. ``across`` is how wide the near side is at least that a lidar
    meets: what is narrower stands before it."""

    depth: float
    deviation: float
    solid: bool = True
    footed: bool = True
    anywhere: bool = False
    vague: float = 0.0
    across: float = 0.0


EXTENTS = {
    # 1.8 by 4.5 m, any way round: within THICK of its nearest corner lie 0.8 m of it, less a beam or two; the foot of a
    # lamp post is 0.35 m wide.
    # From its near corner to its middle are 0.9 to 2.4 m, by how it stands.
    "vehicle": Extent(1.75, 0.5, across=0.5),
    "bag": Extent(0.15, 0.1),
    # Light gives no echo, and the lit ground before it reaches nearer: by 0.5 to 3.5 m in six simulated visits.
    "fire": Extent(1.5, 0.8, solid=False, anywhere=True, vague=0.15),
    # It rises from behind what stands before it, hangs above the ground or lies on it; beams come back from within.
    "smoke": Extent(0.8, 0.6, footed=False, anywhere=True, vague=0.25),
}
GUESS, GUESS_DEVIATION = 10.0, 5.0
"""Metres: how far off what is seen ``anywhere``, above a wall or the horizon, is taken to be. Looks from several
places agree on where their lines of sight meet."""
SIZES = {"vehicle": (1.5, 14.0, 1.1, 4.5), "bag": (0.12, 1.4, 0.12, 1.1)}
"""Metres: least and most across, and high, of what a box may hold at its place."""
INNER = 0.7
"""Share of the box's width, about its middle, in which echoes are surely the thing's."""
THICK = 0.4
"""Metres behind the nearest echo up to which echoes are of its near side."""
BEAMS_APART = 0.04
"""Radians between echoes from which what they met is not one thing: two beams of 1 degree, and somewhat more."""
FARTHEST = 15.0
"""Metres; farther away things are too small to be told apart, and their places too unsure."""
GATE = 3.0
"""Deviations within which echoes fit what the camera says, and at least"""
LEAST_GATE = 0.6
"""metres."""
BODY, LENGTH = 1.2, 5.0
"""Metres above the ground, and behind its nearest echo, up to which echoes are of a vehicle's sides."""
AGREE = 2.0
"""Metres between the middle that its sides tell, and that by its near side, up to which the sides are believed."""
FILLS = 0.5
"""Metres by which the sides of a fitted vehicle may lie beside those of its box."""
LEANS = 0.25
"""Metres across the view by which flames and smoke are beside their place."""
ASKEW = 0.5
"""Metres across the view by which the middle of a vehicle that stands askew is beside that of its box."""
RANGED = 0.1
"""Metres: deviation of a near side that echoes measured."""


@dataclass(frozen=True)
class Echoes:
    """A frame's echoes as its camera sees them, once for all things: metres away, azimuth, slope and metres high."""

    points: Points
    far: NDArray[np.float64]
    azimuth: NDArray[np.float64]
    slope: NDArray[np.float64]
    high: NDArray[np.float64]

    @classmethod
    def of(cls, points: Points, view: View) -> "Echoes":
        """Of points on the map."""
        eye_x, eye_y, eye_z = view.place()
        x, y = points[:, 0] - eye_x, points[:, 1] - eye_y
        far = np.maximum(np.hypot(x, y), 1e-6)
        near = far <= FARTHEST
        far, x, y, high = far[near], x[near], y[near], points[near, 2]
        return cls(points[near], far, np.arctan2(y, x), (high - eye_z) / far, high)


def located(seen: Detection, view: View, echoes: Echoes | None) -> Located | None:
    """The point on the ground under the thing's middle; None where nothing tells."""
    extent = EXTENTS[seen.label]
    near = foot = _by_foot(seen, view) if extent.footed else None
    if extent.solid and echoes is not None:
        near = _by_echoes(seen, view, echoes, near) or near
    if extent.anywhere and (near is None or near[1] > GUESS_DEVIATION):
        near = GUESS, GUESS_DEVIATION
    if near is None:
        return None
    distance, deviation = near[0] + extent.depth, math.hypot(near[1], extent.deviation, extent.vague * near[0])
    k = view.intrinsics
    if not _is_its_size(seen, distance / k.fx):
        return None
    if not extent.anywhere and (distance > FARTHEST or deviation > WORST):
        return None
    box = seen.box
    across = distance * math.hypot(_edge(seen, view) / k.fx, view.heading_deviation)
    x, y, _ = view.place()
    azimuth = view.ray((box.left + box.right) / 2, (box.top + box.bottom) / 2).azimuth
    cos, sin, own = math.cos(azimuth), math.sin(azimuth), view.position_deviation**2
    if extent.anywhere:
        across = math.hypot(across, LEANS)
    if seen.label == "vehicle":
        if echoes is not None and near is not foot:
            fitted = _fitted(seen, view, echoes, near[0])
            if fitted is not None and math.hypot(fitted.x - x - distance * cos, fitted.y - y - distance * sin) < AGREE:
                own += DEVIATION**2 + (distance * view.heading_deviation) ** 2
                return Located(fitted.x, fitted.y, own, 0.0, own)
        across = math.hypot(across, ASKEW)
    return Located(
        x + distance * cos,
        y + distance * sin,
        (deviation * cos) ** 2 + (across * sin) ** 2 + own,
        (deviation**2 - across**2) * sin * cos,
        (deviation * sin) ** 2 + (across * cos) ** 2 + own,
    )


def _is_its_size(seen: Detection, metres_a_pixel: float) -> bool:
    narrow, wide, low, high = SIZES.get(seen.label, (0.0, math.inf, 0.0, math.inf))
    box = seen.box
    return narrow <= box.width * metres_a_pixel <= wide and low <= box.height * metres_a_pixel <= high


def _edge(seen: Detection, view: View) -> float:
    return math.hypot(EDGE_FLOOR * view.intrinsics.height, EDGE_PART * min(seen.box.height, seen.box.width))


def _by_foot(seen: Detection, view: View) -> tuple[float, float] | None:
    """The distance of the near side and its deviation, by where the box meets the ground."""
    box, k = seen.whole or seen.box, view.intrinsics
    if box.bottom > k.height * (1 - MARGIN):
        return None
    slope = -view.ray((box.left + box.right) / 2, box.bottom).slope
    high = view.place()[2]
    if slope <= high / FARTHEST:
        return None
    distance = high / slope
    return distance, distance**2 / high * math.hypot(LEAN_DEVIATION, _edge(seen, view) / k.fy)


def _by_echoes(
    seen: Detection, view: View, echoes: Echoes, foot: tuple[float, float] | None
) -> tuple[float, float] | None:
    """Likewise by the nearest echoes within the box, where they fit what its foot says."""
    box = seen.box
    middle, half, row = (box.left + box.right) / 2, INNER * box.width / 2, (box.top + box.bottom) / 2
    right, left = view.ray(middle + half, row).azimuth, view.ray(middle - half, row).azimuth
    within = np.mod(echoes.azimuth - right, math.tau) <= math.remainder(left - right, math.tau)
    within &= (echoes.slope <= view.ray(middle, box.top).slope) & (echoes.slope >= view.ray(middle, box.bottom).slope)
    within &= echoes.high > LEAST_HEIGHT
    if foot is not None:
        within &= np.abs(echoes.far - foot[0]) <= max(GATE * foot[1], LEAST_GATE)
    side = _near_side(echoes.far[within], echoes.azimuth[within], EXTENTS[seen.label].across)
    return None if side is None else (side, RANGED)


def _fitted(seen: Detection, view: View, echoes: Echoes, near: float) -> Middle | None:
    """The middle of a vehicle by the echoes of its sides, the nearest of them ``near`` metres off."""
    box, row = seen.box, (seen.box.top + seen.box.bottom) / 2
    right, left = view.ray(box.right, row).azimuth, view.ray(box.left, row).azimuth
    within = np.mod(echoes.azimuth - right, math.tau) <= math.remainder(left - right, math.tau)
    within &= (echoes.high > LEAST_HEIGHT) & (echoes.high < BODY)
    within &= (echoes.far >= near - THICK) & (echoes.far <= near + LENGTH)
    x, y, _ = view.place()
    fitted = middle(echoes.points[within, :2], (x, y))
    return fitted if fitted is not None and _fills(fitted, seen, view, left, right) else None


def _fills(fitted: Middle, seen: Detection, view: View, left: float, right: float) -> bool:
    """Whether what was fitted is as wide as its box: else half of it is hidden, or other things were met."""
    x, y, _ = view.place()
    offset = fitted.corners - np.array([x, y])
    azimuth = np.arctan2(offset[:, 1], offset[:, 0])
    around = np.array([math.remainder(float(each) - left, math.tau) for each in azimuth])
    slack = FILLS / float(np.hypot(*offset.T).mean())
    k = view.intrinsics
    is_cut = seen.box.left < 1 or seen.box.right > k.width - 1
    return (
        not is_cut
        and abs(around.max()) <= slack
        and abs(around.min() - math.remainder(right - left, math.tau)) <= slack
    )


def _near_side(far: NDArray[np.float64], azimuth: NDArray[np.float64], across: float) -> float | None:
    """How far off the nearest of these echoes are that are of something ``across`` wide: posts and people who stand
    before a vehicle are nearer, and narrower."""
    while far.size:
        side = far <= far.min() + THICK
        if _widest(azimuth[side]) * far.min() >= across:
            return float(far[side].mean())
        far, azimuth = far[~side], azimuth[~side]
    return None


def _widest(azimuth: NDArray[np.float64]) -> float:
    """Radians between the first and the last of the most of these that lie side by side."""
    turned = np.sort(np.mod(azimuth - azimuth[0] + math.pi, math.tau))
    parts = np.split(turned, np.nonzero(np.diff(turned) > BEAMS_APART)[0] + 1)
    return float(max(part[-1] - part[0] for part in parts))
