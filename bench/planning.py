"""Our planner against tcod's path2d and scikit-image's route_through_array on city maps of the MovingAI benchmarks.

`optimal` is the share of queries whose way is as long as the published optimum, which cuts no corner: the references
cut them, so theirs are often shorter, and no dog could walk them. scikit-image is no package of ours; without it
(`pip install scikit-image`) its figures are missing.
"""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import tcod.path
from numpy.typing import NDArray

from edge.navigation.grid_search import CARDINAL, DIAGONAL, cheapest, length
from edge.navigation.maps import Frame, occupancy_grid, terrain
from edge.navigation.planning import Plan, PlanningConfig, cost_map, plan

DATA = Path(__file__).resolve().parents[2] / "shared/data/planning"
QUERIES = {"Paris_1_256": 60, "Boston_0_1024": 12}  # of each map, from the shortest to the longest
Cell = tuple[int, int]
Way = NDArray[np.integer]


def run() -> dict[str, Any]:
    """Milliseconds of our grid search (median and 95 %), of our whole planner, and of the references, on each map."""
    maps = {name: _on(name, count) for name, count in QUERIES.items()}
    ratios = [told["ours"]["median_ms"] / told["tcod"]["median_ms"] for told in maps.values()]
    return {"figure": round(max(ratios), 2), "what": "our median to tcod's, on the worse map", "maps": maps}


def _on(name: str, count: int) -> dict[str, Any]:
    free, queries = _read(DATA / f"{name}.map", DATA / f"{name}.map.scen")
    chosen = [queries[round(index)] for index in np.linspace(0, len(queries) - 1, count)]
    cost, frame = free.astype(np.int32), Frame(1.0, 0.0, 0.0, *free.shape)  # a city in cells of a metre
    ground = cost_map(terrain(occupancy_grid(name, frame, ~free, np.zeros_like(free)), []), PlanningConfig())
    searches: dict[str, Callable[[Cell, Cell], Way | None]] = {
        "ours": lambda start, goal: cheapest(cost, start, goal),
        "tcod": lambda start, goal: _tcod(cost, start, goal),
    }
    if (route := _scikit_image(free)) is not None:
        searches["scikit-image"] = route
    told: dict[str, Any] = {"queries": count}
    for label, search in searches.items():
        took, ways = zip(*(_timed(partial(search, start, goal)) for start, goal, _ in chosen), strict=True)
        best = [abs(_length(way) - optimal) < 1e-3 for way, (_, _, optimal) in zip(ways, chosen, strict=True)]
        told[label] = _figures(took) | {"optimal": round(sum(best) / count, 3)}
    whole = [partial(plan, ground, frame.centre(*start), frame.centre(*goal)) for start, goal, _ in chosen]
    took, plans = zip(*map(_timed, whole), strict=True)
    return told | {"whole_plan": _figures(took), "planned": sum(isinstance(found, Plan) for found in plans)}


def _figures(took: tuple[float, ...]) -> dict[str, float]:
    return {"median_ms": round(float(np.median(took)), 2), "p95_ms": round(float(np.quantile(took, 0.95)), 2)}


def _length(way: Way | None) -> float:
    return length(way) if way is not None and len(way) > 1 else 0.0


def _tcod(cost: NDArray[np.int32], start: Cell, goal: Cell) -> Way:
    return tcod.path.path2d(cost, start_points=[start], end_points=[goal], cardinal=CARDINAL, diagonal=DIAGONAL)


def _scikit_image(free: NDArray[np.bool_]) -> Callable[[Cell, Cell], Way | None] | None:
    """Its minimum cost path, where it is installed."""
    try:
        from skimage.graph import route_through_array
    except ImportError:
        return None
    costs = np.where(free, 1.0, -1.0)  # negative: no way
    return lambda start, goal: np.asarray(route_through_array(costs, start, goal, geometric=True)[0])


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    begin = time.process_time()
    result = call()
    return (time.process_time() - begin) * 1e3, result


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
