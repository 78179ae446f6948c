"""How far a person is by lidar: a camera near the ground guesses distances, a lidar measures them.

Echoes that lie in the middle of a person's box and about where the camera puts the person are the person's own; the
nearest of them counts, for what lies behind shows between the legs. What goes straight on, on both sides of the box, is
a fence or a wall before the person, or behind: it measures nobody. Nothing near is no evidence: a turn of one plane
passes over who sits low or lies.
"""

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.perception.camera_geometry import View, turn
from edge.perception.detector import Box, Detection, Posture
from edge.perception.person_location import Located
from edge.perception.pose_buffer import PoseBuffer
from edge.types import Cloud, Scan

Points = NDArray[np.float64]
"""n x 3: metres on the map, and above the ground that the dog stands on."""
Flat = NDArray[np.float64]
INNER = 0.7
"""Share of a box's width, about its middle, in which echoes are surely the person's."""
THICK = 0.4
"""Metres: echoes no farther behind the nearest one belong to the same body."""
DEPTH, DEPTH_DEVIATION = 0.17, 0.12
"""Metres from the echoes' mean to the middle of the body: they come from its near side, or from a leg set forward."""
LYING_DEPTH, LYING_DEVIATION = 0.35, 0.4
"""Likewise of somebody who lies: head, feet or a side are nearest."""
GATE = 3.0
"""Deviations within which echoes fit what the camera says, and at least"""
LEAST_GATE, MOST_GATE = 0.5, 2.5
"""metres, and at most: who is far behind a fence is not where the next wall ends."""
LEAST_HEIGHT = 0.12
"""Metres: lower echoes may be the ground's."""
HIDDEN = 0.12
"""Share of a person's height, from below, from which something hides the legs, and echoes may be that thing's."""
FLANK, LEAST_FLANK = 0.6, 0.05
"""Share of the box's width on each side of it in which a fence goes on, and at least so many radians: three beams."""
STRAIGHT, OBLIQUE = 0.4, 1.5
"""Metres: a line may be off by so much between the middle of its ends and itself; and its end beside the box be nearer
or farther by so much."""
ASIDE = 2.0
"""Of the width of a box's inner part: beyond so much beside its middle, and thrice LEAST_FLANK, nothing is asked."""
KEPT, REACH = 5, 0.25
"""Turns kept of each sensor, and seconds between a turn and the picture that it may serve."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a lidar sits: metres ahead of and above the body's centre, pitch in radians (down is positive)."""

    x: float = 0.0
    y: float = 0.0
    z: float = 0.12
    roll: float = 0.0
    pitch: float = 0.0
    yaw: float = 0.0


class Echoes:
    """The last turns of the dog's lidars, as points on the map."""

    def __init__(self, scan: Seat, cloud: Seat, body_height: float) -> None:
        self._scan, self._cloud, self._height = scan, cloud, body_height
        self._turns: tuple[deque[tuple[float, Points, Seat]], ...] = (deque(maxlen=KEPT), deque(maxlen=KEPT))

    def add_scan(self, scan: Scan) -> None:
        """One turn in one plane."""
        good = (scan.ranges >= scan.range_min) & (scan.ranges <= scan.range_max)  # NaN compares false
        angles, ranges = scan.angles()[good], scan.ranges[good].astype(np.float64)
        points = np.stack([ranges * np.cos(angles), ranges * np.sin(angles), np.zeros_like(ranges)], axis=1)
        self._turns[0].append((scan.stamp, points, self._scan))

    def add_cloud(self, cloud: Cloud) -> None:
        """One turn of several planes, or one depth picture."""
        points = cloud.points.reshape(-1, 3)
        self._turns[1].append((cloud.stamp, points[np.isfinite(points).all(axis=1)].astype(np.float64), self._cloud))

    def at(self, stamp: float, poses: PoseBuffer) -> Points | None:
        """What the turns nearest to ``stamp`` met; None where none is near, or the dog does not know where it was."""
        found = []
        for turns in self._turns:
            near = min(turns, key=lambda entry: abs(entry[0] - stamp), default=None)
            stance = poses.at(near[0]) if near is not None and abs(near[0] - stamp) <= REACH else None
            if near is None or stance is None:
                continue
            _, points, seat = near
            of_body = points @ turn(seat.yaw, seat.pitch, seat.roll).T + np.array([seat.x, seat.y, seat.z])
            on_map = of_body @ turn(stance.pose.theta, stance.pitch, stance.roll).T
            found.append(on_map + np.array([stance.pose.x, stance.pose.y, self._height]))
        return np.concatenate(found) if found else None


