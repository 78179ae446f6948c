"""The walked path of a patrol, thinned as it comes: dense while a round is short, sparser the longer it takes."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

LEAST_S, LEAST_M = 2.0, 0.5  # nearer than this in time or way is not kept: a turn at walking pace still shows
STANDS_S = 30.0  # one that stands is noted so often
SPARSER = 1000  # points after which all three double, again and again: a day's walk is some 6,000
CHARGING_PCT = 1.0  # a charge that rises by this was charged; less is the gauge's noise
FIELDS = 4  # seconds, x, y, charge


@dataclass
class Track:
    """Points (seconds since the patrol was given, x, y in the frame ``map``, charge in percent)."""

    points: list[tuple[float, float, float, float]] = field(default_factory=list)

    def add(self, seconds: float, x: float, y: float, charge: float) -> bool:
        """Keep the point if it is far enough from the last; whether it was kept."""
        if self.points:
            then, x0, y0, _ = self.points[-1]
            sparse = 2.0 ** (len(self.points) // SPARSER)
            passed, moved = (seconds - then) / sparse, math.dist((x0, y0), (x, y)) / sparse
            if passed < LEAST_S or (moved < LEAST_M and passed < STANDS_S):
                return False
        self.points.append((seconds, x, y, charge))
        return True

    def array(self) -> NDArray[np.float32]:
        """The points as rows."""
        return np.array(self.points, dtype="<f4").reshape(-1, FIELDS)

    @property
    def walked_m(self) -> float | None:
        """The length of the path; None where fewer than two points are known."""
        if len(self.points) < 2:
            return None
        way = np.array(self.points)[:, 1:3]
        return float(np.hypot(*np.diff(way, axis=0).T).sum())

    @property
    def charge_used_pct(self) -> float | None:
        """What went out of the battery, also where it was charged on the way; None where it is not known."""
        if len(self.points) < 2:
            return None
        used, top, low = 0.0, self.points[0][3], self.points[0][3]
        for *_, charge in self.points[1:]:
            low = min(low, charge)
            if charge > low + CHARGING_PCT:
                used, top, low = used + top - low, charge, charge
        return used + max(0.0, top - low)


def encode(track: Track) -> bytes:
    """The track as it lies in the database."""
    return track.array().tobytes()


def decode(points: bytes) -> NDArray[np.float32]:
    """The rows again."""
    return np.frombuffer(points, dtype="<f4").reshape(-1, FIELDS)


def loaded(points: bytes) -> Track:
    """The track again, to be gone on with."""
    return Track([(row[0], row[1], row[2], row[3]) for row in decode(points).tolist()])
