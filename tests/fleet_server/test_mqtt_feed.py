"""The MQTT feed: what a stranger to the station hears on a real broker, and that it is nothing unless asked for."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import paho.mqtt.client as mqtt
import pytest
from fastapi.testclient import TestClient
from paho.mqtt.enums import CallbackAPIVersion
from pydantic import ValidationError
from sqlalchemy import insert, select, update

from fleet_server.core.clock import utc_now
from fleet_server.core.settings import Settings
from fleet_server.incidents.tables import Incident
from fleet_server.ingest.mqtt_session import Session
from fleet_server.mqtt_feed.feed import Feed
from fleet_server.mqtt_feed.situation import ENDED_FOR
from fleet_server.mqtt_feed.tables import FeedTopic
from fleet_server.mqtt_feed.topics import level
from fleet_server.patrols.tables import Patrol
from protocol.anomaly import AnomalyKind
from tests.broker import TestBroker, broker
from tests.fleet_server.dog import Dog
from tests.fleet_server.world import API, eventually, route_body, serving, settings, sign_in, station_of

ROOT = "station"
SITE = f"{ROOT}/sites/yard"
STATUS = f"{ROOT}/status"
SECRET_WORDS = ("Officer Zhang", "张警官", "Mrs Li saw him")


class Listener:
    """Hears all of the broker: of each topic all that was said since it came, and what is kept."""

    def __init__(self, port: int, *filters: str) -> None:
        self.said: dict[str, list[bytes]] = {}
        self.filters = filters or (f"{ROOT}/#", "homeassistant/#", "elsewhere/#")
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self.client.on_connect = lambda c, *_: c.subscribe([(each, 1) for each in self.filters])
        self.client.on_message = self._on_message
        self.client.reconnect_delay_set(1, 1)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()

    def _on_message(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        self.said.setdefault(message.topic, []).append(bytes(message.payload))

    def kept(self) -> dict[str, bytes]:
        return {topic: said[-1] for topic, said in list(self.said.items()) if said[-1]}

    def json(self, topic: str) -> Any:
        return json.loads(self.kept()[topic]) if topic in self.kept() else None

    def end(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@contextmanager
def listening(port: int, *filters: str) -> Iterator[Listener]:
    listener = Listener(port, *filters)
    try:
        yield listener
    finally:
        listener.end()


@pytest.fixture
def mqtt_broker(tmp_path: Path) -> Iterator[TestBroker]:
    """One of its own: what is kept on it is looked at, and it is killed."""
    with broker(tmp_path) as running:
        yield running


@contextmanager
def station(folder: Path, port: int, **more: Any) -> Iterator[TestClient]:
    with serving(settings(folder, port, **more)) as client:
        eventually(lambda: station_of(client)[Session].connected)
        yield sign_in(client)


def incident(client: TestClient, **more: Any) -> str:
    """One with a person's name and words in each place that holds any."""
    incident_id, now = str(uuid4()), utc_now()
    row = {
        "incident_id": incident_id,
        "site_id": "yard",
        "kind": AnomalyKind.PERSON_LYING,
        "zone_id": "armory_yard",
        "zone_name": {"zh": "械库院", "en": "Armoury yard"},
        "status": "OPEN",
        **dict.fromkeys(("first_seen", "last_seen", "frame_stamp", "received_at"), now),
        "x": 9.0,
        "y": 7.0,
        "score": 0.9,
        "detector": "test",
        "dog_id": "dog1",
        "held": False,
        "reason": {"zh": SECRET_WORDS[1], "en": SECRET_WORDS[2]},
        **dict.fromkeys(("acknowledged_by", "answered_by", "assigned_to"), SECRET_WORDS[0]),
        **dict.fromkeys(("note", "answer"), SECRET_WORDS[2]),
    }
    with station_of(client).database.write() as session:
        session.execute(insert(Incident).values(row | more))
    return incident_id


def changed(client: TestClient, incident_id: str, status: str, before: timedelta = timedelta(0)) -> None:
    """Answered that long ago."""
    with station_of(client).database.write() as session:
        values = {"status": status, "answered_at": utc_now() - before}
        session.execute(update(Incident).where(Incident.incident_id == incident_id).values(values))