def ranged(place: Located, seen: Detection, view: View, echoes: Points) -> Located:
    """``place`` with its distance measured by ``echoes`` where they tell it."""
    if seen.posture is not Posture.LYING and _legs_hidden(seen):
        return place
    lies = seen.posture is Posture.LYING
    depth, depth_deviation = (LYING_DEPTH, LYING_DEVIATION) if lies else (DEPTH, DEPTH_DEVIATION)
    eye_x, eye_y, _ = view.place()
    away, azimuth = math.hypot(place.x - eye_x, place.y - eye_y), math.atan2(place.y - eye_y, place.x - eye_x)
    along = np.array([math.cos(azimuth), math.sin(azimuth)])
    covariance = np.array([[place.xx, place.xy], [place.xy, place.yy]])
    deviation = math.sqrt(max(float(along @ covariance @ along), 0.0))
    box, middle = seen.box, (seen.box.left + seen.box.right) / 2
    half = INNER * box.width / 2
    row = (box.top + box.bottom) / 2
    right, left = view.ray(middle + half, row).azimuth, view.ray(middle - half, row).azimuth
    top, bottom = view.ray(middle, box.top).slope, view.ray(middle, box.bottom).slope
    width = math.remainder(left - right, math.tau)
    offset = _about(echoes, view, azimuth, width)
    far = np.hypot(offset[:, 0], offset[:, 1])
    turned = np.arctan2(offset[:, 1], offset[:, 0])
    beside = np.mod(turned - right, math.tau)
    slope = offset[:, 2] / np.maximum(far, 1e-6)
    gate = min(max(GATE * math.hypot(deviation, depth_deviation), LEAST_GATE), MOST_GATE)
    level = (slope <= top) & (slope >= bottom)
    own = level & (beside <= width) & (np.abs(far + depth - away) <= gate)
    bodies = _bodies(far, own, far[level], turned[level], view, box, row)
    if not bodies:
        return place
    # What runs on beyond the box may be a wall's end before the person: it counts where nothing else does, and as far
    # as the camera agrees.
    alone = [body for body in bodies if not body.runs_on] or bodies
    distances = np.array([body.far for body in alone]) + depth
    likely = np.exp(-((distances - away) ** 2) / (2 * (deviation**2 + depth_deviation**2)))
    weights = np.array([body.echoes for body in alone]) * likely
    weights /= weights.sum()
    measured = float(weights @ distances)
    spread = depth_deviation**2 + float(weights @ (distances - measured) ** 2)
    if alone[0].runs_on:
        spread += (measured - away) ** 2
    gain = covariance @ along / (deviation**2 + spread)
    x, y = np.array([place.x, place.y]) + gain * (measured - away)
    after = covariance - np.outer(gain, along) @ covariance
    return Located(float(x), float(y), float(after[0, 0]), float(after[0, 1]), float(after[1, 1]))


def _about(echoes: Points, view: View, azimuth: float, width: float) -> Points:
    """Those off the ground that lie about the person and beside, as far as anything here asks for: n x 3, from the
    camera."""
    eye_x, eye_y, eye_z = view.place()
    x, y, z = echoes[:, 0] - eye_x, echoes[:, 1] - eye_y, echoes[:, 2]
    cos, sin = math.cos(azimuth), math.sin(azimuth)
    wide = min(ASIDE * width + 3 * LEAST_FLANK, 1.4)
    forward = cos * x + sin * y
    kept = (np.abs(cos * y - sin * x) <= math.tan(wide) * forward) & (z > LEAST_HEIGHT)
    return np.stack([x[kept], y[kept], z[kept] - eye_z], axis=1)


@dataclass(frozen=True, slots=True)
class _Body:
    """What may be the person: metres from the camera to its near side, and how many echoes are of it. ``runs_on``: it
    goes on beyond the person's box at one side."""

    far: float
    echoes: int
    runs_on: bool


def _bodies(
    far: Flat, own: NDArray[np.bool_], level: Flat, turned: Flat, view: View, box: Box, row: float
) -> list[_Body]:
    """The bodies, the nearest first, that the ``own`` ones of ``far`` are echoes of; ``level`` and ``turned`` are
    distances and azimuths of all echoes as high as the box."""
    left, right = view.ray(box.left, row).azimuth, view.ray(box.right, row).azimuth
    found: list[_Body] = []
    while own.any():
        nearest = float(far[own].min())
        if _goes_on(nearest, level, turned, left, right):
            own = own & (far > nearest + STRAIGHT)
            continue
        near = own & (far <= nearest + THICK)
        runs_on = _runs_on(nearest, level, turned, left, right)
        found.append(_Body(float(far[near].mean()), int(near.sum()), runs_on))
        own = own & (far > nearest + THICK)
    return found


def _goes_on(nearest: float, far: Flat, turned: Flat, left: float, right: float) -> bool:
    """Whether what is met at ``nearest`` metres is a line that goes on at both sides of the box."""
    off = far - nearest
    wide = max(FLANK * math.remainder(left - right, math.tau), LEAST_FLANK)
    like = np.abs(off) <= OBLIQUE
    on_left = off[like & (np.mod(turned - left, math.tau) <= wide)]
    on_right = off[like & (np.mod(right - turned, math.tau) <= wide)]
    return bool((np.abs(on_left[:, None] + on_right[None, :]) / 2 <= STRAIGHT).any())


def _runs_on(nearest: float, far: Flat, turned: Flat, left: float, right: float) -> bool:
    """Whether what is met at ``nearest`` metres goes on, echo by echo, beyond one side of the box."""
    width = math.remainder(left - right, math.tau)
    for outward in (turned - left, right - turned):
        beyond = np.mod(outward + math.pi, math.tau) - math.pi
        last, at = nearest, -math.inf
        near = np.flatnonzero((beyond > -width) & (beyond <= 2 * LEAST_FLANK))
        for index in near[np.argsort(beyond[near])]:
            if abs(far[index] - last) > STRAIGHT:
                continue
            if at > -width and beyond[index] - at > LEAST_FLANK / 2:
                break
            last, at = float(far[index]), float(beyond[index])
        if at >= LEAST_FLANK:
            return True
    return False


def _legs_hidden(seen: Detection) -> bool:
    return seen.whole is not None and seen.whole.bottom - seen.box.bottom > HIDDEN * seen.whole.height
