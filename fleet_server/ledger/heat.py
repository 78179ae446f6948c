"""Where dogs walked: how many of the patrols came through each square metre."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

CELL_M = 1.0
STEP_M = 0.5  # the way between two points is followed so finely
HALF = 21  # bits: a cell's column above, its row below, so that cells are sorted as numbers
MIDDLE = 1 << (HALF - 1)  # cells from the map's origin: what lies farther away counts as lying there
GAP_S = 90.0  # longer without a point: nothing was heard of the dog, and its way is not known
LEAP_M = 300.0  # nor is it of one that is farther away at the next point than a dog walks in that time


def walked_cells(tracks: Sequence[NDArray[np.float32]]) -> list[tuple[int, int, int]]:
    """Cells (column, row: metres in the frame ``map``, rounded down) and by how many of the tracks each was passed.

    Tracks have rows of seconds, x, y, charge. All are reckoned with at once: one by one they cost four times as much.
    """
    if not tracks:
        return []
    rows, of = np.concatenate(tracks), np.repeat(np.arange(len(tracks)), [len(track) for track in tracks])
    places = rows[:, 1:3].astype(np.float64)
    steps = np.diff(places, axis=0)
    far = np.hypot(*steps.T)
    known = (np.diff(rows[:, 0]) < GAP_S) & (far < LEAP_M) & (np.diff(of) == 0)
    count = np.ceil(np.where(known, far, 0.0) / STEP_M).astype(np.int64)
    begin = np.repeat(np.arange(len(count)), count)
    within = np.arange(len(begin)) - np.repeat(np.cumsum(count) - count, count)
    between = places[begin] + steps[begin] * (within / np.maximum(count[begin], 1))[:, None]
    passed = np.floor(np.concatenate([places, between]) / CELL_M)
    columns, lines = np.clip(passed, -MIDDLE, MIDDLE - 1).astype(np.int64).T + MIDDLE
    by_track = np.concatenate([of, of[begin]]) << (2 * HALF)
    once = np.unique(by_track + (columns << HALF) + lines)
    cells, counts = np.unique(once & ((1 << (2 * HALF)) - 1), return_counts=True)
    found = (cells >> HALF) - MIDDLE, (cells & ((1 << HALF) - 1)) - MIDDLE, counts
    return list(zip(*(each.tolist() for each in found), strict=True))
