"""How well a scan lies on the map (the likelihood field of Thrun, Burgard and Fox, Probabilistic Robotics, 6.4)."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter

from edge.navigation.maps import OccupancyGrid
from edge.navigation.scan_leveling import LevelScan
from edge.types import Pose2D

SIGMA = 0.15  # m: map, sensor and the stride's bobbing together
OUTLIER = 0.08  # share of the peak that a beam gets wherever it ends: people and parked things are not on the map
BEAMS_SHARE = 0.25  # neighbouring beams see the same wall: that share of them counts as independent
ON_MAP = 0.25  # m: a beam that ends this near a mapped obstacle, or this near its expected end, agrees with the map
FULL_PICTURE = 40  # beams that must say something for a score to have its full weight


@dataclass(frozen=True, slots=True)
class Field:
    """The map as a scan is held against it: distance, its slope and log-likelihood by cell.

    ``distance`` is metres to where surfaces are seen, negative within what is solid. A cell is occupied in which
    something was met, or which a wall touches: seen surfaces lie in the middle of the outermost occupied cells on
    average. Deep in a house no beam ends.
    ``coarse`` stands in for the log-likelihood where guesses are far apart: it rises from 1.5 m away.
    """

    grid: OccupancyGrid
    distance: NDArray[np.float32]
    log_likelihood: NDArray[np.float32]
    coarse: NDArray[np.float32]
    slope_x: NDArray[np.float32]
    slope_y: NDArray[np.float32]


def field(grid: OccupancyGrid) -> Field:
    """The field of a map."""
    resolution = grid.frame.resolution
    depth = resolution * distance_transform_edt(grid.occupied) - resolution  # of the outermost cells: 0
    distance = np.where(grid.occupied, -depth, grid.distance).astype(np.float32)
    likelihood = np.log((1 - OUTLIER) * np.exp(-0.5 * (distance / SIGMA) ** 2) + OUTLIER).astype(np.float32)
    finite = np.where(np.isfinite(distance), distance, 0.0)
    slope_y, slope_x = np.gradient(gaussian_filter(finite, 1.0), resolution)
    coarse = -np.minimum(grid.distance, 1.5).astype(np.float32)
    return Field(grid, distance, likelihood, coarse, slope_x.astype(np.float32), slope_y.astype(np.float32))


def log_likelihoods(on: Field, poses: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The log-likelihood of hits ``points`` (m, 2; base_link) at each of ``poses`` (n, 3: x, y, theta)."""
    return BEAMS_SHARE * summed(on.grid, on.log_likelihood, math.log(OUTLIER), poses, points)


