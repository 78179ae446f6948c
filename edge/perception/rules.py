"""What is worth a person's attention: somebody inside a restricted zone while its hours run.

Said once for each person and visit. A visit outlives the loss of a track: whoever is seen again in the zone, near to
where the visit's person was and not long after, is taken for the same one. It ends when its person has been outside
for a while, when nobody was seen for long, or with the patrol.
"""

import math
from dataclasses import dataclass

from edge.perception.locate import Located
from edge.perception.tracking import Track
from edge.perception.zones import Zones, chance_inside

CONFIRMATIONS = 3
"""Frames in which the person was probably inside, before it is said."""
PROBABLY, HARDLY = 0.7, 0.3
"""Chance of standing inside, location error counted in, from which a frame confirms, and up to which the person
has been seen outside; between them the frame tells nothing."""
LEFT_AFTER = 30.0
"""Seconds outside after which a return is a new visit."""
FORGOTTEN_AFTER = 180.0
"""Seconds unseen after which the visit is over: the dog has walked on, and cannot know."""
NEAR, STROLL, FAR = 3.0, 0.5, 12.0
"""A track refound within NEAR metres + STROLL m/s since, at most FAR, continues a visit."""


@dataclass(frozen=True, slots=True)
class Alert:
    """A person inside a restricted zone, decided by the frame of stamp ``at``."""

    zone_id: str
    track: Track
    place: Located
    at: float


@dataclass
class _Visit:
    zone_id: str
    track_id: int
    place: Located
    confirmations: int = 0
    said: bool = False
    seen_at: float = 0.0
    inside_at: float = 0.0
    known_outside: bool = False


class Intrusion:
    """Turns tracks into alerts, one for each person and visit."""

    def __init__(self, sure: float, confirmations: int = CONFIRMATIONS) -> None:
        self._sure = sure
        self._confirmations = confirmations
        self._visits: list[_Visit] = []

    def update(self, tracks: list[Track], zones: Zones, now: float) -> list[Alert]:
        """Alerts that the frame of stamp ``now`` (seconds UTC) decides, given the tracks seen in it."""
        self._visits = [visit for visit in self._visits if not _over(visit, now)]
        seen_now = {track.track_id for track in tracks}
        alerts = []
        for zone, shape in zones.in_force(now):
            for track in tracks:
                if track.place is None:
                    continue
                chance = chance_inside(shape, track.place)
                visit = self._visit(zone.zone_id, track, track.place, seen_now, now, chance)
                if visit is not None and self._confirms(visit, track, track.place, chance, now):
                    alerts.append(Alert(zone.zone_id, track, track.place, now))
        return alerts

    def _visit(
        self, zone_id: str, track: Track, place: Located, seen_now: set[int], now: float, chance: float
    ) -> _Visit | None:
        """The visit that ``track`` belongs to, a new one where it is inside and belongs to none."""
        here = [visit for visit in self._visits if visit.zone_id == zone_id]
        for visit in here:
            if visit.track_id == track.track_id:
                return visit
        if chance < PROBABLY:
            return None
        free = [v for v in here if v.track_id not in seen_now and _apart(v.place, place) <= _reach(now - v.seen_at)]
        if free:
            visit = min(free, key=lambda v: _apart(v.place, place))
            visit.track_id = track.track_id
            return visit
        visit = _Visit(zone_id, track.track_id, place, seen_at=now, inside_at=now)
        self._visits.append(visit)
        return visit

    def _confirms(self, visit: _Visit, track: Track, place: Located, chance: float, now: float) -> bool:
        """Take one look at the visit's person into account; True when this look decides."""
        visit.place, visit.seen_at = place, now
        if chance <= HARDLY:
            visit.known_outside = True
        if chance < PROBABLY:
            return False
        visit.known_outside, visit.inside_at = False, now
        if min(track.score, track.detection.score) < self._sure:
            return False
        visit.confirmations += 1
        if visit.said or visit.confirmations < self._confirmations:
            return False
        visit.said = True
        return True


def _over(visit: _Visit, now: float) -> bool:
    if visit.known_outside and now - visit.inside_at > LEFT_AFTER:
        return True
    return now - visit.seen_at > FORGOTTEN_AFTER


def _reach(gap: float) -> float:
    return min(NEAR + STROLL * gap, FAR)


def _apart(a: Located, b: Located) -> float:
    return math.hypot(a.x - b.x, a.y - b.y)