def remembered(client: TestClient) -> set[str]:
    with station_of(client).database.read() as session:
        return set(session.scalars(select(FeedTopic.topic)))


def test_nothing_is_said_unless_it_is_set(tmp_path: Path, mqtt_broker: TestBroker) -> None:
    with listening(mqtt_broker.port, "#") as listener, station(tmp_path, mqtt_broker.port) as client:
        with Dog(mqtt_broker.port) as dog:
            dog.online()
            incident(client)
            station_of(client)[Feed].update(utc_now())
            eventually(lambda: any(topic.endswith("/site") for topic in listener.said))
            station_of(client)[Feed].update(utc_now())
            last = f"{dog.root}/connection"
            eventually(lambda: last in listener.said)
        assert {topic.split("/")[0] for topic in listener.said} == {"xiaotian"}
        assert remembered(client) == set()


def test_an_incident_is_heard_from_its_beginning_to_its_end(tmp_path: Path, mqtt_broker: TestBroker) -> None:
    with (
        listening(mqtt_broker.port) as listener,
        station(tmp_path, mqtt_broker.port, mqtt_feed=ROOT) as client,
    ):
        eventually(lambda: listener.json(SITE))
        eventually(lambda: listener.kept().get(STATUS) == b"online")
        assert (listener.json(SITE)["openIncidents"], listener.json(SITE)["newestIncident"]) == (0, None)
        one = incident(client)
        topic = f"{SITE}/incidents/{one}"
        first = eventually(lambda: listener.json(topic))
        assert (first["kind"], first["severity"], first["status"]) == ("PERSON_LYING", "HIGH", "OPEN")
        assert (first["zoneName"]["en"], first["position"]["x"], first["dogId"]) == ("Armoury yard", 9.0, "dog1")
        assert first["latitude"] == pytest.approx(31.2, abs=1e-3)
        eventually(lambda: listener.json(SITE)["newestIncident"] == first)
        counts = listener.json(SITE)
        assert (counts["openIncidents"], counts["unacknowledged"]) == (1, 1)
        changed(client, one, "ACKNOWLEDGED")
        eventually(lambda: listener.json(topic)["status"] == "ACKNOWLEDGED")
        eventually(lambda: listener.json(SITE)["unacknowledged"] == 0)
        assert listener.json(SITE)["openIncidents"] == 1
        changed(client, one, "RESOLVED")
        eventually(lambda: listener.json(topic)["status"] == "RESOLVED")
        eventually(lambda: listener.json(SITE)["openIncidents"] == 0)
        changed(client, one, "RESOLVED", before=ENDED_FOR)
        eventually(lambda: listener.said[topic][-1] == b"")
        with listening(mqtt_broker.port) as late:
            eventually(lambda: late.json(SITE))
            eventually(lambda: STATUS in late.kept())
            assert topic not in late.kept()
    eventually_offline(mqtt_broker.port)


def eventually_offline(port: int) -> None:
    with listening(port) as listener:
        eventually(lambda: listener.kept().get(STATUS) == b"offline")


REQUIRED = {"name", "unique_id", "device", "origin", "availability_topic", "state_topic", "value_template"}


