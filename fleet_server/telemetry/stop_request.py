"""A person's wish that a vehicle stops at once, or is let go on, which it has not confirmed yet."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StopRequest:
    """``stop`` or release; since when, by whom, and as which instant action."""

    stop: bool
    since: datetime
    by: str
    action_id: str
