"""Shifts by name: each begins at its time on the site's clock and lasts until the next begins."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

FORM = re.compile(r"(?P<name>\S{1,32}) (?P<begins>([01]\d|2[0-3]):[0-5]\d)")
MOST = 12


class BadShifts(ValueError):
    """A list of shifts that is none; the text says how one looks."""


@dataclass(frozen=True)
class ShiftWindow:
    """A shift of one day, in UTC."""

    name: str
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Shifts:
    """The shifts of a day, by when they begin on the clock."""

    begins: tuple[tuple[str, time], ...]

    @classmethod
    def read(cls, text: str) -> "Shifts":
        """Of ``day 08:00, night 20:00``; raises BadShifts."""
        found = [FORM.fullmatch(part.strip()) for part in text.split(",")]
        read = [(each["name"], time.fromisoformat(each["begins"])) for each in found if each is not None]
        several = len({name for name, _ in read}), len({begins for _, begins in read})
        if len(read) < len(found) or several != (len(read), len(read)) or len(read) > MOST:
            raise BadShifts("no list of shifts as 'day 08:00, night 20:00', each name and each time once")
        return cls(tuple(sorted(read, key=lambda each: each[1])))

    def of(self, name: str, day: date, zone: ZoneInfo) -> ShiftWindow | None:
        """The shift that begins on ``day``; None where there is none of that name."""
        windows = self._between(day, day + timedelta(days=2), zone)
        return next((each for each in windows if each.name == name), None)

    def latest(self, now: datetime, count: int, zone: ZoneInfo) -> list[ShiftWindow]:
        """The last ones, the running one first."""
        today = now.astimezone(zone).date()
        windows = self._between(today - timedelta(days=count + 1), today + timedelta(days=2), zone)
        return [each for each in reversed(windows) if each.since <= now][:count]

    def _between(self, first: date, last: date, zone: ZoneInfo) -> list[ShiftWindow]:
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        # A time that the night of spring leaves out is an hour later on the clock, as Python's fold 0 has it.
        starts = [
            (name, datetime.combine(day, begins, zone).astimezone(UTC)) for day in days for name, begins in self.begins
        ]
        return [ShiftWindow(name, since, until) for (name, since), (_, until) in pairwise(starts)]
