"""The fallback: our own small network, trained on pictures that our simulator renders (weights/person_sim.md)."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.perception.detector import PERSON, Detection, Limits, Picture, Posture
from edge.perception.non_maximum_suppression import best, clipped
from edge.perception.onnx_session import open_session, sha256_of

COMMITTED = Path(__file__).parent / "weights" / "person_sim.onnx"
WIDTH, HEIGHT = 512, 384
OVERLAP, AGREE = 0.45, 0.6
"""Intersection over union from which two boxes are of one thing, and from which they agree and are averaged."""
WEAKEST = 0.2
"""Detections are handed on down to this score. Of 230 people in plain view, lying ones too, a closer look covered all
heads but one from 0.1 up to 0.4 alike; at 0.1 an eighth of a picture was pixelated, at 0.2 a fourteenth, at 0.4 a
twentieth."""
LABELS = (PERSON, "vehicle", "bag", "fire", "smoke")
"""Of the maps of scores, in their order."""
POSTURES = tuple(Posture)
LIMITS = {
    "vehicle": Limits(0.4, 0.5),
    "bag": Limits(0.4, 0.5),
    "fire": Limits(0.45, 0.5),
    "smoke": Limits(0.45, 0.5),
}
"""From 720 held-out pictures (seed 901): at ``sure`` a box in one picture is right in 0.84 of vehicles, 0.90 of bags,
0.7 of fires (few were there) and all of smoke; half of the vehicles that count are found so surely. False alarms are
worse."""


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
        """People in ``picture``, best first, down to WEAKEST."""
        return self.find(picture, (PERSON,))

    def find(self, picture: Picture, labels: tuple[str, ...] = LABELS) -> list[Detection]:
        """Things of all these ``labels`` in ``picture``, those of one label best first, down to WEAKEST."""
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
    ys, xs = np.nonzero(rows[number] >= WEAKEST)
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
    found = []
    for i in best(seen, scores, OVERLAP, WEAKEST):
        weights = scores * (_overlaps(seen[i], seen) >= AGREE)
        box, all_of_it = (clipped(np.average(boxes, axis=0, weights=weights), shape) for boxes in (seen, whole))
        posture = POSTURES[postures[i]] if label == PERSON else None
        found.append(Detection(box, float(scores[i]), label, posture, all_of_it))
    return [detection for detection in found if detection.box.width >= 1 and detection.box.height >= 1]


def _overlaps(box: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union of ``box`` with each of ``others`` (N x 4)."""
    shared = (np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])).clip(min=0).prod(axis=1)
    overlaps: NDArray[np.float32] = shared / ((box[2:] - box[:2]).prod() + _areas(others) - shared)
    return overlaps


def _areas(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    areas: NDArray[np.float32] = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    return areas
