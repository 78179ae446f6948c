"""The dog's session with a real broker: killed and started again, absent, and refusing."""

import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.link.mqtt_session import MOST_PAYLOAD, Down, Event, Heard, Session, Up, Will
from protocol.codec import encode
from tests.broker import TestBroker, broker
from tests.edge.link.dog import Dog
from tests.edge.link.station import ROOT, Station
from tests.protocol import samples
from xiaotian.local_stack import free_port

NOT_AUTHORIZED = b"\x20\x03\x00\x87\x00"  # a CONNACK of MQTT 5
TAKEN = b"\x20\x03\x00\x00\x00"
UNREADABLE = (
    b"\x30\x05\x00\x01\xff\x00\x00",  # a topic that is no UTF-8
    b"\x30\x0b\x00\x01a\x07\x26\x00\x01\xff\x00\x01b",  # a user property that is none
    b"\x32\x07\x00\x01a\x00\x05\x7f\x00",  # properties that end too soon; QoS 1, number 5
)
REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[TestBroker]:
    with broker(tmp_path) as running:
        yield running


def bare(port: int, revive_s: float = 10.0) -> Session:
    return Session("127.0.0.1", port, "dog1", {f"{ROOT}/order": 0}, Will(f"{ROOT}/connection", b"{}"), revive_s)


def states(station: Station) -> list[str]:
    return [said["connectionState"] for said in station.said("connection")]


def test_a_broker_that_dies_and_comes_back_finds_the_dog_online_and_nothing_lost(
    here: TestBroker, tmp_path: Path
) -> None:
    dog = Dog(here.port, tmp_path / "dog")
    try:
        with Station(here.port) as before:
            assert dog.until(lambda: states(before)[-1:] == ["ONLINE"] and bool(before.said("factsheet")))
            first = str(uuid.uuid4())
            dog.see(first)
            assert dog.until(lambda: bool(before.said("anomaly")))
            here.kill()
            assert dog.until(lambda: not dog.link.connected)
        keys = [first, *(str(uuid.uuid4()) for _ in range(30))]
        for key in keys[1:]:
            dog.see(key)
        here.start()
        with Station(here.port) as after:
            after.acknowledging = True
            assert dog.until(lambda: len(dog.link.outbox) == 0)
            assert states(after)[-1] == "ONLINE"
            assert after.said("state")
            assert after.said("factsheet")
            assert {said["anomalyId"] for said in after.said("anomaly")} == set(keys)
    finally:
        dog.close()


def test_a_dog_starts_before_its_broker(tmp_path: Path) -> None:
    late = TestBroker(tmp_path, free_port())
    dog = Dog(late.port, tmp_path / "dog")
    try:
        assert not dog.until(lambda: dog.session.connected, 0.5)
        late.start()
        assert dog.until(lambda: dog.link.connected)
    finally:
        dog.close()
        late.kill()


def test_a_killed_dog_is_told_by_its_last_will_and_is_online_when_it_starts_again(
    here: TestBroker, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "tests.edge.link.dog", str(here.port), str(tmp_path / "dog")]
    with Station(here.port) as station:
        for _ in range(2):
            process = subprocess.Popen(command, cwd=REPOSITORY)
            try:
                station.hear("connection", lambda said: said["connectionState"] == "ONLINE")
            finally:
                process.kill()
                process.wait()
            station.hear("connection", lambda said: said["connectionState"] == "CONNECTIONBROKEN")
    with Station(here.port) as later:
        assert later.hear("connection")["connectionState"] == "CONNECTIONBROKEN"  # it is retained


def test_a_late_will_has_not_the_last_word(here: TestBroker, tmp_path: Path) -> None:
    dog = Dog(here.port, tmp_path / "dog")
    try:
        with Station(here.port) as station:
            assert dog.until(lambda: states(station)[-1:] == ["ONLINE"])
            station.say("connection", retain=True, connectionState="CONNECTIONBROKEN")
            assert dog.until(lambda: "CONNECTIONBROKEN" in states(station) and states(station)[-1] == "ONLINE")
    finally:
        dog.close()


def test_the_goodbye_takes_the_place_of_the_will(here: TestBroker, tmp_path: Path) -> None:
    with Station(here.port) as station:
        dog = Dog(here.port, tmp_path / "dog")
        assert dog.until(lambda: states(station)[-1:] == ["ONLINE"])
        dog.close()
        station.hear("connection", lambda said: said["connectionState"] == "OFFLINE")
        with Station(here.port) as later:
            assert later.hear("connection")["connectionState"] == "OFFLINE"


