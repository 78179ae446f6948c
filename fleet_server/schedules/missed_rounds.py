"""What becomes of a round that nobody could begin when it was due."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

PUNCTUAL = timedelta(minutes=2)  # a round that begins within this is not late: a dog may just be leaving its dock
LONGEST_LATE = timedelta(hours=12)


class MissedPolicy(StrEnum):
    """SKIP it; begin it LATE, up to so many minutes; or try UNTIL_NEXT of the same schedule is due."""

    SKIP = "skip"
    LATE = "late"
    UNTIL_NEXT = "untilNext"


@dataclass(frozen=True)
class Patience:
    """How long a round is tried for; ``late`` counts with LATE alone."""

    policy: MissedPolicy
    late: timedelta = timedelta(0)

    def until(self, due: datetime, following: datetime | None) -> datetime:
        """After this the round is missed; ``following`` is when the schedule's next one is due."""
        if self.policy is MissedPolicy.LATE:
            return due + max(PUNCTUAL, min(self.late, LONGEST_LATE))
        if self.policy is MissedPolicy.UNTIL_NEXT:
            return max(due + PUNCTUAL, min(following or due + LONGEST_LATE, due + LONGEST_LATE))
        return due + PUNCTUAL
