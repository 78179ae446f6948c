"""An original is at the station sealed or not at all; one role gets it, for a reason that is written down first."""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from fastapi.testclient import TestClient

from fleet_server.core.rights import RIGHTS, Right, Role
from fleet_server.evidence.files import EvidenceFiles
from fleet_server.evidence.tables import Evidence
from fleet_server.retention.age_out import age_out
from protocol.evidence import ORIGINAL
from protocol.sealed_original import MAGIC, evidence_key_id, evidence_key_text, open_original, seal_original
from tests.fleet_server.dog import Dog
from tests.fleet_server.test_clips import bring, refusals
from tests.fleet_server.test_incidents import PICTURE, anomaly, evidence
from tests.fleet_server.test_rights import make, signed_in_as
from tests.fleet_server.world import API, eventually, station_of

OFFICER = X25519PrivateKey.generate()
KEY = evidence_key_text(OFFICER.public_key())
BARE = b"\xff\xd8\xff" + b"a face" * 400
YARD = f"{API}/sites/yard"
REASON = "案件 2026-17"


def name_key(client: TestClient, key: str | None, username: str = "zhao") -> Any:
    """The evidence officer gives the site that key."""
    if username not in {each["username"] for each in client.get(f"{API}/accounts").json()}:
        make(client, username, Role.EVIDENCE_OFFICER)
    with signed_in_as(client, username) as officer:
        etag = client.get(YARD).headers["etag"]
        return officer.put(f"{YARD}/evidence-key", json={"evidenceKey": key}, headers={"If-Match": etag})


def told(client: TestClient, dog: Dog, picture: bytes = PICTURE) -> tuple[str, str]:
    """Ids of an anomaly and of its masked picture, which is at the station."""
    seen = anomaly()
    dog.say("anomaly", **seen)
    picture_id, answer = bring(client, dog, picture, anomalyId=seen["anomalyId"])
    assert answer.status_code == 204
    return seen["anomalyId"], picture_id


def sealed(dog: Dog, anomaly_id: str, masked: bytes = PICTURE, key: X25519PrivateKey = OFFICER, **label: Any) -> Any:
    """A sealed original and how its dog announces it."""
    said = evidence(masked)
    evidence_id = str(uuid4())
    fields = {
        "evidence_id": evidence_id,
        "anomaly_id": anomaly_id,
        "manufacturer": dog.manufacturer,
        "serial_number": dog.name,
        "masked_sha256": said["sha256"],
        "captured_at": datetime(2026, 6, 15, tzinfo=UTC),
    }
    data = seal_original(key.public_key(), BARE, **fields | label)
    more: dict[str, Any] = {"evidenceId": evidence_id, "anomalyId": anomaly_id, "mediaType": ORIGINAL, "masked": False}
    more["capturedAt"] = "2020-01-01T00:00:00.000Z"  # of two it would be the first, and so the one that is shown
    return data, more


def deliver(client: TestClient, dog: Dog, data: bytes, **more: Any) -> Any:
    return bring(client, dog, data, **more)[1]


def test_an_original_comes_sealed_is_given_for_a_reason_that_is_in_the_log_first_and_opens_with_the_key(
    client: TestClient, dog: Dog
) -> None:
    first = dog.hear("site")
    assert "evidenceKey" not in first  # off by default
    assert client.get(YARD).json()["evidenceKey"] is None
    answer = name_key(client, KEY)
    assert (answer.status_code, answer.json()["evidenceKey"]) == (200, KEY)
    heard = dog.hear("site")
    assert (heard["evidenceKey"], heard["siteVersion"]) == (KEY, 2)
    anomaly_id, picture_id = told(client, dog)
    (incident,) = client.get(f"{API}/incidents").json()
    assert incident["originalUrl"] is None
    data, more = sealed(dog, anomaly_id)
    assert deliver(client, dog, data, **more).status_code == 204

    (incident,) = client.get(f"{API}/incidents").json()
    where = incident["originalUrl"]
    assert where == f"{API}/evidence/{picture_id}/original"
    assert incident["pictureUrl"] == f"{API}/evidence/{picture_id}/content"
    listed = client.get(f"{API}/evidence", params={"purpose": "ANOMALY"}).json()
    assert [(each["evidenceId"], each["originalUrl"]) for each in listed] == [(picture_id, where)]
    with signed_in_as(client, "zhao") as officer:
        for reason in ("", "  ", "ab", "x" * 501, None):
            assert officer.post(where, json={"reason": reason}).status_code == 422
        assert officer.get(f"{API}/evidence/{more['evidenceId']}/content").status_code == 404
        assert officer.post(f"{API}/evidence/{uuid4()}/original", json={"reason": REASON}).status_code == 404
        assert opened(client) == []
        got = officer.post(where, json={"reason": REASON})
        assert (got.status_code, got.content) == (200, data)
        assert got.headers["content-disposition"] == f'attachment; filename="original-{picture_id}.sealed"'
        assert got.headers["cache-control"] == "no-store"
    (entry,) = opened(client)
    assert (entry["actor"], entry["target"], entry["details"]["reason"]) == ("zhao", picture_id, REASON)
    label, bare = open_original(OFFICER, got.content)
    assert (bare, label.anomaly_id) == (BARE, anomaly_id)
    lines = client.get(f"{API}/incidents/{incident['incidentId']}/timeline").json()
    assert [line["action"] for line in lines].count("evidence.captured") == 1
    assert [line["text"] for line in lines if line["action"] == "evidence.original_opened"] == [REASON]

    package = client.post(f"{API}/incidents/{incident['incidentId']}/package", json={"reason": REASON})
    with zipfile.ZipFile(io.BytesIO(package.content)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert [each["evidenceId"] for each in manifest["pictures"]] == [picture_id]
        assert not any(MAGIC in archive.read(name) for name in archive.namelist())


def opened(client: TestClient) -> list[Any]:
    return [each for each in client.get(f"{API}/audit").json() if each["action"] == "evidence.original_opened"]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.EVIDENCE_OFFICER])
