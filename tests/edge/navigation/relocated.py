"""A search for a dog's place, taken to its end at once."""

import numpy as np

from edge.navigation.likelihood_field import Field
from edge.navigation.relocalization import search
from edge.navigation.scan_leveling import LevelScan
from edge.types import Pose2D


def relocated(on: Field, scan: LevelScan, random: np.random.Generator) -> Pose2D | None:
    """Where it finds the dog, whose last place nobody knows."""
    steps = search(on, scan, None, random)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: Pose2D | None = end.value
            return found