def test_an_acknowledgement_that_comes_twice_or_for_nobody_does_no_harm(here: TestBroker, tmp_path: Path) -> None:
    dog, key = Dog(here.port, tmp_path / "dog"), str(uuid.uuid4())
    try:
        with Station(here.port) as station:
            assert dog.until(lambda: dog.link.connected)
            dog.see(key)
            dog.see(key)
            assert dog.until(lambda: len(station.said("anomaly")) >= 2)
            for _ in range(2):
                station.received(key, str(uuid.uuid4()))
            assert dog.until(lambda: len(dog.link.outbox) == 0)
            station.say("order", payload=encode(samples.ORDER))  # what follows is heard
            assert dog.until(lambda: bool(dog.inbox))
    finally:
        dog.close()


def test_a_refused_connection_is_not_believed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(5.0)
        refuser = threading.Thread(target=_refuse, args=(door,), daemon=True)
        refuser.start()
        session = Session(
            "127.0.0.1", door.getsockname()[1], "dog1", {f"{ROOT}/order": 0}, Will(f"{ROOT}/connection", b"{}")
        )
        session.start()
        refuser.join(5.0)
        heard = _wait_for(session)
        assert heard == [Down("the broker refused: Not authorized")]
        assert not session.connected
        assert not session.publish("anything", b"{}", 1, False)
        session.stop("goodbye", b"{}")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # the log has its trace
def test_a_thread_that_ended_does_not_silence_the_dog_for_ever(here: TestBroker) -> None:
    def fault(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    session = bare(here.port, revive_s=0.1)
    session.start()
    heard = _wait_for(session)
    session._client.on_publish = fault
    assert session.publish("a", b"", 0, False)
    while heard.count(Up()) < 2:
        heard += _wait_for(session)
    assert heard == [Up(), Down("the session's thread ended"), Up()]
    session.stop("goodbye", b"{}")


def test_a_message_that_cannot_be_read_is_passed_over_and_acknowledged_and_the_next_one_is_heard() -> None:
    good = f"{ROOT}/order".encode()
    after = b"\x30" + bytes([len(good) + 5, 0, len(good)]) + good + b"\x00{}"
    with socket.create_server(("127.0.0.1", 0)) as door:
        session = bare(door.getsockname()[1])
        session.start()
        with door.accept()[0] as broken:
            broken.settimeout(10)
            broken.recv(1000)
            broken.sendall(TAKEN + b"".join(UNREADABLE) + after)
            heard: list[Event] = []
            while len(heard) < 2:
                heard += _wait_for(session)
            said = b""
            while b"\x40\x02\x00\x05" not in said:  # PUBACK
                said += broken.recv(1000)
        assert heard == [Up(), Heard(f"{ROOT}/order", b"{}", False)]
        assert session.dropped.total() == len(UNREADABLE)
        session.stop("goodbye", b"{}")


def test_more_than_two_megabytes_are_not_sent_and_counted(here: TestBroker) -> None:
    session = bare(here.port)
    session.start()
    assert _wait_for(session) == [Up()]
    assert not session.publish("large", bytes(MOST_PAYLOAD + 1), 0, False)
    assert session.dropped.total() == 1
    session.stop("goodbye", b"{}")


def test_one_thread_alone_writes_to_the_broker(here: TestBroker) -> None:
    """Two at once mix up their packets, and break a TLS connection."""
    session, writers, waiting = bare(here.port), set[str](), threading.Event()
    session._client.on_publish = lambda *_: writers.add(threading.current_thread().name)
    session.start()
    assert _wait_for(session) == [Up()]
    for _ in range(100):
        assert session.publish("large", bytes(100_000), 0, False)
    for _ in range(500):
        if session.waiting == 0:
            break
        waiting.wait(0.02)
    assert session.waiting == 0
    assert len(writers) == 1
    assert threading.current_thread().name not in writers
    session.stop("goodbye", b"{}")


def test_the_socket_waits_for_nothing(here: TestBroker) -> None:
    session = bare(here.port)
    session.start()
    _wait_for(session)
    connection = session._client.socket()
    assert isinstance(connection, socket.socket)
    assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    session.stop("goodbye", b"{}")


def _wait_for(session: Session) -> list[Event]:
    waiting = threading.Event()
    for _ in range(500):
        taken = session.take()
        if taken:
            return taken
        waiting.wait(0.02)
    return []


def _refuse(door: socket.socket, answer: bytes = NOT_AUTHORIZED) -> None:
    """One connection, answered thus; then closed, as brokers do."""
    connection, _ = door.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(answer)
        connection.recv(4096)
