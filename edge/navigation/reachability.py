"""Why there is no way to a goal, and how near to it the dog could get."""

from dataclasses import dataclass

import numpy as np

from edge.navigation.grid_search import reached
from edge.navigation.maps import Terrain
from edge.navigation.planning import CostMap, NoWay, nearest_free


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Why a goal cannot be reached, in words, and the nearest place (x, y) that can; None where the dog cannot move."""

    why: str
    nearest: tuple[float, float] | None


def explained(ground: CostMap, terrain: Terrain, start: tuple[float, float], goal: tuple[float, float]) -> Unreachable:
    """Why ``plan`` found no way from ``start`` to ``goal``: what is at the goal, or that it is walled off."""
    nearest = nearest_reachable(ground, start, goal)
    if nearest is None:
        return Unreachable(f"{NoWay.START_BLOCKED}: the dog itself stands in {_what(ground, terrain, start)}", None)
    there = f"; the nearest place that can be reached is x {nearest[0]:.1f}, y {nearest[1]:.1f}"
    row, column = ground.frame.cell(*goal)
    if ground.frame.contains(row, column) and ground.cost[row, column] > 0:
        return Unreachable(f"{NoWay.CUT_OFF}: the goal is walled off from the dog{there}", nearest)
    return Unreachable(f"{NoWay.GOAL_BLOCKED}: the goal lies {_what(ground, terrain, goal)}{there}", nearest)


def nearest_reachable(
    ground: CostMap, start: tuple[float, float], goal: tuple[float, float]
) -> tuple[float, float] | None:
    """The place nearest to ``goal`` among all to which there is a way from ``start``; None where there is none."""
    begin = nearest_free(ground, start)
    if begin is None:
        return None
    cells = np.argwhere(reached(ground.cost, begin))
    places = ground.frame.centres(cells)
    best = places[int(np.argmin(np.hypot(places[:, 0] - goal[0], places[:, 1] - goal[1])))]
    return float(best[0]), float(best[1])


def _what(ground: CostMap, terrain: Terrain, place: tuple[float, float]) -> str:
    """What there is at a place where the dog cannot be."""
    grid = terrain.grid
    row, column = grid.frame.cell(*place)
    if not grid.frame.contains(row, column):
        return "outside the map"
    if grid.occupied[row, column]:
        return "in a wall"
    if grid.unknown[row, column]:
        return "where the map knows nothing"
    if terrain.blocked[row, column]:
        return "in a no-go zone"
    if terrain.clearance[row, column] < ground.config.inscribed:
        return f"within {ground.config.inscribed:.2f} m of something mapped or forbidden"
    return "where something stands that the map lacks"
