"""Rules of RFC 5545 in the time zone of a site: 'at 22:30 every day but Friday', whatever the clocks do.

A local time that a clock change leaves out is read with the offset from before it, as RFC 5545 (3.3.5) says: 02:30 on
the night of spring is 03:30. One that comes twice is the first of the two. Rules by the hour or by the minute keep
their pace through the night of autumn, and have no round twice in that of spring.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import islice, pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rrule, rrulestr

SHORTEST = timedelta(minutes=5)  # between two rounds of one rule: what is due more often is not a round
MOST_COUNT = 1000  # occurrences of a rule with COUNT, which are counted one by one
MARGIN = timedelta(days=1)  # more than any zone's distance from UTC, and any clock change
STEPS = {
    "WEEKLY": timedelta(weeks=1),
    "DAILY": timedelta(days=1),
    "HOURLY": timedelta(hours=1),
    "MINUTELY": timedelta(minutes=1),
}
FORESIGHT = timedelta(days=366 * 8 + 2)  # from one 29th of February to the next, round a century that has none
FORESIGHT_BY_HOURS = timedelta(days=400)  # of rules by the hour or the minute, which are walked step by step
KNOWN = {"YEARLY", "MONTHLY", *STEPS}
NOT_TAKEN = {"BYYEARDAY", "BYWEEKNO", "BYEASTER"}
LONGEST_MONTHS = {1: 31, 2: 29, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31}
MOST_STEPS = {"WEEKLY": 52, "HOURLY": 12, "MINUTELY": 720}  # INTERVAL beside days: what is longer may miss them all
MOST_INTERVAL = 10_000
YEARS = range(2000, 2201)  # of a start: rules by the month are walked from there
TOO_CLOSE = f"rounds of one rule are at least {SHORTEST.seconds // 60} minutes apart"


class Misruled(ValueError):
    """A rule that cannot be kept; the sentence says why."""


def zone_of(name: str) -> ZoneInfo:
    """The time zone of that name, or Misruled."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Misruled(f"there is no time zone {name!r}") from None