def test_home_assistant_discovers_sites_and_dogs(tmp_path: Path, mqtt_broker: TestBroker) -> None:
    with (
        listening(mqtt_broker.port) as listener,
        station(tmp_path, mqtt_broker.port, mqtt_feed=ROOT, mqtt_feed_language="en") as client,
        Dog(mqtt_broker.port, "dog 七") as dog,
    ):
        dog.online()
        eventually(lambda: any(each["live"] for each in client.get(f"{API}/dogs").json()))
        node = level("dog 七")
        eventually(lambda: f"homeassistant/sensor/{ROOT}_dog_{node}/last_contact/config" in listener.kept())
        found = {topic: json.loads(said) for topic, said in listener.kept().items() if topic.endswith("/config")}
        assert len(found) == 6 + 4
        for topic, said in found.items():
            prefix, component, node_id, object_id, end = topic.split("/")
            assert (prefix, end) == ("homeassistant", "config")
            assert component in ("sensor", "binary_sensor")
            assert (node_id + object_id).replace("_", "").replace("-", "").isascii()
            assert said.keys() >= REQUIRED, topic
            assert said["device"]["identifiers"]
            assert said["availability_topic"] == STATUS
            assert said["state_topic"] in listener.kept()
        assert len({said["unique_id"] for said in found.values()}) == len(found)
        names = {said["name"] for said in found.values()}
        assert {"Open incidents", "Newest incident", "Battery"} <= names
        site = found[f"homeassistant/binary_sensor/{ROOT}_site_yard/incident/config"]
        assert (site["device"]["name"], site["device_class"]) == ("Yard", "problem")
        newest = found[f"homeassistant/sensor/{ROOT}_site_yard/newest_incident/config"]
        assert newest["json_attributes_topic"] == SITE
        eventually(lambda: listener.json(f"{ROOT}/dogs/{node}")["batteryCharge"] is not None)
        shown = listener.json(f"{ROOT}/dogs/{node}")
        assert (shown["dogId"], shown["live"], shown["state"]) == ("dog 七", True, "IDLE")
        assert 0 <= shown["batteryCharge"] <= 100
        state = found[f"homeassistant/sensor/{ROOT}_dog_{node}/state/config"]
        assert shown["state"] in state["options"]
        dog.say("connection", retain=True, connectionState="OFFLINE")
        eventually(lambda: listener.json(f"{ROOT}/dogs/{node}")["state"] == "OFFLINE")


def test_no_person_nor_their_words_nor_a_picture_is_among_it(tmp_path: Path, mqtt_broker: TestBroker) -> None:
    with (
        listening(mqtt_broker.port) as listener,
        station(tmp_path, mqtt_broker.port, mqtt_feed=ROOT) as client,
        Dog(mqtt_broker.port) as dog,
    ):
        dog.online()
        eventually(lambda: any(each["live"] for each in client.get(f"{API}/dogs").json()))
        route = client.post(f"{API}/routes", json=route_body("cp_1", "cp_2")).json()["routeId"]
        patrol = client.post(f"{API}/patrols", json={"routeId": route, "dogId": "dog1"}).json()["patrolId"]
        with station_of(client).database.write() as session:
            # As the way of a call is, whose name is what somebody said.
            values = {"assigned_by": SECRET_WORDS[0], "canceled_by": SECRET_WORDS[1], "reason": SECRET_WORDS[2]}
            named = values | {"call_id": str(uuid4()), "route_name": {"zh": SECRET_WORDS[1], "en": SECRET_WORDS[2]}}
            session.execute(update(Patrol).where(Patrol.patrol_id == patrol).values(named))
        one = incident(client)
        eventually(lambda: listener.json(f"{SITE}/incidents/{one}"))
        said = eventually(lambda: listener.json(f"{SITE}/patrols/{patrol}"))
        assert (said["kind"], said["routeName"], said["dogId"]) == ("CALL", None, "dog1")
        eventually(lambda: listener.json(SITE)["patrolsUnderWay"] == 1)
        heard = b"\n".join(payload for all_of_it in listener.said.values() for payload in all_of_it).decode()
        assert [word for word in (*SECRET_WORDS, "admin", "Url", ".jpg") if word in heard] == []


