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
    edge = known & (high - low >= config.step)
    floor, top = np.where(known, low, NOWHERE), np.where(known, high, -NOWHERE)
    ground = known | trodden
    _mark_steps(floor, top, edge, config)
    _mark_steps(floor.T, top.T, edge.T, config)
    _mark_gaps(low, high, known, edge, ground, config)
    _mark_gaps(low.T, high.T, known.T, edge.T, ground.T, config)
    clear = known & (high - low >= SURE * config.step)
    return Untraversable(np.flatnonzero(edge & (clear | _has_neighbour(edge))), np.flatnonzero(_shore(ground)))


def _mark_steps(floor: Heights, top: Heights, edge: Mask, config: "HeightMapConfig") -> None:
    """Mark the middle of each step between cells of a row that are at most STEP_CELLS apart, and of each bank."""
    for sign in (1, -1):  # up along the row, and down
        inner = np.zeros((len(floor), floor.shape[1]), np.bool_)
        for apart in range(1, STEP_CELLS + 1):
            rises = _rise(floor, top, apart, sign) >= config.step
            inner = inner[:, 1:] | inner[:, :-1]  # a shorter step within this one has been marked already
            middle = (apart + (sign > 0)) // 2
            edge[:, middle : middle + rises.shape[1]] |= rises & ~inner
            inner |= rises
        bank = _rise(floor, np.where(top > -NOWHERE, floor, -NOWHERE), BANK_CELLS, sign)
        most = config.slope * BANK_CELLS * config.cell + BANK_MORE
        edge[:, BANK_CELLS // 2 : BANK_CELLS // 2 + bank.shape[1]] |= bank > most


def _rise(floor: Heights, top: Heights, apart: int, sign: int) -> Heights:
    """Metres from the floor of one cell to the top of another, ``apart`` cells on (or, downwards, back)."""
    here, there = slice(None, -apart), slice(apart, None)
    return top[:, there] - floor[:, here] if sign > 0 else top[:, here] - floor[:, there]


def _mark_gaps(low: Heights, high: Heights, known: Mask, edge: Mask, ground: Mask, config: "HeightMapConfig") -> None:
    """Judge what lies unseen between each known cell and the next one in its row: a step, ground, or neither."""
    side = known.shape[1]
    cells = np.flatnonzero(known)
    apart = np.diff(cells)
    gaps = (apart > 1) & (cells[1:] // side == cells[:-1] // side)
    here, there, gap = cells[:-1][gaps], cells[1:][gaps], apart[gaps] * np.float32(config.cell)
    (r0, c0), (r1, c1) = np.divmod(here, side), np.divmod(there, side)
    up, down = high[r1, c1] - low[r0, c0], high[r0, c0] - low[r1, c1]
    limit = np.maximum(config.step, config.slope * gap)
    rises, falls = (up >= limit) & (up >= down) & (gap <= FAR), (down >= limit) & (down > up) & (gap <= FAR)
    edge[r1[rises], c1[rises]] = True
    edge[r0[falls], c0[falls]] = True
    level = (gap <= config.bridged) & (np.maximum(up, down) < limit)
    between = np.zeros(known.shape, np.int8)
    between[r0[level], c0[level]] += 1
    between[r1[level], c1[level]] -= 1
    ground |= np.cumsum(between, axis=1, dtype=np.int8) > 0


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