def summed(
    grid: OccupancyGrid,
    table: NDArray[np.float32],
    beyond: float,
    poses: NDArray[np.float64],
    points: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The sum of ``table`` over where ``points`` fall on the map, for each pose; ``beyond`` counts outside it."""
    frame = grid.frame
    cos, sin = np.cos(poses[:, 2:3]), np.sin(poses[:, 2:3])
    x, y = points[:, 0][None, :], points[:, 1][None, :]
    columns = ((poses[:, 0:1] + cos * x - sin * y - frame.x) / frame.resolution).astype(np.int32)
    rows = ((poses[:, 1:2] + sin * x + cos * y - frame.y) / frame.resolution).astype(np.int32)
    inside = (rows >= 0) & (rows < frame.height) & (columns >= 0) & (columns < frame.width)
    values = np.where(inside, table.ravel()[np.where(inside, rows * frame.width + columns, 0)], np.float32(beyond))
    total: NDArray[np.float64] = values.sum(axis=1, dtype=np.float64)
    return total


def refined(
    on: Field,
    start: Pose2D,
    prior: NDArray[np.float64],
    points: NDArray[np.float64],
    rounds: int = 6,
    sigma: float = SIGMA,
    width: float | None = None,
    first: Pose2D | None = None,
    thin: bool = False,
) -> tuple[Pose2D, NDArray[np.float64]]:
    """The pose near ``start`` at which hits (m, 2) lie best on the map, and its covariance (3 x 3).

    Gauss-Newton on the distance field with Welsch weights of ``width`` metres (2 ``sigma``), held by ``prior`` (3 x 3
    covariance of ``start``) where the scan says nothing, as along a bare wall (after Kohlbrecher and others 2011,
    without their interpolation). It begins at ``first``, or at ``start``. With ``thin``, near enough to be sure of it,
    what lies in the far half of a thin wall came through the side that faces the dog, and is pushed back to that.
    """
    origin = np.array([[start.x, start.y, start.theta]])
    begin = origin.copy()
    if first is not None:
        begin += first.x - start.x, first.y - start.y, math.remainder(first.theta - start.theta, math.tau)
    poses, hessians = _descended(on, origin, begin, prior, points, rounds, sigma, width or 2 * sigma, thin)
    x, y, theta = poses[0].tolist()
    covariance: NDArray[np.float64] = np.linalg.inv(hessians[0])
    return Pose2D(x, y, math.remainder(theta, math.tau)), covariance


def refined_poses(
    on: Field,
    starts: NDArray[np.float64],
    prior: NDArray[np.float64],
    points: NDArray[np.float64],
    rounds: int = 6,
    sigma: float = SIGMA,
) -> NDArray[np.float64]:
    """``refined`` for many starts at once (n, 3: x, y, theta): the poses (n, 3), theta not wrapped."""
    return _descended(on, starts, starts, prior, points, rounds, sigma, 2 * sigma, thin=False)[0]


def _descended(
    on: Field,
    origins: NDArray[np.float64],
    begin: NDArray[np.float64],
    prior: NDArray[np.float64],
    points: NDArray[np.float64],
    rounds: int,
    sigma: float,
    width: float,
    thin: bool,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The poses (n, 3) and their information (n, 3, 3) after at most so many rounds from ``begin``."""
    information = np.linalg.inv(prior)
    poses, hessians = begin.copy(), np.broadcast_to(information, (len(begin), 3, 3))
    frame, (x, y) = on.grid.frame, points.T
    for _ in range(rounds):
        cos, sin = np.cos(poses[:, 2:]), np.sin(poses[:, 2:])
        turned_x, turned_y = cos * x - sin * y, sin * x + cos * y
        at, inside = frame.flat_cells(turned_x + poses[:, :1], turned_y + poses[:, 1:2])
        distance = on.distance.ravel()[at].astype(np.float64)
        slope_x, slope_y = on.slope_x.ravel()[at], on.slope_y.ravel()[at]
        if thin:
            behind = np.abs(distance) < frame.resolution / 2
            behind &= slope_x * turned_x + slope_y * turned_y > 0
            facing = np.where(behind, -1.0, 1.0)
            slope_x, slope_y = facing * slope_x, facing * slope_y
            distance -= behind * frame.resolution
        weight = inside * (BEAMS_SHARE / sigma**2 * np.exp(-0.5 * (distance / width) ** 2))
        jacobian = np.stack([slope_x, slope_y, slope_y * turned_x - slope_x * turned_y], axis=1)  # (n, 3, m)
        weighted = jacobian * weight[:, None]
        hessians = weighted @ jacobian.transpose(0, 2, 1) + information
        gradient = weighted @ distance[:, :, None] + (information @ (poses - origins).T).T[:, :, None]
        step = np.linalg.solve(hessians, -gradient)[:, :, 0]
        poses = poses + np.clip(step, -0.2, 0.2)
        if np.abs(step).max() < 1e-3:
            break
    return poses, hessians


def agreement(on: Field, pose: Pose2D, scan: LevelScan, early_counts: float = 0.5) -> float:
    """How far scan and map agree at ``pose``, 0 to 1: the share of beams that end on what the map has.

    A beam that ends early met something unmapped, a person perhaps, and counts ``early_counts``; one that passed
    through what the map has counts in full against the pose. Within something occupied nothing agrees.
    """
    return float(agreements(on, np.array([[pose.x, pose.y, pose.theta]]), scan, early_counts)[0])


def agreements(
    on: Field, poses: NDArray[np.float64], scan: LevelScan, early_counts: float = 0.5
) -> NDArray[np.float64]:
    """``agreement`` at many poses (n, 3: x, y, theta)."""
    hits = np.isfinite(scan.points[:, 0])
    telling = hits | (scan.free > 0)
    bearing, free, hits = scan.bearing[telling], scan.free[telling], hits[telling]
    if not len(free):
        return np.zeros(len(poses))
    bearings = bearing + poses[:, 2:]
    x, y = np.broadcast_to(poses[:, :1], bearings.shape), np.broadcast_to(poses[:, 1:2], bearings.shape)
    reach = np.broadcast_to(free + 4 * ON_MAP, bearings.shape)  # what is farther tells nothing more
    expected = _cast(on.grid, x.ravel(), y.ravel(), bearings.ravel(), reach.ravel()).reshape(bearings.shape)
    ends = np.stack([(x + free * np.cos(bearings)).ravel(), (y + free * np.sin(bearings)).ravel()], axis=1)
    near = on.grid.distance_at(ends).reshape(bearings.shape) < ON_MAP
    near &= free < expected + 4 * ON_MAP  # farther than that, something mapped lies between
    on_map = hits & (near | (np.abs(free - expected) < ON_MAP))
    through = ~on_map & (free > expected + 2 * ON_MAP)
    early = hits & ~on_map & ~through
    counted = on_map.sum(axis=1) + through.sum(axis=1) + early_counts * early.sum(axis=1)
    within = on.grid.distance_at(poses[:, :2]) < on.grid.frame.resolution
    agreed: NDArray[np.float64] = np.where(within, 0.0, on_map.sum(axis=1) / np.maximum(counted, FULL_PICTURE / 2))
    return agreed


def cast(
    grid: OccupancyGrid, pose: Pose2D, bearings: NDArray[np.float64], reach: float | NDArray[np.float64]
) -> NDArray[np.float64]:
    """How far a ray along each bearing (map frame) gets on the map before something occupied, at most ``reach``.

    Sphere tracing over the distance field (Hart 1996); exact to about one cell. ``reach`` may differ by ray.
    """
    count = len(bearings)
    return _cast(grid, np.full(count, pose.x), np.full(count, pose.y), bearings, np.full(count, reach, np.float64))


def _cast(
    grid: OccupancyGrid,
    from_x: NDArray[np.float64],
    from_y: NDArray[np.float64],
    bearings: NDArray[np.float64],
    reach: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The same for rays from many places; all arrays are by ray. One from outside of the map gets as far as it may."""
    frame, distance, result = grid.frame, grid.distance.ravel(), reach.copy()
    x, y = (from_x - frame.x) / frame.resolution, (from_y - frame.y) / frame.resolution
    going = np.flatnonzero((x >= 0) & (x < frame.width) & (y >= 0) & (y < frame.height))
    if len(going) < len(x):
        x, y, bearings, reach = x[going], y[going], bearings[going], reach[going]
    along_x, along_y = np.cos(bearings) / frame.resolution, np.sin(bearings) / frame.resolution
    edge = _to_the_edge(x, along_x, frame.width, _to_the_edge(y, along_y, frame.height, reach))
    travelled = np.zeros(len(going))
    shortest = frame.resolution * 0.75
    for _ in range(80):
        columns, rows = (x + along_x * travelled).astype(np.intp), (y + along_y * travelled).astype(np.intp)
        free = distance[rows * frame.width + columns]
        travelled = travelled + np.maximum(free - shortest, shortest)
        met, out = free <= shortest, travelled >= edge
        result[going[met]] = travelled[met] - shortest
        on = ~(met | out)
        if not on.any():
            break
        if not on.all():
            going, travelled, edge, along_x, along_y = going[on], travelled[on], edge[on], along_x[on], along_y[on]
            x, y = x[on], y[on]
    else:
        result[going] = np.minimum(travelled, edge)
    return result


def _to_the_edge(
    at: NDArray[np.float64], along: NDArray[np.float64], cells: int, most: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Metres until a ray that begins ``at`` cells from its lower edge leaves the map on one axis, at most ``most``."""
    with np.errstate(divide="ignore"):
        left = np.where(along > 0, (cells - at) / along, np.where(along < 0, -at / along, np.inf))
    ends: NDArray[np.float64] = np.minimum(most, np.maximum(left - 1e-9, 0.0))
    return ends
