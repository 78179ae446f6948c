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


def gaps(points: Points, outline: Outline) -> NDArray[np.float64]:
    """Metres from the outline to points (..., 2) of base_link; 0 within it."""
    middle = (outline.front - outline.back) / 2
    outside_x = np.maximum(np.abs(points[..., 0] - middle) - (outline.front + outline.back) / 2, 0.0)
    outside_y = np.maximum(np.abs(points[..., 1]) - outline.half_width, 0.0)
    gap: NDArray[np.float64] = np.hypot(outside_x, outside_y)
    return gap


def nearest(points: Points, outline: Outline) -> float:
    """Metres from the outline to the nearest of ``points`` (n, 2); infinite where there is none."""
    return float(gaps(points, outline).min()) if len(points) else math.inf


def time_to_contact(points: Points, command: Twist2D, outline: Outline, stopping: Stopping) -> float:
    """Seconds of ``command`` until something is closer than the margin and coming closer; infinite beyond the horizon.

    Where the margin is broken already, only what comes closer still counts, so a dog beside a wall may walk along it,
    turn away, or back off.
    """
    reach = (abs(command.vx) + abs(command.vy)) * stopping.horizon + outline.front + 2 * outline.margin_ahead
    points = points[np.hypot(points[:, 0], points[:, 1]) < reach + outline.front]
    if not len(points):
        return math.inf
    at = np.arange(1, round(stopping.horizon / stopping.step) + 1, dtype=np.float64) * stopping.step
    before = gaps(points, outline)
    after = gaps(_seen_from(points, command, at), outline)
    ahead = _is_ahead(points, command, outline)
    margin = np.where(ahead, _room(before[ahead], outline.margin_ahead), _room(before[~ahead], outline.margin))
    contact = (after < margin).any(axis=1)
    return float(at[np.argmax(contact)]) if contact.any() else math.inf


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


def _room(gaps_now: NDArray[np.float64], margin: float) -> float:
    """The margin, or what is left of it."""
    return min(margin, float(gaps_now.min()) - SLACK) if len(gaps_now) else margin


def _is_ahead(points: Points, command: Twist2D, outline: Outline) -> NDArray[np.bool_]:
    """Which points lie in the strip that the dog is walking into."""
    beside = np.abs(points[:, 1]) < outline.half_width
    if command.vx > 1e-3:
        return beside & (points[:, 0] > outline.front)
    if command.vx < -1e-3:
        return beside & (points[:, 0] < -outline.back)
    return np.zeros(len(points), np.bool_)


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
