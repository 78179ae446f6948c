"""A camera that sees nothing any more: covered or in the dark, blurred, frozen.

A dog that stands before a blank wall sees nothing either, and one that stands still sees the same again: it is told
only of a camera that shows no more while the dog moves. Measured on the simulator's pictures, by day, dusk, night and
in fog.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.perception.alert import Alert
from edge.perception.camera_geometry import View
from edge.perception.detector import Box, Detection, Picture
from edge.perception.person_location import Located
from edge.perception.tracking import Track
from protocol.anomaly import AnomalyKind
from protocol.site import Text

EVERY = 0.5
"""Seconds between two looks at the camera: nothing of this is urgent."""
SMALL = 160, 120
"""Pixels across and down that are looked at: noise is averaged away."""
FLAT = 2.5
"""Grey levels of deviation up to which a picture shows nothing; one of 50 by night and in fog is below 5."""
BLACK = 12.0
"""Grey levels of the mean up to which it is dark; nights in the simulator have 15 and more."""
SOFT = 0.2
"""The steepest bends of brightness against the largest contrasts, up to which it is blurred: of 230 sharp pictures with
a sensor's noise the least has 0.27; blurred over 6 pixels of 640 half have more than 0.19, over 9 none over 0.18."""
AROUND = 31, 31
"""Pixels over which contrast is taken."""
STRONGEST = 99.5
"""Percentile that stands for the strongest: a pixel alone may be broken."""
LASTS = 5.0
"""Seconds, without a single better look, from which it is told; and of good looks after which it is well again."""
MOVED, TURNED = 0.5, 0.4
"""Metres walked or radians turned within that time, from which another picture was to come."""
NUMBER = 3_000_000
"""Track id: no camera is a person or a thing."""


class Trouble(StrEnum):
    """What is wrong with a camera."""

    DARK = "dark"
    COVERED = "covered"
    BLURRED = "blurred"
    FROZEN = "frozen"


WORDS = {
    Trouble.DARK: ("全黑（被遮挡或无光）", "black: covered, or without light"),
    Trouble.COVERED: ("没有任何细节：被遮挡", "without any detail: covered"),
    Trouble.BLURRED: ("模糊", "blurred"),
    Trouble.FROZEN: ("画面静止不变", "frozen: the same picture again and again"),
}


@dataclass(frozen=True, slots=True)
class _Look:
    small: NDArray[np.uint8]
    mean: float
    detail: float
    sharpness: float


class CameraCondition:
    """Turns pictures into an alert, one for each trouble until the camera is well again."""

    def __init__(self) -> None:
        self._last: _Look | None = None
        self._looked_at = self._well_at = -math.inf
        self._trouble: Trouble | None = None
        self._since = 0.0
        self._way = self._turn = 0.0
        self._view: View | None = None
        self._told: set[Trouble] = set()

    def update(self, picture: Picture, view: View, now: float) -> list[Alert]:
        """The alert that the frame of stamp ``now`` (s) decides, if it does."""
        if 0 <= now - self._looked_at < EVERY:
            return []
        look = _look(picture)
        trouble = _judge(look, self._last)
        self._last, self._looked_at = look, now
        if trouble != self._trouble:
            self._trouble, self._since, self._way, self._turn, self._view = trouble, now, 0.0, 0.0, None
        self._follow(view)
        if trouble is None:
            if now - self._since >= LASTS:
                self._told.clear()
            return []
        moved = self._way >= MOVED or self._turn >= TURNED
        if now - self._since < LASTS or not moved or self._told:
            return []
        self._told.add(trouble)
        return [self._alert(trouble, look, picture, view, now)]

    def _follow(self, view: View) -> None:
        """How far the dog has walked and turned since the trouble began."""
        if self._view is not None:
            before, after = self._view.pose, view.pose
            self._way += math.hypot(after.x - before.x, after.y - before.y)
            self._turn += abs(math.remainder(after.theta - before.theta, math.tau))
        self._view = view

    def _alert(self, trouble: Trouble, look: _Look, picture: Picture, view: View, now: float) -> Alert:
        lasted, (zh, en) = now - self._since, WORDS[trouble]
        reason = Text(
            zh=f"摄像头{zh}，已 {lasted:.0f} 秒（至少 {LASTS:g}），其间机器犬移动 {self._way:.1f} 米："
            f"亮度 {look.mean:.0f}，细节 {look.detail:.1f}（至少 {FLAT:g}），"
            f"清晰度 {look.sharpness:.2f}（至少 {SOFT:g}）",
            en=f"The camera is {en}, for {lasted:.0f} s (at least {LASTS:g}) of a walk of {self._way:.1f} m, "
            f"brightness {look.mean:.0f}, detail {look.detail:.1f} (at least {FLAT:g}), "
            f"sharpness {look.sharpness:.2f} (at least {SOFT:g})",
        )
        own = max(view.position_deviation, 0.1) ** 2
        place = Located(view.pose.x, view.pose.y, own, 0.0, own)
        height, width = picture.shape[:2]
        seen = Detection(Box(0.0, 0.0, float(width), float(height)), 1.0, "camera")
        return Alert("", Track(NUMBER, seen, 1.0, 1, place), place, now, AnomalyKind.CAMERA_IMPAIRED, reason)


def _look(picture: Picture) -> _Look:
    small = cv2.resize(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), SMALL, interpolation=cv2.INTER_AREA)
    grey = small.astype(np.float32)
    calm = cv2.GaussianBlur(grey, (0, 0), 1.0)  # the sensor's noise has bends as well
    bend = float(np.percentile(np.abs(cv2.Laplacian(calm, cv2.CV_32F)), STRONGEST))
    contrast = float(np.percentile(np.abs(calm - cv2.blur(calm, AROUND)), STRONGEST))
    return _Look(small.astype(np.uint8), float(grey.mean()), float(grey.std()), bend / (contrast + 1.0))


def _judge(look: _Look, last: _Look | None) -> Trouble | None:
    if last is not None and np.array_equal(look.small, last.small):
        return Trouble.FROZEN
    if look.detail < FLAT:
        return Trouble.DARK if look.mean < BLACK else Trouble.COVERED
    return Trouble.BLURRED if look.sharpness < SOFT else None
