"""The audit room: at the bottom, for every other writes into its log."""

from fleet_server.audit import api
from fleet_server.audit.tables import AuditEntry
from fleet_server.core.room import Room

ROOM = Room(tables=(AuditEntry,), api=(api.router,))
