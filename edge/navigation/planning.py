"""A way on the map: the cheapest where closeness to things costs, then pulled straight where that costs nothing."""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, label

from edge.navigation.grid_search import Cost, cheapest, reached
from edge.navigation.maps import Frame, Metres, Terrain

Path = NDArray[np.float64]


class NoWay(StrEnum):
    """Why there is no plan."""

    START_BLOCKED = "START_BLOCKED"
    GOAL_BLOCKED = "GOAL_BLOCKED"
    CUT_OFF = "CUT_OFF"


@dataclass(frozen=True, slots=True)
class PlanningConfig:
    """What a way may come near to, and what it costs to do so."""

    cell: float = 0.10  # m: the map is planned on in cells no finer than this
    inscribed: float = 0.32  # m: the dog's centre comes no closer to anything: half its width and 0.18 m to spare
    comfort: float = 0.25  # m: beyond the inscribed radius, over which the cost of closeness falls to 1/e
    closeness: float = 14.0  # times the cost of open ground, at the inscribed radius
    escape: float = 1.5  # m: a start in too narrow a place is left by the nearest free cell within this
    speed: float = 0.8  # m/s: what a slow zone's limit is compared with
    spacing: float = 0.10  # m between the points of a plan


@dataclass(frozen=True, slots=True)
class CostMap:
    """Ground to plan on. ``cost`` is 0 where the dog cannot be, else at least 1; ``clearance`` is in metres."""

    frame: Frame
    clearance: Metres
    slowness: Metres
    cost: Cost
    config: PlanningConfig

    def cost_at(self, points: NDArray[np.floating]) -> NDArray[np.int32]:
        """Costs at points (n, 2); 0 outside the map."""
        rows, columns, inside = self.frame.cells(points)
        return np.where(inside, self.cost[rows, columns], 0).astype(np.int32)


@dataclass(frozen=True, slots=True)
class Plan:
    """A way: points (n, 2) on the map, evenly spaced, from where the dog is to the goal, and its length in metres."""

    path: Path
    length: float


def cost_map(terrain: Terrain, config: PlanningConfig) -> CostMap:
    """The terrain as ground to plan on, in cells of ``config.cell`` or the map's own if those are wider."""
    step = max(1, round(config.cell / terrain.grid.frame.resolution))
    frame = terrain.grid.frame.coarser(step)
    clearance = _worst(terrain.clearance, step, np.float32(0.0))
    limit = _worst(terrain.speed_limit, step, np.float32(np.inf))
    slowness = np.maximum(1.0, config.speed / np.maximum(limit, 0.05)).astype(np.float32)
    return CostMap(frame, clearance, slowness, _cost(clearance, slowness, config), config)


def with_obstacles(ground: CostMap, points: NDArray[np.floating], room: float = 0.0) -> CostMap:
    """The ground with things at ``points`` (n, 2) on it, which are kept ``room`` metres farther off than walls."""
    rows, columns, inside = ground.frame.cells(points)
    rows, columns = rows[inside], columns[inside]
    if not len(rows):
        return ground
    reach = math.ceil((room + ground.config.inscribed + 4 * ground.config.comfort) / ground.frame.resolution)
    window = (
        slice(max(int(rows.min()) - reach, 0), int(rows.max()) + reach + 1),
        slice(max(int(columns.min()) - reach, 0), int(columns.max()) + reach + 1),
    )
    free = np.ones_like(ground.clearance[window], np.bool_)
    free[rows - window[0].start, columns - window[1].start] = False
    near = np.maximum(distance_transform_edt(free) * ground.frame.resolution - room, 0.0).astype(np.float32)
    clearance = ground.clearance.copy()
    clearance[window] = np.minimum(clearance[window], near)
    cost = ground.cost.copy()
    cost[window] = _cost(clearance[window], ground.slowness[window], ground.config)
    return CostMap(ground.frame, clearance, ground.slowness, cost, ground.config)


def plan(ground: CostMap, start: tuple[float, float], goal: tuple[float, float]) -> Plan | NoWay:
    """A way from ``start`` to ``goal`` (x, y on the map), or why there is none.

    Blocked ground is never entered; a dog that stands too close to something leaves by the nearest free cell.
    """
    begin = nearest_free(ground, start)
    if begin is None:
        return NoWay.START_BLOCKED
    end = ground.frame.cell(*goal)
    if not ground.frame.contains(*end) or ground.cost[end] == 0:
        return NoWay.GOAL_BLOCKED
    way = cheapest(ground.cost, begin, end) if reached(ground.cost, begin)[end] else None
    if way is None:
        return NoWay.CUT_OFF
    points = ground.frame.centres(way)
    points[-1] = goal
    if begin == ground.frame.cell(*start):
        points[0] = start
    else:
        points = np.vstack([start, points])
    path = resampled(_pulled_straight(ground, _corners(points)), ground.config.spacing)
    return Plan(path, path_length(path))


