"""What strangers say to the server: it costs nobody but themselves anything, and health tells the truth."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from fleet_server.core.log_throttle import MOST_THINGS, LogThrottle
from fleet_server.ingest.database_writer import Writer
from fleet_server.ingest.mqtt_session import Session
from fleet_server.telemetry.fleet_state import Fleet
from tests.broker import TestBroker
from tests.fleet_server.dog import Dog
from tests.fleet_server.test_incidents import anomaly
from tests.fleet_server.world import API, eventually, hear, serving, settings, station_of

NESTED = b'{"beside":' + b"[" * 1000 + b"]" * 1000 + b"}"
TAKEN = b"\x20\x03\x00\x00\x00"  # a CONNACK of MQTT 5
RESERVED = b"\xf0\x00"  # a packet that only a client may send


def health(client: TestClient) -> Any:
    return client.get(f"{API}/health").json()


@pytest.fixture
def littered(mqtt: TestBroker) -> Iterator[Dog]:
    """A broker on which retained nonsense lies already."""
    with Dog(mqtt.port, "litter") as stranger:
        topics = [f"{stranger.root}/{topic}" for topic in ("connection", "factsheet", "state")]
        for topic in topics:
            stranger.client.publish(topic, NESTED, 1, retain=True).wait_for_publish(30)
        yield stranger
        for topic in topics:
            stranger.client.publish(topic, b"", 1, retain=True).wait_for_publish(30)


def test_deep_nesting_said_before_and_after_the_server_came_is_counted_and_a_good_dog_is_heard(
    littered: Dog, client: TestClient, dog: Dog
) -> None:
    before = health(client)["malformed"]
    assert before >= 3
    for topic in ("anomaly", "state", "evidence", "visualization", "connection", "factsheet"):
        littered.client.publish(f"{littered.root}/{topic}", NESTED, 1).wait_for_publish(30)
    said = anomaly()
    dog.say("anomaly", **said)
    assert dog.hear("received")["ids"] == [said["anomalyId"]]
    told = health(client)
    assert (told["status"], told["broker"], told["restarts"], told["failures"]) == ("ok", "connected", 0, 0)
    assert told["malformed"] == before + 6
    assert next(d for d in client.get(f"{API}/dogs").json() if d["dogId"] == "dog1")["live"]


def test_a_row_whose_id_lies_beside_deep_nesting_is_refused_by_its_dog_never(client: TestClient, dog: Dog) -> None:
    """Its id is not looked for: what is nested too deep is not decoded at all."""
    dog.client.publish(f"{dog.root}/anomaly", json.dumps(anomaly()).encode()[:-1] + b"," + NESTED[1:], 1)
    said = anomaly()
    dog.say("anomaly", **said)
    assert dog.hear("received")["ids"] == [said["anomalyId"]]


@pytest.mark.parametrize("bad", ["d" * 65, "d" * 5000, "a\nb", "\u202edog"])
def test_a_name_that_is_none_becomes_no_dog(client: TestClient, dog: Dog, bad: str) -> None:
    before = health(client)["malformed"]
    message = dog.message("connection", connectionState="ONLINE") | {"serialNumber": bad}
    dog.client.publish(f"xiaotian/v2/xiaotian/{bad}/connection", json.dumps(message), 1).wait_for_publish(30)
    eventually(lambda: health(client)["malformed"] > before)
    assert bad not in {d["dogId"] for d in client.get(f"{API}/dogs").json()}


def test_a_fault_of_our_own_that_one_dog_brings_out_costs_that_dog_alone(
    client: TestClient, dog: Dog, monkeypatch: pytest.MonkeyPatch
) -> None:
    station, take = station_of(client), Fleet.hear

    def faulty(fleet: Fleet, address: Any, *rest: Any) -> None:
        if address.serial_number == "jinx":
            raise KeyError("a fault of ours")
        take(fleet, address, *rest)

    def admits(address: Any) -> bool:
        if address.serial_number == "hex":
            raise KeyError("another")
        return True

    monkeypatch.setattr(Fleet, "hear", faulty)
    station[Session].admits = admits
    for name in ("jinx", "hex"):
        with Dog(station.settings.mqtt_port, name) as cursed:
            cursed.say("anomaly", **anomaly(serialNumber=name))
            said = anomaly()
            dog.say("anomaly", **said)
            assert dog.hear("received")["ids"] == [said["anomalyId"]]
    eventually(lambda: health(client)["failures"] >= 2)
    assert (health(client)["status"], health(client)["restarts"]) == ("ok", 0)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # the log has its trace
def test_a_thread_that_ended_is_started_again_and_counted(client: TestClient, dog: Dog) -> None:
    station = station_of(client)

    def fault(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    station[Session]._client.on_publish = fault
    station[Session].publish("a", b"", 0, False)
    eventually(lambda: health(client)["restarts"] == 1)
    eventually(lambda: health(client)["broker"] == "connected")
    before, station[Writer].inbox.take = station[Writer]._thread, end_thread  # type: ignore[method-assign]
    eventually(lambda: not before.is_alive())
    del station[Writer].inbox.take
    eventually(lambda: health(client)["restarts"] >= 2)
    said = anomaly()
    dog.say("anomaly", **said)
    assert dog.hear("received")["ids"] == [said["anomalyId"]]
    assert health(client)["status"] == "ok"


def end_thread(*_: object) -> Any:
    raise SystemExit  # ends a thread, and is no Exception


def test_health_is_no_lie_while_a_thread_hangs(client: TestClient) -> None:
    station, let_go = station_of(client), threading.Event()
    eventually(lambda: client.get(f"{API}/health").status_code == 200)
    take = station[Writer].inbox.take
    station[Writer].inbox.take = lambda *given: take(*given) if let_go.wait(20) else []  # type: ignore[method-assign]
    try:
        eventually(lambda: time.monotonic() - station[Writer]._turned > 1.5)
        station[Writer]._turned -= 30.0  # half a minute later
        answer = client.get(f"{API}/health")
        assert (answer.status_code, answer.json()["status"]) == (503, "trouble")
    finally:
        let_go.set()
    eventually(lambda: client.get(f"{API}/health").status_code == 200)


def test_a_broker_that_says_what_is_no_mqtt_is_come_back_to(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as door,
        serving(settings(tmp_path, door.getsockname()[1])) as client,
    ):
        for answer in (TAKEN + RESERVED, TAKEN):
            connection, _ = door.accept()
            connection.recv(1000)
            connection.sendall(answer)
        eventually(lambda: health(client)["broker"] == "connected")
        connection.close()
        eventually(lambda: health(client)["broker"] == "connecting")
        assert health(client)["status"] == "ok"


@pytest.mark.parametrize(("names", "most_lines"), [(1, 60), (5000, 20 * 60)])
def test_an_hour_of_nonsense_four_times_a_second_is_an_hour_of_few_lines(names: int, most_lines: int) -> None:
    throttle = LogThrottle()
    taken = [throttle.take(f"dog{n % names}", 1000 + n / 4) for n in range(4 * 3600)]
    lines = [count for count in taken if count is not None]
    assert 50 <= len(lines) <= most_lines
    assert len(lines) + throttle.unsaid == len(taken)
    assert len(throttle._said) <= MOST_THINGS
    if names == 1:
        assert sum(lines) == len(taken) - 239  # each line tells of the minute before it


def shown(client: TestClient, name: str) -> Any:
    return next((d for d in client.get(f"{API}/dogs").json() if d["dogId"] == name), None)


def test_a_vehicle_of_which_nothing_is_understood_is_shown_with_the_first_reason(client: TestClient, dog: Dog) -> None:
    with Dog(dog.port, "foreign", "acme") as foreign, client.websocket_connect(f"{API}/live") as live:
        first = {"version": "3.0.0", "headerId": "seven"}
        foreign.client.publish(f"{foreign.root}/state", json.dumps(first), 1).wait_for_publish(30)
        told = hear(live, "dogs", lambda dogs: any(d["dogId"] == "foreign@acme" for d in dogs))
        for n in range(9):
            foreign.client.publish(f"{foreign.root}/connection", b"[%d" % n, 1).wait_for_publish(30)
        seen = eventually(lambda: (s := shown(client, "foreign@acme"))["misread"]["count"] == 10 and s)
        assert (seen["connection"], seen["live"], seen["manufacturer"]) == ("MISREAD", False, "acme")
        assert (seen["misread"]["topic"], "headerId" in seen["misread"]["reason"]) == ("state", True)
        assert next(d for d in told if d["dogId"] == "foreign@acme")["misread"]["count"] == 1
        assert client.post(f"{API}/patrols", json={"routeId": "demo_round", "dogId": "foreign@acme"}).is_error
        foreign.map_id = "yard"
        foreign.online()
        seen = eventually(lambda: (s := shown(client, "foreign@acme"))["live"] and s)
        assert (seen["connection"], seen["misread"]["count"]) == ("ONLINE", 10)
    assert shown(client, "dog1")["misread"] is None


def test_what_a_vehicle_writes_not_to_the_letter_is_taken_and_shown_once(client: TestClient, dog: Dog) -> None:
    loose = {
        "headerId": 3.0,
        "timestamp": "2026-11-26T10:00:00",
        "manufacturer": "",
        "serialNumber": "",
        "paused": None,
    }
    for _ in range(3):
        dog.state(**loose, version="2.0.0", orderId="o-7")
    seen = eventually(lambda: (s := shown(client, "dog1"))["orderId"] == "o-7" and s)
    assert seen["version"] == "2.0.0"
    assert sorted(seen["loosely"]) == [
        "state headerId: a whole number written as 1.0",
        "state manufacturer: empty, taken from the topic",
        "state paused: null for an absent field",
        "state serialNumber: empty, taken from the topic",
        "state timestamp: a time without a zone, taken as UTC",
    ]
    assert health(client)["malformed"] == 0


def test_a_vehicle_of_2_0_0_is_spoken_to_in_its_own_version(client: TestClient, dog: Dog) -> None:
    dog.state(version="2.0.0")
    eventually(lambda: shown(client, "dog1")["version"] == "2.0.0")
    patrol = client.post(f"{API}/patrols", json={"routeId": "demo_round", "dogId": "dog1"}).json()
    order = dog.hear("order")
    assert order["version"] == "2.0.0"
    dog.state(order=order, version="2.0.0")
    eventually(lambda: client.get(f"{API}/patrols/{patrol['patrolId']}").json()["status"] == "ACTIVE")
    client.post(f"{API}/patrols/{patrol['patrolId']}/cancel")
    told = dog.hear("instantActions")
    while told["actions"][0]["actionType"] != "cancelOrder":  # it is asked for its factsheet, too
        told = dog.hear("instantActions")
    assert (told["version"], told["instantActions"]) == ("2.0.0", told["actions"])
