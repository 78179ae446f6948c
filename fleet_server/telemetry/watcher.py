"""Somebody who watches a vehicle's camera."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who, since when, and what for, in their own words."""

    username: str
    since: datetime
    reason: str
