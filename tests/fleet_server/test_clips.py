"""A clip and a recording beside the picture: taken in for what they are, shown, sought in, and packed."""

import io
import json
import random
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from fleet_server.evidence.byte_range import Unsatisfiable, read_range
from fleet_server.evidence.content_check import MCAP
from fleet_server.evidence.mp4_boxes import NotAClip, read_clip
from protocol.evidence import CLIP, RECORDING
from tests import clips
from tests.fleet_server.dog import Dog
from tests.fleet_server.test_incidents import PICTURE, anomaly, evidence, put, robot
from tests.fleet_server.world import API, eventually

RECORDED = MCAP + bytes(range(256)) + MCAP


def bring(client: TestClient, dog: Dog, data: bytes, **more: Any) -> tuple[str, Any]:
    """The id of ``data``, and the station's answer to its bytes."""
    said = evidence(data, **more)
    dog.say("evidence", **said)
    where = f"{API}/evidence/{said['evidenceId']}"
    eventually(lambda: client.head(where, headers=robot(client)).is_success)
    return said["evidenceId"], put(client, said["evidenceId"], data, 0)


def test_one_clip_shows_at_each_incident_that_it_is_of_can_be_sought_in_and_goes_into_the_package(
    client: TestClient, dog: Dog
) -> None:
    first, second = anomaly(), anomaly(zoneId="elsewhere")
    dog.say("anomaly", **first)
    dog.say("anomaly", **second)
    both = [first["anomalyId"], second["anomalyId"]]
    _, answer = bring(client, dog, PICTURE, anomalyId=both[0])
    assert answer.status_code == 204
    about = {"anomalyId": both[0], "anomalyIds": both, "durationS": 4.0}
    clip_id, answer = bring(client, dog, clips.clip(), mediaType=CLIP, **about)
    assert answer.status_code == 204
    _, answer = bring(client, dog, RECORDED, mediaType=RECORDING, **about)
    assert answer.status_code == 204
    incidents = {each["zoneId"]: each for each in client.get(f"{API}/incidents").json()}
    one, other = incidents["armory_yard"], incidents["elsewhere"]
    assert one["clipUrl"] == other["clipUrl"] == f"{API}/evidence/{clip_id}/content"
    assert one["recordingUrl"] == other["recordingUrl"] is not None
    assert (one["pictureUrl"] is not None, other["pictureUrl"]) == (True, None)

    whole = client.get(one["clipUrl"])
    assert (whole.content, whole.headers["content-type"]) == (clips.clip(), "video/mp4")
    part = client.get(one["clipUrl"], headers={"Range": "bytes=100-299"})
    assert (part.status_code, part.content) == (206, clips.clip()[100:300])
    assert part.headers["content-range"] == f"bytes 100-299/{len(clips.clip())}"
    kept = client.get(one["recordingUrl"])
    assert (kept.content, kept.headers["content-type"]) == (RECORDED, "application/octet-stream")
    assert kept.headers["content-disposition"].endswith('.mcap"')
    looks = [e["target"] for e in client.get(f"{API}/audit").json() if e["action"] == "evidence.viewed"]
    assert looks.count(clip_id) == 1

    answer = client.post(f"{API}/incidents/{one['incidentId']}/package", json={"reason": "立案 2026-17"})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as package:
        assert package.read(f"clips/{clip_id}.mp4") == clips.clip()
        told = {each["mediaType"]: each["path"] for each in json.loads(package.read("manifest.json"))["pictures"]}
        assert package.read(told[RECORDING]) == RECORDED
        assert told[RECORDING] in package.read("index.html").decode()
        lines = {line["action"] for line in json.loads(package.read("timeline.json"))}
    assert {"evidence.captured", "evidence.filmed", "evidence.recorded"} <= lines


def refusals(dog: Dog) -> list[Any]:
    """What the dog is told next that is not taken from it."""
    refused: list[Any] = []
    while not refused:
        refused = dog.hear("received").get("refused", [])
    return refused


