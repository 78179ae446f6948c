"""Vehicles, bags, fire and smoke on the map, over the frames of a patrol: what stands at one place is one thing.

People are followed through the picture; these are not. A look belongs to the thing of its label that is known at its
place, and one that moves is a new thing wherever it comes to stand. A box that scores less than the detector's
threshold may drag the score of a thing down; it never makes one, and is no look that keeps one.
"""

import math
import statistics
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from edge.perception.camera_geometry import View
from edge.perception.detector import Box, Detection
from edge.perception.lidar_ranging import Points
from edge.perception.mapped import Mapped
from edge.perception.person_location import Located
from edge.perception.thing_place import Echoes, located
from edge.perception.tracking import Track, no_surer, refine

REMEMBERED = 15
"""Scores of which the median is taken: three seconds at 5 Hz."""
WEAK = 0.6
"""Share of the threshold from which a box is looked at at all."""
HARDLY_KEPT, KEPT = 8.0, 300.0
"""Seconds unseen after which a thing is forgotten: one of fewer than LEAST_LOOKS looks, and one of more."""
LEAST_LOOKS = 5
"""Frames that saw a thing, before any rule hears of it."""
ACROSS = {"vehicle": 2.0, "bag": 1.0, "fire": 2.0, "smoke": 3.0}
"""Metres across the view within which a look is of the same thing, by label."""
ALONG, ALONG_SHARE = 1.0, 0.25
"""Metres along the view beyond that, and such a share of the distance: so far off a camera near the ground is."""
MOVED = 1.5
"""Metres from where it was first placed, beyond three deviations, from which a thing has moved and stands anew."""
SHARED_ERROR = {"vehicle": 0.9, "bag": 0.9, "fire": 0.6, "smoke": 0.5}
"""Part of one look's deviation that more looks do not average away, by label: how far behind its near side the middle
of a thing is errs alike each time. In 36 simulated visits errors were three times what was told, without.
Smoke is placed by where lines of sight meet, which more looks do tell."""
FOLLOWED = SHARED_ERROR | {"fire": 0.2}
"""Likewise, of what a new look is weighed against: the more, the sooner the place follows what moves. A fire does not,
and its boxes jump by five pixels a frame, metres some 8 m off: all looks count alike, and what is told stays unsure."""
JOINED = 0.5
"""Share of its width by which a box is over or under another of the same fire: flames are boxed apart from the lit
ground before them, in half of all frames, and the foot of neither is the fire's: one is too far, the other too near."""
FIRST_NUMBER = 2_000_000
"""Track ids of things begin here: the tracker's own are small, and those of people who lie are around a million."""


@dataclass(frozen=True, slots=True)
class Thing:
    """What stands somewhere, as known after a frame that saw it. ``since`` is the stamp (s) of the first look at it
    there, ``track`` has its label, its place, the median of its scores and how many looks there were."""

    track: Track
    place: Located
    since: float


@dataclass
class _Known:
    """``mean`` is ``place``, as sure as if looks shared no error."""

    number: int
    label: str
    place: Located
    mean: Located
    anchor: Located
    since: float
    seen_at: float
    scores: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    looks: int = 0


