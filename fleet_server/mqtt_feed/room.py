"""The feed's room: off unless a prefix is set; then what it said under another is taken back."""

from datetime import datetime

from sqlalchemy.orm import Session

from fleet_server.core.clock import utc_now
from fleet_server.core.room import Room
from fleet_server.core.station import Station
from fleet_server.enrolment.mosquitto import CONTROL, request
from fleet_server.ingest.mqtt_session import Session as MqttSession
from fleet_server.mqtt_feed.feed import PERIOD_S, QOS, Feed
from fleet_server.mqtt_feed.home_assistant import discovery
from fleet_server.mqtt_feed.readers import reader_commands
from fleet_server.mqtt_feed.situation import read_situation
from fleet_server.mqtt_feed.tables import FeedTopic
from fleet_server.mqtt_feed.topics import OFFLINE, ONLINE, status_topic, topics
from fleet_server.telemetry.fleet_state import Fleet


def set_up(station: Station) -> None:
    """What the room does in a station."""
    settings, fleet, say = station.settings, station[Fleet], station.bus.say
    root, prefix = settings.mqtt_feed, settings.mqtt_discovery
    status = status_topic(root) if root else None

    def wanted(session: Session, now: datetime) -> dict[str, bytes]:
        if not root:
            return {}
        situation = read_situation(session, fleet, now)
        found = discovery(situation, root, prefix, settings.mqtt_feed_language) if prefix else {}
        return topics(situation, root) | found | {status_topic(root): ONLINE}

    feed = station.add(Feed(station.database, say, wanted, status))

    def hear_link(up: bool) -> None:
        feed.begin_anew()
        if up and settings.fleet_dir is not None:
            prefixes = [each for each in (root, prefix) if root and each]
            say(CONTROL, request(reader_commands(settings.feed_readers, prefixes)), QOS, False)

    def end() -> None:
        if status and station.leads():
            say(status, OFFLINE, QOS, True)

    if status and station.role.serves:
        station[MqttSession].last_will(status, OFFLINE)
    station.on_link(hear_link)
    station.on_lead(lambda _: feed.begin_anew())
    station.on_running(lambda: None, end)
    station.every(PERIOD_S, lambda: feed.update(utc_now()))


ROOM = Room(tables=(FeedTopic,), set_up=set_up)
