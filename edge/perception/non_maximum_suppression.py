"""From a network's raw rows to detections: the step that all detectors share."""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.perception.detector import Box, Detection

MOST = 100
"""Detections kept of one picture; a yard has fewer people."""


def non_maximum_suppression(
    boxes: NDArray[np.float32], scores: NDArray[np.float32], shape: tuple[int, ...], overlap: float, floor: float
) -> list[Detection]:
    """Non-maximum suppression. ``boxes`` is N x 4 (left, top, right, bottom) in pixels of a picture of ``shape``
    (height, width, ...), ``scores`` is N. What scores less than ``floor``, or overlaps a better one by more than
    ``overlap`` (intersection over union), is dropped; the rest is clipped to the picture, best first."""
    found = [
        Detection(clipped(boxes[i], shape), float(min(scores[i], 1.0))) for i in best(boxes, scores, overlap, floor)
    ]
    return [detection for detection in found if detection.box.width >= 1 and detection.box.height >= 1]


def best(boxes: NDArray[np.float32], scores: NDArray[np.float32], overlap: float, floor: float) -> list[int]:
    """The rows that non-maximum suppression leaves, best first."""
    if not len(boxes):
        return []
    corner_size = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)
    return [int(i) for i in cv2.dnn.NMSBoxes(corner_size.tolist(), scores.tolist(), floor, overlap)[:MOST]]


def clipped(box: NDArray[np.float32], shape: tuple[int, ...]) -> Box:
    """What of ``box`` lies in a picture of ``shape``."""
    height, width = shape[:2]
    return Box(*map(float, np.clip(box, 0, np.array([width, height, width, height], np.float32))))
