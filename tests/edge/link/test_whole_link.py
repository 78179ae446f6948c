"""The dog's whole link with a real broker: an anomaly waits for nothing of its own."""

import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.link.link_core import MOST_ROWS, LinkCore
from edge.link.outbox import Outbox
from edge.link.whole_link import Reach, WholeLink
from tests.broker import TestBroker, broker
from tests.edge.link.dog import sighting
from tests.edge.link.station import PATIENCE_S, Station
from tests.protocol import samples


class StalledDisk(Outbox):
    """Takes nothing before it is allowed to, as a disk that is busy with something else."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.may_write = threading.Event()

    def settle(self) -> None:
        assert self.may_write.wait(PATIENCE_S)
        super().settle()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[TestBroker]:
    with broker(tmp_path) as running:
        yield running


def made(port: int, outbox: Outbox, folder: Path) -> WholeLink:
    link = LinkCore(samples.ADDRESS, outbox, folder / "site.json")
    line = WholeLink(samples.ADDRESS, link, Reach("127.0.0.1", port, "http://127.0.0.1:1", None), time.time())
    line.start()
    end = time.monotonic() + PATIENCE_S
    while not line.link.connected and time.monotonic() < end:
        line.step(None, time.monotonic(), time.time())
    assert line.link.connected
    return line


def tell(line: WholeLink, key: str, picture: bytes = b"") -> None:
    line.tell_anomaly(sighting(key, picture), str(uuid.uuid4()), None, time.monotonic(), time.time())


def test_an_anomaly_is_at_the_station_while_the_dogs_own_disk_still_hangs(here: TestBroker, tmp_path: Path) -> None:
    outbox, key = StalledDisk(tmp_path / "dog"), str(uuid.uuid4())
    line = made(here.port, outbox, tmp_path)
    with Station(here.port) as station:
        telling = threading.Thread(target=tell, args=(line, key, b"jpeg"))
        telling.start()
        heard = station.hear("anomaly")
        assert heard["anomalyId"] == key
        assert station.hear("evidence")["evidenceId"] in heard["evidenceIds"]
        assert telling.is_alive()
        assert outbox.unstored == 2
        outbox.may_write.set()
        telling.join(PATIENCE_S)
        assert outbox.unstored == 0
    line.stop(time.time())
    again = Outbox(tmp_path / "dog")
    assert len(again) == 2
    assert again.losses() == []  # its picture is there as well
    again.close()


def test_what_the_station_has_stored_before_the_dog_could_never_comes_back(here: TestBroker, tmp_path: Path) -> None:
    outbox, key = Outbox(tmp_path / "dog"), str(uuid.uuid4())
    line = made(here.port, outbox, tmp_path)
    line.link.hold_anomaly(sighting(key), "", time.time())
    outbox.received([key])
    outbox.settle()
    line.stop(time.time())
    again = Outbox(tmp_path / "dog")
    assert len(again) == 0
    again.close()


def test_out_of_reach_an_anomaly_is_kept_as_ever(tmp_path: Path) -> None:
    link = LinkCore(samples.ADDRESS, Outbox(tmp_path / "dog"), tmp_path / "site.json")
    line = WholeLink(samples.ADDRESS, link, Reach("127.0.0.1", 1, "http://127.0.0.1:1", None), time.time())
    line.start()
    key = str(uuid.uuid4())
    tell(line, key)
    assert link.outbox.unstored == 0
    line.stop(time.time())
    again = Outbox(tmp_path / "dog")
    assert key in again
    again.close()


def test_a_crowd_at_once_goes_out_in_bounded_batches_and_all_of_it_is_heard(here: TestBroker, tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "dog")
    line = made(here.port, outbox, tmp_path)
    keys = {str(uuid.uuid4()) for _ in range(3 * MOST_ROWS)}
    for key in keys:
        line.link.hold_anomaly(sighting(key), "", time.time())
    with Station(here.port) as station:
        heard: set[str] = set()
        while heard != keys:  # `hear` fails where nothing more comes
            said = [each for each in line.step(None, time.monotonic(), time.time()).say if each.row]
            assert len(said) <= MOST_ROWS
            heard |= {station.hear("anomaly")["anomalyId"] for _ in said}
    line.stop(time.time())
