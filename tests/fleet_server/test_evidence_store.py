"""Evidence in a folder or in a bucket, by the same interface: verified on arrival, and again by and by."""

import hashlib
import io
import os
import random
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from fleet_server.core.bucket_address import UnusableBucket, bucket
from fleet_server.core.settings import Settings
from fleet_server.evidence.files import EvidenceFiles, FolderStore, PictureStore
from fleet_server.evidence.s3 import S3Store, StoreTrouble
from fleet_server.evidence.verification import Verification
from fleet_server.ingest.mqtt_session import Session
from tests.broker import TestBroker
from tests.fleet_server.dog import Dog
from tests.fleet_server.test_incidents import PICTURE, evidence, put, robot
from tests.fleet_server.world import API, eventually, serving, settings, sign_in, station_of
from tests.s3 import BUCKET, LocalS3, local_s3


@pytest.fixture(scope="module")
def s3() -> Iterator[LocalS3]:
    with local_s3() as running:
        yield running


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, s3: LocalS3, tmp_path: Path) -> PictureStore:
    return FolderStore(tmp_path / "evidence") if request.param == "folder" else S3Store(bucket(s3.url))


def bytes_of(store: PictureStore, key: str) -> bytes:
    content = store.content(key)
    return content.read_bytes() if isinstance(content, Path) else b"".join(content)


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 20_000_000])
def test_what_was_whole_comes_back_byte_for_byte(store: PictureStore, tmp_path: Path, size: int) -> None:
    files, key, data = EvidenceFiles(tmp_path / "evidence", store), str(uuid.uuid4()), os.urandom(size)
    for start in range(0, size, 1_000_000):
        files.append(key, data[start : start + 1_000_000])
    sha256 = hashlib.sha256(data).hexdigest()
    assert files.offset(key) == size
    assert files.seal(key, sha256)
    assert bytes_of(store, key) == data
    assert store.digest(key) == sha256
    assert not files.part(key).exists()
    files.fetch(key, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == data
    files.remove(key)
    files.remove(key)  # twice is no fault
    assert store.digest(key) is None
    with pytest.raises(FileNotFoundError):
        store.content(key)


def test_a_bucket_gives_the_part_that_is_asked_for_and_sends_no_more(s3: LocalS3, tmp_path: Path) -> None:
    store, data, chance = S3Store(bucket(s3.url)), os.urandom(200_000), random.Random(5)
    files, key = EvidenceFiles(tmp_path, store), str(uuid.uuid4())
    files.append(key, data)
    assert files.seal(key, hashlib.sha256(data).hexdigest())
    drawn = [tuple(sorted(chance.sample(range(len(data) + 1), 2))) for _ in range(20)]
    for begin, end in [*drawn, (0, 1), (0, len(data)), (len(data) - 1, len(data))]:
        assert b"".join(store.content(key, (begin, end))) == data[begin:end]


def test_bytes_with_a_wrong_hash_never_reach_the_store(store: PictureStore, tmp_path: Path) -> None:
    files, key = EvidenceFiles(tmp_path / "evidence", store), str(uuid.uuid4())
    files.append(key, b"spoilt")
    assert not files.seal(key, "0" * 64)
    assert (files.offset(key), store.digest(key)) == (0, None)


def test_a_bucket_that_gives_back_other_bytes_is_not_believed(s3: LocalS3, tmp_path: Path) -> None:
    class Forgetful(S3Store):
        """Says yes, and stores something else: as a server with a broken memory does."""

        def put(self, evidence_id: str, file: Path, sha256: str) -> None:
            kept = file.read_bytes()
            file.write_bytes(kept[:-1] + b"?")
            try:
                super().put(evidence_id, file, sha256)
            finally:
                file.write_bytes(kept)

    files, key, data = EvidenceFiles(tmp_path, Forgetful(bucket(s3.url))), str(uuid.uuid4()), b"as it was"
    files.append(key, data)
    with pytest.raises(StoreTrouble, match="other bytes"):
        files.seal(key, hashlib.sha256(data).hexdigest())
    assert files.offset(key) == len(data)  # kept, to be sealed again


def test_a_station_keeps_its_pictures_in_a_bucket_and_shows_them_from_there(
    mqtt: TestBroker, s3: LocalS3, tmp_path: Path
) -> None:
    with serving(settings(tmp_path, mqtt.port, evidence=s3.url)) as client, Dog(mqtt.port) as dog:
        sign_in(client)
        eventually(lambda: station_of(client)[Session].connected)
        shot = announced(client, dog)
        assert put(client, shot, PICTURE, 0).status_code == 204
        assert dog.hear("received")["ids"] == [shot]
        assert f"{shot[:2]}/{shot}" in s3.names()
        assert [path for path in (tmp_path / "station/evidence").rglob("*") if path.is_file()] == []
        answer = client.get(f"{API}/evidence/{shot}/content")
        assert (answer.content, answer.headers["content-type"]) == (PICTURE, "image/jpeg")
        assert client.get(f"{API}/health/ready").status_code == 200
        size = len(PICTURE)
        for asked, begin, end in (("bytes=5-9", 5, 10), ("bytes=7-", 7, size), ("bytes=-3", size - 3, size)):
            answer = client.get(f"{API}/evidence/{shot}/content", headers={"Range": asked})
            assert (answer.status_code, answer.content) == (206, PICTURE[begin:end])
            told = (answer.headers["content-range"], answer.headers["content-length"])
            assert told == (f"bytes {begin}-{end - 1}/{size}", str(end - begin))
        answer = client.get(f"{API}/evidence/{shot}/content", headers={"Range": f"bytes={size}-"})
        assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{size}")


def test_a_bucket_out_of_reach_costs_nothing_but_time(mqtt: TestBroker, tmp_path: Path) -> None:
    with (
        local_s3() as away,
        serving(settings(tmp_path, mqtt.port, evidence=away.url)) as client,
        Dog(mqtt.port) as dog,
    ):
        sign_in(client)
        eventually(lambda: station_of(client)[Session].connected)
        shot = announced(client, dog)
        away.stop()
        assert put(client, shot, PICTURE, 0).status_code == 507
        assert client.head(f"{API}/evidence/{shot}", headers=robot(client)).headers["Upload-Offset"] == str(
            len(PICTURE)
        )
        ready = client.get(f"{API}/health/ready")
        assert (ready.status_code, "out of reach" in ready.json()["faults"][0]) == (503, True)
        away.start()
        assert put(client, shot, b"", len(PICTURE)).status_code == 204  # as a dog asks that has sent all
        assert dog.hear("received")["ids"] == [shot]
        away.stop()
        assert client.get(f"{API}/evidence/{shot}/content").status_code == 503
        away.start()  # and has forgotten all
        assert client.get(f"{API}/evidence/{shot}/content").status_code == 404


def announced(client: TestClient, dog: Dog) -> str:
    shot = evidence(PICTURE)
    where = f"{API}/evidence/{shot['evidenceId']}"

    def heard() -> bool:
        dog.say("evidence", **shot)
        return client.head(where, headers=robot(client)).status_code == 200

    eventually(heard)
    return str(shot["evidenceId"])


def test_damage_in_the_store_is_found_by_and_by_and_named(mqtt: TestBroker, s3: LocalS3, tmp_path: Path) -> None:
    with serving(settings(tmp_path, mqtt.port, evidence=s3.url)) as client, Dog(mqtt.port) as dog:
        eventually(lambda: station_of(client)[Session].connected)
        shots = sorted(announced(client, dog) for _ in range(5))
        for shot in shots:
            assert put(client, shot, PICTURE, 0).status_code == 204
        s3.client.put_object(BUCKET, f"{shots[1][:2]}/{shots[1]}", io.BytesIO(b"rotten"), 6)
        s3.client.remove_object(BUCKET, f"{shots[3][:2]}/{shots[3]}")
        looking, found = Verification(), []
        for _ in range(3):
            with station_of(client).database.read() as session:
                looking.update(session, station_of(client)[EvidenceFiles], 2)
            found += looking.damaged
        assert (found, looking.looked_at, looking.after) == ([shots[1], shots[3]], 5, "")


@pytest.mark.parametrize(
    "said",
    [
        "evidence",
        "http://k:s@h/b",
        "s3://h/b",
        "s3://k@h/b",
        "s3://k:s@h",
        "s3://k:s@h/b/c",
        "s3://k:s@h:port/b",
        "s3://k:s@h/b?regoin=x",
    ],
)
def test_an_address_that_names_no_bucket_is_refused_without_its_secret(said: str) -> None:
    with pytest.raises(UnusableBucket) as told:
        bucket(said.replace(":s@", ":hush@"))
    assert "hush" not in str(told.value)
    with pytest.raises(ValueError, match="evidence"):
        Settings.load(evidence=said)
