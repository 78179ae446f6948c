"""What finds people in a picture, whichever network does the work."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""RGB, height x width x 3."""

FLOOR = 0.1
"""Detections are handed on down to this score: too weak to count, but a head in one is still pixelated."""

PERSON = "person"


class DetectorUnavailable(RuntimeError):
    """A detector that cannot be had here; the text says what to do about it."""


@dataclass(frozen=True, slots=True)
class Box:
    """Pixels of the whole picture: left, top, right, bottom; x to the right, y down."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Pixels across."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Pixels from top to bottom."""
        return self.bottom - self.top

    def shifted(self, right: float, down: float) -> "Box":
        """The same, so many pixels farther to the right and down."""
        return Box(self.left + right, self.top + down, self.right + right, self.bottom + down)

    def overlap(self, other: "Box") -> float:
        """Intersection over union, 0..1."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        if across <= 0 or down <= 0:
            return 0.0
        shared = across * down
        return shared / (self.width * self.height + other.width * other.height - shared)


class Posture(StrEnum):
    """How a person holds himself, as far as a detector tells."""

    UPRIGHT = "upright"
    SITTING = "sitting"
    LYING = "lying"


@dataclass(frozen=True, slots=True)
class Detection:
    """One thing seen in one picture, with a score of 0..1.

    ``box`` holds what is seen of it. ``whole`` holds, within the picture, also what something else hides, and
    ``posture`` is a person's, where the detector tells them.
    """

    box: Box
    score: float
    label: str = PERSON
    posture: Posture | None = None
    whole: Box | None = None

    def shifted(self, right: float, down: float) -> "Detection":
        """The same, so many pixels farther to the right and down: what was found in a part of the picture."""
        whole = self.whole.shifted(right, down) if self.whole is not None else None
        return replace(self, box=self.box.shifted(right, down), whole=whole)


@dataclass(frozen=True, slots=True)
class Limits:
    """The score from which a detection of one label counts, and the median over looks from which it is told of."""

    threshold: float
    sure: float


class Detector(Protocol):
    """Finds people in a picture, and what else it knows.

    ``name`` goes with every anomaly and onto the console. ``threshold`` is the score from which a detection
    counts and a track begins; ``sure`` is the median over a track from which a person is told of, higher, for a false
    alarm costs more than a second's wait. ``finds_lying`` says that people who lie are found, and told as that; others
    are asked again with the picture turned. ``things`` has the limits of all other labels that it knows. ``detect`` and
    ``find`` return weaker detections too, down to FLOOR or a floor of its own, those of a label best first, boxes
    clipped to the picture.
    """

    @property
    def name(self) -> str:
        """Which detector this is."""
        ...

    @property
    def weights_sha256(self) -> str:
        """The hash of its weights' file, in hexadecimal; empty where there is none."""
        ...

    @property
    def threshold(self) -> float:
        """The score from which a detection counts."""
        ...

    @property
    def sure(self) -> float:
        """The median score of a track from which it is told of."""
        ...

    @property
    def finds_lying(self) -> bool:
        """Whether people who lie are found as the picture is."""
        ...

    @property
    def things(self) -> Mapping[str, Limits]:
        """What else it finds than people: vehicle, bag, fire, smoke."""
        ...

    def detect(self, picture: Picture) -> list[Detection]:
        """People in ``picture``."""
        ...

    def find(self, picture: Picture) -> list[Detection]:
        """People and things in ``picture``, by one look of the network."""
        ...
