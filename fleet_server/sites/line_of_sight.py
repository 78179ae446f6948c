"""Whether one place of a site is seen from another: nothing on the map stands between them.

The map is what lidars drew at their own height: what is lower or higher is not in it, and glass may be. What the map
knows nothing of hides nothing. Places are metres in the frame ``map``.
"""

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fleet_server.sites.tables import Site

OCCUPIED = 100  # a pixel darker than this is a thing: 0 occupied, 205 unknown, 254 free
NEAR_THE_END_M = 0.5  # what stands so near to the place that is looked at is it itself, or errs as its place does


@dataclass(frozen=True, eq=False)
class LineOfSight:
    """``occupied`` cells of the map, row 0 in the south."""

    occupied: NDArray[np.bool_]
    resolution: float
    origin: tuple[float, float]

    def seen_from(self, x: float, y: float, places: NDArray[np.float64]) -> NDArray[np.bool_]:
        """From which of ``places`` (n, 2) the place x, y is seen."""
        if not len(places):
            return np.zeros(0, np.bool_)
        offset = places - (x, y)
        away = np.hypot(offset[:, 0], offset[:, 1])
        marks = np.arange(NEAR_THE_END_M, max(float(away.max()), NEAR_THE_END_M), self.resolution)
        share = marks / np.maximum(away, NEAR_THE_END_M)[:, None]
        columns = self._index(x + share * offset[:, :1], self.origin[0])
        rows = self._index(y + share * offset[:, 1:], self.origin[1])
        height, width = self.occupied.shape
        on_map = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
        hidden = self.occupied[np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)] & on_map
        seen: NDArray[np.bool_] = ~(hidden & (share < 1)).any(axis=1)
        return seen

    def _index(self, metres: NDArray[np.float64], origin: float) -> NDArray[np.int64]:
        return np.floor((metres - origin) / self.resolution).astype(np.int64)


def line_of_sight(site: Site) -> LineOfSight:
    """By the site's map as it is."""
    pixels = np.flipud(np.asarray(Image.open(io.BytesIO(site.map_png)).convert("L")))
    origin = (float(site.map_origin["x"]), float(site.map_origin["y"]))
    return LineOfSight(pixels < OCCUPIED, site.map_resolution, origin)
