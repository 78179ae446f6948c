"""A date and hour as a site's people say it, and the seconds since the epoch that it is."""

from datetime import datetime
from zoneinfo import ZoneInfo

NOON = "2026-06-15 12:00"  # when a simulated world begins unless told otherwise: a run says the same at every hour
FORM = "%Y-%m-%d %H:%M"


def epoch(local: str, timezone: str) -> float:
    """The UTC seconds of ``local``, such as "2026-06-15 22:30", in an IANA ``timezone``; raises ValueError."""
    try:
        return datetime.strptime(local, FORM).replace(tzinfo=ZoneInfo(timezone)).timestamp()
    except ValueError as error:
        raise ValueError(f"{local!r} is no date and hour such as {NOON!r}") from error