class Things:
    """What is known of all things of one patrol; ids begin anew with each."""

    def __init__(self, thresholds: Mapping[str, float], mapped: Mapped | None = None) -> None:
        """``thresholds`` by label: what has none is not looked for. What is ``mapped`` is no news, and not told."""
        self._thresholds, self._mapped = thresholds, mapped
        self._known: list[_Known] = []
        self._count = 0

    def take_map(self, mapped: Mapped) -> None:
        """Know by this map from now on what is no news."""
        self._mapped = mapped

    def update(self, seen: list[Detection], view: View, now: float, echoes: Points | None = None) -> list[Thing]:
        """The things that the frame of stamp ``now`` (s) shows, those of LEAST_LOOKS looks or more."""
        self._known = [each for each in self._known if not _forgotten(each, now)]
        free, told = list(self._known), []
        seen = _joined([each for each in seen if each.score >= WEAK * self._thresholds.get(each.label, math.inf)])
        sight = Echoes.of(echoes, view) if seen and echoes is not None else None
        for detection in sorted(seen, key=lambda each: -each.score):
            threshold, place = self._thresholds[detection.label], located(detection, view, sight)
            if place is None:
                continue
            near = [each for each in free if each.label == detection.label and _is_same(each, place, view)]
            known = min(near, key=lambda each: _apart(each.place, place), default=None)
            if known is not None:
                free.remove(known)
                known.scores.append(detection.score)
            if detection.score < threshold:
                continue
            if known is None:
                known = self._new(detection, place, now)
            _look(known, place, now)
            drawn = self._mapped is not None and self._mapped.shows(known.label, known.place)
            if known.looks >= LEAST_LOOKS and not drawn:
                score = statistics.median(known.scores)
                track = Track(known.number, detection, score, known.looks, known.place)
                told.append(Thing(track, known.place, known.since))
        return told

    def _new(self, detection: Detection, place: Located, now: float) -> _Known:
        known = _Known(FIRST_NUMBER + self._count, detection.label, place, place, place, now, now)
        known.scores.append(detection.score)
        self._count += 1
        self._known.append(known)
        return known


def _joined(seen: list[Detection]) -> list[Detection]:
    """``seen`` with one box for each fire: the mean of those that show it, by their scores, and the best score."""
    others, groups = [each for each in seen if each.label != "fire"], list[list[Detection]]()
    for fire in sorted((each for each in seen if each.label == "fire"), key=lambda each: -each.score):
        near = next((group for group in groups if _is_over(group[0].box, fire.box)), None)
        if near is None:
            groups.append([fire])
        else:
            near.append(fire)
    return others + [_mean(group) if len(group) > 1 else group[0] for group in groups]


def _is_over(a: Box, b: Box) -> bool:
    """Whether one is over the other, or before it: they touch, and share JOINED of the narrower's width."""
    wide = min(a.right, b.right) - max(a.left, b.left)
    return wide >= JOINED * min(a.width, b.width) and min(a.bottom, b.bottom) >= max(a.top, b.top)


def _mean(group: list[Detection]) -> Detection:
    weights = [each.score for each in group]

    def mean(boxes: list[Box]) -> Box:
        edges = [[box.left, box.top, box.right, box.bottom] for box in boxes]
        return Box(*map(float, np.average(edges, axis=0, weights=weights)))

    whole = mean([each.whole or each.box for each in group])
    return replace(group[0], box=mean([each.box for each in group]), whole=whole)


def _look(known: _Known, place: Located, now: float) -> None:
    """Take a look at a thing into account: where it stands, and since when."""
    known.mean = refine(known.mean, place, 0.0, FOLLOWED[known.label])
    known.place = no_surer(known.mean, place, SHARED_ERROR[known.label])
    known.looks, known.seen_at = known.looks + 1, now
    if _apart(known.anchor, known.place) > MOVED + 3 * known.place.deviation:
        known.anchor, known.since = known.place, now


def _forgotten(known: _Known, now: float) -> bool:
    return not 0 <= now - known.seen_at <= (KEPT if known.looks >= LEAST_LOOKS else HARDLY_KEPT)


def _is_same(known: _Known, place: Located, view: View) -> bool:
    x, y, _ = view.place()
    away = max(math.hypot(place.x - x, place.y - y), 1e-6)
    cos, sin = (place.x - x) / away, (place.y - y) / away
    dx, dy = known.place.x - place.x, known.place.y - place.y
    along, across = dx * cos + dy * sin, dy * cos - dx * sin
    wide = ACROSS[known.label]
    long = wide + ALONG + ALONG_SHARE * away
    if known.label == "fire":  # the higher its foot is boxed, the more a pixel is: two deviations may be more
        long = max(long, 2 * place.deviation)
    return abs(across) <= wide and abs(along) <= long


def _apart(a: Located, b: Located) -> float:
    return math.hypot(a.x - b.x, a.y - b.y)
