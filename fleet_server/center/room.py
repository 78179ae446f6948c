"""The doors to command centers."""

from concurrent.futures import ThreadPoolExecutor

from fleet_server.center import api, door
from fleet_server.center.center_secrets import seal_all
from fleet_server.center.outbox import PERIOD_S, Outbox
from fleet_server.center.tables import Center, CenterMessage, Delivery, Told
from fleet_server.core.clock import utc_now
from fleet_server.core.room import Room
from fleet_server.core.station import Station
from fleet_server.core.stored_secrets import StoredSecrets

MOST_AT_ONCE = 16  # centers that are told something at the same time


def set_up(station: Station) -> None:
    """What the room does in a station."""
    stored = station.add(StoredSecrets(station.settings.secrets_key_file))
    station.on_open(lambda: seal_all(station.database, stored))
    pool = ThreadPoolExecutor(MOST_AT_ONCE, "center")
    outbox = station.add(Outbox(station.database, stored, start=pool.submit))
    station.on_running(lambda: None, lambda: pool.shutdown(cancel_futures=True))
    station.every(PERIOD_S, lambda: outbox.update(utc_now()))


ROOM = Room(tables=(Center, CenterMessage, Told, Delivery), api=(api.router,), doors=(door.router,), set_up=set_up)
