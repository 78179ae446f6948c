"""A made map held against a true one, after the turn and shift that lay the walked way best on the true way."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, distance_transform_edt

from edge.mapping.occupancy_counts import Occupancy
from edge.mapping.scan_matching import placed
from edge.navigation.maps import OccupancyGrid
from edge.types import Pose2D

GHOST = 0.35  # m: what is drawn farther than this from anything true is not there
ABOUT = 5.0  # m about the walked way: the ground that a walk must have seen


@dataclass(frozen=True)
class Comparison:
    """Metres, degrees and shares. ``wall``: from what is drawn as standing to the nearest true surface."""

    wall_median: float
    wall_p95: float
    ghosts: float  # share of what is drawn as standing that is not there
    free_right: float  # share of what is drawn as free that is truly free of what the lidar can see
    free_low: float  # share of what is drawn as free where something lower than the lidar stands
    free_found: float  # share of the truly free ground within ABOUT of the way that is drawn as free
    way_median: float
    way_worst: float
    turn_worst_deg: float
    start_off: float  # how far the far end of the map is off if the start is laid on the start, without the best turn


def laid_on(poses: Sequence[Pose2D], truth: NDArray[np.float64]) -> Pose2D:
    """The pose of the poses' frame in that of ``truth`` (n, 3: x, y, theta), by least squares over the places."""
    made = np.array([(pose.x, pose.y) for pose in poses])
    a, b = made - made.mean(axis=0), truth[:, :2] - truth[:, :2].mean(axis=0)
    theta = math.atan2(float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()), float((a * b).sum()))
    x, y = (float(v) for v in truth[:, :2].mean(axis=0))
    middle = Pose2D(x, y, theta)
    return middle.compose(Pose2D(-float(made[:, 0].mean()), -float(made[:, 1].mean()), 0.0))


def compared(grid: Occupancy, poses: Sequence[Pose2D], truth: NDArray[np.float64], true: OccupancyGrid) -> Comparison:
    """``truth`` (n, 3) are the true poses of ``poses``; ``true.unknown``: what the lidar looks over."""
    over = laid_on(poses, truth)
    laid = [over.compose(pose) for pose in poses]
    off = np.array([math.hypot(pose.x - row[0], pose.y - row[1]) for pose, row in zip(laid, truth, strict=True)])
    turned = np.array([math.remainder(pose.theta - row[2], math.tau) for pose, row in zip(laid, truth, strict=True)])
    walls = _on(over, grid, grid.occupied())
    surface = true.occupied & binary_dilation(~true.occupied)
    to_surface = _distance(surface, true)
    to_wall = _at(true, to_surface, walls)
    to_anything = np.minimum(true.distance_at(walls), _at(true, _distance(true.unknown, true), walls))
    rows, columns, inside = true.frame.cells(_on(over, grid, grid.free()))
    rows, columns = rows[inside], columns[inside]
    start = Pose2D(*(float(v) for v in truth[0])).compose(poses[0].inverse())
    corner = max((pose for pose in poses), key=lambda pose: pose.distance(poses[0]))
    return Comparison(
        wall_median=float(np.median(to_wall)),
        wall_p95=float(np.quantile(to_wall, 0.95)),
        ghosts=float((to_anything > GHOST).mean()),
        free_right=float(1 - true.occupied[rows, columns].mean()),
        free_low=float(true.unknown[rows, columns].mean()),
        free_found=_found(grid, over, truth, true),
        way_median=float(np.median(off)),
        way_worst=float(off.max()),
        turn_worst_deg=math.degrees(float(np.abs(turned).max())),
        start_off=start.compose(corner).distance(over.compose(corner)),
    )


def _found(grid: Occupancy, over: Pose2D, truth: NDArray[np.float64], true: OccupancyGrid) -> float:
    """How much of the true free ground about the way is drawn as free."""
    walked = np.ones_like(true.occupied)
    rows, columns, inside = true.frame.cells(truth[:, :2])
    walked[rows[inside], columns[inside]] = False
    near = distance_transform_edt(walked) * true.frame.resolution < ABOUT
    cells = np.argwhere(near & ~true.occupied & ~true.unknown)
    back = over.inverse()
    places = placed(true.frame.centres(cells), back)
    rows, columns, inside = grid.frame.cells(places)
    return float((grid.free()[rows, columns] & inside).mean())


def _on(over: Pose2D, grid: Occupancy, mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    return placed(grid.frame.centres(np.argwhere(mask)), over)


def _distance(mask: NDArray[np.bool_], true: OccupancyGrid) -> NDArray[np.float64]:
    if not mask.any():
        return np.full(mask.shape, np.inf)
    return np.asarray(distance_transform_edt(~mask) * true.frame.resolution)


def _at(true: OccupancyGrid, values: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    rows, columns, inside = true.frame.cells(points)
    return np.where(inside, values[rows, columns], np.inf)
