"""Which sightings are of one thing: one incident a person and visit, however many frames, tracks and dogs saw it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from protocol.anomaly import AnomalyKind

SAME_VISIT = timedelta(seconds=60)  # who is out of sight for longer comes anew
CLOCK_SET = timedelta(seconds=120)  # by so much two clocks differ of which one was set, or began anew, in between
AT_ONCE = timedelta(seconds=2)  # two tracks of one dog within it were in view together
OTHERS_KNOWN = timedelta(minutes=10)  # a track's number comes again, hours later, where a dog has no order
SAME_PERSON_M = 6.0  # a person's way between two sightings, and two dogs' errors of position


@dataclass(frozen=True)
class Sameness:
    """Within what time and distance (m) two sightings by different tracks are of one thing."""

    within: timedelta = SAME_VISIT
    metres: float = SAME_PERSON_M


# What lies or stands does not go away: the next round finds the same there, half an hour later as well. How far off
# smoke is a camera hardly knows.
SAMENESS = {
    AnomalyKind.PERSON_LYING: Sameness(timedelta(minutes=30), 3.0),
    AnomalyKind.VEHICLE_PARKED: Sameness(timedelta(minutes=30), 3.0),
    AnomalyKind.BAG_LEFT: Sameness(timedelta(minutes=30), 2.0),
    AnomalyKind.CROWD: Sameness(timedelta(minutes=10), 10.0),
    AnomalyKind.CHECKPOINT_CHANGED: Sameness(timedelta(minutes=30), 3.0),
    AnomalyKind.FIRE: Sameness(timedelta(minutes=30), 6.0),
    AnomalyKind.SMOKE: Sameness(timedelta(minutes=30), 12.0),
}


def sameness(kind: str) -> Sameness:
    """That of incidents of this kind."""
    return SAMENESS.get(AnomalyKind(kind), Sameness()) if kind in set(AnomalyKind) else Sameness()


@dataclass(frozen=True)
class Seen:
    """A sighting: when by the dog's clock, where in metres on the map, and by whose track.

    ``clock_skew_s`` is by how much that clock was ahead of ours when we were told; None: not known.
    ``other_than`` are tracks of the same patrol of which the dog knows that they were somebody else's.
    """

    observed_at: datetime
    x: float
    y: float
    dog_id: str
    order_id: str | None
    track_id: int | None
    clock_skew_s: float | None = None
    other_than: tuple[int, ...] = ()


def joins(new: Seen, incident: Iterable[Seen], same: Sameness = Sameness()) -> bool:
    """Whether ``new`` is of the same thing as the sightings of ``incident``, all of one kind and zone.

    A dog's own track decides where it can: one track is one person, and two tracks that it told of at once, or that it
    knows to be two people's, are two. One after another they are taken for one person who was lost and found, as
    through the bars of a fence, where the sighting nearest in time is near enough in time and place; so are another
    dog's. What a clock says that was set since, as a simulation's that begins anew, is of another time, whatever it
    says.
    """
    seen = [old for old in incident if not _set_between(new, old)]
    if not seen:
        return False
    if any(_same_track(new, old) for old in seen):
        return True
    if any(_is_other(new, old) or _is_other(old, new) for old in seen):
        return False
    if any(_same_patrol(new, old) and abs(new.observed_at - old.observed_at) <= AT_ONCE for old in seen):
        return False
    nearest = min(seen, key=lambda old: abs(old.observed_at - new.observed_at))
    near_in_time = abs(nearest.observed_at - new.observed_at) <= same.within
    return near_in_time and math.dist((nearest.x, nearest.y), (new.x, new.y)) <= same.metres


def _set_between(a: Seen, b: Seen) -> bool:
    if a.clock_skew_s is None or b.clock_skew_s is None:
        return False
    return abs(a.clock_skew_s - b.clock_skew_s) > CLOCK_SET.total_seconds()


def _same_patrol(a: Seen, b: Seen) -> bool:
    return a.dog_id == b.dog_id and a.order_id == b.order_id and a.track_id is not None and b.track_id is not None


def _is_other(a: Seen, b: Seen) -> bool:
    near = abs(a.observed_at - b.observed_at) <= OTHERS_KNOWN
    return near and _same_patrol(a, b) and b.track_id in a.other_than


def _same_track(a: Seen, b: Seen) -> bool:
    near = abs(a.observed_at - b.observed_at) <= SAME_VISIT
    return near and _same_patrol(a, b) and a.track_id == b.track_id
