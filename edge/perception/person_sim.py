"""The fallback: our own small network, trained on pictures that our simulator renders (weights/person_sim.md)."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.perception.detector import FLOOR, Detection, Picture
from edge.perception.session import open_session
from edge.perception.suppress import suppress

COMMITTED = Path(__file__).parent / "weights" / "person_sim.onnx"
WIDTH, HEIGHT = 320, 240
OVERLAP = 0.4
PEAK = np.ones((3, 3), np.uint8)


class PersonSim:
    """Knows people as our simulator draws them. On real pictures it is poor, and its card says how poor."""

    name = "person_sim"
    threshold = 0.4
    sure = 0.5
    finds_lying = False

    def __init__(self, path: Path = COMMITTED) -> None:
        self.session = open_session(path)

    def detect(self, picture: Picture) -> list[Detection]:
        """People in ``picture``, best first, down to FLOOR."""
        rows = self.session.run(None, {"picture": prepare(picture)})[0][0]
        boxes, scores = decode(rows)
        height, width = picture.shape[:2]
        scale = np.array([width / WIDTH, height / HEIGHT] * 2, np.float32)
        return suppress(boxes * scale, scores, picture.shape, OVERLAP, FLOOR)


def prepare(picture: Picture) -> NDArray[np.float32]:
    """``picture`` (RGB) as the network wants it: 1 x 3 x 240 x 320, 0..1; stretched, for cameras are 4:3."""
    small = cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    tensor: NDArray[np.float32] = small.transpose(2, 0, 1)[None].astype(np.float32) / np.float32(255)
    return tensor


def decode(rows: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Boxes (N x 4, pixels of 320 x 240) and scores (N).

    ``rows`` is 5 x 60 x 80 cells of 4 pixels (a stride): the score that a person's centre lies in the cell, then how
    far left, up, right and down of the cell's middle the person reaches, as the logarithm of strides. A cell counts
    where none of its eight neighbours scores more.
    """
    scores = rows[0]
    ys, xs = np.nonzero((scores >= FLOOR) & (scores >= cv2.dilate(scores, PEAK)))
    stride = WIDTH / rows.shape[2]
    reach = np.exp(rows[1:, ys, xs]) * stride
    x, y = (xs + 0.5) * stride, (ys + 0.5) * stride
    boxes = np.stack([x - reach[0], y - reach[1], x + reach[2], y + reach[3]], axis=1)
    return boxes.astype(np.float32), scores[ys, xs]