@dataclass(frozen=True)
class Recurrence:
    """``rule`` is an RRULE's value, ``start`` its DTSTART as the clock on the wall of ``zone`` shows it.

    ``but_not`` are days of that clock on which nothing is due (EXDATE).
    """

    rule: str
    start: datetime
    zone: str
    but_not: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if self.start.tzinfo is not None:
            raise Misruled("the start is the local clock's, and has no zone of its own")
        if self.start.year not in YEARS:
            raise Misruled(f"a start lies in the years {YEARS[0]} to {YEARS[-1]}")
        parts, _ = self._parts, self._rule
        if parts["FREQ"] not in KNOWN:
            raise Misruled("rounds are due by the year, month, week, day, hour or minute, not by the second")
        if parts["FREQ"] in STEPS and STEPS[parts["FREQ"]] * self._interval < SHORTEST:
            raise Misruled(TOO_CLOSE)
        if self._count is not None and not 0 < self._count <= MOST_COUNT:
            raise Misruled(f"COUNT is at most {MOST_COUNT}, and at least 1")
        if self._until is not None and self._count is not None:
            raise Misruled("a rule ends by COUNT or by UNTIL, not by both")
        self._check_that_it_comes()
        minutes = sorted(self._numbers("BYMINUTE") or [0])
        apart = (timedelta(minutes=b - a) for a, b in pairwise([*minutes, minutes[0] + 60]))
        if "," in parts.get("BYSECOND", "") or min(apart) < SHORTEST:
            raise Misruled(TOO_CLOSE)

    def _check_that_it_comes(self) -> None:
        """Refuse what never comes, or may not: dateutil looks for it until the year 9999, hours of a core's time."""
        parts, freq = self._parts, self._parts["FREQ"]
        strange = NOT_TAKEN & set(parts)
        if strange:
            raise Misruled(f"{', '.join(sorted(strange))} is not taken")
        days = set(parts) & {"BYDAY", "BYMONTHDAY", "BYMONTH"}
        if days and self._interval > MOST_STEPS.get(freq, 1):
            raise Misruled(f"{', '.join(sorted(days))} with INTERVAL={self._interval} may never come")
        months = self._numbers("BYMONTH") or list(LONGEST_MONTHS)
        month_days = self._numbers("BYMONTHDAY") or [1]
        if not any(0 < abs(day) <= LONGEST_MONTHS.get(month, 0) for month in months for day in month_days):
            raise Misruled("that day of the month never comes")
        nth = [int(each) for each in re.findall(r"[+-]?\d+", parts.get("BYDAY", ""))]
        if nth and (freq != "MONTHLY" or "BYMONTHDAY" in parts or any(not 0 < abs(each) <= 5 for each in nth)):
            raise Misruled("a numbered day of the week is one of the first or last five of FREQ=MONTHLY")
        chosen = self._numbers("BYSETPOS")
        plain = "BYDAY" in parts and not nth and "BYMONTHDAY" not in parts
        if chosen and (freq != "MONTHLY" or not plain or any(not 0 < abs(each) <= 4 for each in chosen)):
            raise Misruled("BYSETPOS is 1 to 4 or -1 to -4 of the days of the week of FREQ=MONTHLY")

    def _numbers(self, name: str) -> list[int]:
        try:
            return [int(each) for each in self._parts[name].split(",")] if name in self._parts else []
        except ValueError:
            raise Misruled(f"{name}={self._parts[name]} is no list of numbers") from None

    @cached_property
    def _zone(self) -> ZoneInfo:
        return zone_of(self.zone)

    @cached_property
    def _parts(self) -> dict[str, str]:
        """The rule by its names; UNTIL as the local clock shows it, for DTSTART has no zone."""
        parts = {}
        for part in self.rule.removeprefix("RRULE:").split(";"):
            name, equals, value = part.upper().partition("=")
            if not equals or name in parts:
                raise Misruled(f"{part!r} in the rule is none of RFC 5545; a rule is as FREQ=DAILY;BYDAY=MO,TU")
            parts[name] = value
        if "FREQ" not in parts:
            raise Misruled("a rule says how often: FREQ=DAILY, or by another step")
        if parts.get("UNTIL", "").endswith("Z"):
            try:
                until = datetime.strptime(parts["UNTIL"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            except ValueError:
                raise Misruled(f"UNTIL={parts['UNTIL']} is no time as 20270101T060000Z") from None
            parts["UNTIL"] = until.astimezone(self._zone).strftime("%Y%m%dT%H%M%S")
        return parts

    @cached_property
    def _interval(self) -> int:
        return self._number("INTERVAL") or 1

    @cached_property
    def _count(self) -> int | None:
        return self._number("COUNT")

    def _number(self, name: str) -> int | None:
        value = self._parts.get(name)
        if value is None:
            return None
        if not value.isascii() or not value.isdigit() or not 1 <= int(value[:9]) <= MOST_INTERVAL or len(value) > 9:
            raise Misruled(f"{name}={value} is no number from 1 to {MOST_INTERVAL}")
        return int(value)

    @cached_property
    def _until(self) -> datetime | None:
        text = self._parts.get("UNTIL")
        if text is None:
            return None
        try:
            return datetime.strptime(text if "T" in text else text + "T000000", "%Y%m%dT%H%M%S")  # noqa: DTZ007
        except ValueError:
            raise Misruled(f"UNTIL={text} is no time as 20270101T060000") from None

    @cached_property
    def _rule(self) -> rrule:
        text = ";".join(f"{name}={value}" for name, value in self._parts.items() if name != "COUNT")
        try:
            rule = rrulestr(text, dtstart=self.start)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Misruled(f"the rule {self.rule!r} is none of RFC 5545: {error}") from None
        if not isinstance(rule, rrule):
            raise Misruled("a rule is one RRULE, as FREQ=DAILY;BYDAY=MO,TU")
        return rule

    def between(self, since: datetime, until: datetime) -> list[datetime]:
        """All that is due from ``since`` on and before ``until``, in UTC."""
        zone = self._zone
        first = since.astimezone(zone).replace(tzinfo=None) - MARGIN
        last = until.astimezone(zone).replace(tzinfo=None) + MARGIN
        found = {instant for local in self._locals(first, last) for instant in self._instants(local)}
        return sorted(instant for instant in found if since <= instant < until)

    def after(self, instant: datetime) -> datetime | None:
        """The first that is due after ``instant``, looking no further than to the next leap year."""
        span = timedelta(days=2)
        begin = instant + timedelta(microseconds=1)
        foresight = FORESIGHT_BY_HOURS if self._parts["FREQ"] in ("HOURLY", "MINUTELY") else FORESIGHT
        while begin < instant + foresight:
            end = min(begin + span, instant + foresight)
            if found := self.between(begin, end):
                return found[0]
            begin, span = end, span * 2
        return None

    def _locals(self, first: datetime, last: datetime) -> Iterator[datetime]:
        """Local times of the rule in between, those of excepted days left out."""
        start, step = self.start, STEPS.get(self._parts["FREQ"])
        if step is not None and self._count is None and first > start:  # not walked from its first day on
            whole = step * self._interval
            start += (first - start) // whole * whole - whole
        until = min(last, self._until or last)
        if until < start:
            return
        for local in islice(self._rule.replace(dtstart=start, until=until), self._count):
            if local >= max(first, self.start) and local.date() not in self.but_not:
                yield local

    def _instants(self, local: datetime) -> list[datetime]:
        """When that local time is: once, or for rules by hour or minute as often as the clock shows it."""
        once = local.replace(tzinfo=self._zone)
        instant = once.astimezone(UTC)
        if self._parts["FREQ"] not in ("HOURLY", "MINUTELY"):
            return [instant]
        if instant.astimezone(self._zone).replace(tzinfo=None) != local:
            return []
        again = once.replace(fold=1).astimezone(UTC)
        return [instant] if again == instant else [instant, again]


def next_local(after: datetime, clock: time, zone: str) -> datetime:
    """The first instant after ``after`` at which the clock on the wall of ``zone`` shows ``clock``, in UTC."""
    place = zone_of(zone)
    day = after.astimezone(place).date()
    for _ in range(3):
        instant = datetime.combine(day, clock, place).astimezone(UTC)
        if instant > after:
            return instant
        day += timedelta(days=1)
    raise Misruled(f"no {clock} follows {after}")
