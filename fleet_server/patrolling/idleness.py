"""How long checkpoints wait: from visits to the mean and the worst idleness.

The idleness of a checkpoint is the time since it was last visited. Its mean here is over all checkpoints and all
moments (not over visits, which would reward hurrying between two near ones).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Idleness(NamedTuple):
    """Over checkpoints and time (s)."""

    mean: float
    worst: float


def idleness(
    ages: NDArray[np.float64], horizon: float, times: NDArray[np.float64], places: NDArray[np.int64]
) -> Idleness:
    """Idleness from 0 to ``horizon`` where checkpoint v was last seen ``ages[v]`` s before, and is visited as told.

    ``times[i]`` is when ``places[i]`` is visited, in any order; what lies beyond the horizon does not count.
    """
    apart = 4.0 * (horizon + float(ages.max()))  # between two checkpoints on the one axis on which all are sorted
    every = np.arange(len(ages)) * apart
    inside = times < horizon
    marks = np.concatenate([every - ages, places[inside] * apart + times[inside], every + horizon])
    marks.sort()
    gaps = np.diff(marks)
    gaps = gaps[gaps < apart / 2]
    total = (float(gaps @ gaps) - float(ages @ ages)) / 2
    return Idleness(total / (len(ages) * horizon), float(gaps.max()))