@pytest.mark.slow
def test_after_a_restart_of_broker_or_station_the_topics_are_right_again(
    tmp_path: Path, mqtt_broker: TestBroker
) -> None:
    """What ended while the station was away is cleared, though nobody remembers it but the database."""
    with station(tmp_path, mqtt_broker.port, mqtt_feed=ROOT) as client:
        one, two = incident(client), incident(client)
        with listening(mqtt_broker.port) as listener:
            eventually(lambda: listener.json(f"{SITE}/incidents/{one}") and listener.json(f"{SITE}/incidents/{two}"))
        mqtt_broker.kill()
        mqtt_broker.start()
        with listening(mqtt_broker.port) as listener:
            eventually(lambda: listener.json(f"{SITE}/incidents/{two}"))
            eventually(lambda: listener.kept().get(STATUS) == b"online")
            eventually(lambda: any(topic.endswith("/config") for topic in listener.kept()))
        database = station_of(client).database
    with database.write() as session:
        ended = {"status": "RESOLVED", "answered_at": utc_now() - 2 * ENDED_FOR}
        session.execute(update(Incident).where(Incident.incident_id == one).values(ended))
    database.close()
    with listening(mqtt_broker.port) as listener:
        eventually(lambda: listener.json(f"{SITE}/incidents/{one}"))
        with station(tmp_path, mqtt_broker.port, mqtt_feed=ROOT):
            eventually(lambda: f"{SITE}/incidents/{one}" not in listener.kept())
            assert listener.json(f"{SITE}/incidents/{two}")["status"] == "OPEN"
        with station(tmp_path, mqtt_broker.port, mqtt_feed="elsewhere", mqtt_discovery="") as client:
            eventually(lambda: "elsewhere/sites/yard" in listener.kept())
            eventually(lambda: not [topic for topic in listener.kept() if not topic.startswith("elsewhere/")])
            eventually(lambda: all(topic.startswith("elsewhere/") for topic in remembered(client)))
        with station(tmp_path, mqtt_broker.port) as client:
            eventually(lambda: listener.kept() == {})
            eventually(lambda: remembered(client) == set())


def test_the_broker_says_offline_for_a_station_that_is_gone_without_a_word(
    tmp_path: Path, mqtt_broker: TestBroker
) -> None:
    with (
        listening(mqtt_broker.port) as listener,
        station(tmp_path, mqtt_broker.port, mqtt_feed=ROOT) as client,
    ):
        eventually(lambda: listener.kept().get(STATUS) == b"online")
        line = station_of(client)[Session]._client.socket()
        assert isinstance(line, socket.socket)
        line.shutdown(socket.SHUT_RDWR)
        eventually(lambda: b"offline" in listener.said[STATUS])
        eventually(lambda: listener.kept()[STATUS] == b"online")


def test_what_a_stranger_writes_there_changes_nothing_in_the_station(tmp_path: Path, mqtt_broker: TestBroker) -> None:
    with (
        listening(mqtt_broker.port) as listener,
        station(tmp_path, mqtt_broker.port, mqtt_feed=ROOT) as client,
    ):
        one = incident(client)
        topic = f"{SITE}/incidents/{one}"
        was = eventually(lambda: listener.json(topic))
        misread = station_of(client)[Session].misreads.total
        forged = {topic: json.dumps(was | {"status": "RESOLVED"}), STATUS: "offline", f"{ROOT}/dogs/x": "{", SITE: ""}
        for where, what in forged.items():
            listener.client.publish(where, what, 1, retain=True).wait_for_publish(10)
        eventually(lambda: listener.kept().get(STATUS) == b"online")
        assert client.get(f"{API}/incidents/{one}").json()["status"] == "OPEN"
        assert client.get(f"{API}/dogs").json() == []
        assert station_of(client)[Session].misreads.total == misread


@pytest.mark.parametrize(
    "wrong",
    [
        {"mqtt_feed": ""},
        {"mqtt_feed": "a/#"},
        {"mqtt_feed": "/a"},
        {"mqtt_feed": "$SYS"},
        {"mqtt_feed": "xiaotian"},
        {"mqtt_feed": "xiaotian/feed"},
        {"mqtt_feed": "homeassistant"},
        {"mqtt_feed": "a", "mqtt_discovery": "a/b"},
        {"mqtt_feed": "a", "mqtt_discovery": "+"},
        {"mqtt_feed_readers": "good, dog1.1f"},
        {"mqtt_feed_readers": "fleet-server"},
    ],
)
def test_a_prefix_or_a_reader_that_would_open_more_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match=next(reversed(wrong)) if len(wrong) == 1 else "mqtt_"):
        Settings.load(**wrong)


def test_two_names_never_become_one_level() -> None:
    names = ["a.b", "a_b", "a/b", "a+b", "院", "子", "yard"]
    assert len({level(name) for name in names}) == len(names)
    assert level("yard") == "yard"
