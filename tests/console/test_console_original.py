"""From the dog's camera to the officer's own computer: an original is seen by nobody on its way, and by the officer."""

import dataclasses
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from msgspec import UNSET
from msgspec.structs import replace
from playwright.sync_api import Browser, Page, expect
from typer.testing import CliRunner

from edge.dog.perception_core import PerceptionCore, Sighted
from edge.evidence.original_sealing import OriginalSealing
from edge.evidence.spool import ORIGINALS, Spool
from edge.link.command_authentication import read_authority
from edge.link.outbox_rows import Place, Sighting
from edge.link.whole_link import Reach, WholeLink, open_link
from edge.perception.original import original_jpeg
from fleet_server.evidence.evidence_key import make_evidence_key
from fleet_server.evidence_package.cli import app
from protocol.codec import decode
from protocol.sealed_original import evidence_key_text, read_evidence_key
from protocol.site import Site
from protocol.topics import Address
from tests.console import operator_steps
from tests.console.running_station import PASSWORD, RunningStation
from tests.edge.dog.test_perception_core import Same, core, upright
from tests.edge.evidence.test_original_sealing import sighted
from tests.edge.link.dog import sighting
from tests.edge.perception.test_zones import zone
from tests.fleet_server.world import eventually
from tests.protocol import samples
from xiaotian.local_stack import free_port

PASSPHRASE = "correct horse 电池"
OFFICER = "officer-of-evidence"


@dataclass
class Delivered:
    """What one dog saw, and the station to which it came."""

    station: RunningStation
    seen: Sighted
    dog: Path
    key: Path
    incident: dict[str, Any]

    @property
    def bare(self) -> bytes:
        """The original as a file, which was nowhere a file."""
        assert self.seen.original is not None
        return original_jpeg(self.seen.original)


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Delivered]:
    folder = tmp_path_factory.mktemp("original")
    key = folder / "officer" / "officer.key"
    key.parent.mkdir()
    public = make_evidence_key(key, PASSPHRASE).public_key()
    station = RunningStation(free_port(), free_port(), folder / "station")
    station.start()
    line = linked(station, folder / "dog")
    try:
        first = site_of(line)
        assert first.evidence_key is UNSET
        name_key(station, first.site_id, evidence_key_text(public))
        site = site_of(line)
        assert site.evidence_key is not UNSET
        seen = sighted(sees(read_evidence_key(site.evidence_key)))
        told = in_frame(seen, first.map.map_id)
        line.tell_anomaly(told, str(uuid.uuid4()), None, time.monotonic(), time.time())
        spool = Spool(folder / "dog" / ORIGINALS)
        sealing = OriginalSealing("xiaotian", "dog_keeps", spool, lambda: str(uuid.uuid4()))
        sealing.offer(seen, read_evidence_key(site.evidence_key), "")
        sealing.end()
        assert sealing.made == 1
        with station.client() as client:
            eventually(lambda: stepped(line) and bool(client.get("/incidents").json()[0]["originalUrl"]), 60.0)
            (incident,) = client.get("/incidents").json()
        eventually(lambda: stepped(line) and len(line.link.outbox) == 0, 60.0)
        assert line.link.outbox.lost.total() == 0
        yield Delivered(station, seen, folder / "dog", key, incident)
    finally:
        line.stop(time.time())
        station.stop()


def linked(station: RunningStation, folder: Path) -> WholeLink:
    """A dog's whole link, which obeys and believes this station alone; it says where it stands."""
    reach = Reach("127.0.0.1", station.mqtt_port, station.url, station.data_dir / "robot_token")
    authority = read_authority(station.data_dir / "station_key.pub")
    line = open_link(Address("xiaotian", "dog_keeps"), folder, reach, time.time(), authority)
    place = replace(samples.AGV_POSITION, map_id="station_yard")
    line.link.take_state(replace(samples.STATE, serial_number="dog_keeps", agv_position=place, maps=UNSET))
    line.start()
    return line


def site_of(line: WholeLink) -> Site:
    """The next site that the link passes on."""
    came: list[str] = []

    def stepped_to_it() -> bool:
        step = line.step(None, time.monotonic(), time.time())
        came.extend([step.site] if step.site else [])
        return bool(came)

    eventually(stepped_to_it, 60.0)
    return decode(came[0], Site)


