"""Where dogs walked: how many of the patrols came through each square metre."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

CELL_M = 1.0
STEP_M = 0.5  # the way between two points is followed so finely
HALF = 32  # bits: a cell's column above, its row below, so that cells are sorted as numbers
LOW, MIDDLE = (1 << HALF) - 1, 1 << (HALF - 1)
GAP_S = 90.0  # longer without a point: nothing was heard of the dog, and its way is not known


def walked_cells(tracks: Iterable[NDArray[np.float32]]) -> list[tuple[int, int, int]]:
    """Cells (column, row: metres in the frame ``map``, rounded down) and by how many of the tracks each was passed."""
    passed = [cells_of(track) for track in tracks if len(track)]
    if not passed:
        return []
    cells, counts = np.unique(np.concatenate(passed), return_counts=True)
    return list(zip((cells >> HALF).tolist(), ((cells & LOW) - MIDDLE).tolist(), counts.tolist(), strict=True))


def cells_of(track: NDArray[np.float32]) -> NDArray[np.int64]:
    """The cells that a track (rows of seconds, x, y, charge) comes through, each once; a cell is one number."""
    places = track[:, 1:3].astype(np.float64)
    steps = np.diff(places, axis=0)
    known = np.diff(track[:, 0]) < GAP_S
    count = np.where(known, np.ceil(np.hypot(*steps.T) / STEP_M), 0).astype(np.int64)
    begin = np.repeat(np.arange(len(count)), count)
    within = np.arange(len(begin)) - np.repeat(np.cumsum(count) - count, count)
    between = places[begin] + steps[begin] * (within / np.maximum(count[begin], 1))[:, None]
    cells = np.floor(np.concatenate([places, between]) / CELL_M).astype(np.int64)
    return np.unique((cells[:, 0] << HALF) + cells[:, 1] + MIDDLE)
