"""Where the ground of a height map may not be walked: steps up, drops, banks, and what nobody has looked at."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from edge.navigation.height_map import HeightMapConfig

Heights = NDArray[np.float32]
Mask = NDArray[np.bool_]
Cells = NDArray[np.intp]

STEP_CELLS = 4  # over which a step is looked for: noise of ranges spreads a sharp one so far
BANK_CELLS = 6  # over which a bank's slope is taken
BANK_MORE = 0.05  # m that a bank must rise more than the steepest slope over them: noise, and a kerb on a ramp
SURE = 1.5  # times a step within one cell: marked though nothing beside it is, as a single cell of noise is not
FAR = 1.5  # m: two known places that lie farther apart tell nothing of what is between them
NOWHERE = np.float32(1e6)  # m: a height that no step reaches


@dataclass(frozen=True, slots=True)
class Untraversable:
    """Flat cells: ``steps`` are the edges of what is too high or too deep, ``unseen`` the near edge of the rest."""

    steps: Cells
    unseen: Cells


def steps_in(low: Heights, high: Heights, known: Mask, trodden: Mask, config: "HeightMapConfig") -> Untraversable:
    """What may not be walked in a map of ground ``low`` and tops ``high`` (m), by cells of ``config.cell``."""
    rows, columns = _Lines(low, high, known, config), _Lines(low.T.copy(), high.T.copy(), known.T.copy(), config)
    edge = known & (high - low >= config.step)
    edge |= rows.edge | columns.edge.T
    ground = known | trodden | rows.bridged | columns.bridged.T
    clear = known & (high - low >= SURE * config.step)
    return Untraversable(np.flatnonzero(edge & (clear | _has_neighbour(edge))), np.flatnonzero(_shore(ground)))


class _Lines:
    """What the cells of each row tell beside one another: the ``edge`` of steps, and what is ``bridged`` as ground."""

    def __init__(self, low: Heights, high: Heights, known: Mask, config: "HeightMapConfig") -> None:
        self.edge, self.bridged = np.zeros(known.shape, np.bool_), np.zeros(known.shape, np.bool_)
        self._mark_steps(low, high, known, config)
        self._mark_gaps(low, high, known, config)

    def _mark_steps(self, low: Heights, high: Heights, known: Mask, config: "HeightMapConfig") -> None:
        """Mark the middle of each step between cells of a row that are at most STEP_CELLS apart, and of each bank."""
        floor, top, ground = (
            _in_line(heights, known, nothing)
            for heights, nothing in ((low, NOWHERE), (high, -NOWHERE), (low, -NOWHERE))
        )
        edge = np.zeros(floor.shape, np.bool_)
        most = config.slope * BANK_CELLS * config.cell + BANK_MORE
        for sign in (1, -1):  # up along the row, and down
            inner = np.zeros(floor.shape, np.bool_)
            for apart in range(1, STEP_CELLS + 1):
                rises = _rise(floor, top, apart, sign) >= config.step
                inner = inner[1:] | inner[:-1]  # a shorter step within this one has been marked already
                middle = (apart + (sign > 0)) // 2
                edge[middle : middle + len(rises)] |= rises & ~inner
                inner |= rises
            bank = _rise(floor, ground, BANK_CELLS, sign)
            edge[BANK_CELLS // 2 : BANK_CELLS // 2 + len(bank)] |= bank > most
        self.edge |= edge.reshape(len(known), -1)[:, : known.shape[1]]

    def _mark_gaps(self, low: Heights, high: Heights, known: Mask, config: "HeightMapConfig") -> None:
        """Judge what lies unseen between each known cell and the next one in its row: a step, ground, or neither."""
        side, low, high, edge = known.shape[1], low.ravel(), high.ravel(), self.edge.ravel()
        cells = np.flatnonzero(known)
        before = np.flatnonzero(np.diff(cells) > 1)
        here, there = cells[before], cells[before + 1]
        same_row = here // side == there // side
        here, there = here[same_row], there[same_row]
        gap = (there - here) * np.float32(config.cell)
        up, down = high[there] - low[here], high[here] - low[there]
        limit = np.maximum(config.step, config.slope * gap)
        rises, falls = (up >= limit) & (up >= down) & (gap <= FAR), (down >= limit) & (down > up) & (gap <= FAR)
        edge[there[rises]] = True
        edge[here[falls]] = True
        level = (gap <= config.bridged) & (np.maximum(up, down) < limit)
        between = np.zeros(known.size, np.int8)
        between[here[level]] += 1
        between[there[level]] -= 1
        self.bridged |= (np.cumsum(between, dtype=np.int8) > 0).reshape(known.shape)


def _in_line(heights: Heights, known: Mask, nothing: np.float32) -> Heights:
    """All rows as one, with enough of nothing between them that none is seen from another; so they shift at once."""
    lines = np.full((len(known), known.shape[1] + BANK_CELLS), nothing)
    np.copyto(lines[:, : known.shape[1]], heights, where=known)
    return lines.ravel()


def _rise(floor: Heights, top: Heights, apart: int, sign: int) -> Heights:
    """Metres from the floor of one cell to the top of another, ``apart`` cells on (or, downwards, back)."""
    return top[apart:] - floor[:-apart] if sign > 0 else top[:-apart] - floor[apart:]


def _has_neighbour(mask: Mask) -> Mask:
    """Which cells have one of ``mask`` among the eight around them."""
    row = mask.copy()
    row[:, 1:] |= mask[:, :-1]
    row[:, :-1] |= mask[:, 1:]
    beside = np.zeros_like(mask)
    beside[1:] |= row[:-1]
    beside[:-1] |= row[1:]
    beside[:, 1:] |= mask[:, :-1]
    beside[:, :-1] |= mask[:, 1:]
    return beside


def _shore(ground: Mask) -> Mask:
    """Cells that are not ground beside those that are."""
    beside = np.zeros_like(ground)
    beside[1:] |= ground[:-1]
    beside[:-1] |= ground[1:]
    beside[:, 1:] |= ground[:, :-1]
    beside[:, :-1] |= ground[:, 1:]
    return beside & ~ground
