"""The states of an incident."""

from enum import StrEnum


class IncidentStatus(StrEnum):
    """OPEN until somebody says that they have seen it."""

    OPEN = "OPEN"
    ACKNOWLEDGED = "ACKNOWLEDGED"
