"""How what is seen moves from one picture to the next, whatever moves: the camera, or who is before it."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.perception.detector import Box, Picture

WIDTH = 160
"""Pixels across of what is compared: 1.5 ms, and a dog that turns at 1 rad/s is followed at ten pictures a second."""


@dataclass(frozen=True, slots=True)
class SmallGrey:
    """A picture as it is compared; ``scale`` pixels of it are one."""

    pixels: NDArray[np.uint8]
    scale: float


def small_grey(picture: Picture) -> SmallGrey:
    """A picture made small: it takes a fortieth of the memory."""
    scale = picture.shape[1] / WIDTH
    size = WIDTH, max(round(picture.shape[0] / scale), 1)
    small = cv2.cvtColor(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    return SmallGrey(np.asarray(small, np.uint8), scale)


class PictureMotion:
    """Dense optical flow (DIS: Kroeger et al., 2016) over small grey pictures."""

    def __init__(self) -> None:
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._before: NDArray[np.uint8] | None = None
        self._moved: NDArray[np.float32] | None = None
        self._scale = 1.0

    def update(self, picture: SmallGrey) -> None:
        """The next picture."""
        self._scale = picture.scale
        before, self._before = self._before, picture.pixels
        same = before is not None and before.shape == picture.pixels.shape
        self._moved = np.asarray(self._flow.calc(before, picture.pixels, None), np.float32) if same else None

    def of(self, box: Box) -> tuple[float, float]:
        """By how many pixels, right and down, what was in ``box`` of the picture before has moved since."""
        if self._moved is None:
            return 0.0, 0.0
        height, width = self._moved.shape[:2]
        left, top = (
            min(max(int(box.left / self._scale), 0), width - 1),
            min(max(int(box.top / self._scale), 0), height - 1),
        )
        right, bottom = (
            max(int(np.ceil(box.right / self._scale)), left + 1),
            max(int(np.ceil(box.bottom / self._scale)), top + 1),
        )
        part = self._moved[top:bottom, left:right].reshape(-1, 2)
        x, y = np.median(part, axis=0)
        return float(x) * self._scale, float(y) * self._scale