def test_nobody_else_gets_an_original_or_names_the_key(client: TestClient, dog: Dog, role: Role) -> None:
    assert Right.ORIGINALS not in RIGHTS[role]
    name_key(client, KEY)
    anomaly_id, picture_id = told(client, dog)
    data, more = sealed(dog, anomaly_id)
    assert deliver(client, dog, data, **more).status_code == 204
    make(client, "somebody", role)
    thief = evidence_key_text(X25519PrivateKey.generate().public_key())
    with signed_in_as(client, "somebody") as other:
        for evidence_id in (picture_id, more["evidenceId"]):
            answer = other.post(f"{API}/evidence/{evidence_id}/original", json={"reason": REASON})
            assert (answer.status_code, MAGIC in answer.content) == (403, False)
            answer = other.get(f"{API}/evidence/{evidence_id}/content")
            assert MAGIC not in answer.content
        etag = client.get(YARD).headers["etag"]
        for key in (thief, None):
            answer = other.put(f"{YARD}/evidence-key", json={"evidenceKey": key}, headers={"If-Match": etag})
            assert answer.status_code == 403
        if role is not Role.AUDITOR:  # who plans edits the site, and restores one without a key: it stays as it is
            site = client.get(YARD).json()
            zones = [{key: value for key, value in zone.items() if value is not None} for zone in site["zones"]]
            edit = {"zones": zones[:-1], "checkpoints": site["checkpoints"], "docks": site["docks"]}
            smuggled = edit | {"evidenceKey": thief}
            assert other.put(YARD, json=smuggled, headers={"If-Match": etag}).status_code == 422
            assert other.put(YARD, json=edit, headers={"If-Match": etag}).status_code == 200
            etag = client.get(YARD).headers["etag"]
            restored = other.post(f"{YARD}/versions/1/restore", headers={"If-Match": etag})
            assert restored.status_code == 200, restored.text
    assert client.get(YARD).json()["evidenceKey"] == KEY
    assert opened(client) == []
    refused = client.post(f"{API}/tokens", json={"name": "t", "scopes": ["originals"], "days": 1})
    assert (refused.status_code, "a person does" in refused.text) == (422, True)
    assert TestClient(client.app).post(f"{API}/evidence/{picture_id}/original", json={"reason": "x"}).status_code == 401


def test_what_is_not_masked_is_refused_as_ever_unless_it_says_that_it_is_sealed(client: TestClient, dog: Dog) -> None:
    name_key(client, KEY)
    wrong = [
        ({"masked": False}, "is not masked"),
        ({"masked": False, "mediaType": "video/mp4", "durationS": 4.0}, "is not masked"),
        ({"masked": True, "mediaType": ORIGINAL}, "said to be masked"),
        ({"masked": False, "mediaType": ORIGINAL}, "no anomaly's picture"),
        ({"masked": False, "mediaType": ORIGINAL, "purpose": "CHECKPOINT"}, "no anomaly's picture"),
    ]
    for fields, why in wrong:
        said = evidence(PICTURE, **fields)
        dog.say("evidence", **said)
        (refusal,) = refusals(dog)
        assert (refusal["id"], why in refusal["reason"]) == (said["evidenceId"], True), refusal


