"""Somebody walks through the armory's yard before a dog without a line: when the station is there, its operator sees
the clip of it, and no head in it."""

import hashlib
import io
import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mcap.reader import make_reader
from playwright.sync_api import Browser, expect

from edge.dog.perception_core import Sighted
from edge.evidence.clip_recorder import Cut
from edge.evidence.clip_worker import ClipWorker
from edge.evidence.mp4 import encode_mp4
from edge.evidence.spool import SPOOL, Spool
from edge.link.outbox_rows import Place, Sighting
from edge.link.whole_link import Reach, WholeLink, open_link
from edge.perception.head_masking import MaskedPicture
from edge.perception.person_sim import PersonSim
from fleet_server.evidence_package.verification import verify
from protocol.topics import Address
from sim.engine.labelled_pictures import LabelledRenderer, Light
from sim.engine.opengl_backend import NoPictures
from tests.clips import frames_of
from tests.console import operator_steps
from tests.console.running_station import PASSWORD, RunningStation
from tests.edge.evidence.film import START, Film, film
from tests.fleet_server.world import eventually
from xiaotian.local_stack import free_port

SECONDS = 5.0
HEAD_PART = 0.13
"""A person's head, as part of the height that is seen."""
CHANGED = 12
"""Levels by which a pixel differs that was pixelated; H.264 changes it by fewer."""


@dataclass
class Delivered:
    """What was filmed, and the station that it came to after it had been away."""

    film: Film
    cut: Cut
    station: RunningStation
    incident: dict[str, Any]

    def get(self, url: str, **headers: str) -> Any:
        with self.station.client() as client:
            return client.get(self.station.url + url, headers=headers)


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Delivered]:
    try:
        studio = LabelledRenderer(people=2)
    except NoPictures as error:
        pytest.skip(str(error))
    with studio:
        studio.light(Light.DAY)
        filmed = film(studio, PersonSim(), SECONDS)
    (cut,) = filmed.cuts
    folder = tmp_path_factory.mktemp("clip")
    station = RunningStation(free_port(), free_port(), folder / "station")
    reach = Reach("127.0.0.1", station.mqtt_port, station.url, station.data_dir / "robot_token")
    line = open_link(Address("xiaotian", "dog_films"), folder / "dog", reach, stamp())
    worker = ClipWorker(PersonSim, Spool(folder / "dog" / SPOOL), lambda: str(uuid.uuid4()))
    line.start()
    try:
        for sighted in filmed.sighted:
            line.tell_anomaly(told(sighted), str(uuid.uuid4()), None, time.monotonic(), stamp())
        worker.offer(cut, "")
        rows = 2 * len(filmed.sighted) + 2  # anomalies with their pictures; the clip, the recording
        eventually(lambda: stepped(line) == rows, 120.0)
        assert not line.link.connected
        station.start()
        eventually(lambda: stepped(line) == 0, 120.0)
        assert (line.link.outbox.lost.total(), worker.lost.total()) == (0, 0)
        with station.client() as client:
            (incident,) = client.get("/incidents").json()
        yield Delivered(filmed, cut, station, incident)
    finally:
        worker.end()
        line.stop(stamp())
        station.stop()


def stamp() -> float:
    """The dog's clock: it is as wrong as the film is old."""
    return START + time.monotonic()


def stepped(line: WholeLink) -> int:
    """The rows that wait after a step of the link."""
    line.step(None, time.monotonic(), stamp())
    return len(line.link.outbox)


def told(sighted: Sighted) -> Sighting:
    alert = sighted.alert
    assert sighted.picture is not None
    return Sighting(
        anomaly_id=sighted.anomaly_id,
        kind=alert.kind,
        observed_at=sighted.stamp,
        place=Place(alert.place.x, alert.place.y, "station_yard", alert.place.deviation),
        score=alert.track.score,
        detector="person_sim",
        zone_id=alert.zone_id,
        track_id=alert.track.track_id,
        order_id="",
        picture=sighted.jpeg(),
        reason=alert.reason,
    )


