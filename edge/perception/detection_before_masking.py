"""A closer look at a picture that is about to leave: who was overlooked at a glance still has a head to be masked.

Pictures leave rarely, so a few more runs of the detector are affordable there: the picture mirrored, three parts of it
enlarged, in which people far away are large enough, and, for a detector that never saw people lie, turned both ways.
"""

import numpy as np

from edge.perception.detector import Box, Detection, Detector, Picture
from edge.perception.rotated_detection import LEFT, RIGHT, lying

PART = 5 / 8
"""Width and height of an enlarged part, of the picture's; three of them overlap by half."""
DOWN = 1 / 3
"""How far down the parts lie, of what is left: heads are seen about the horizon."""


def detect_before_masking(detector: Detector, picture: Picture) -> list[Detection]:
    """What more the detector finds on a closer look, in the picture's own pixels; people may come several times."""
    height, width = picture.shape[:2]
    found = [
        Detection(Box(width - d.box.right, d.box.top, width - d.box.left, d.box.bottom), d.score, d.label, d.posture)
        for d in detector.detect(np.ascontiguousarray(picture[:, ::-1]))
    ]
    wide, high = round(width * PART), round(height * PART)
    top = round((height - high) * DOWN)
    for left in (0, (width - wide) // 2, width - wide):
        part = np.ascontiguousarray(picture[top : top + high, left : left + wide])
        found += [_moved(detection, left, top) for detection in detector.detect(part)]
    if not detector.finds_lying:
        found += [body for direction in (LEFT, RIGHT) for body in lying(detector, picture, direction, [])]
    return found


def _moved(detection: Detection, left: int, top: int) -> Detection:
    box = detection.box
    moved = Box(box.left + left, box.top + top, box.right + left, box.bottom + top)
    return Detection(moved, detection.score, detection.label, detection.posture)
