"""Whose heads are pixelated in a frame for who watches: all whom a closer look at each frame would find, for a quarter
of its price.

The looks of a closer look are spread over the frames, each frame gets its share of them, and who was found in one of
them stays pixelated until long after that look has come round again: carried along with what is seen to move, and grown
with the time since. Where frames come so rarely that this would leave gaps, each gets the whole of it.
"""

import math
from dataclasses import dataclass

from edge.perception.detection_before_masking import CloserLook
from edge.perception.detector import Box, Detection, Detector, Picture
from edge.perception.head_masking import head
from edge.perception.picture_motion import PictureMotion, SmallGrey, small_grey

ROUND_S = 0.4
"""In which each of the looks has its turn; frames further apart are looked at closely one by one."""
HOLD_S = 1.0
"""For which somebody stays pixelated who is not found again: two rounds, for a look misses now and then."""
ASIDE, ALONG = 0.5, 0.15
"""By how much a held box grows each second: of its width to either side, of its height up and down."""
SAME = 0.7
"""Intersection over union from which a held box is the one just found, which is better."""


@dataclass(frozen=True, slots=True)
class _Held:
    detection: Detection
    found_at: float  # s

    def grown(self, now: float) -> Detection:
        aside, along = ((now - self.found_at) * each for each in (ASIDE, ALONG))
        found, box = self.detection, self.detection.box
        wide, tall = aside * box.width, along * box.height
        grown = Box(box.left - wide, box.top - tall, box.right + wide, box.bottom + tall)
        return Detection(grown, found.score, found.label, found.posture)


class LiveMasking:
    """Remembers people for HOLD_S, and nothing of who they are."""

    def __init__(self, detector: Detector) -> None:
        self._look = CloserLook(detector)
        self._motion = PictureMotion()
        self._held: list[_Held] = []
        self._seen_at = -math.inf
        self._due = 0.0  # looks that are owed
        self._next = 0

    def update(self, picture: Picture, people: list[Detection], now: float, closely: bool = False) -> list[Detection]:
        """Who is to be masked in ``picture`` of stamp ``now`` (s), in which ``people`` were found at a glance; after a
        closer look already where ``closely``."""
        found = people if closely else people + self._looked(picture, now - self._seen_at)
        return self.carry(small_grey(picture), found, now)

    def carry(self, picture: SmallGrey, found: list[Detection], now: float) -> list[Detection]:
        """As ``update``, of a picture in which a closer look has ``found`` all already."""
        self._seen_at = now
        self._motion.update(picture)
        held = [self._carried(each) for each in self._held if 0 <= now - each.found_at <= HOLD_S]
        kept = [each for each in held if all(each.detection.box.overlap(new.box) < SAME for new in found)]
        self._held = kept + [_Held(each, now) for each in found]
        return [each.grown(now) for each in self._held]

    def _looked(self, picture: Picture, gap: float) -> list[Detection]:
        kinds = self._look.kinds
        self._due = kinds if not 0 <= gap < ROUND_S else self._due + kinds * gap / ROUND_S
        now, found = min(round(self._due), kinds), []
        for _ in range(now):
            found += self._look.find(picture, self._next)
            self._next = (self._next + 1) % kinds
        self._due -= now
        return found

    def _carried(self, held: _Held) -> _Held:
        found, box = held.detection, held.detection.box
        right, down = self._motion.of(head(box))
        moved = Box(box.left + right, box.top + down, box.right + right, box.bottom + down)
        return _Held(Detection(moved, found.score, found.label, found.posture), held.found_at)
