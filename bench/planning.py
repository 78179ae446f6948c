"""Our planner against bare A* (tcod's own path2d, which cuts corners) on a city map of the MovingAI benchmarks."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tcod.path
from numpy.typing import NDArray

from edge.navigation.grid_search import CARDINAL, DIAGONAL, cheapest, length
from edge.navigation.maps import Frame, occupancy_grid, terrain
from edge.navigation.planning import Plan, PlanningConfig, cost_map, plan

DATA = Path(__file__).resolve().parents[2] / "shared/data/planning"
NAME = "Paris_1_256"
QUERIES = 60
Cell = tuple[int, int]


def run() -> dict[str, Any]:
    """Median milliseconds of our grid search, of our whole planner, and of the reference, measured in this run."""
    free, queries = _read(DATA / f"{NAME}.map", DATA / f"{NAME}.map.scen")
    chosen = [queries[round(index)] for index in np.linspace(0, len(queries) - 1, QUERIES)]
    cost, frame = free.astype(np.int32), Frame(1.0, 0.0, 0.0, *free.shape)  # a city in cells of a metre
    ground = cost_map(terrain(occupancy_grid(NAME, frame, ~free, np.zeros_like(free)), []), PlanningConfig())
    search, bare, whole, excess, planned = [], [], [], [], 0
    for start, goal, optimal in chosen:
        took, way = _timed(lambda s=start, g=goal: cheapest(cost, s, g))
        search.append(took)
        excess.append(length(way) / optimal - 1 if optimal else 0.0)
        bare.append(_timed(lambda s=start, g=goal: _reference(cost, s, g))[0])
        took, found = _timed(lambda s=start, g=goal: plan(ground, frame.centre(*s), frame.centre(*g)))
        whole.append(took)
        planned += isinstance(found, Plan)
    return {
        "map": NAME,
        "queries": QUERIES,
        "search_ms": round(statistics.median(search), 2),
        "plan_ms": round(statistics.median(whole), 2),
        "planned": planned,
        "reference": "tcod path2d",
        "reference_ms": round(statistics.median(bare), 2),
        "ratio": round(statistics.median(search) / statistics.median(bare), 2),
        "worst_excess": round(max(excess), 6),
    }


def _reference(cost: NDArray[np.int32], start: Cell, goal: Cell) -> NDArray[np.intc]:
    return tcod.path.path2d(cost, start_points=[start], end_points=[goal], cardinal=CARDINAL, diagonal=DIAGONAL)


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    begin = time.perf_counter()
    result = call()
    return (time.perf_counter() - begin) * 1e3, result


def _read(map_file: Path, scenarios: Path) -> tuple[NDArray[np.bool_], list[tuple[Cell, Cell, float]]]:
    """Free cells [row, column], and (start, goal, optimal length) of each query; see MovingAI's format."""
    lines = map_file.read_text().splitlines()
    height = int(lines[1].split()[1])
    free = np.array([[cell in ".GS" for cell in line] for line in lines[4 : 4 + height]])
    queries = []
    for line in scenarios.read_text().splitlines()[1:]:
        fields = line.split()
        x1, y1, x2, y2 = map(int, fields[4:8])
        queries.append(((y1, x1), (y2, x2), float(fields[8])))
    return free, queries