def nearest_free(ground: CostMap, start: tuple[float, float]) -> tuple[int, int] | None:
    """The free cell nearest to a place within ``escape``; the place's own where that is free.

    It lies on this side of whatever is near, unless the dog seems to stand in that itself.
    """
    row, column = ground.frame.cell(*start)
    if ground.frame.contains(row, column) and ground.cost[row, column] > 0:
        return row, column
    reach = math.ceil(ground.config.escape / ground.frame.resolution)
    top, left = max(row - reach, 0), max(column - reach, 0)
    window = (slice(top, max(row + reach + 1, 0)), slice(left, max(column + reach + 1, 0)))
    cells = np.argwhere(ground.cost[window] > 0)
    if not len(cells):
        return None
    parts, _ = label(ground.clearance[window] > 0.0)
    if ground.frame.contains(row, column) and parts[row - top, column - left]:
        here = cells[parts[cells[:, 0], cells[:, 1]] == parts[row - top, column - left]]
        cells = here if len(here) else cells
    cells += (top, left)
    distance = np.hypot(cells[:, 0] - row, cells[:, 1] - column)
    best = int(np.argmin(distance))
    if distance[best] > reach:
        return None
    return int(cells[best, 0]), int(cells[best, 1])


def resampled(path: Path, spacing: float) -> Path:
    """The same line with its points ``spacing`` metres apart (the last step may be shorter), ends kept."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    if along[-1] == 0.0:
        return path[-1:].copy()
    at = np.append(np.arange(0.0, along[-1], spacing), along[-1])
    return np.stack([np.interp(at, along, path[:, 0]), np.interp(at, along, path[:, 1])], axis=1)


def path_length(path: Path) -> float:
    """Metres along a path (n, 2)."""
    return float(np.hypot(*np.diff(path, axis=0).T).sum())


def _worst(values: Metres, step: int, beyond: np.float32) -> Metres:
    """The least value within each block of ``step`` x ``step`` cells; ``beyond`` the edge."""
    height, width = values.shape
    padded = np.pad(values, ((0, -height % step), (0, -width % step)), constant_values=beyond)
    blocks: Metres = padded.reshape(padded.shape[0] // step, step, padded.shape[1] // step, step).min(axis=(1, 3))
    return blocks


def _cost(clearance: Metres, slowness: Metres, config: PlanningConfig) -> Cost:
    near = config.closeness * np.exp(-np.maximum(clearance - config.inscribed, 0.0) / config.comfort)
    cost = np.maximum(1, np.rint((1.0 + near) * slowness)).astype(np.int32)
    return np.where(clearance < config.inscribed, 0, cost).astype(np.int32)


def _corners(points: Path) -> Path:
    """The points at which the direction changes."""
    if len(points) < 3:
        return points
    steps = np.diff(points, axis=0)
    turns = np.abs(steps[1:, 0] * steps[:-1, 1] - steps[1:, 1] * steps[:-1, 0]) > 1e-9
    kept: Path = points[np.concatenate([[True], turns, [True]])]
    return kept


def _pulled_straight(ground: CostMap, corners: Path, patience: int = 6) -> Path:
    """Fewer corners: a straight line replaces a stretch where it costs no more than the stretch does."""
    kept = [0]
    while kept[-1] < len(corners) - 1:
        first = kept[-1]
        best, misses, cost = first + 1, 0, _line_cost(ground, corners[first], corners[first + 1])
        for last in range(first + 2, len(corners)):
            cost += _line_cost(ground, corners[last - 1], corners[last])
            straight = _line_cost(ground, corners[first], corners[last])
            if math.isfinite(straight) and straight <= cost * 1.001:  # a blocked start makes both infinite
                best, misses = last, 0
            else:
                misses += 1
                if misses > patience:
                    break
        kept.append(best)
    return corners[kept]


def _line_cost(ground: CostMap, start: Path, end: Path) -> float:
    """Cost times metres along a straight line; infinite where it meets blocked ground."""
    distance = math.hypot(*(end - start))
    count = max(2, math.ceil(distance / (ground.frame.resolution / 2)))
    share = np.linspace(0.0, 1.0, count)[:, None]
    cost = ground.cost_at(start + share * (end - start))
    if (cost == 0).any():
        return math.inf
    return float(cost.mean()) * distance
