"""Evidence packages: an incident with all that belongs to it goes out of the station."""

from fleet_server.core.room import Room
from fleet_server.evidence_package import api

ROOM = Room(api=(api.router,))
