"""Whether the station lives, for whoever asks; and for systemd, which starts anew what does not say so in time."""

from fleet_server.core.lease import LeaseRow
from fleet_server.core.room import Room
from fleet_server.core.station import Station
from fleet_server.health import api
from fleet_server.health.check import stuck
from protocol.sd_notify import ALIVE, STOPPING, notify, watchdog_s


def set_up(station: Station) -> None:
    """What the room does in a station."""

    def tell_supervisor() -> None:
        if not stuck(station):
            notify(ALIVE)

    pause = watchdog_s()
    if pause is not None:
        station.every(pause, tell_supervisor, at_once=True, everywhere=True)
    station.on_running(lambda: None, lambda: notify(STOPPING))


ROOM = Room(tables=(LeaseRow,), doors=(api.for_all, api.router), set_up=set_up, machines=True)