def index_behind_pictures() -> bytes:
    data = clips.clip()
    return data[:32] + data[data.index(b"mdat") - 4 :] + data[32 : data.index(b"mdat") - 4]


BROKEN: dict[str, Callable[[], bytes]] = {
    "no video at all": lambda: b"\x00" * 500,
    "a picture": lambda: PICTURE,
    "a page with a script": lambda: b"<html><script>alert(1)</script></html>" * 20,
    "cut off": lambda: clips.clip()[: len(clips.clip()) // 2],
    "its index behind its pictures": index_behind_pictures,
    "more behind its end": lambda: clips.clip() + b"<script>",
    "sound beside it": clips.with_sound,
    "another codec": clips.of_another_codec,
    "too long": lambda: clips.clip(62.5, 1.0),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_no_clip_is_not_taken_for_one_and_its_dog_is_told(client: TestClient, dog: Dog, what: str) -> None:
    evidence_id, answer = bring(client, dog, BROKEN[what](), mediaType=CLIP)
    assert (answer.status_code, "it is no clip" in answer.text) == (415, True), what
    assert [each["id"] for each in refusals(dog)] == [evidence_id]
    assert client.head(f"{API}/evidence/{evidence_id}", headers=robot(client)).status_code == 404
    assert client.get(f"{API}/evidence/{evidence_id}/content").status_code == 404


def test_a_clip_with_a_wrong_hash_begins_anew_and_a_recording_that_was_cut_off_is_none(
    client: TestClient, dog: Dog
) -> None:
    _, answer = bring(client, dog, clips.clip(), mediaType=CLIP, sha256="0" * 64)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (422, "0")
    _, answer = bring(client, dog, RECORDED[:-1], mediaType=RECORDING)
    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("fields", "why"),
    [({"mediaType": "text/html"}, "not kept here"), ({"mediaType": CLIP, "durationS": 3600.0}, "more than")],
)
def test_another_kind_of_file_and_a_clip_of_an_hour_are_refused_before_they_are_sent(
    client: TestClient, dog: Dog, fields: dict[str, Any], why: str
) -> None:
    said = evidence(PICTURE, **fields)
    dog.say("evidence", **said)
    assert [(each["id"], why in each["reason"]) for each in refusals(dog)] == [(said["evidenceId"], True)]


def test_a_clip_that_was_spoilt_anywhere_is_read_or_refused_and_brings_nothing_down() -> None:
    chance, whole = random.Random(11), clips.clip()
    index = whole.index(b"moov")
    for _ in range(2000):
        spoilt = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            spoilt[chance.randrange(index - 40, index + 1200)] = chance.randrange(256)
        del spoilt[chance.choice((len(spoilt), chance.randrange(len(spoilt)))) :]
        try:
            read = read_clip(io.BytesIO(bytes(spoilt)), len(spoilt), 61.0)
        except NotAClip:
            continue
        assert read.duration_s <= 61.0


def test_every_part_of_a_file_is_the_part_that_was_asked_for() -> None:
    chance, data = random.Random(3), bytes(range(200))
    for _ in range(500):
        begin = chance.randrange(200)
        end = chance.randint(begin + 1, 260)
        asked = chance.choice((f"bytes={begin}-{end - 1}", f"bytes={begin}-", f"bytes=-{200 - begin}"))
        expected = data[begin:end] if asked[-1] != "-" and asked[6] != "-" else data[begin:]
        found = read_range(asked, len(data))
        assert found is not None
        assert data[slice(*found)] == expected
    for odd in (None, "", "bytes=-", "bytes=5-3", "bytes=0-1,4-5", "lines=1-2", "bytes=a-b"):
        assert read_range(odd, 200) is None
    with pytest.raises(Unsatisfiable):
        read_range("bytes=200-", 200)
