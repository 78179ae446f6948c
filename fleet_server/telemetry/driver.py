"""Who has a vehicle in hand."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Driver:
    """Since when, and who has asked for the hand, empty where nobody has."""

    username: str
    since: datetime
    asked_by: str = ""
