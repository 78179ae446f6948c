"""Scans laid on what other scans saw: closely where the place is known, by a search where it is known roughly."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.navigation.likelihood_field import Field, field, refined, summed
from edge.navigation.maps import Frame, occupancy_grid
from edge.types import Pose2D

Points = NDArray[np.float64]
CELL = 0.05  # m
MARGIN = 1.5  # m round the points of a patch
WIDE, NARROW = 0.30, 0.08  # m: how far off points still pull, at first and at last
STEP = 0.12  # m: the same where the guess is good
FITS = 0.12  # m: a hit that lies this near to another scan's saw the same thing
FEW = 90  # hits that weigh a guess of the search
SEARCH_CELL = 0.20  # m between guesses ...
SEARCH_TURN = 0.013  # rad: ... 0.2 m at 15 m
BEYOND = -1.5  # what a hit outside of the patch counts
RIVAL = (0.6, 0.12)  # m, rad: a guess farther off than this is another place
RIVALS = 3  # that are looked at


@dataclass(frozen=True, slots=True)
class Match:
    """Where a scan lies, how sure that is (3 x 3 covariance), the share of its hits that fit, and a rival's share."""

    pose: Pose2D
    covariance: NDArray[np.float64]
    fit: float
    rival: float = 0.0


def placed(points: Points, pose: Pose2D) -> Points:
    """Points of base_link in the frame in which ``pose`` is given."""
    cos, sin = math.cos(pose.theta), math.sin(pose.theta)
    turned: Points = points @ np.array([[cos, sin], [-sin, cos]]) + (pose.x, pose.y)
    return turned


def patch(clouds: Sequence[Points]) -> Field:
    """The field of what was hit; all ``clouds`` (n, 2) in one frame."""
    points = np.vstack(clouds)
    low, high = points.min(axis=0) - MARGIN, points.max(axis=0) + MARGIN
    width, height = np.ceil((high - low) / CELL).astype(int)
    frame = Frame(CELL, float(low[0]), float(low[1]), int(height), int(width))
    occupied = np.zeros((frame.height, frame.width), np.bool_)
    rows, columns, inside = frame.cells(points)
    occupied[rows[inside], columns[inside]] = True
    return field(occupancy_grid("patch", frame, occupied, np.zeros_like(occupied)))


def followed(on: Field, guess: Pose2D, prior: NDArray[np.float64], hits: Points) -> Match:
    """The same from step to step, where ``guess`` is good: along a lane that looks the same the prior has to hold."""
    pose, covariance = refined(on, guess, prior, hits, rounds=10, sigma=STEP)
    return Match(pose, covariance, fit(on, pose, hits))


def matched(on: Field, guess: Pose2D, prior: NDArray[np.float64], hits: Points) -> Match:
    """The place near ``guess`` where the hits lie best, held by ``prior`` (3 x 3)."""
    pose, _ = refined(on, guess, prior, hits, rounds=8, sigma=WIDE)
    loose = prior + np.diag([1e-2, 1e-2, 0.0])  # the place that was found is not pulled back to the guess
    pose, covariance = refined(on, pose, loose, hits, rounds=8, sigma=NARROW)
    return Match(pose, covariance, fit(on, pose, hits))


def fit(on: Field, pose: Pose2D, hits: Points) -> float:
    """The share of hits that lie on what the patch has."""
    return float((on.grid.distance_at(placed(hits, pose)) < FITS).mean()) if len(hits) else 0.0


def searched(on: Field, about: Pose2D, metres: float, radians: float, hits: Points) -> Match | None:
    """The best place within ``metres`` and ``radians`` of ``about`` (correlative matching after Olson 2009)."""
    if len(hits) < 20:
        return None
    few = hits[:: max(1, len(hits) // FEW)]
    across = np.arange(-metres, metres + 1e-9, SEARCH_CELL)
    turns = np.arange(-radians, radians + 1e-9, SEARCH_TURN)
    x, y, theta = (axis.ravel() for axis in np.meshgrid(across + about.x, across + about.y, turns + about.theta))
    guesses = np.stack([x, y, theta], axis=1)
    parts = np.array_split(guesses, max(1, len(guesses) // 4000))
    score = np.concatenate([summed(on.grid, on.coarse, BEYOND, part, few) for part in parts])
    order = np.argsort(-score, kind="stable")
    best = _matched_at(on, guesses[order[0]], hits)
    others = guesses[order][_are_apart(guesses[order], best.pose)]
    rivals = [_matched_at(on, guess, hits) for guess in others[: RIVALS * 20 : 20]]
    apart = [rival.fit for rival in rivals if _are_apart(_row(rival.pose), best.pose)[0]]  # others slide into the best
    return Match(best.pose, best.covariance, best.fit, max(apart, default=0.0))


def _matched_at(on: Field, guess: NDArray[np.float64], hits: Points) -> Match:
    return matched(on, Pose2D(*(float(v) for v in guess)), np.diag([0.04, 0.04, 0.001]), hits)


def _are_apart(guesses: NDArray[np.float64], pose: Pose2D) -> NDArray[np.bool_]:
    """Which guesses (n, 3) are another place than ``pose``."""
    turned = np.abs(np.remainder(guesses[:, 2] - pose.theta + math.pi, math.tau) - math.pi)
    off = np.hypot(guesses[:, 0] - pose.x, guesses[:, 1] - pose.y)
    return np.asarray((off > RIVAL[0]) | (turned > RIVAL[1]))


def _row(pose: Pose2D) -> NDArray[np.float64]:
    return np.array([[pose.x, pose.y, pose.theta]])
