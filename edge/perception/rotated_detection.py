"""A second look with the picture turned on its side: detectors that never saw people lie find them so.

It costs an inference, so it is taken now and then, more often where the dog stands (at a checkpoint, or before what is
in its way), and at once again in the direction that has just found somebody.
"""

import numpy as np

from edge.perception.detector import Box, Detection, Detector, Picture, Posture

WALKING_EVERY, STANDING_EVERY = 1.4, 0.5
"""Seconds between looks: an inference for every seven frames of a walk. Each direction comes every second time."""
AGAIN_FOR = 3.0
"""Seconds for which the direction that found somebody is looked in again, at every frame."""
WIDER = 1.1
"""Of the height: who lies fills a box that is wider than tall; who stands is found in a turned picture too."""
SAME = 0.4
"""Overlap from which the turned look has found nobody but whom the upright one sees."""
LEFT, RIGHT = 1, 3
"""Quarter turns, counter-clockwise."""


class RotatedDetection:
    """When to look, and in which direction."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._next = LEFT
        self._looked = -1e9
        self._found: tuple[int, float] | None = None

    def update(self, picture: Picture, upright: list[Detection], standing: bool, now: float) -> list[Detection]:
        """Who lies in ``picture``, as far as this frame's look tells: most frames have none. ``upright`` is what the
        detector has found in it already."""
        direction = self._due(standing, now)
        if direction is None:
            return []
        self._looked = now
        found = lying(self._detector, picture, direction, upright)
        if any(detection.score >= self._detector.threshold for detection in found):
            self._found = direction, now
        return found

    def _due(self, standing: bool, now: float) -> int | None:
        if now < self._looked:  # time was set back
            self._looked, self._found = -1e9, None
        if self._found is not None and now - self._found[1] <= AGAIN_FOR:
            return self._found[0]
        if now - self._looked < (STANDING_EVERY if standing else WALKING_EVERY):
            return None
        direction, self._next = self._next, LEFT + RIGHT - self._next
        return direction


def lying(detector: Detector, picture: Picture, direction: int, upright: list[Detection]) -> list[Detection]:
    """People who lie in ``picture``, found in it turned by ``direction`` quarters, in its own pixels."""
    turned = np.ascontiguousarray(np.rot90(picture, direction))
    found = []
    for seen in detector.detect(turned):
        box = turned_back(seen.box, picture.shape, direction)
        if box.width < WIDER * box.height:
            continue
        if any(other.score >= seen.score and other.box.overlap(box) > SAME for other in upright):
            continue
        found.append(Detection(box, seen.score, seen.label, Posture.LYING))
    return found


def turned_back(box: Box, shape: tuple[int, ...], direction: int) -> Box:
    """``box`` of a picture that was turned by ``direction`` quarters, in pixels of the one of ``shape`` before."""
    height, width = shape[:2]
    if direction == LEFT:
        return Box(width - box.bottom, box.left, width - box.top, box.right)
    return Box(box.top, height - box.right, box.bottom, height - box.left)
