"""A schedule as if it had been in force for ever: what a plan that begins today would have done last week."""

import math
import re
from datetime import datetime, timedelta

from fleet_server.schedules.recurrence import YEARS

LEAP = 4  # years: moved by whole leap cycles, for the 29th of February is there in each


def backdated(rule: str, start: datetime, before: datetime) -> tuple[str, datetime]:
    """``rule`` and ``start`` (both by the local clock) with a first time before ``before``, on the same days and times.

    Moved by whole weeks, or whole years, and whole intervals. Without COUNT, which would be used up by then. A rule
    so rare that it would begin before all years that are taken stays where it is.
    """
    kept = ";".join(part for part in rule.split(";") if not part.upper().startswith("COUNT="))
    if start < before:
        return kept, start
    interval = int(found[1]) if (found := re.search(r"INTERVAL=(\d+)", rule, re.IGNORECASE)) else 1
    if not (by := re.search(r"FREQ=(MONTHLY|YEARLY)", rule, re.IGNORECASE)):
        period = timedelta(weeks=interval)
        return kept, start - period * ((start - before) // period + 1)
    years = math.lcm(LEAP, interval // math.gcd(12, interval) if by[1].upper() == "MONTHLY" else interval)
    year = start.year - years * math.ceil((start.year - before.year + 1) / years)
    return kept, start.replace(year=year) if year in YEARS else start
