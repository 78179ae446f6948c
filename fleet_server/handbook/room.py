"""The operator's handbook and the API's reference, for whoever is signed in: `?` in the console leads to both."""

from fleet_server.core.room import Room
from fleet_server.handbook import api, api_reference, problem_page

ROOM = Room(api=(api.router,), outside=(problem_page.router, api_reference.router))
