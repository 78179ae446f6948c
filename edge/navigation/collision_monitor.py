"""Would the dog touch something if it did as it is told? After Nav2's collision monitor, with its approach model."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.types import Twist2D

Points = NDArray[np.float64]
SLACK = 0.005  # m: a change of the gap that is not worth a stop


@dataclass(frozen=True, slots=True)
class Outline:
    """The dog from above, a rectangle about base_link, and the room it keeps beyond it (m)."""

    front: float = 0.38  # the head
    back: float = 0.32
    half_width: float = 0.16
    margin: float = 0.08  # all round: less must never be ...
    margin_ahead: float = 0.15  # ... and more is kept in the direction of travel


@dataclass(frozen=True, slots=True)
class Stopping:
    """How the dog comes to rest."""

    latency: float = 0.35  # s: the age of a scan, this loop, the legs
    brake: float = 1.0  # m/s²
    turn_brake: float = 2.0  # rad/s²
    horizon: float = 2.5  # s looked ahead
    step: float = 0.1  # s

    def needed(self, command: Twist2D) -> float:
        """Seconds of ``command`` within which what is farther away need not be known."""
        speed, turn = math.hypot(command.vx, command.vy), abs(command.omega)
        rest = max(speed / (2 * self.brake), turn / (2 * self.turn_brake))
        return min(self.horizon, self.latency + rest + 2 * self.step)


def gaps(points: Points, outline: Outline) -> NDArray[np.float64]:
    """Metres from the outline to points (..., 2) of base_link; within it the way out, negative."""
    middle = (outline.front - outline.back) / 2
    x = np.abs(points[..., 0] - middle) - (outline.front + outline.back) / 2
    y = np.abs(points[..., 1]) - outline.half_width
    gap: NDArray[np.float64] = np.hypot(np.maximum(x, 0.0), np.maximum(y, 0.0)) + np.minimum(np.maximum(x, y), 0.0)
    return gap


def nearest(points: Points, outline: Outline) -> float:
    """Metres from the outline to the nearest of ``points`` (n, 2); infinite where there is none."""
    return max(0.0, float(gaps(points, outline).min())) if len(points) else math.inf


@dataclass(frozen=True, slots=True)
class Contact:
    """Seconds until something is too close, infinite where nothing will be, and where that is now (base_link, m)."""

    at: float = math.inf
    place: tuple[float, float] | None = None


NO_CONTACT = Contact()


def time_to_contact(
    points: Points, command: Twist2D, outline: Outline, stopping: Stopping, horizon: float | None = None
) -> float:
    """The seconds of ``first_contact``."""
    return first_contact(points, command, outline, stopping, horizon).at


def first_contact(
    points: Points, command: Twist2D, outline: Outline, stopping: Stopping, horizon: float | None = None
) -> Contact:
    """When, doing ``command``, something is closer than the margin and coming closer; never beyond the horizon.

    Where the margin is broken already, only what comes closer on that side still counts, so a dog beside a wall may
    walk along it, turn away, or back off.
    """
    seconds = stopping.horizon if horizon is None else horizon
    corner = math.hypot(max(outline.front, outline.back), outline.half_width)
    reach = math.hypot(command.vx, command.vy) * seconds + corner + max(outline.margin, outline.margin_ahead)
    points = points[np.hypot(points[:, 0], points[:, 1]) < reach + SLACK]
    if not len(points) or command == Twist2D(0.0, 0.0, 0.0):
        return NO_CONTACT
    at = np.arange(1, math.ceil(seconds / stopping.step - 1e-9) + 1, dtype=np.float64) * stopping.step
    before, moved = gaps(points, outline), _seen_from(points, command, at)
    after = gaps(moved, outline)
    room = _rooms(before, _sides(points, outline), command, outline)[_sides(moved, outline)]
    inside = before <= 0.0  # what is there already, or seems to be, must not be pushed into
    touched = np.where(inside, after < before - SLACK, after < room)
    contact = touched.any(axis=1)
    if not contact.any():
        return NO_CONTACT
    first = int(np.argmax(contact))
    x, y = points[np.argmin(np.where(touched[first], after[first], np.inf))]
    return Contact(float(at[first]), (float(x), float(y)))


def allowed_share(contact: float, command: Twist2D, stopping: Stopping) -> float:
    """The share of ``command``, 0 to 1, from which the dog still stops within ``contact`` seconds of its way.

    Solves k latency + k² / (2 a) <= contact for k, a being the braking as a share of the command a second.
    """
    if math.isinf(contact):
        return 1.0
    speed, turn = math.hypot(command.vx, command.vy), abs(command.omega)
    brakes = [stopping.brake / speed] if speed > 1e-6 else []
    brakes += [stopping.turn_brake / turn] if turn > 1e-6 else []
    if not brakes:
        return 1.0
    brake, room = min(brakes), max(0.0, contact - stopping.step)
    return min(1.0, brake * (math.sqrt(stopping.latency**2 + 2 * room / brake) - stopping.latency))


INSIDE, AHEAD, BEHIND, LEFT, RIGHT = 4, 7, 1, 5, 3  # 3 (x) + y of the nine fields about the outline
CORNERS = {0: (BEHIND, RIGHT), 2: (BEHIND, LEFT), 6: (AHEAD, RIGHT), 8: (AHEAD, LEFT)}


def _sides(points: Points, outline: Outline) -> NDArray[np.intp]:
    """In which of nine fields points (..., 2) lie: behind, beside and ahead, to the right, in line and to the left."""
    x, y = points[..., 0], points[..., 1]
    along = 1 + (x > outline.front).astype(np.intp) - (x < -outline.back)
    across = 1 + (y > outline.half_width).astype(np.intp) - (y < -outline.half_width)
    field: NDArray[np.intp] = 3 * along + across
    return field


def _rooms(gap: NDArray[np.float64], side: NDArray[np.intp], command: Twist2D, outline: Outline) -> NDArray[np.float64]:
    """The room (9) to be kept in each field: its margin, or what is left of it."""
    rooms = np.full(9, outline.margin)
    for field, towards in ((AHEAD, command.vx), (BEHIND, -command.vx), (LEFT, command.vy), (RIGHT, -command.vy)):
        if towards > 1e-3:
            rooms[field] = outline.margin_ahead
    for field in set(side[gap < outline.margin_ahead].tolist()) - {INSIDE}:
        rooms[field] = min(rooms[field], float(gap[side == field].min()) - SLACK)
    for field, beside in CORNERS.items():
        rooms[field] = min(rooms[field], *(rooms[other] for other in beside))
    return rooms


def _seen_from(points: Points, command: Twist2D, at: NDArray[np.float64]) -> Points:
    """The points (t, n, 2) as they will lie about the dog after ``at`` seconds of a constant command."""
    theta = command.omega * at
    if abs(command.omega) > 1e-6:
        radius_x, radius_y = command.vx / command.omega, command.vy / command.omega
        x = radius_x * np.sin(theta) - radius_y * (1 - np.cos(theta))
        y = radius_x * (1 - np.cos(theta)) + radius_y * np.sin(theta)
    else:
        x, y = command.vx * at, command.vy * at
    dx, dy = points[None, :, 0] - x[:, None], points[None, :, 1] - y[:, None]
    cos, sin = np.cos(theta)[:, None], np.sin(theta)[:, None]
    return np.stack([cos * dx + sin * dy, cos * dy - sin * dx], axis=-1)
