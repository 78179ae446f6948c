"""The server's own time. Logic takes ``now`` as an argument; only the rim asks for it here."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The time now, in UTC, with its zone."""
    return datetime.now(UTC)
