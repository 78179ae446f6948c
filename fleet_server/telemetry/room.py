"""The dogs: every message goes into what is known of them, and consoles are told at most five times a second."""

from datetime import timedelta

from fleet_server.core.clock import utc_now
from fleet_server.core.room import Room
from fleet_server.core.signing import Signer, station_key
from fleet_server.core.station import Station
from fleet_server.telemetry import api
from fleet_server.telemetry.fleet_state import Fleet
from fleet_server.telemetry.message_intake import MessageIntake
from fleet_server.telemetry.tables import Dog
from fleet_server.telemetry.views import dogs_shown, place_shown

COALESCE_S = 0.2  # dogs' changes go out at most five times a second


def set_up(station: Station) -> None:
    """What the room does in a station."""
    settings = station.settings
    fleet = station.add(Fleet(timedelta(seconds=settings.live_after_s), settings.mqtt_prefix))
    key = station_key(settings.station_key_file, settings.station_public_key_file)
    station.bus.translate_by(fleet.version_of)
    station.bus.sign_with(Signer(key, fleet.challenge_of))

    def load() -> None:
        with station.database.read() as session:
            fleet.load(session)

    def save_all() -> None:
        if not station.leads():
            return
        with station.database.write() as session:
            fleet.save(session, utc_now(), all_of_them=True)

    def hear_link(up: bool) -> None:
        fleet.link_up = up

    def tell_consoles() -> None:
        changed = fleet.take_changed(utc_now()) | fleet.misreads.take_changed()
        moved = fleet.take_moved() - changed
        if not station.hub.watched:
            return
        if changed:
            with station.database.read() as session:
                station.hub.publish("dogs", dogs_shown(session, fleet, changed, utc_now()))
        if places := [place_shown(vehicle) for dog in sorted(moved) if (vehicle := fleet.get(dog))]:
            station.hub.publish("places", places)

    station.on_open(load)
    station.on_running(lambda: None, save_all)
    station.on_link(hear_link)
    if station.role.serves:
        station.every(COALESCE_S, tell_consoles, everywhere=True)
    station.intake.takes(MessageIntake(fleet, station.events).take)
    station.intake.each_second(lambda session, now, _: fleet.save(session, now))
    station.consoles.begin_with(
        "dogs", lambda session, now: dogs_shown(session, fleet, [each.dog_id for each in fleet.shown()], now)
    )


ROOM = Room(tables=(Dog,), api=(api.router,), set_up=set_up)
