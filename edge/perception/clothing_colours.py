"""What somebody wears, as two colours: enough to tell two people of one patrol apart, and nobody's name.

It is kept with a track and a visit, and dies with the patrol.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.perception.detector import Box, Picture

TOP, BOTTOM, MIDDLE = (0.22, 0.45), (0.55, 0.85), 0.4
"""Rows of a standing person's box that show coat and trousers, in parts of its height; columns, of its width."""
LEAST_HEIGHT = 80
"""Pixels, a grown person some 8 m away: in fewer, what is behind a person, and the bars before, mix in."""
WIDEST = 0.8
"""Of the height: a wider box holds nobody upright."""
LEAST_LIGHT = 12.0
"""Of 100: in the dark all clothes are alike."""
SHADE = 0.35
"""How much lightness counts: one who turns in the sun is half as light; hues stay."""
FULL_LIGHT = 50.0
"""Of 100: distances are told as if the lighter piece had it, for at dusk all differences shrink."""
OTHER = 20.0
"""Distance from which two averages of LEAST_LOOKS are two dresses. In simulated pictures of one person from all sides
19 of 20 stay below it by day, dusk and night, of two people in any clothes one of six."""
LEAST_LOOKS = 5
EDGE = 4
"""Pixels from the picture's upper and lower edge: a box that reaches them is cut, and its parts are elsewhere."""


@dataclass(frozen=True, slots=True)
class Clothes:
    """Coat and trousers in CIELAB (lightness 0..100, a, b), averaged over ``looks``."""

    colours: NDArray[np.float32]
    looks: int = 1

    def joined(self, other: "Clothes") -> "Clothes":
        """The two of one person, averaged."""
        looks = self.looks + other.looks
        share = max(other.looks / looks, 0.1)
        return Clothes(self.colours + np.float32(share) * (other.colours - self.colours), looks)

    def differ(self, other: "Clothes") -> bool | None:
        """Whether two people are dressed differently; None where too little was seen of one of them."""
        if min(self.looks, other.looks) < LEAST_LOOKS:
            return None
        return self.apart(other) >= OTHER

    def apart(self, other: "Clothes") -> float:
        """How far two people's dresses differ: the larger of coat's and trousers' distances."""
        weights = np.array([SHADE, 1.0, 1.0], np.float32)
        light = max(float(self.colours[:, 0].max() + other.colours[:, 0].max()) / 2, LEAST_LIGHT)
        return float(np.linalg.norm((self.colours - other.colours) * weights, axis=1).max()) * FULL_LIGHT / light


def clothes(picture: Picture, box: Box) -> Clothes | None:
    """What the person in ``box`` wears; None where that is not to be seen: too small, not upright, too dark."""
    cut = box.top < EDGE or box.bottom > picture.shape[0] - EDGE
    if cut or box.height < LEAST_HEIGHT or box.width > WIDEST * box.height:
        return None
    middle, half = (box.left + box.right) / 2, max(box.width * MIDDLE / 2, 1.0)
    columns = slice(max(int(middle - half), 0), int(middle + half) + 1)
    colours = []
    for upper, lower in (TOP, BOTTOM):
        rows = slice(max(int(box.top + upper * box.height), 0), int(box.top + lower * box.height) + 1)
        part = picture[rows, columns]
        if not part.size:
            return None
        colours.append(np.median(part.reshape(-1, 3), axis=0))
    lab = cv2.cvtColor((np.array([colours], np.float32) / 255).astype(np.float32), cv2.COLOR_RGB2LAB)[0]
    return Clothes(lab) if lab[:, 0].max() >= LEAST_LIGHT else None
