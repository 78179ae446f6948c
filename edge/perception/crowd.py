"""More people close together in a watched zone, and for longer, than the zone allows."""

import math
from dataclasses import dataclass

from edge.perception.alert import Alert
from edge.perception.person_location import Located
from edge.perception.told import Told
from edge.perception.tracking import Track
from edge.perception.zones import Zones, chance_inside
from protocol import rules
from protocol.anomaly import AnomalyKind
from protocol.site import Text

PROBABLY = 0.5
"""Chance of standing inside from which somebody counts."""
HIDDEN, SAME = 2.0, 1.0
"""Seconds for which somebody counts who is hidden by others, unless somebody is seen within so many metres of there."""
PAUSE = 3.0
"""Seconds with too few people in view after which a crowd has dispersed."""
SPREAD = 8.0
"""Metres between two looks at one crowd."""


@dataclass(frozen=True, slots=True)
class _Seen:
    track: Track
    place: Located
    at: float


class Crowd:
    """Turns tracks into alerts, one for each crowd and patrol."""

    def __init__(self, sure: float) -> None:
        self._sure = sure
        self._told = Told(SPREAD)
        self._seen: dict[int, _Seen] = {}
        self._since: dict[str, tuple[float, float]] = {}  # by zone: since when a crowd, and when it was last one

    def update(self, tracks: list[Track], zones: Zones, now: float) -> list[Alert]:
        """Alerts that the frame of stamp ``now`` (seconds UTC) decides, given the tracks seen in it."""
        self._remember(tracks, now)
        alerts = []
        for zone, shape, watched in zones.watched_at(now):
            limit = watched.crowd
            if not limit:
                continue
            crowd = _largest([s for s in self._seen.values() if chance_inside(shape, s.place) >= PROBABLY], limit)
            began, last = self._since.get(zone.zone_id, (now, -math.inf))
            if len(crowd) < limit.people:
                continue
            began = began if 0 <= now - last <= PAUSE else now
            self._since[zone.zone_id] = began, now
            middle = _middle(crowd)
            if now - began < limit.after_s or self._told.is_known(middle):
                continue
            self._told.add(middle)
            nearest = min(crowd, key=lambda s: math.hypot(s.place.x - middle.x, s.place.y - middle.y))
            lasted = now - began
            reason = Text(
                zh=f"{len(crowd)} 人（至少 {limit.people}）聚在 {limit.within_m:g} 米内，"
                f"已 {lasted:.0f} 秒（至少 {limit.after_s:g}）",
                en=f"{len(crowd)} people (at least {limit.people}) within {limit.within_m:g} m of one of them "
                f"for {lasted:.0f} s (at least {limit.after_s:g})",
            )
            alerts.append(Alert(zone.zone_id, nearest.track, middle, now, AnomalyKind.CROWD, reason))
        return alerts

    def holds(self, place: Located) -> bool:
        """Whether somebody at ``place`` is of a crowd that has been told of."""
        return self._told.is_known(place)

    def _remember(self, tracks: list[Track], now: float) -> None:
        for track in tracks:
            if track.place is not None and track.score >= self._sure:
                self._seen[track.track_id] = _Seen(track, track.place, now)
        fresh = [seen for seen in self._seen.values() if seen.at == now]
        self._seen = {n: s for n, s in self._seen.items() if s.at == now or _is_hidden(s, fresh, now)}


def _is_hidden(seen: _Seen, fresh: list[_Seen], now: float) -> bool:
    if not 0 <= now - seen.at <= HIDDEN:
        return False
    return all(math.hypot(seen.place.x - s.place.x, seen.place.y - s.place.y) > SAME for s in fresh)


def _largest(people: list[_Seen], limit: rules.Crowd) -> list[_Seen]:
    """Those round whom most others stand, and these."""
    around = [
        [s for s in people if math.hypot(s.place.x - m.place.x, s.place.y - m.place.y) <= limit.within_m]
        for m in people
    ]
    return max(around, key=len, default=[])


def _middle(crowd: list[_Seen]) -> Located:
    n = len(crowd)
    x, y = sum(s.place.x for s in crowd) / n, sum(s.place.y for s in crowd) / n
    xx, xy, yy = (sum(getattr(s.place, part) for s in crowd) / n**2 for part in ("xx", "xy", "yy"))
    return Located(x, y, xx, xy, yy)
