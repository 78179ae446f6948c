"""What stood on the site when its map was drawn: a car in its bay, a bin against a wall are no news."""

import numpy as np

from edge.navigation.maps import read_grid
from edge.perception.person_location import Located
from protocol.site import GridMap

REACH = {"vehicle": 0.9, "bag": 0.35}
"""Metres round a thing's middle that are looked at, by label; a wall beside it does not fill them."""
SHARE = 0.4
"""Of the cells there, from which the map shows the thing: those that are not free."""


class Mapped:
    """The map's cells that are not free. Raises UnusableMap."""

    def __init__(self, message: GridMap) -> None:
        grid = read_grid(message)
        self._frame, self._taken = grid.frame, grid.occupied | grid.unknown

    def shows(self, label: str, place: Located) -> bool:
        """Whether the map has something of its size where the thing stands."""
        reach = REACH.get(label)
        if reach is None:
            return False
        row, column = self._frame.cell(place.x, place.y)
        cells = int(reach / self._frame.resolution)
        ys, xs = np.mgrid[-cells : cells + 1, -cells : cells + 1]
        near = np.hypot(ys, xs) * self._frame.resolution <= reach
        rows, columns = row + ys[near], column + xs[near]
        inside = (rows >= 0) & (rows < self._frame.height) & (columns >= 0) & (columns < self._frame.width)
        taken = self._taken[rows[inside], columns[inside]]
        return bool(taken.size and taken.mean() >= SHARE)
