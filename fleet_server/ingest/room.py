"""From the broker into the rooms: two threads, each started again if it ends."""

from fleet_server.core.room import Room
from fleet_server.core.station import Station
from fleet_server.enrolment.admission import Admission
from fleet_server.ingest.database_writer import Writer
from fleet_server.ingest.inbox import Inbox
from fleet_server.ingest.mqtt_session import Session
from fleet_server.ingest.subscriptions import filters
from fleet_server.ingest.thread_watch import ThreadWatch
from fleet_server.telemetry.fleet_state import Fleet

WATCH_S = 1.0  # between looks at whether our threads live


def set_up(station: Station) -> None:
    """What the room does in a station."""
    settings, inbox = station.settings, station.add(Inbox())
    writer = station.add(Writer(inbox, station.intake, station.database, station.tell))
    session = station.add(
        Session(
            settings.mqtt_host,
            settings.mqtt_port,
            settings.mqtt_prefix,
            inbox,
            station[Fleet].misreads,
            station.link_changed,
            admits=station[Admission].admits,
            tls=settings.mqtt_tls,
            at_once=station.intake.at_once,
            filters=filters(station.role, settings.mqtt_prefix, station.intake.stored),
        )
    )
    watch = station.add(ThreadWatch((session, writer)))

    def hear_link(up: bool) -> None:
        if up:
            station.hurry()

    station.intake.wake = inbox.hurry
    station.bus.attach(session.publish)
    station.on_link(hear_link)
    station.on_running(writer.start, writer.stop)
    station.on_running(session.start, session.stop)
    station.every(WATCH_S, watch.look, everywhere=True)


ROOM = Room(set_up=set_up)
