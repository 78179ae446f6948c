"""How well a vehicle is heard: by the silences of the last minute, against how often it promises to speak.

A dog of ours whose line is poor leaves out ``visualization`` and says its state every few seconds (docs/link.md): a
poor line is heard as silences, whether messages were lost or held back.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from msgspec import UNSET, UnsetType

from protocol.factsheet import Factsheet

REMEMBERED = timedelta(minutes=1)
LEAST_S = 3.0  # of silence, before it is worth a word: shorter ones are a busy computer's
MISSED = 4  # promised messages that did not come


class LinkQuality(StrEnum):
    """``WEAK``: heard, with a silence in the last minute. ``LOST``: not live."""

    GOOD = "GOOD"
    WEAK = "WEAK"
    LOST = "LOST"


class Heard(NamedTuple):
    """How well a vehicle is heard; the silence, in seconds, where that is ``WEAK``."""

    quality: LinkQuality
    longest_silence_s: int | None = None


HEARD_WELL = Heard(LinkQuality.GOOD)


def silence_from(sheet: Factsheet | None, placed: bool) -> float:
    """From how many seconds on a vehicle is silent that should speak; infinite where it promises nothing.

    One that does not know where it is has no ``visualization`` to say.
    """
    if sheet is None:
        return math.inf
    timing = sheet.protocol_limits.timing
    said = timing.default_state_interval, timing.visualization_interval if placed else UNSET
    promised = [each for each in said if not isinstance(each, UnsetType)]
    return max(LEAST_S, MISSED * min(promised)) if promised else math.inf


@dataclass(slots=True)
class Silences:
    """Of one vehicle: all of ``LEAST_S`` seconds or more, each with when it ended. One thread writes, any may read."""

    _heard_at: datetime | None = None
    _ended: tuple[tuple[datetime, float], ...] = ()

    def hear(self, now: datetime) -> None:
        """It has spoken."""
        silent = 0.0 if self._heard_at is None else (now - self._heard_at).total_seconds()
        if silent >= LEAST_S:
            self._ended = (*(each for each in self._ended if now - each[0] <= REMEMBERED), (now, silent))
        self._heard_at = now

    def longest(self, now: datetime) -> float:
        """Seconds of the longest that lasts, or ended within the last minute; 0.0: there is none."""
        lasts = 0.0 if self._heard_at is None else (now - self._heard_at).total_seconds()
        if lasts < LEAST_S and not self._ended:
            return 0.0
        known = [lasts, *(silent for at, silent in self._ended if now - at <= REMEMBERED)]
        return max((silent for silent in known if silent >= LEAST_S), default=0.0)
