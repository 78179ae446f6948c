"""Somebody who lies on the ground: told once a patrol, wherever it is, after several looks that agree on the place."""

import math
import statistics
from collections import deque
from dataclasses import dataclass, field

from edge.perception.alert import Alert
from edge.perception.camera_geometry import View
from edge.perception.detector import Box, Detection, Posture
from edge.perception.lidar_ranging import Points, ranged
from edge.perception.person_location import Located, locate
from edge.perception.reason import scored
from edge.perception.tracking import Track, refine
from protocol.anomaly import AnomalyKind

LOOKS = 3
"""That saw somebody lie there, before it is said."""
SURE_ENOUGH, WAIT = 0.7, 3.0
"""Metres of deviation from which it is said at once; else so many seconds after the first look, for nearer is surer."""
FORGOTTEN_AFTER = 8.0
"""Seconds unseen after which looks that were too few count no more."""
SAME, SAME_ALONG = 2.0, 0.4
"""Metres across the view within which it is the same person, and along it also such a share of the distance: from so
low a camera that is how far off somebody on the ground may be placed. None lie side by side and are told of twice."""
HIGHEST = 0.65
"""Metres above the ground that a lying body reaches up to at most, knees drawn up; what reaches higher stands."""
SHORTEST, LONGEST = 0.35, 2.6
"""Metres across of what is seen of a lying person, from head-on to stretched out."""
SHARED_ERROR = 0.9
"""Part of one look's deviation that more looks do not average away: which way round somebody lies."""
FIRST_NUMBER = 1_000_000
"""Track ids of people who lie begin here: the tracker's own are small."""


@dataclass
class _Body:
    number: int
    place: Located
    began_at: float
    seen_at: float
    scores: deque[float] = field(default_factory=lambda: deque(maxlen=15))
    looks: int = 0
    said: bool = False


class Lying:
    """Turns detections of people who lie into alerts."""

    def __init__(self, sure: float) -> None:
        self._sure = sure
        self._bodies: list[_Body] = []
        self._count = 0

    def update(self, seen: list[Detection], view: View, now: float, echoes: Points | None = None) -> list[Alert]:
        """Alerts that a frame of stamp ``now`` decides, given what was ``seen`` in it."""
        self._bodies = [b for b in self._bodies if b.said or 0 <= now - b.seen_at <= FORGOTTEN_AFTER]
        alerts = []
        for detection in seen:
            place = lies_at(detection, view, echoes)
            if place is None:
                continue
            body = self._body(place, view, now)
            body.scores.append(detection.score)
            body.looks, body.seen_at = body.looks + 1, now
            if self._decides(body, now):
                body.said = True
                if any(
                    known is not body and known.said and _is_same(known.place, place, view) for known in self._bodies
                ):
                    continue  # a first look placed him elsewhere
                score = statistics.median(body.scores)
                track = Track(body.number, detection, score, body.looks, body.place)
                reason = scored(
                    f"有人躺在地上：{body.looks} 帧（至少 {LOOKS}）位置一致，高度不超过 {HIGHEST:g} 米",
                    f"Somebody lies on the ground: {body.looks} frames (at least {LOOKS}) agree on the place, "
                    f"no higher than {HIGHEST:g} m",
                    score,
                    self._sure,
                )
                alerts.append(Alert("", track, body.place, now, AnomalyKind.PERSON_LYING, reason))
        return alerts

    def _body(self, place: Located, view: View, now: float) -> _Body:
        """Whom a look at ``place`` is of."""
        near = [body for body in self._bodies if _is_same(body.place, place, view)]
        if near:
            body = min(near, key=lambda body: _apart(body.place, place))
            body.place = refine(body.place, place, 0.0, SHARED_ERROR)
            return body
        body = _Body(FIRST_NUMBER + self._count, place, now, now)
        self._count += 1
        self._bodies.append(body)
        return body

    def _decides(self, body: _Body, now: float) -> bool:
        if body.said or body.looks < LOOKS or statistics.median(body.scores) < self._sure:
            return False
        return body.place.deviation <= SURE_ENOUGH or now - body.began_at >= WAIT


def lies_at(seen: Detection, view: View, echoes: Points | None) -> Located | None:
    """Where the person lies; None where what was seen cannot be anybody who lies on the ground."""
    if seen.posture is not Posture.LYING:
        return None
    place = locate(seen.whole or seen.box, view, Posture.LYING)
    if place is None:
        return None
    if echoes is not None:
        place = ranged(place, seen, view, echoes)
    return place if _is_low(seen.box, place, view) else None


def _is_low(box: Box, place: Located, view: View) -> bool:
    """Whether at its place the thing is as low and as long as somebody who lies."""
    x, y, height = view.place()
    away = math.hypot(place.x - x, place.y - y)
    top = height + view.ray((box.left + box.right) / 2, box.top).slope * away
    long = box.width / view.intrinsics.fx * away
    slack = 1 + min(2 * place.deviation / max(away, 0.5), 0.5)
    return top <= HIGHEST * slack and SHORTEST / slack <= long <= LONGEST * slack


def _is_same(known: Located, seen: Located, view: View) -> bool:
    x, y, _ = view.place()
    away = math.hypot(seen.x - x, seen.y - y)
    cos, sin = (seen.x - x) / max(away, 1e-6), (seen.y - y) / max(away, 1e-6)
    dx, dy = known.x - seen.x, known.y - seen.y
    along, across = dx * cos + dy * sin, dy * cos - dx * sin
    return abs(across) <= SAME and abs(along) <= SAME + SAME_ALONG * away


def _apart(a: Located, b: Located) -> float:
    return math.hypot(a.x - b.x, a.y - b.y)
