"""Where on a site two dogs cannot pass each other: doorways, gaps and lanes, found in its map.

Found and not drawn: every site has a map, no doorway of it can be forgotten, and a new map has its own. Ground is
narrow that is far from where a disc as wide as two dogs that pass finds room (an erosion and a lesser dilation); what
hangs together is one place. So between two narrow places there is ground on which one dog can wait and another pass.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fleet_server.sites.walkable_ground import Place, WalkableGround

# m between the things at both sides: twice the 0.32 that a dog keeps from them, 0.64 between two dogs' middles (half of
# each and what its gate keeps), and 0.3 for how well they know where they are.
PASSING_M = 1.6
# m from the middle of a disc so wide. A dog at a straight wall is 0.48 from one, one in a door of up to 1.2 m farther:
# the disc itself would cover it, for it reaches through a thin wall.
REACH_M = 0.5
DETOUR_CELLS = 8  # a cell of narrow ground counts as so many: dogs keep clear of things where there is another way
MOUTH_M = 0.6  # who is so near to a narrow place stands in its mouth
NONE = 0  # of the labels: no narrow place
EIGHT = np.ones((3, 3), np.bool_)


@dataclass(frozen=True, slots=True)
class NarrowPlace:
    """A place for one dog; x, y (m, frame ``map``) is its cell nearest to the middle. The id says where it is."""

    place_id: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Crossing:
    """A narrow place on a way, from the point of the way of index ``first`` to that of index ``last``."""

    place_id: str
    first: int
    last: int


@dataclass(frozen=True, eq=False)
class PlannedWay:
    """A way: points (n, 2; m, frame ``map``), and the narrow places on it in their order."""

    points: NDArray[np.float64]
    crossings: tuple[Crossing, ...]

    @property
    def length_m(self) -> float:
        """How long it is."""
        return float(np.hypot(*np.diff(self.points, axis=0).T).sum())

    def index_at(self, x: float, y: float) -> tuple[int, float]:
        """Which point of it is nearest to a place, and how many metres away."""
        away = np.hypot(self.points[:, 0] - x, self.points[:, 1] - y)
        best = int(np.argmin(away))
        return best, float(away[best])


class NarrowPlaces:
    """The narrow places of a ground. Labels are of its cells: 0, or the place's number from 1 on."""

    def __init__(self, ground: WalkableGround) -> None:
        # A third of a second to load; the server's other commands need no site.
        from scipy.ndimage import binary_dilation, label

        self._ground = ground
        # A cell wider: a way that steps across its corner must not miss it.
        narrow = binary_dilation(_narrow(ground), EIGHT, mask=ground.free)
        steps = max(1, math.ceil(MOUTH_M / ground.cell_m))
        mouths = binary_dilation(narrow, EIGHT, iterations=steps, mask=ground.free) if narrow.any() else narrow
        self._near: NDArray[np.int32] = label(mouths, EIGHT)[0].astype(np.int32)
        self._cost = ground.free.astype(np.int8) + narrow.astype(np.int8) * (DETOUR_CELLS - 1)
        self._inside = np.where(narrow, self._near, NONE)
        self.places = {place.place_id: place for place in map(self._place, range(1, int(self._near.max()) + 1))}
        self._ids = ["", *self.places]

    def inside(self, x: float, y: float) -> str | None:
        """The narrow place in which who is at x, y stands."""
        return self._at(self._inside, x, y)

    def beside(self, x: float, y: float) -> str | None:
        """The narrow place in or before which who is at x, y stands, so that nobody else comes through."""
        return self._at(self._near, x, y)

    def way(self, here: Place, there: Place) -> PlannedWay | None:
        """A shortest way (A*, Hart 1968) that goes round narrow places where that is not far; None where none leads."""
        import tcod.path  # it opens a library for games, which takes a quarter of a second

        start, goal = self._ground.standing(*here), self._ground.standing(*there)
        if start is None or goal is None or self._ground.parts[start] != self._ground.parts[goal]:
            return None
        search = tcod.path.AStar(self._cost, math.sqrt(2))
        cells = np.array([start, *search.get_path(*start, *goal)], np.intp)
        return PlannedWay(self._ground.centres(cells), tuple(self._crossings(self._inside[cells[:, 0], cells[:, 1]])))

    def _crossings(self, labels: NDArray[np.int32]) -> list[Crossing]:
        """Of one place from its first to its last cell on the way, whatever wide ground the way touches between."""
        found: dict[int, Crossing] = {}
        for index, number in enumerate(labels.tolist()):
            if number != NONE:
                first = found[number].first if number in found else index
                found[number] = Crossing(self._ids[number], first, index)
        return list(found.values())

    def _at(self, labels: NDArray[np.int32], x: float, y: float) -> str | None:
        cell = self._ground.standing(x, y)
        return self._ids[labels[cell]] or None if cell is not None else None

    def _place(self, number: int) -> NarrowPlace:
        cells = self._ground.centres(np.argwhere(self._inside == number))
        middle = cells.mean(axis=0)
        x, y = cells[int(np.argmin(np.hypot(*(cells - middle).T)))].round(1).tolist()
        return NarrowPlace(f"{x:.1f} {y:.1f}", x, y)


def _narrow(ground: WalkableGround) -> NDArray[np.bool_]:
    """The free cells from which no place with PASSING_M of room is near (by the map's own cells)."""
    from scipy.ndimage import distance_transform_edt

    if not ground.free.any():
        return np.zeros_like(ground.free)
    blocked = ground.what != 0
    for _, mask in ground.forbidden:
        blocked = np.logical_or(blocked, mask)
    clearance = distance_transform_edt(np.pad(~blocked, 1))[1:-1, 1:-1] * ground.resolution
    middles = clearance >= PASSING_M / 2
    if not middles.any():
        return ground.free.copy()
    wide = np.asarray(distance_transform_edt(~middles) * ground.resolution <= REACH_M, np.bool_)
    return np.logical_and(ground.free, ~_all(wide, ground.step))


def _all(values: NDArray[np.bool_], step: int) -> NDArray[np.bool_]:
    """Whether all are true within each block of ``step`` x ``step`` cells."""
    height, width = values.shape
    padded = np.pad(values, ((0, -height % step), (0, -width % step)))
    return np.asarray(padded.reshape(padded.shape[0] // step, step, -1, step).all(axis=(1, 3)), np.bool_)
