"""By how much the station's clock is ahead of this computer's steady one, by the answers to what was sent."""

import math
from collections import deque
from dataclasses import dataclass

REMEMBERED = 20  # answers; clocks drift by less than a millisecond in the while that so many take


@dataclass(frozen=True, slots=True)
class _Answer:
    offset: float
    uncertainty: float


class ClockOffset:
    """Of the last answers the quickest is believed (as NTP does). Seconds."""

    def __init__(self) -> None:
        self._answers: deque[_Answer] = deque(maxlen=REMEMBERED)

    @property
    def known(self) -> bool:
        """Whether there was any answer."""
        return bool(self._answers)

    def hear(self, at: float, sent: float, heard: float) -> None:
        """The station's clock showed ``at`` between ``sent`` and ``heard`` of ours."""
        self._answers.append(_Answer(at - (sent + heard) / 2, (heard - sent) / 2))

    def hear_word(self, at: float, heard: float) -> None:
        """The station's clock showed ``at`` some time before ``heard``: until an answer tells more, what happens here
        is held to be older than it is, and never newer."""
        self._answers.append(_Answer(at - heard, math.inf))

    def there(self, here: float) -> float:
        """What the station's clock shows when ours shows ``here``; ``here`` itself before any answer."""
        if not self._answers:
            return here
        return here + min(self._answers, key=lambda answer: answer.uncertainty).offset
