"""What is worth a person's attention: somebody inside a restricted zone while its hours run.

Said once for each person and visit. A visit outlives the loss of a track: who is seen again in the zone in the same
clothes, not too far from where the visit's person was, is taken for the same one, and who wears others never is. Where
clothes tell nothing, place and time do, more strictly, and nobody comes back who was seen to leave. A visit ends when
its person has been outside for a while, when nobody was seen for long, or with the patrol.
"""

import math
from dataclasses import dataclass

from edge.perception.clothing_colours import Clothes
from edge.perception.person_location import Located
from edge.perception.tracking import Track
from edge.perception.zones import Zones, chance_inside
from protocol.anomaly import AnomalyKind

CONFIRMATIONS = 3
"""Frames in which the person was probably inside, before it is said."""
PROBABLY, HARDLY = 0.7, 0.3
"""Chance of standing inside, location error counted in, from which a frame confirms, and up to which the person
has been seen outside; between them the frame tells nothing."""
LEFT_AFTER = 30.0
"""Seconds outside after which a return is a new visit."""
NOBODY = -1
"""The track of a visit whose person is out of view."""
FORGOTTEN_AFTER = 180.0
"""Seconds unseen after which the visit is over: the dog has walked on, and cannot know."""
NEAR, STROLL = 5.0, 0.5
"""A track refound within NEAR metres + STROLL m/s since continues a visit, but not farther away than"""
FAR, FAR_UNSURE = 12.0, 8.0
"""metres: with the same clothes, and where clothes tell nothing."""
BLINK = 3.0
"""Seconds for which a track may be lost on the way out and found under another number."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Something to be told, decided by the frame of stamp ``at``; ``zone_id`` is empty where no zone is concerned."""

    zone_id: str
    track: Track
    place: Located
    at: float
    kind: AnomalyKind = AnomalyKind.PERSON_IN_RESTRICTED_ZONE


@dataclass
class _Visit:
    zone_id: str
    track_id: int
    place: Located
    clothes: Clothes | None = None
    refound: bool = False
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
            if visit.track_id == track.track_id and not _another(visit, track):
                return visit
        if chance < PROBABLY:
            return None
        free = [v for v in here if v.track_id not in seen_now and _continues(v, track, place, now)]
        if free:
            visit = min(free, key=lambda v: _apart(v.place, place))
            visit.track_id, visit.refound = track.track_id, True
            return visit
        for visit in here:  # a track that was taken for another's
            visit.track_id = NOBODY if visit.track_id == track.track_id else visit.track_id
        visit = _Visit(zone_id, track.track_id, place, seen_at=now, inside_at=now)
        self._visits.append(visit)
        return visit

    def _confirms(self, visit: _Visit, track: Track, place: Located, chance: float, now: float) -> bool:
        """Take one look at the visit's person into account; True when this look decides."""
        visit.place, visit.seen_at = place, now
        if track.clothes is not None and (visit.clothes is None or not visit.refound or _differ(visit, track) is False):
            visit.clothes, visit.refound = track.clothes, False
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


def _continues(visit: _Visit, track: Track, place: Located, now: float) -> bool:
    """Whether a new track may be the visit's person, who is out of view."""
    gap = now - visit.seen_at
    differ = _differ(visit, track)
    if differ or (differ is None and visit.known_outside and gap > BLINK):
        return False
    far = FAR_UNSURE if differ is None else FAR
    return _apart(visit.place, place) <= min(NEAR + STROLL * gap, far)


def _another(visit: _Visit, track: Track) -> bool:
    """Whether the track that was taken for the visit's person, before its clothes could be seen, is another's."""
    return visit.refound and bool(_differ(visit, track))


def _differ(visit: _Visit, track: Track) -> bool | None:
    return visit.clothes.differ(track.clothes) if visit.clothes and track.clothes else None


def _apart(a: Located, b: Located) -> float:
    return math.hypot(a.x - b.x, a.y - b.y)
