"""Who belongs to the fleet: who is let in is known before the first message, and told to every broker that comes."""

from functools import partial

from fleet_server.core.room import Room
from fleet_server.core.station import Station
from fleet_server.enrolment import api
from fleet_server.enrolment.admission import Admission
from fleet_server.enrolment.expiry import warn_of_ends
from fleet_server.enrolment.tables import Identity, VoidCertificate

RELOAD_S = 2.0  # after which a dog that another process let in, or shut out, is so here


def set_up(station: Station) -> None:
    """What the room does in a station."""
    settings = station.settings
    admission = station.add(Admission(settings.fleet_dir is not None, settings.mqtt_prefix, station.bus.say))

    def load() -> None:
        with station.database.read() as session:
            admission.load(session)

    def hear_link(up: bool) -> None:
        if up:
            admission.tell_broker()

    station.consoles.show(Identity, "identities", lambda _, __, ___: [{}])  # that some dog's place is another
    station.on_open(load)
    station.on_link(hear_link)
    if not station.role.alone:
        station.every(RELOAD_S, load, everywhere=True)
    station.daily(partial(warn_of_ends, station))


ROOM = Room(tables=(Identity, VoidCertificate), api=(api.router,), doors=(api.door,), set_up=set_up)
