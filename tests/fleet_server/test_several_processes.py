"""A station of several processes, each the real application: what one stores all show, and one leads."""

import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fastapi.testclient import TestClient
from msgspec.structs import replace
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from fleet_server.app import create_app
from fleet_server.cli import app as command
from fleet_server.core import sole_process
from fleet_server.core.lease import LASTS_S, Lease
from fleet_server.core.process_role import Role
from fleet_server.core.settings import BrokerKind, Settings
from fleet_server.core.sole_process import DatabaseInUse, SoleProcess
from fleet_server.core.vehicle_publisher import VehiclePublisher
from fleet_server.dispatch.emergency_stop import EmergencyStops
from fleet_server.dispatch.order_sender import OrderSender
from fleet_server.dispatch.tables import OpenStop
from fleet_server.ingest.mqtt_session import Session
from fleet_server.mqtt_feed.feed import Feed
from fleet_server.store.database import GONE_S, Database
from fleet_server.store.migrate import migrate
from fleet_server.telemetry.fleet_state import Fleet
from protocol.topics import Address
from tests.fleet_server.dog import Dog
from tests.fleet_server.test_incidents import anomaly
from tests.fleet_server.test_mqtt_feed import listening
from tests.fleet_server.world import API, PASSWORD, eventually, hear, sign_in, station_of, write_site
from tests.mosquitto import Mosquitto, mosquitto
from tests.postgresql import Cluster, cluster
from tests.protocol import samples

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Cluster]:
    with cluster() as running:
        yield running


@pytest.fixture
def mqtt(tmp_path: Path) -> Iterator[Mosquitto]:
    """The embedded broker goes on giving a share to a process that is gone: docs/scaling.md."""
    with mosquitto(tmp_path) as running:
        yield running


def database(cluster: Cluster, folder: Path) -> Database:
    made = Database(cluster.url_for(folder))
    migrate(made.engine)
    return made


@pytest.fixture
def processes(postgresql: Cluster, mqtt: Mosquitto, tmp_path: Path) -> Iterator[dict[str, TestClient]]:
    """One that takes in and two that serve; those are signed in."""
    settings = Settings.load(
        data_dir=tmp_path / "station",
        database=postgresql.url_for(tmp_path),
        site=[write_site(tmp_path / "yard")],
        mqtt_port=mqtt.port,
        broker=BrokerKind.EXTERNAL,
        admin_password=PASSWORD,
        mqtt_feed="station",
    )
    roles = {"ingest": Role.INGEST, "api1": Role.API, "api2": Role.API}
    with ExitStack() as stack:
        served = {}
        for number, (name, role) in enumerate(roles.items()):
            of_its_own = settings.model_copy(update={"port": 8081 + number})
            served[name] = stack.enter_context(TestClient(create_app(of_its_own, lambda _: None, role)))
        for client in served.values():
            eventually(lambda client=client: station_of(client)[Session].connected)
        yield served | {name: sign_in(served[name]) for name, role in roles.items() if role is Role.API}


def leads(client: TestClient) -> bool:
    return client.get(f"{API}/health/leads").status_code == 200


def test_what_one_process_stores_every_console_shows_and_one_of_them_leads(
    processes: dict[str, TestClient], mqtt: Mosquitto
) -> None:
    apis = [processes["api1"], processes["api2"]]
    eventually(lambda: sum(map(leads, apis)) == 1)
    leader, other = sorted(apis, key=leads, reverse=True)
    assert processes["ingest"].get(f"{API}/dogs").status_code == 404  # it answers who watches it, and nobody else
    assert processes["ingest"].get(f"{API}/health").status_code == 200
    with (
        Dog(mqtt.port) as dog,
        leader.websocket_connect(f"{API}/live") as one,
        other.websocket_connect(f"{API}/live") as two,
    ):
        dog.online()
        for client in apis:
            eventually(lambda client=client: client.get(f"{API}/dogs").json())
        fields = anomaly()
        dog.say("anomaly", **fields)
        assert dog.hear("received")["ids"] == [fields["anomalyId"]]
        shown = [hear(socket, "incident") for socket in (one, two)]
        assert shown[0]["incidentId"] == shown[1]["incidentId"]
        _a_round_assigned_where_nobody_leads_is_said_by_who_leads(other, dog)
        refused = other.post(f"{API}/dogs/{dog.name}/driving/take")
        assert refused.status_code == 421
        assert "http://127.0.0.1:808" in refused.json()["detail"]
        assert leader.post(f"{API}/dogs/{dog.name}/driving/take").status_code == 409  # asked, and this one cannot
        dog.client.publish(f"{dog.root}/connection", b"", 1, retain=True).wait_for_publish(30)
        dog.client.publish(f"{dog.root}/site", b"", 1, retain=True).wait_for_publish(30)