def test_what_says_that_it_is_sealed_and_is_not_as_it_should_be_is_not_taken(client: TestClient, dog: Dog) -> None:
    anomaly_id, picture_id = told(client, dog)
    data, more = sealed(dog, anomaly_id)
    answer = deliver(client, dog, data, **more)  # no site has a key yet
    assert (answer.status_code, "no site here has now" in answer.text) == (415, True)
    name_key(client, KEY)
    stranger = X25519PrivateKey.generate()
    attempts: list[tuple[Any, str]] = [
        ((BARE, more), "no sealed original"),
        ((b"\x89XTORIG\x02" + data[8:], more), "no sealed original"),
        ((data[:60], more), "cut off"),
        (sealed(dog, anomaly_id, key=stranger), evidence_key_id(stranger.public_key())),
        (sealed(dog, anomaly_id, serial_number="dog2"), "another dog"),
        (sealed(dog, anomaly_id, evidence_id=str(uuid4())), "another dog or another file"),
        (sealed(dog, anomaly_id, masked=b"another picture"), "no masked picture here"),
        (sealed(dog, str(uuid4())), "no masked picture here"),
        ((sealed(dog, str(uuid4()))[0], more), "another dog or another file"),
    ]
    for (content, said), why in attempts:
        announced = said | {"evidenceId": said["evidenceId"]}
        answer = deliver(client, dog, content, **announced)
        assert (answer.status_code, why in answer.text) == (415, True), (why, answer.text)
        store = station_of(client)[EvidenceFiles].store
        assert store.digest(said["evidenceId"]) is None
    assert client.get(f"{API}/incidents").json()[0]["originalUrl"] is None
    data, more = sealed(dog, anomaly_id)
    assert deliver(client, dog, data, **more).status_code == 204
    answer = deliver(client, dog, *[(each := sealed(dog, anomaly_id))[0]], **each[1])
    assert (answer.status_code, "here already" in answer.text) == (415, True)
    assert client.get(f"{API}/incidents").json()[0]["originalUrl"] == f"{API}/evidence/{picture_id}/original"


def test_a_key_that_was_taken_away_ends_it_for_the_dogs_and_what_is_still_sealed_to_it_is_refused(
    client: TestClient, dog: Dog
) -> None:
    dog.hear("site")
    for wrong in ("", "x", KEY[:-2], "A" * 43 + "=", "A" * 100):
        assert name_key(client, wrong).status_code == 422, wrong
    assert name_key(client, KEY).status_code == 200
    assert dog.hear("site")["evidenceKey"] == KEY
    assert name_key(client, KEY).json()["version"] == 2  # it is so: no new version
    anomaly_id, _ = told(client, dog)
    assert name_key(client, None).status_code == 200
    assert "evidenceKey" not in dog.hear("site")
    data, more = sealed(dog, anomaly_id)
    assert deliver(client, dog, data, **more).status_code == 415
    deeds = [each for each in client.get(f"{API}/audit").json() if each["action"] == "site.evidence_key_changed"]
    key_id = evidence_key_id(OFFICER.public_key())
    changes = [(deed["actor"], deed["details"]["before"], deed["details"]["to"]) for deed in deeds]
    assert changes == [("zhao", key_id, None), ("zhao", None, key_id)]


def test_an_original_goes_with_its_masked_picture_however_late_it_came_and_stays_while_that_is_held(
    client: TestClient, dog: Dog
) -> None:
    name_key(client, KEY)
    kept = []
    for number in range(2):
        anomaly_id, picture_id = told(client, dog, PICTURE + bytes([number]))
        data, more = sealed(dog, anomaly_id, PICTURE + bytes([number]))
        assert deliver(client, dog, data, **more).status_code == 204
        kept.append((picture_id, more["evidenceId"]))
    database, now = station_of(client).database, datetime.now(UTC)
    with database.write() as session:
        for picture_id, _ in kept:
            session.get_one(Evidence, picture_id).received_at = now - timedelta(days=31)
        session.get_one(Evidence, kept[0][0]).held = True
    with database.write() as session:
        aged = age_out(session, now, timedelta(days=30))
    assert sorted(aged.evidence_ids) == sorted(kept[1])
    with database.write() as session:
        session.get_one(Evidence, kept[0][1]).received_at = now - timedelta(days=31)
        assert age_out(session, now, timedelta(days=30)).evidence_ids == []
        session.get_one(Evidence, kept[0][0]).held = False
        assert sorted(age_out(session, now, timedelta(days=30)).evidence_ids) == sorted(kept[0])


def test_a_console_is_told_that_an_original_has_come_and_nothing_of_the_original_itself(
    client: TestClient, dog: Dog
) -> None:
    name_key(client, KEY)
    anomaly_id, picture_id = told(client, dog)
    data, more = sealed(dog, anomaly_id)
    with client.websocket_connect(f"{API}/live") as live:
        assert deliver(client, dog, data, **more).status_code == 204
        seen: list[Any] = []

        def told_of_it() -> bool:
            seen.append(live.receive_json())
            return any(f"{picture_id}/original" in json.dumps(each) for each in seen)

        eventually(told_of_it)
    assert not any(more["evidenceId"] in json.dumps(each) for each in seen)
