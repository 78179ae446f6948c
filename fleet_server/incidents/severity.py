"""How much an incident matters: what may cost a life comes before all else."""

from enum import StrEnum

from protocol.anomaly import AnomalyKind


class Severity(StrEnum):
    """HIGH: somebody may need help at once."""

    NORMAL = "NORMAL"
    HIGH = "HIGH"


SEVERITY = {
    AnomalyKind.PERSON_LYING: Severity.HIGH,
    AnomalyKind.FIRE: Severity.HIGH,
    AnomalyKind.SMOKE: Severity.HIGH,
    AnomalyKind.PERSON_IN_RESTRICTED_ZONE: Severity.NORMAL,
    AnomalyKind.VEHICLE_PARKED: Severity.NORMAL,
    AnomalyKind.BAG_LEFT: Severity.NORMAL,
    AnomalyKind.LOITERING: Severity.NORMAL,
    AnomalyKind.CROWD: Severity.NORMAL,
    AnomalyKind.CAMERA_IMPAIRED: Severity.NORMAL,
    AnomalyKind.CHECKPOINT_CHANGED: Severity.NORMAL,
}


def severity_of(kind: str) -> Severity:
    """The severity of an incident of this kind; one that this version does not know counts as NORMAL."""
    known = set(AnomalyKind)
    return SEVERITY[AnomalyKind(kind)] if kind in known else Severity.NORMAL