def test_the_one_that_leads_alone_says_the_feed_and_says_all_of_it_when_the_lead_passes(
    processes: dict[str, TestClient], mqtt: Mosquitto
) -> None:
    apis = [processes["api1"], processes["api2"]]
    eventually(lambda: sum(map(leads, apis)) == 1)
    leader, other = sorted(apis, key=leads, reverse=True)
    said: dict[str, int] = {}
    for client in processes.values():
        _count_what_it_says(client, said)
    with listening(mqtt.port) as listener:
        eventually(lambda: listener.kept().get("station/status") == b"online" and listener.json("station/sites/yard"))
    port = {client: station_of(client).settings.port for client in apis}
    eventually(lambda: said.get(str(port[leader]), 0) >= 2)
    assert set(said) == {str(port[leader])}
    station_of(leader)._lease.stop()  # type: ignore[union-attr]
    eventually(lambda: leads(other))
    with listening(mqtt.port) as listener:
        listener.client.publish("station/sites/yard", b"", 1, retain=True).wait_for_publish(10)
        station_of(other)[Feed].begin_anew()
        eventually(lambda: listener.json("station/sites/yard"))
    assert str(port[other]) in said


def _count_what_it_says(client: TestClient, said: dict[str, int]) -> None:
    """Count by its port what a process says of the feed, and say it."""
    feed, port = station_of(client)[Feed], str(station_of(client).settings.port)
    publish = feed._publish

    def counted(*what: Any) -> bool:
        said[port] = said.get(port, 0) + 1
        return publish(*what)

    feed._publish = counted


def _a_round_assigned_where_nobody_leads_is_said_by_who_leads(other: TestClient, dog: Dog) -> None:
    given = other.post(f"{API}/patrols", json={"routeId": "demo_round", "dogId": dog.name})
    assert given.status_code == 201, given.text
    order = dog.hear("order")
    dog.state(order)
    patrol = f"{API}/patrols/{given.json()['patrolId']}"
    eventually(lambda: other.get(patrol).json()["status"] == "ACTIVE")


class Hearer:
    """A process as its lease tells it whether it leads; its clock goes as the test lets it."""

    def __init__(self, database: Database, name: str) -> None:
        self.now = 1000.0
        self.told: list[bool] = []
        self.lease = Lease(database, name, f"http://{name}", self.told.append, lambda: self.now)


def test_a_lease_passes_on_when_its_holder_is_silent_and_the_holder_knows_first(
    postgresql: Cluster, tmp_path: Path
) -> None:
    store = database(postgresql, tmp_path)
    one, two = Hearer(store, "one"), Hearer(store, "two")
    one.lease.look()
    two.lease.look()
    assert (one.lease.held, two.lease.held, two.lease.leader) == (True, False, "http://one")
    one.now += LASTS_S  # it was stopped for so long, and has not looked again
    assert not one.lease.held
    with store.engine.begin() as later:
        later.execute(text("UPDATE leases SET until = clock_timestamp() - interval '1 ms'"))
    two.lease.look()
    one.lease.look()
    assert (one.lease.held, two.lease.held, one.lease.leader) == (False, True, "http://two")
    assert (one.told, two.told) == ([True, False], [True])
    two.lease.start()
    two.lease.stop()  # an orderly end gives it back
    one.lease.look()
    assert one.lease.held
    store.close()


def test_a_holder_that_was_silent_while_another_led_is_told_so_though_it_leads_again(
    postgresql: Cluster, tmp_path: Path
) -> None:
    store = database(postgresql, tmp_path)
    one, two = Hearer(store, "one"), Hearer(store, "two")
    one.lease.look()
    one.now += LASTS_S
    with store.engine.begin() as later:
        later.execute(text("UPDATE leases SET until = clock_timestamp() - interval '1 ms'"))
    two.lease.look()
    assert two.lease.held
    two.lease.start()
    two.lease.stop()
    one.lease.look()
    assert one.lease.held
    assert one.told[-2:] == [False, True]
    store.close()


def test_a_process_leads_only_when_all_in_it_have_heard_that_it_does(postgresql: Cluster, tmp_path: Path) -> None:
    store = database(postgresql, tmp_path)
    heard: list[bool] = []

    def hear(leads: bool) -> None:
        heard.append(leads)
        if len(heard) == 1:
            raise RuntimeError("a room stumbles")

    lease = Lease(store, "one", "http://one", hear)
    with pytest.raises(RuntimeError, match="stumbles"):
        lease.look()
    assert not lease.held
    lease.look()
    assert lease.held
    assert heard == [True, True]
    store.close()


