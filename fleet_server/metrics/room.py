"""The figures, beside the API."""

from fleet_server.core.room import Room
from fleet_server.core.station import Station
from fleet_server.core.tokens import token_in
from fleet_server.metrics import api
from fleet_server.metrics.token import MetricsToken


def set_up(station: Station) -> None:
    """What the room does in a station."""
    station.add(MetricsToken(token_in(station.settings.metrics_token_file)))


ROOM = Room(outside=(api.router,), set_up=set_up, machines=True)
