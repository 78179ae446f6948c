"""The live socket, over all that the rooms show."""

from fleet_server.core.room import Room
from fleet_server.live import api

ROOM = Room(doors=(api.router,))