def test_a_station_in_one_process_and_one_in_several_keep_each_other_out(
    postgresql: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fleet_server.core.sole_process.PATIENCE_S", 0.0)
    store = database(postgresql, tmp_path)
    several = SoleProcess(store, alone=False), SoleProcess(store, alone=False)
    alone = SoleProcess(store, alone=True)
    with several[0], several[1], pytest.raises(DatabaseInUse, match="works alone"), alone:
        pass
    with SoleProcess(store, alone=True), pytest.raises(DatabaseInUse), SoleProcess(store, alone=False):
        pass
    store.close()


def has_it(store: Database) -> bool:
    """Whether some session has the lock; asked without trying for it."""
    with store.engine.connect() as connection:
        found = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = :low")
        return bool(connection.execute(found, {"low": sole_process.KEY & 0xFFFFFFFF}).scalar_one())


def test_after_the_databases_restart_a_station_has_it_for_itself_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fleet_server.core.sole_process.PATIENCE_S", 0.0)
    ended = threading.Event()
    with cluster() as restarted:  # one of its own: the others' connections are not to be cut
        store = database(restarted, tmp_path)
        for alone in (True, False):
            with SoleProcess(store, alone) as sole:
                sole.watch(ended.set)
                restarted.restart()
                eventually(lambda: has_it(store))
                with pytest.raises(DatabaseInUse), SoleProcess(store, alone=True):
                    pass
            assert not ended.is_set()
            assert not has_it(store)
        store.close()


def test_a_station_ends_where_another_has_its_database_after_a_restart(
    postgresql: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fleet_server.core.sole_process.PATIENCE_S", 0.0)
    store, ended = database(postgresql, tmp_path), threading.Event()
    with SoleProcess(store, alone=True) as sole, store.engine.connect() as other:
        sole.watch(ended.set)
        pid = other.execute(text("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted")).scalar_one()
        waiting = threading.Thread(target=lambda: other.execute(text(f"SELECT pg_advisory_lock({sole_process.KEY})")))
        waiting.start()
        with store.engine.connect() as watched:
            queued = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            eventually(lambda: watched.execute(queued).scalar_one())
            watched.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})  # the one that waits is first
        waiting.join()
        assert ended.wait(60.0)
        with pytest.raises(DatabaseInUse, match="works alone"):
            sole.check()
        other.invalidate()
    store.close()


def test_both_ends_of_a_connection_take_a_computer_that_is_silent_for_gone(postgresql: Cluster, tmp_path: Path) -> None:
    store = Database(postgresql.url_for(tmp_path))
    with store.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, psycopg.Connection)
        with socket.socket(fileno=os.dup(raw.fileno())) as ours:
            kept = ours.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            names = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT, socket.TCP_USER_TIMEOUT)
            idle, every, count, unheard_ms = (ours.getsockopt(socket.IPPROTO_TCP, name) for name in names)
        shown = ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout")
        theirs = [connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in shown]
    store.close()
    assert kept
    assert idle + every * count == GONE_S
    assert unheard_ms == 1000 * GONE_S
    assert theirs == [f"{idle}", f"{every}", f"{count}", f"{1000 * GONE_S}"]


def test_a_writer_that_is_stopped_in_its_transaction_holds_the_others_up_no_longer_than_is_set(
    postgresql: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = database(postgresql, tmp_path)
    monkeypatch.setattr("fleet_server.store.database.IDLE_MS", 200)

    def write_and_stop() -> None:
        with store.write() as stopped:
            stopped.execute(text("SELECT 1"))
            with store.write() as another:  # waits until the first is out
                another.execute(text("SELECT 1"))
            stopped.execute(text("SELECT 1"))

    with pytest.raises(DBAPIError, match="idle-in-transaction"):
        write_and_stop()
    store.close()


@pytest.mark.parametrize("part", ["ingest", "api"])
def test_several_processes_on_sqlite_are_refused_in_a_sentence(part: str, tmp_path: Path) -> None:
    ended = CliRunner().invoke(command, [part, "--data-dir", str(tmp_path / "station")])
    assert ended.exit_code == 1
    assert "several processes need PostgreSQL" in ended.output


class Stops:
    """The emergency stops of one process, and what it says to dogs."""

    def __init__(self) -> None:
        self.fleet = Fleet(timedelta(seconds=35), "xiaotian")
        self.said: list[str] = []
        bus = VehiclePublisher()
        bus.attach(lambda topic, payload, *_: bool(self.said.append(payload.decode())) or True)
        self.sender = OrderSender(bus, self.fleet)
        self.stops = EmergencyStops(self.sender, self.fleet)

    def tick(self, store: Database, now: datetime) -> None:
        with store.write() as session:
            self.stops.update(session, now)
        self.sender.say_asked(now)


def action_id(said: str) -> str:
    actions: list[dict[str, str]] = json.loads(said)["actions"]
    return actions[0]["actionId"]


def test_an_emergency_stop_is_said_by_every_process_and_released_by_any(tmp_path: Path) -> None:
    store = Database(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    migrate(store.engine)
    one, two = Stops(), Stops()
    address = Address("xiaotian", "dog1")
    for each in (one, two):
        each.fleet.hear(address, replace(samples.STATE, action_states=[]), NOW)
    known = one.fleet.get("dog1")
    assert known is not None
    one.stops.stop(known, "admin", NOW)
    for now in (NOW, NOW + timedelta(seconds=1)):
        one.tick(store, now)
        two.tick(store, now)
    assert "emergencyStop" in one.said[0]
    assert action_id(one.said[0]) == action_id(two.said[0])
    two.stops.release(known, "admin", NOW)  # at the other process
    for step in range(2, 5):
        two.tick(store, NOW + timedelta(seconds=step))
        one.tick(store, NOW + timedelta(seconds=step))
    with store.read() as session:
        assert list(session.scalars(select(OpenStop))) == []
    assert (one.fleet.stop_request("dog1"), two.fleet.stop_request("dog1")) == (None, None)
