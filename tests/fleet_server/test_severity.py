"""What matters most is told first."""

from fleet_server.incidents.severity import SEVERITY, Severity, severity_of
from protocol.anomaly import AnomalyKind


def test_every_kind_has_a_severity() -> None:
    assert set(SEVERITY) == set(AnomalyKind)


def test_a_kind_of_another_version_is_normal() -> None:
    assert severity_of("SOMETHING_NEW") is Severity.NORMAL
