"""The same person over several frames, while the dog that looks walks and turns.

ByteTrack (Zhang et al., 2022; the package ``trackers``) matches boxes by overlap, which a turning dog destroys: at
1 rad/s and 5 frames a second everything moves by 70 pixels a frame, twice a person's width. So it is not given the
picture's boxes but those same boxes on a panorama that stands still: azimuth and slope on the map, as pixels.
"""

import math
import statistics
from collections import deque
from dataclasses import dataclass, field

import numpy as np
import supervision as sv
from trackers import ByteTrackTracker

from edge.perception.camera_geometry import View
from edge.perception.clothing_colours import Clothes, clothes
from edge.perception.detector import Box, Detection, Picture
from edge.perception.lidar_ranging import Points, ranged
from edge.perception.person_location import Located, locate

REMEMBERED = 15
"""Scores of which the median is taken: three seconds at 5 Hz."""
PATIENCE = 2.0
"""Seconds for which a track that is not seen is kept for being found again."""
LEAST_OVERLAP = 0.1
WALKING = 1.0
"""m/s: how fast the place of a person drifts away from where it was."""
SHARED_ERROR = 0.5
"""Part of one look's deviation that more looks do not average away: stature, mounting and map err alike each time."""


@dataclass(frozen=True, slots=True)
class Track:
    """A person as known after one frame. ``score`` is the median over the last looks: one lucky frame says nothing.
    ``looks`` counts frames that saw it; ``place`` is filtered over them, None until one could be located, and
    ``clothes`` are averaged, None until they could be seen."""

    track_id: int
    detection: Detection
    score: float
    looks: int
    place: Located | None
    clothes: Clothes | None = None


@dataclass
class _Memory:
    scores: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    looks: int = 0
    place: Located | None = None
    clothes: Clothes | None = None
    placed_at: float = 0.0
    seen_at: float = 0.0


class Tracker:
    """Gives detections an id that lasts while the person is in view; ids begin anew with each patrol."""

    def __init__(self, threshold: float, frame_rate: float = 5.0) -> None:
        self._tracker = ByteTrackTracker(
            lost_track_buffer=round(PATIENCE * 30),  # its unit is a thirtieth of a second
            frame_rate=frame_rate,
            track_activation_threshold=threshold,
            high_conf_det_threshold=threshold,
            minimum_consecutive_frames=1,
            minimum_iou_threshold=LEAST_OVERLAP,
        )
        self._memories: dict[int, _Memory] = {}
        self._heading = 0.0

    def update(
        self,
        detections: list[Detection],
        view: View,
        now: float,
        picture: Picture | None = None,
        echoes: Points | None = None,
    ) -> list[Track]:
        """The people seen in this frame, whose stamp is ``now`` (seconds, rising). ``picture`` shows what they wear,
        ``echoes`` of a lidar measure how far they are."""
        self._heading += math.remainder(view.pose.theta - self._heading, math.tau)
        boxes = np.array([_on_panorama(d.box, view, self._heading) for d in detections], np.float32).reshape(-1, 4)
        given = sv.Detections(
            xyxy=boxes,
            confidence=np.array([d.score for d in detections], np.float32),
            data={"index": np.arange(len(detections))},
        )
        told = self._tracker.update(given, timestamp=now)
        if not len(told):
            return []
        pairs = zip(told.tracker_id.tolist(), told.data["index"].tolist(), strict=True)
        tracks = [
            self._look(number, detections[index], view, now, picture, echoes) for number, index in pairs if number >= 0
        ]
        self._memories = {n: m for n, m in self._memories.items() if now - m.seen_at <= 2 * PATIENCE}
        return sorted(tracks, key=lambda track: track.track_id)

    def _look(
        self,
        number: int,
        detection: Detection,
        view: View,
        now: float,
        picture: Picture | None,
        echoes: Points | None,
    ) -> Track:
        memory = self._memories.setdefault(number, _Memory())
        memory.scores.append(detection.score)
        memory.looks += 1
        memory.seen_at = now
        seen = locate(detection.whole or detection.box, view, detection.posture)
        if seen is not None and echoes is not None:
            seen = ranged(seen, detection, view, echoes)
        if seen is not None:
            memory.place = seen if memory.place is None else refine(memory.place, seen, now - memory.placed_at)
            memory.placed_at = now
        worn = clothes(picture, detection.box) if picture is not None else None
        if worn is not None:
            memory.clothes = worn if memory.clothes is None else memory.clothes.joined(worn)
        score = statistics.median(memory.scores)
        return Track(number, detection, score, memory.looks, memory.place, memory.clothes)


def refine(known: Located, seen: Located, gap: float, shared: float = SHARED_ERROR) -> Located:
    """Kalman's update of a place that drifts by WALKING over ``gap`` seconds, with a new look at it.

    The deviation never falls below ``shared`` of the new look's: that part more looks do not average away.
    """
    drift = (WALKING * gap) ** 2
    before = np.array([[known.xx + drift, known.xy], [known.xy, known.yy + drift]])
    noise = np.array([[seen.xx, seen.xy], [seen.xy, seen.yy]])
    gain = before @ np.linalg.inv(before + noise)
    x, y = np.array([known.x, known.y]) + gain @ np.array([seen.x - known.x, seen.y - known.y])
    after = (np.eye(2) - gain) @ before
    found = Located(float(x), float(y), float(after[0, 0]), float(after[0, 1]), float(after[1, 1]))
    return no_surer(found, seen, shared)


def no_surer(place: Located, seen: Located, shared: float) -> Located:
    """``place`` with a deviation of at least ``shared`` of that of the look that ``seen`` is."""
    part = shared**2
    if place.xx + place.yy >= part * (seen.xx + seen.yy):
        return place
    return Located(place.x, place.y, part * seen.xx, part * seen.xy, part * seen.yy)


def _on_panorama(box: Box, view: View, heading: float) -> tuple[float, float, float, float]:
    """``box`` as azimuth (from ``heading``, which runs on beyond pi) and slope, in pixels at the camera's focal
    length; left of it is less, down is more."""
    corners = [view.ray(u, v) for u in (box.left, box.right) for v in (box.top, box.bottom)]
    turned = [heading + math.remainder(corner.azimuth - heading, math.tau) for corner in corners]
    f = view.intrinsics.fx
    across = [-f * azimuth for azimuth in turned]
    down = [-f * corner.slope for corner in corners]
    return min(across), min(down), max(across), max(down)
