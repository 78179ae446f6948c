"""A closer look at somebody who may lie: the middle of the picture round them, enlarged.

A small network that is unsure of who lies in a whole picture is sure of it, or of nobody, in half of one: people who
lay scored 0.29 to 0.63 and then 0.69 to 0.83, what was taken for them 0.2 to 0.59 and then nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from edge.perception.detector import Detection, Detector, Picture, Posture

EVERY, AGAIN_FOR = 0.4, 3.0
"""Seconds between looks, while there is somebody to doubt; and for which every frame is looked at again once one was
found: else the frames between would drag the score down."""
PART = 0.5
"""Width and height of what is enlarged, of the picture's."""
SAME = 0.3
"""Overlap from which the closer look has found the same."""


class EnlargedDetection:
    """Whom to look at more closely, and when."""

    def __init__(self, detector: Detector, certain: float) -> None:
        """``certain`` is the score from which there is no doubt."""
        self._detector, self._certain = detector, certain
        self._looked = self._found = -math.inf

    def doubtful(self, seen: Sequence[Detection], now: float) -> list[Detection]:
        """Those ``seen`` in the frame of stamp ``now`` (s) who may lie, the likeliest first, where a closer look is
        due."""
        if now < self._looked:  # time was set back
            self._looked = self._found = -math.inf
        if now - self._looked < EVERY and now - self._found > AGAIN_FOR:
            return []
        doubted = [each for each in seen if each.posture is Posture.LYING and each.score < self._certain]
        if doubted:
            self._looked = now
        return sorted(doubted, key=lambda each: -each.score)

    def look(self, picture: Picture, at: Detection) -> Detection:
        """``at``, doubtful in the last frame, as it is found enlarged; with a score of 0 where it is not."""
        height, width = picture.shape[:2]
        wide, high = round(width * PART), round(height * PART)
        left = _begin((at.box.left + at.box.right) / 2, wide, width)
        top = _begin((at.box.top + at.box.bottom) / 2, high, height)
        seen = self._detector.detect(np.ascontiguousarray(picture[top : top + high, left : left + wide]))
        lain = [each.shifted(left, top) for each in seen if each.posture is Posture.LYING]
        same = [each for each in lain if each.box.overlap(at.box) >= SAME]
        found = max(same, key=lambda each: each.score, default=replace(at, score=0.0))
        if found.score >= self._certain:
            self._found = self._looked
        return found


def _begin(middle: float, part: int, whole: int) -> int:
    return round(min(max(middle - part / 2, 0), whole - part))
