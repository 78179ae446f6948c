"""The fallback: our own small network, trained on pictures that our simulator renders (weights/person_sim.md)."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.perception.detector import FLOOR, PERSON, Detection, Limits, Picture, Posture
from edge.perception.non_maximum_suppression import best, clipped
from edge.perception.onnx_session import open_session, sha256_of

COMMITTED = Path(__file__).parent / "weights" / "person_sim.onnx"
WIDTH, HEIGHT = 512, 384
OVERLAP = 0.4
LABELS = (PERSON, "vehicle", "bag", "fire", "smoke")
"""Of the maps of scores, in their order."""
POSTURES = tuple(Posture)
LIMITS = {
    "vehicle": Limits(0.3, 0.42),
    "bag": Limits(0.35, 0.4),
    "fire": Limits(0.3, 0.35),
    "smoke": Limits(0.35, 0.45),
}
"""They score low: they were taught with a tenth of the weight of people."""


class PersonSim:
    """Knows people as our simulator draws them. On real pictures it is poor, and its card says how poor."""

    name = "person_sim"
    threshold = 0.45
    sure = 0.5
    finds_lying = True
    things = LIMITS

    def __init__(self, path: Path = COMMITTED) -> None:
        self.session = open_session(path)
        self.weights_sha256 = sha256_of(path)

    def detect(self, picture: Picture) -> list[Detection]:
        """People in ``picture``, best first, down to FLOOR."""
        return self.find(picture, (PERSON,))

    def find(self, picture: Picture, labels: tuple[str, ...] = LABELS) -> list[Detection]:
        """Things of all these ``labels`` in ``picture``, those of one label best first, down to FLOOR."""
        rows = self.session.run(None, {"picture": prepare(picture)})[0][0]
        scale = np.array([picture.shape[1] / WIDTH, picture.shape[0] / HEIGHT] * 2, np.float32)
        return [found for label in labels for found in _found(rows, label, scale, picture.shape)]


def prepare(picture: Picture) -> NDArray[np.float32]:
    """``picture`` (RGB) as the network wants it: 1 x 3 x HEIGHT x WIDTH, 0..1; stretched, for cameras are 4:3."""
    small = cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    tensor: NDArray[np.float32] = small.transpose(2, 0, 1)[None].astype(np.float32) / np.float32(255)
    return tensor


def decode(
    rows: NDArray[np.float32], number: int
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]:
    """What is seen (N x 4, pixels of WIDTH x HEIGHT), all of it (the same), scores and postures (N) of LABELS[number].

    ``rows`` is 16 x 48 x 64 cells of 8 pixels (a stride): scores that a thing's centre lies in the cell, a map a label;
    shares of POSTURES; how far left, up, right and down of the cell's middle the seen part reaches, as the logarithm
    of strides; and the whole thing likewise.
    """
    ys, xs = np.nonzero(rows[number] >= FLOOR)
    cells = rows[:, ys, xs]
    stride = WIDTH / rows.shape[2]
    middle = np.stack([xs + 0.5, ys + 0.5] * 2) * stride
    reach = np.exp(cells[len(LABELS) + len(POSTURES) :]).reshape(2, 4, -1) * stride
    boxes = (middle + reach * np.array([-1, -1, 1, 1])[:, None]).transpose(0, 2, 1).astype(np.float32)
    postures = cells[len(LABELS) : len(LABELS) + len(POSTURES)].argmax(axis=0)
    return boxes[0], boxes[1], cells[number], postures


def _found(
    rows: NDArray[np.float32], label: str, scale: NDArray[np.float32], shape: tuple[int, ...]
) -> list[Detection]:
    seen, whole, scores, postures = decode(rows, LABELS.index(label))
    seen, whole = seen * scale, whole * scale
    found = [
        Detection(
            clipped(seen[i], shape),
            float(scores[i]),
            label,
            POSTURES[postures[i]] if label == PERSON else None,
            clipped(whole[i], shape),
        )
        for i in best(seen, scores, OVERLAP, FLOOR)
    ]
    return [detection for detection in found if detection.box.width >= 1 and detection.box.height >= 1]
