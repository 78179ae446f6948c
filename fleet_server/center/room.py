"""The doors to command centers."""

from fleet_server.center import api, door
from fleet_server.center.outbox import PERIOD_S, Outbox
from fleet_server.center.tables import Center, CenterMessage, Delivery, Told
from fleet_server.core.clock import utc_now
from fleet_server.core.room import Room
from fleet_server.core.station import Station


def set_up(station: Station) -> None:
    """What the room does in a station."""
    outbox = station.add(Outbox(station.database))
    station.every(PERIOD_S, lambda: outbox.update(utc_now()))


ROOM = Room(tables=(Center, CenterMessage, Told, Delivery), api=(api.router,), doors=(door.router,), set_up=set_up)
