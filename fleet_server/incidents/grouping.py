"""Which sightings are of one thing: one incident a person and visit, however many frames, tracks and dogs saw it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

SAME_VISIT = timedelta(seconds=60)  # who is out of sight for longer comes anew
SAME_PERSON_M = 6.0  # a person's way between two sightings, and two dogs' errors of position


@dataclass(frozen=True)
class Seen:
    """A sighting: when by the dog's clock, where in metres on the map, and by whose track."""

    observed_at: datetime
    x: float
    y: float
    dog_id: str
    order_id: str | None
    track_id: int | None


def joins(new: Seen, incident: Iterable[Seen]) -> bool:
    """Whether ``new`` is of the same thing as the sightings of ``incident``, all of one kind and zone.

    A dog's own track decides where it can: one track is one person, two tracks in one frame are two.
    Otherwise the sighting nearest in time must be near enough in time and place.
    """
    seen = list(incident)
    if not seen or any(_side_by_side(new, old) for old in seen):
        return False
    if any(_same_track(new, old) for old in seen):
        return True
    nearest = min(seen, key=lambda old: abs(old.observed_at - new.observed_at))
    near_in_time = abs(nearest.observed_at - new.observed_at) <= SAME_VISIT
    return near_in_time and math.dist((nearest.x, nearest.y), (new.x, new.y)) <= SAME_PERSON_M


def _same_patrol(a: Seen, b: Seen) -> bool:
    return a.dog_id == b.dog_id and a.order_id == b.order_id and a.track_id is not None and b.track_id is not None


def _same_track(a: Seen, b: Seen) -> bool:
    near = abs(a.observed_at - b.observed_at) <= SAME_VISIT
    return near and _same_patrol(a, b) and a.track_id == b.track_id


def _side_by_side(a: Seen, b: Seen) -> bool:
    return _same_patrol(a, b) and a.observed_at == b.observed_at and a.track_id != b.track_id
