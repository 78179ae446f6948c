"""What lies between a lidar and what it measures: fog and smoke."""

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from sim.engine.smoke_and_fire import Smoke, scatter

FOG_REACH = 0.6  # of the visibility: a beam has to go there and come back


class LidarAttenuation:
    """``visibility`` in metres; infinite where there is no fog."""

    def __init__(self, plumes: Iterable[Smoke] = ()) -> None:
        self.visibility = math.inf
        self.plumes = list(plumes)

    def dim(
        self, now: float, eye: NDArray[np.float64], rays: NDArray[np.float64],
        ranges: NDArray[np.float64], rng: np.random.Generator,
    ) -> None:  # fmt: skip
        """What a lidar at ``eye`` gets of ``ranges`` (metres; negative where nothing was met); changes them."""
        ranges[ranges > FOG_REACH * self.visibility] = -1.0
        for plume in self.plumes:
            if plume.since is not None:
                scatter(plume, now, eye, rays, ranges, rng)


CLEAR = LidarAttenuation()
