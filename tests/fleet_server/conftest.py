"""One broker for all, one station for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from fleet_server.ingest.mqtt_session import Session
from tests.broker import TestBroker, broker, clear_retained
from tests.fleet_server import world
from tests.fleet_server.dog import Dog
from tests.fleet_server.world import eventually, serving, settings, sign_in, station_of
from tests.postgresql import cluster


@pytest.fixture(scope="session", autouse=True)
def _database(request: pytest.FixtureRequest) -> Iterator[None]:
    """All stations of these tests keep their data where ``--database`` says."""
    if request.config.getoption("--database") == "sqlite":
        yield
        return
    with cluster() as postgresql:
        world.database_for = postgresql.url_for
        yield
        world.database_for = world.beside_the_data


@pytest.fixture(scope="session")
def mqtt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestBroker]:
    with broker(tmp_path_factory.mktemp("broker")) as running:
        yield running


@pytest.fixture(autouse=True)
def _nothing_retained(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test left on the broker of all is cleared away after it: the next one's station would know its dogs."""
    running = request.getfixturevalue("mqtt") if "mqtt" in request.fixturenames else None
    yield
    if isinstance(running, TestBroker):
        clear_retained(running.port)


@pytest.fixture
def client(mqtt: TestBroker, tmp_path: Path) -> Iterator[TestClient]:
    """A station that is connected to the broker; the client is signed in."""
    with serving(settings(tmp_path, mqtt.port)) as served:
        eventually(lambda: station_of(served)[Session].connected)
        yield sign_in(served)


@pytest.fixture
def dog(mqtt: TestBroker, client: TestClient) -> Iterator[Dog]:
    """A dog that the station knows to be live. What it leaves on the broker is cleared away at the end."""
    with Dog(mqtt.port) as running:
        running.online()
        eventually(lambda: any(d["live"] and d["position"] for d in client.get("/api/v1/dogs").json()))
        yield running
