"""Every room's tables, gathered for the migrations."""

from fleet_server.accounts.tables import SignIn, User
from fleet_server.audit.tables import AuditEntry
from fleet_server.enrolment.tables import Identity, VoidCertificate
from fleet_server.evidence.tables import Evidence
from fleet_server.incidents.tables import Incident, Sighting
from fleet_server.patrols.tables import Patrol
from fleet_server.routes.tables import Route
from fleet_server.sites.tables import Site
from fleet_server.store.columns import Table
from fleet_server.telemetry.tables import Dog

__all__ = [
    "AuditEntry",
    "Dog",
    "Evidence",
    "Identity",
    "Incident",
    "Patrol",
    "Route",
    "Sighting",
    "SignIn",
    "Site",
    "Table",
    "User",
    "VoidCertificate",
]
