"""The states of an incident, and which follows which."""

from enum import StrEnum


class IncidentStatus(StrEnum):
    """OPEN until somebody says that they have seen it; at its end it was right (RESOLVED), or a FALSE_ALARM."""

    OPEN = "OPEN"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    DISPATCHED = "DISPATCHED"
    RESOLVED = "RESOLVED"
    FALSE_ALARM = "FALSE_ALARM"


class IllegalTransition(ValueError):
    """An incident does not go from that state to that one."""


_ENDS = frozenset({IncidentStatus.RESOLVED, IncidentStatus.FALSE_ALARM})
_NEXT = {
    IncidentStatus.OPEN: frozenset(IncidentStatus) - {IncidentStatus.OPEN},
    IncidentStatus.ACKNOWLEDGED: _ENDS | {IncidentStatus.DISPATCHED},
    IncidentStatus.DISPATCHED: _ENDS,
    IncidentStatus.RESOLVED: frozenset({IncidentStatus.ACKNOWLEDGED}),  # reopened: an answer can be wrong
    IncidentStatus.FALSE_ALARM: frozenset({IncidentStatus.ACKNOWLEDGED}),
}


def check_transition(before: IncidentStatus, after: IncidentStatus) -> None:
    """Raise IllegalTransition where ``after`` does not follow ``before``."""
    if after not in _NEXT[before]:
        raise IllegalTransition(f"an incident that is {before} does not become {after}")