def stepped(line: WholeLink) -> bool:
    line.step(None, time.monotonic(), time.time())
    return True


def name_key(station: RunningStation, site_id: str, key: str) -> None:
    """An account for the officer, who names the key."""
    with station.client() as admin:
        body = {"username": OFFICER, "role": "evidenceOfficer", "password": PASSWORD}
        admin.post("/accounts", json=body).raise_for_status()
        version = {"If-Match": admin.get(f"/sites/{site_id}").headers["etag"]}
        where = f"/sites/{site_id}/evidence-key"
        assert admin.put(where, json={"evidenceKey": key}, headers=version).status_code == 403
        admin.post("/session", json={"username": OFFICER, "password": PASSWORD}).raise_for_status()
        admin.put(where, json={"evidenceKey": key}, headers=version).raise_for_status()


def sees(key: X25519PublicKey) -> PerceptionCore:
    made = core(Same(upright()))
    made.take_site([zone()], "Asia/Shanghai", 2, evidence_key=key)
    return made


def in_frame(seen: Sighted, map_id: str) -> Sighting:
    """What the link is told of it, in the site's frame."""
    told = sighting(seen.anomaly_id, seen.jpeg())
    return dataclasses.replace(told, observed_at=time.time(), place=Place(24.0, 11.5, map_id, 0.5), order_id="")


def test_of_the_original_there_is_no_byte_in_the_clear_on_dog_or_station(delivered: Delivered) -> None:
    scan = delivered.bare[delivered.bare.index(b"\xff\xda") :]  # before it are tables, which all JPEGs share
    pieces = [scan[at : at + 24] for at in range(0, len(scan) - 24, 12)]
    assert len(pieces) > 500
    for folder in (delivered.dog, delivered.station.data_dir):
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert files
        for path in files:
            there = path.read_bytes()
            assert not any(piece in there for piece in pieces), path
            assert b"PRIVATE KEY" not in there or path.name == "station_key.pem", path


def opened_dialog(browser: Browser, delivered: Delivered, username: str, **how: Any) -> Page:
    page = operator_steps.operator_page(browser, **how)
    operator_steps.signed_in(page, delivered.station.url, PASSWORD, username)
    expect(page.get_by_test_id("incident-card")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("v")
    expect(page.get_by_test_id("evidence-dialog")).to_be_visible()
    return page


def test_the_administrator_is_not_offered_it(browser: Browser, delivered: Delivered) -> None:
    page = opened_dialog(browser, delivered, "admin")
    expect(page.get_by_test_id("incident-original")).to_have_count(0)
    page.close()


def test_the_officer_takes_it_out_for_a_reason_and_opens_it_with_the_key(
    browser: Browser, delivered: Delivered, tmp_path: Path
) -> None:
    page = opened_dialog(browser, delivered, OFFICER)
    page.get_by_test_id("incident-original").click()
    expect(page.get_by_test_id("original-submit")).to_be_disabled()
    page.get_by_test_id("original-reason").fill("案件 2026-17")
    with page.expect_download() as download:
        page.get_by_test_id("original-submit").click()
    expect(page.get_by_test_id("original-given")).to_be_visible()
    operator_steps.screenshot(page, operator_steps.screenshot_folder(tmp_path), "original")
    file, masked = tmp_path / download.value.suggested_filename, tmp_path / "masked.jpg"
    download.value.save_as(file)
    assert file.name in page.get_by_test_id("original-command").inner_text()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("original-dialog")).to_have_count(0)
    page.close()
    with delivered.station.client() as client:
        masked.write_bytes(client.get(delivered.station.url + delivered.incident["pictureUrl"]).content)
        entries = client.get("/audit").json()
    (entry,) = [each for each in entries if each["action"] == "evidence.original_opened"]
    assert (entry["actor"], entry["details"]["reason"]) == (OFFICER, "案件 2026-17")
    words = ["open", str(file), "--key", str(delivered.key), "--picture", str(masked)]
    result = CliRunner().invoke(app, words, env={"XIAOTIAN_EVIDENCE_PASSPHRASE": PASSPHRASE})
    assert result.exit_code == 0, result.output
    assert file.with_suffix(".jpg").read_bytes() == delivered.bare
    assert delivered.bare != masked.read_bytes()
