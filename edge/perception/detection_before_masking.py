"""A closer look at a picture that is about to leave: who was overlooked at a glance still has a head to be masked.

It is a few more runs of the detector: the picture mirrored, three parts of it enlarged, in which people far away are
large enough, and, for a detector that never saw people lie, turned both ways.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from edge.perception.detector import Box, Detection, Detector, Picture
from edge.perception.rotated_detection import LEFT, RIGHT, lying

PART = 5 / 8
"""Width and height of an enlarged part, of the picture's; three of them overlap by half."""
DOWN = 1 / 3
"""How far down the parts lie, of what is left: heads are seen about the horizon."""


class CloserLook:
    """So many ``kinds`` of looks, of which each is one run of the detector."""

    def __init__(self, detector: Detector) -> None:
        turned = () if detector.finds_lying else (LEFT, RIGHT)
        self._looks: list[Callable[[Picture], list[Detection]]] = [
            partial(_mirrored, detector),
            *(partial(_enlarged, detector, across) for across in (0.0, 0.5, 1.0)),
            *(partial(_turned, detector, direction) for direction in turned),
        ]

    @property
    def kinds(self) -> int:
        """How many there are."""
        return len(self._looks)

    def find(self, picture: Picture, kind: int) -> list[Detection]:
        """Who is found by the look of that number, from 0, in the picture's own pixels."""
        return self._looks[kind](picture)


def detect_before_masking(detector: Detector, picture: Picture) -> list[Detection]:
    """What more the detector finds on all of a closer look, in the picture's own pixels; people may come several
    times."""
    look = CloserLook(detector)
    return [found for kind in range(look.kinds) for found in look.find(picture, kind)]


def _mirrored(detector: Detector, picture: Picture) -> list[Detection]:
    width = picture.shape[1]
    return [
        Detection(Box(width - d.box.right, d.box.top, width - d.box.left, d.box.bottom), d.score, d.label, d.posture)
        for d in detector.detect(np.ascontiguousarray(picture[:, ::-1]))
    ]


def _enlarged(detector: Detector, across: float, picture: Picture) -> list[Detection]:
    """In a part that lies ``across`` of the way from the left, 0..1."""
    height, width = picture.shape[:2]
    wide, high = round(width * PART), round(height * PART)
    left, top = int((width - wide) * across), round((height - high) * DOWN)
    part = np.ascontiguousarray(picture[top : top + high, left : left + wide])
    return [detection.shifted(left, top) for detection in detector.detect(part)]


def _turned(detector: Detector, direction: int, picture: Picture) -> list[Detection]:
    return lying(detector, picture, direction, [])
