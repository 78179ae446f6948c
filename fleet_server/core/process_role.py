"""Which part of the station's work a process does: all of it by itself, or one part beside others."""

from enum import StrEnum


class Role(StrEnum):
    """``WHOLE`` is a station in one process, the default. ``INGEST`` stores what must not be lost, of which the broker
    gives each such process a share. ``API`` serves people and hears the live topics itself; of several one leads."""

    WHOLE = "whole"
    INGEST = "ingest"
    API = "api"

    @property
    def alone(self) -> bool:
        """Whether there is no other process of this station."""
        return self is Role.WHOLE

    @property
    def serves(self) -> bool:
        """Whether people and dogs ask it by HTTP."""
        return self is not Role.INGEST
