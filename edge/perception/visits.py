"""Who is in a zone: each person and visit once.

A visit outlives the loss of a track: who is seen again in the zone in the same clothes, not too far from where the
visit's person was, is taken for the same one, and who wears others never is. Where clothes tell nothing, place and time
do, more strictly, and nobody comes back who was seen to leave. A visit ends when its person has been outside for a
while, when nobody was seen for long, or with the patrol.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import shapely

from edge.perception.clothing_colours import Clothes
from edge.perception.person_location import Located
from edge.perception.tracking import Track
from edge.perception.zones import chance_inside
from protocol.site import Zone

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
BESIDE = 0.5
"""Share of the narrower box's width up to which two boxes of one frame overlap sideways, if they are of two people."""
AT_ONCE, TWO_M, EXACT = 10, 1.5, 0.7
"""Frames with both in view, metres between them, and deviation (m) of both places up to which that proves two people:
bars cut one person in two boxes, which are placed apart."""


@dataclass(eq=False)
class Visit:
    """One person in a zone. ``confirmations`` counts the frames, from ``began_at`` (s) on, in which the person was
    probably inside and well seen; ``beside`` counts the frames in which another's person was in view at
    once."""

    zone_id: str
    track_id: int
    place: Located
    clothes: Clothes | None = None
    refound: bool = False
    confirmations: int = 0
    said: bool = False
    told_as: int = NOBODY
    began_at: float = 0.0
    seen_at: float = 0.0
    inside_at: float = 0.0
    known_outside: bool = False
    beside: dict["Visit", int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A frame's look that confirms a visit; ``chance`` is that of standing inside."""

    visit: Visit
    track: Track
    place: Located
    chance: float


class Visits:
    """The visits to zones in one patrol."""

    def __init__(self, sure: float) -> None:
        self._sure = sure
        self._visits: list[Visit] = []
        self._ended: list[Visit] = []

    def update(self, tracks: list[Track], zones: Sequence[tuple[Zone, shapely.Polygon]], now: float) -> list[Confirmed]:
        """The visits to ``zones`` that the frame of stamp ``now`` (seconds UTC) confirms, given the tracks in it."""
        self._ended += [visit for visit in self._visits if _over(visit, now) and visit.said]
        self._visits = [visit for visit in self._visits if not _over(visit, now)]
        seen_now = {track.track_id for track in tracks}
        found = []
        for zone, shape in zones:
            here = []
            for track in tracks:
                if track.place is None:
                    continue
                chance = chance_inside(shape, track.place)
                visit = self._visit(zone.zone_id, track, track.place, seen_now, now, chance)
                if visit is None:
                    continue
                here.append((visit, track))
                if self._confirms(visit, track, track.place, chance, now):
                    found.append(Confirmed(visit, track, track.place, chance))
            _note_beside(here)
        return found

    def others(self, visit: Visit) -> tuple[int, ...]:
        """The tracks under which others were told of who are known not to be this visit's person."""
        told = [other for other in (*self._ended, *self._visits) if other.said and other is not visit]
        known = [each for each in told if visit.beside.get(each, 0) >= AT_ONCE]
        return tuple(sorted(each.told_as for each in known))

    def _visit(
        self, zone_id: str, track: Track, place: Located, seen_now: set[int], now: float, chance: float
    ) -> Visit | None:
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
        visit = Visit(zone_id, track.track_id, place, began_at=now, seen_at=now, inside_at=now)
        self._visits.append(visit)
        return visit

    def _confirms(self, visit: Visit, track: Track, place: Located, chance: float, now: float) -> bool:
        """Take one look at the visit's person into account; True when it shows the person well, and inside."""
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
        return True


def tell(visit: Visit, track: Track) -> None:
    """Note that the visit is told of, under its track."""
    visit.said, visit.told_as = True, track.track_id


def _note_beside(here: list[tuple[Visit, Track]]) -> None:
    for n, (visit, track) in enumerate(here):
        for other, its in here[:n]:
            if visit is not other and _are_apart(visit, other) and _is_beside(track, its):
                visit.beside[other] = visit.beside.get(other, 0) + 1
                other.beside[visit] = other.beside.get(visit, 0) + 1


def _are_apart(one: Visit, other: Visit) -> bool:
    exact = max(one.place.deviation, other.place.deviation) <= EXACT
    return exact and _apart(one.place, other.place) >= TWO_M


def _is_beside(one: Track, other: Track) -> bool:
    a, b = one.detection.box, other.detection.box
    shared = min(a.right, b.right) - max(a.left, b.left)
    return shared <= BESIDE * min(a.width, b.width)


def _over(visit: Visit, now: float) -> bool:
    if visit.known_outside and now - visit.inside_at > LEFT_AFTER:
        return True
    return now - visit.seen_at > FORGOTTEN_AFTER


def _continues(visit: Visit, track: Track, place: Located, now: float) -> bool:
    """Whether a new track may be the visit's person, who is out of view."""
    gap = now - visit.seen_at
    differ = _differ(visit, track)
    if differ or (differ is None and visit.known_outside and gap > BLINK):
        return False
    far = FAR_UNSURE if differ is None else FAR
    return _apart(visit.place, place) <= min(NEAR + STROLL * gap, far)


def _another(visit: Visit, track: Track) -> bool:
    """Whether the track that was taken for the visit's person, before its clothes could be seen, is another's."""
    return visit.refound and bool(_differ(visit, track))


def _differ(visit: Visit, track: Track) -> bool | None:
    return visit.clothes.differ(track.clothes) if visit.clothes and track.clothes else None


def _apart(a: Located, b: Located) -> float:
    return math.hypot(a.x - b.x, a.y - b.y)
