"""Who comes back finds the others as they are: the broker, the station and the dog, each after an absence."""

import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from msgspec.structs import replace

from edge.link.outbox import WINDOWS, Kind
from edge.link.whole_link import Reach, WholeLink, open_link
from fleet_server.telemetry.fleet_state import Fleet
from protocol.topics import Address
from tests.broker import TestBroker, broker
from tests.edge.link.dog import sighting
from tests.fleet_server.world import API, serving, settings, sign_in, station_of
from tests.protocol import samples


class Walker:
    """A dog's real link, stepped by whoever waits."""

    def __init__(self, port: int, folder: Path) -> None:
        self.line: WholeLink = open_link(
            Address("xiaotian", "dog1"), folder / "dog1", Reach("127.0.0.1", port, "http://127.0.0.1:9", folder), 0.0
        )
        self.line.link.take_factsheet(samples.FACTSHEET, time.time())
        self.line.start()

    def until(self, holds: Callable[[], bool], patience_s: float = 90.0) -> bool:
        end = time.monotonic() + patience_s
        while not holds():
            if time.monotonic() > end:
                return False
            self.line.link.take_state(replace(samples.STATE, driving=True))
            self.line.step(None, time.monotonic(), time.time())
            time.sleep(0.02)
        return True

    def see(self, count: int) -> None:
        for _ in range(count):
            self.line.link.keep_anomaly(sighting(str(uuid.uuid4())), "", time.time())


@pytest.fixture
def here(tmp_path: Path) -> Iterator[TestBroker]:
    with broker(tmp_path) as running:
        yield running


@pytest.fixture
def walker(here: TestBroker, tmp_path: Path) -> Iterator[Walker]:
    walking = Walker(here.port, tmp_path)
    yield walking
    walking.line.stop(time.time())


def live(client: TestClient) -> bool:
    return any(d["live"] and d["notLiveSince"] is None for d in client.get(f"{API}/dogs").json())


def not_live_since(client: TestClient) -> bool:
    return any(not d["live"] and d["notLiveSince"] == d["lastSeen"] for d in client.get(f"{API}/dogs").json())


def test_a_dog_is_not_stuck_offline_after_the_broker_restarts(here: TestBroker, walker: Walker, tmp_path: Path) -> None:
    """Twice: with the station's eyes on an empty broker, retained messages gone."""
    with serving(settings(tmp_path, here.port)) as client:
        sign_in(client)
        assert walker.until(lambda: live(client))
        for _ in range(2):
            here.kill()
            assert walker.until(lambda: not_live_since(client))
            here.start()
            assert walker.until(lambda: live(client))


def test_a_station_that_comes_up_after_the_dogs_learns_of_them_and_of_all_they_saw(
    here: TestBroker, walker: Walker, tmp_path: Path
) -> None:
    walker.see(3)
    assert walker.until(lambda: walker.line.link.connected)
    assert not walker.until(lambda: not len(walker.line.link.outbox), 0.5)
    with serving(settings(tmp_path, here.port)) as client:
        sign_in(client)
        assert walker.until(lambda: live(client) and not len(walker.line.link.outbox))
        assert sum(incident["sightings"] for incident in client.get(f"{API}/incidents").json()) == 3


def test_a_station_is_not_flooded_after_an_absence_and_sees_the_dog_of_now_first(
    here: TestBroker, walker: Walker, tmp_path: Path
) -> None:
    outbox, count = walker.line.link.outbox, 3 * WINDOWS[Kind.ANOMALY]
    walker.see(count)
    # The dog says what the window holds into the void, and waits for an answer.
    assert not walker.until(lambda: len(outbox.under_way()) > WINDOWS[Kind.ANOMALY], 3.0)
    assert walker.until(lambda: len(outbox.under_way()) > 0)
    with serving(settings(tmp_path, here.port)) as client:
        sign_in(client)
        fleet = station_of(client)[Fleet]
        waiting: list[int] = []

        def seen() -> bool:
            vehicle = fleet.get("dog1")
            if vehicle is not None and vehicle.state is not None:
                waiting.append(len(outbox))
            return not len(outbox)

        assert walker.until(seen, 60.0)
        assert waiting[0] > 0
        assert live(client)
        assert sum(incident["sightings"] for incident in client.get(f"{API}/incidents").json()) == count
