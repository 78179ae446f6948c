"""The server's own time. Logic takes ``now`` as an argument; only the rim asks for it here."""

from datetime import UTC, datetime, timedelta

_ahead = timedelta()


def utc_now() -> datetime:
    """The time now, in UTC, with its zone."""
    return datetime.now(UTC) + _ahead


def set_ahead(seconds: float) -> None:
    """From now on the server's time is by ``seconds`` ahead of this computer's: that of a simulated world."""
    global _ahead
    _ahead = timedelta(seconds=seconds)
