"""Who walks where: clusters of unmapped returns followed from scan to scan, for as long as they are seen."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

JOIN = 0.45  # m between returns of one thing
STEP = 0.7  # m that a thing may move between two scans that saw it
SMOOTHING = 0.5  # s over which velocity is averaged
FORGET = 0.6  # s unseen
SETTLE = 0.4  # s of being followed until a velocity is believed
WALKING = 0.25  # m/s: slower than this, a thing counts as standing
FASTEST = 2.5  # m/s: faster than this, two things were taken for one
WIDEST = 1.2  # m: wider than this, it is no person


@dataclass(frozen=True, slots=True)
class Mover:
    """A thing on the map: its middle (m), its velocity (m/s), and since and until when it was seen (s)."""

    x: float
    y: float
    vx: float
    vy: float
    first: float
    last: float

    def walks(self) -> bool:
        """Whether it has been followed for long enough, and is on its way."""
        return self.last - self.first >= SETTLE and WALKING <= math.hypot(self.vx, self.vy) <= FASTEST


class Movers:
    """The things that are being followed."""

    def __init__(self) -> None:
        self._known: list[Mover] = []

    def update(self, points: Points, now: float) -> None:
        """One more scan's unmapped returns (n, 2), on the map."""
        free = [mover for mover in self._known if 0 < now - mover.last <= FORGET]
        followed = []
        for x, y in _middles(points):
            before = min(free, key=lambda m: _off(m, x, y, now), default=None)
            if before is None or _off(before, x, y, now) > STEP:
                followed.append(Mover(x, y, 0.0, 0.0, now, now))
            else:
                free.remove(before)
                followed.append(_moved(before, x, y, now))
        self._known = followed + free

    def walking(self, now: float) -> list[Mover]:
        """Those that are on their way, carried on to ``now``."""
        return [
            replace(m, x=m.x + m.vx * (now - m.last), y=m.y + m.vy * (now - m.last))
            for m in self._known
            if m.walks() and 0 <= now - m.last <= FORGET
        ]


def _off(mover: Mover, x: float, y: float, now: float) -> float:
    """Metres between where a thing should be and a point."""
    passed = now - mover.last
    return math.hypot(mover.x + mover.vx * passed - x, mover.y + mover.vy * passed - y)


def _moved(mover: Mover, x: float, y: float, now: float) -> Mover:
    passed = now - mover.last
    share = min(1.0, passed / SMOOTHING)
    vx = mover.vx + share * ((x - mover.x) / passed - mover.vx)
    vy = mover.vy + share * ((y - mover.y) / passed - mover.vy)
    return Mover(x, y, vx, vy, mover.first, now)


def _middles(points: Points) -> list[tuple[float, float]]:
    """The middles of the clusters of points (n, 2) that are no wider than a person may be."""
    left = list(range(len(points)))
    middles = []
    while left:
        cluster = [left.pop()]
        for index in cluster:
            near = [i for i in left if math.dist(points[i], points[index]) < JOIN]
            cluster += near
            left = [i for i in left if i not in near]
        members = points[cluster]
        if len(cluster) > 1 and np.ptp(members, axis=0).max() < WIDEST:
            low, high = members.min(axis=0), members.max(axis=0)
            middles.append((float(low[0] + high[0]) / 2, float(low[1] + high[1]) / 2))
    return middles
