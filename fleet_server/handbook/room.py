"""The operator's handbook, for whoever is signed in: `?` in the console opens it."""

from fleet_server.core.room import Room
from fleet_server.handbook import api, problem_page

ROOM = Room(api=(api.router,), outside=(problem_page.router,))
