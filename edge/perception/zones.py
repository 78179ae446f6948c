"""The zones of a site as perception asks about them."""

import math
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

import shapely
from msgspec import UNSET

from edge.perception.person_location import Located
from protocol.rules import ZoneRules
from protocol.site import Hours, Zone, ZoneKind

SPREAD = (
    (0.0, 0.0),
    *((r * math.cos(a), r * math.sin(a)) for r in (0.6, 1.2, 1.9) for a in [math.tau * k / 8 for k in range(8)]),
)
"""Places to try, in standard deviations: rings that hold about as much of a normal distribution each."""


@dataclass(frozen=True)
class Zones:
    """Where people must not be and when, where the dog keeps no picture, and what it watches elsewhere."""

    restricted: tuple[tuple[Zone, shapely.Polygon], ...]
    privacy: tuple[shapely.Polygon, ...]
    watched: tuple[tuple[Zone, shapely.Polygon, ZoneRules], ...]
    timezone: ZoneInfo

    @classmethod
    def of(cls, zones: list[Zone], timezone: str) -> "Zones":
        """The zones of a site; raises ZoneInfoNotFoundError for a time zone that does not exist."""
        shapes = [(zone, shapely.Polygon([(p.x, p.y) for p in zone.polygon])) for zone in zones]
        return cls(
            tuple((z, shape) for z, shape in shapes if z.kind is ZoneKind.RESTRICTED),
            tuple(shape for z, shape in shapes if z.kind is ZoneKind.PRIVACY),
            tuple((z, shape, z.rules) for z, shape in shapes if z.rules is not UNSET),
            ZoneInfo(timezone),
        )

    def in_privacy(self, x: float, y: float) -> bool:
        """Whether a map point lies in a privacy zone."""
        return any(shapely.intersects_xy(shape, x, y) for shape in self.privacy)

    def in_force(self, now: float) -> list[tuple[Zone, shapely.Polygon]]:
        """The restricted zones whose hours run at ``now`` (seconds since the epoch)."""
        local = self._local(now)
        return [(zone, shape) for zone, shape in self.restricted if _runs_at(zone, local)]

    def watched_at(self, now: float) -> list[tuple[Zone, shapely.Polygon, ZoneRules]]:
        """The watched zones whose hours run at ``now`` (seconds since the epoch), and what is watched there."""
        local = self._local(now)
        return [each for each in self.watched if _runs_at(each[0], local)]

    def _local(self, now: float) -> time:
        return datetime.fromtimestamp(now, self.timezone).time()


def chance_inside(shape: shapely.Polygon, place: Located) -> float:
    """How likely a person located at ``place`` stands in ``shape``, 0..1, from a fixed pattern of trials."""
    a = math.sqrt(place.xx)
    b = place.xy / a if a else 0.0
    c = math.sqrt(max(place.yy - b * b, 0.0))  # the lower triangle of the covariance's Cholesky root: a 0 / b c
    points = [(place.x + a * u, place.y + b * u + c * v) for u, v in SPREAD]
    hits = shapely.intersects_xy(shape, [x for x, _ in points], [y for _, y in points])
    return float(hits.mean())


def _runs_at(zone: Zone, local: time) -> bool:
    return zone.hours is UNSET or _within(zone.hours, local)


def _within(hours: list[Hours], now: time) -> bool:
    minute = now.hour * 60 + now.minute
    return any(_runs(_minutes(h.start), _minutes(h.end), minute) for h in hours)


def _runs(start: int, end: int, minute: int) -> bool:
    """Whether ``minute`` of the day lies from ``start`` to before ``end``; over midnight where ``end`` is earlier."""
    if start == end:
        return True
    return start <= minute < end if start < end else minute >= start or minute < end


def _minutes(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)