@pytest.mark.slow
def test_what_came_is_a_film_of_all_frames_in_which_no_head_is_bare(delivered: Delivered) -> None:
    answer = delivered.get(delivered.incident["clipUrl"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "video/mp4")
    shown = frames_of(answer.content)
    frames = delivered.cut.frames
    assert len(shown) == len(frames) == len(delivered.film.shots)
    bare = [(frame.stamp, MaskedPicture(frame.picture())) for frame in frames]
    unmasked = frames_of(encode_mp4(bare, len(bare), 500_000))  # as it would be if nobody masked it
    least, heads = 1.0, 0
    for frame, now, then in zip(frames, shown, unmasked, strict=True):
        for person in delivered.film.shots[round(frame.stamp, 3)].people:
            if person.visible < 0.8:
                continue
            low = person.top + max(round(HEAD_PART * (person.bottom - person.top)), 2)
            middle, half = (person.left + person.right) // 2, max((person.bottom - person.top) // 16, 1)
            part = np.s_[person.top : low, max(middle - half, 0) : middle + half]
            difference = np.abs(now[part].astype(int) - then[part].astype(int)).max(axis=2)
            least, heads = min(least, float(np.mean(difference > CHANGED))), heads + 1
    assert heads >= 30
    assert least > 0.5


def test_the_recording_and_the_package_have_what_the_dog_measured_sealed(delivered: Delivered, tmp_path: Path) -> None:
    content = delivered.get(delivered.incident["recordingUrl"]).content
    poses = [
        json.loads(message.data)["pose"]["position"]
        for _, channel, message in make_reader(io.BytesIO(content)).iter_messages()
        if channel.topic == "/pose"
    ]
    assert len(poses) == len(delivered.cut.poses)
    assert {(pose["x"], pose["y"]) for pose in poses} == {(14.0, 11.0)}
    with delivered.station.client() as client:
        where = f"/incidents/{delivered.incident['incidentId']}/package"
        (tmp_path / "package.zip").write_bytes(client.post(where, json={"reason": "a test of clips"}).content)
    found = verify(tmp_path / "package.zip", None).manifest
    digests = {each.media_type: each.sha256 for each in found.pictures}
    assert set(digests) == {"image/jpeg", "video/mp4", "application/mcap"}
    assert digests["application/mcap"] == hashlib.sha256(content).hexdigest()


@pytest.mark.slow
def test_an_operator_opens_it_by_the_keyboard_plays_it_and_seeks_in_it(
    browser: Browser, delivered: Delivered, tmp_path: Path
) -> None:
    page = operator_steps.operator_page(browser)
    operator_steps.signed_in(page, delivered.station.url, PASSWORD)
    card = page.get_by_test_id("incident-card")
    expect(card.get_by_test_id("has-clip")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("v")
    marks = page.get_by_test_id("picture-marks")
    expect(marks.locator("rect")).to_have_count(1)
    expect(marks.locator("circle")).to_have_count(1)
    assert marks.locator("polyline").count() >= 1
    clip = page.get_by_test_id("incident-clip")
    expect(clip).to_be_focused()
    eventually(lambda: clip.evaluate("v => v.readyState > 0"))
    assert clip.evaluate("v => [v.paused, v.currentTime, v.muted, v.error]") == [True, 0, True, None]
    assert abs(clip.evaluate("v => v.duration") - SECONDS) < 0.5
    page.keyboard.press("Space")
    eventually(lambda: clip.evaluate("v => v.currentTime > 0.3"))
    assert clip.evaluate("v => [v.videoWidth, v.videoHeight]") == [640, 480]
    clip.evaluate("v => { v.pause(); v.currentTime = 2.0 }")
    eventually(lambda: clip.evaluate("v => !v.seeking && v.currentTime === 2"))
    operator_steps.screenshot(page, operator_steps.screenshot_folder(tmp_path), "clip")
    expect(page.get_by_test_id("incident-recording")).to_have_attribute("href", delivered.incident["recordingUrl"])
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("evidence-dialog")).to_have_count(0)
    with delivered.station.client() as client:
        looked = [each["target"] for each in client.get("/audit").json() if each["action"] == "evidence.viewed"]
    clip_id = delivered.incident["clipUrl"].split("/")[-2]
    assert clip_id in looked
