"""The cheapest way over a grid of costs: tcod's A*, with the corners left uncut."""

import cv2
import numpy as np
import tcod.path
from numpy.typing import NDArray

CARDINAL, DIAGONAL = 70, 99  # 99/70 is the square root of 2 to five places

Cost = NDArray[np.int32]


def cheapest(cost: Cost, start: tuple[int, int], goal: tuple[int, int]) -> NDArray[np.intp] | None:
    """The cheapest way as cells (n, 2: row, column), start and goal included; None where there is none.

    ``cost`` is what entering a cell costs a step's length, at least 1; 0 is blocked. A diagonal step needs both
    cells beside it free (as the lengths of the MovingAI benchmarks do). The way is optimal: the octile distance
    never overestimates (Hart, Nilsson, Raphael 1968). The start itself may be blocked.
    """
    if cost[goal] <= 0:
        return None
    free = cost > 0
    graph = tcod.path.CustomGraph(cost.shape, order="C")
    for row, column in ((0, 1), (1, 0), (0, -1), (-1, 0)):
        graph.add_edge((row, column), CARDINAL, cost=cost)
    for row, column in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        beside = _shifted(free, row, 0) & _shifted(free, 0, column)
        graph.add_edge((row, column), DIAGONAL, cost=cost, condition=beside.astype(np.int8))
    graph.set_heuristic(cardinal=CARDINAL, diagonal=DIAGONAL)
    search = tcod.path.Pathfinder(graph)
    search.add_root(start)
    way = np.asarray(search.path_to(goal), np.intp)
    return way if len(way) > 1 or start == goal else None


def reached(cost: Cost, start: tuple[int, int]) -> NDArray[np.bool_]:
    """The cells to which there is a way from ``start``, itself free: a diagonal step needs both cells beside it, so
    four neighbours tell all. Some 15 ms where a search that finds no way takes seconds (2200 x 2200 cells)."""
    mask = np.zeros((cost.shape[0] + 2, cost.shape[1] + 2), np.uint8)
    free = (cost > 0).astype(np.uint8)
    cv2.floodFill(free, mask, (int(start[1]), int(start[0])), (1.0,), flags=4 | cv2.FLOODFILL_MASK_ONLY | (1 << 8))
    return mask[1:-1, 1:-1] > 0


def length(way: NDArray[np.integer]) -> float:
    """How long a way of cells is, in cells; a diagonal step counts the square root of 2."""
    return float(np.hypot(*np.diff(way, axis=0).T).sum())


def _shifted(free: NDArray[np.bool_], rows: int, columns: int) -> NDArray[np.bool_]:
    """For each cell whether its neighbour at (rows, columns) is free; beyond the edge nothing is."""
    height, width = free.shape
    result = np.zeros_like(free)
    to_rows = slice(max(-rows, 0), height - max(rows, 0))
    to_columns = slice(max(-columns, 0), width - max(columns, 0))
    from_rows = slice(max(rows, 0), height + min(rows, 0))
    from_columns = slice(max(columns, 0), width + min(columns, 0))
    result[to_rows, to_columns] = free[from_rows, from_columns]
    return result
