import hashlib
import time
from datetime import datetime
from typing import Any
from uuid import uuid4

from fastapi.testclient import TestClient

from fleet_server.evidence.files import EvidenceFiles
from fleet_server.evidence.upload_token import UploadToken
from tests.fleet_server.dog import Dog, iso
from tests.fleet_server.world import API, eventually, hear, station_of

PICTURE = b"\xff\xd8\xff" + bytes(range(256)) * 40


def anomaly(**more: Any) -> dict[str, Any]:
    return {
        "anomalyId": str(uuid4()),
        "kind": "PERSON_IN_RESTRICTED_ZONE",
        "observedAt": iso(time.time()),
        "position": {"x": 12.0, "y": 2.0, "mapId": "yard", "deviation": 0.4},
        "score": 0.9,
        "detector": "yolox_nano",
        "zoneId": "armory_yard",
        "trackId": 3,
    } | more


def evidence(data: bytes, **more: Any) -> dict[str, Any]:
    return {
        "evidenceId": str(uuid4()),
        "purpose": "ANOMALY",
        "sha256": hashlib.sha256(data).hexdigest(),
        "sizeBytes": len(data),
        "mediaType": "image/jpeg",
        "capturedAt": iso(time.time()),
        "masked": True,
    } | more


def robot(client: TestClient) -> dict[str, str]:
    return {"Authorization": f"Bearer {station_of(client)[UploadToken].value}"}


def put(client: TestClient, evidence_id: str, data: bytes, start: int) -> Any:
    headers = robot(client) | {"Upload-Offset": str(start), "Content-Type": "application/offset+octet-stream"}
    return client.patch(f"{API}/evidence/{evidence_id}", content=data, headers=headers)


def test_an_anomaly_is_stored_before_it_is_acknowledged_and_twice_is_once(client: TestClient, dog: Dog) -> None:
    said = anomaly()
    dog.say("anomaly", **said)
    assert dog.hear("received")["ids"] == [said["anomalyId"]]
    (incident,) = client.get(f"{API}/incidents").json()
    assert (incident["zoneName"]["zh"], incident["sightings"], incident["siteId"]) == ("械库院", 1, "yard")
    assert datetime.fromisoformat(incident["frameStamp"]) == datetime.fromisoformat(said["observedAt"])
    assert incident["frameStamp"].endswith("Z")
    dog.say("anomaly", **said)
    assert dog.hear("received")["ids"] == [said["anomalyId"]]
    assert client.get(f"{API}/incidents").json() == [incident]


def test_one_person_seen_often_is_one_incident_and_another_zone_is_another(client: TestClient, dog: Dog) -> None:
    now = time.time()
    for n in range(4):
        place = {"x": 12.0 + n, "y": 2.0, "mapId": "yard"}
        dog.say("anomaly", **anomaly(trackId=n, position=place, observedAt=iso(now + 10 * n)))
    dog.say("anomaly", **anomaly(zoneId="elsewhere", observedAt=iso(now)))
    eventually(lambda: sum(i["sightings"] for i in client.get(f"{API}/incidents").json()) == 5)
    incidents = client.get(f"{API}/incidents").json()
    assert sorted(i["sightings"] for i in incidents) == [1, 4]
    first = next(i for i in incidents if i["sightings"] == 4)["frameStamp"]
    assert datetime.fromisoformat(first) == datetime.fromisoformat(iso(now))


def test_an_incident_says_how_unsure_its_place_is_each_way_where_the_dog_that_raised_it_did(
    client: TestClient, dog: Dog
) -> None:
    place, spread = {"x": 12.0, "y": 2.0, "mapId": "yard"}, {"xx": 1.0, "xy": -0.3, "yy": 0.1}
    now, new = iso(time.time()), {"lying": place | {"covariance": spread}, "bag": place}
    dog.say("anomaly", **anomaly(kind="PERSON_LYING", position=new["lying"], observedAt=now, trackId=1))
    dog.say("anomaly", **anomaly(kind="BAG_LEFT", position=new["bag"], observedAt=now, trackId=2))
    eventually(lambda: len(client.get(f"{API}/incidents").json()) == 2)
    # A further sighting of the same thing moves neither its place nor how unsure that is.
    later = iso(time.time() + 5)
    dog.say("anomaly", **anomaly(kind="PERSON_LYING", position=place, observedAt=later, trackId=1))
    dog.say("anomaly", **anomaly(kind="BAG_LEFT", position=new["lying"], observedAt=later, trackId=2))
    eventually(lambda: [i["sightings"] for i in client.get(f"{API}/incidents").json()] == [2, 2])
    told = {i["kind"]: i["position"] for i in client.get(f"{API}/incidents").json()}
    where = {"x": 12.0, "y": 2.0, "deviation": None}
    assert told == {
        "PERSON_LYING": where | {"covariance": spread},
        "BAG_LEFT": where | {"covariance": None},
    }


def test_the_operator_hears_of_it_sees_the_picture_and_acknowledges_it(client: TestClient, dog: Dog) -> None:
    seen = anomaly()
    recorded = evidence(PICTURE, anomalyId=seen["anomalyId"])
    with client.websocket_connect(f"{API}/live") as live:
        assert "dog1" in [d["dogId"] for d in hear(live, "snapshot")["dogs"]]  # others may lie on the broker still
        dog.say("anomaly", **seen)
        dog.say("evidence", **recorded)
        assert hear(live, "incident")["pictureUrl"] is None
        eventually(lambda: client.head(f"{API}/evidence/{recorded['evidenceId']}", headers=robot(client)).is_success)
        assert put(client, recorded["evidenceId"], PICTURE, 0).status_code == 204
        incident = hear(live, "incident", lambda i: i["pictureUrl"])
        assert client.get(incident["pictureUrl"]).content == PICTURE
        note = client.post(f"{API}/incidents/{incident['incidentId']}/acknowledge", json={"note": "guard sent"})
        assert note.json()["status"] == "ACKNOWLEDGED"
        told = hear(live, "incident", lambda i: i["status"] == "ACKNOWLEDGED")
    assert (told["acknowledgedBy"], told["note"]) == ("admin", "guard sent")
    again = client.post(f"{API}/incidents/{incident['incidentId']}/acknowledge", json={"note": "me too"})
    assert again.status_code == 409
    client.get(incident["pictureUrl"])
    deeds = [e["action"] for e in client.get(f"{API}/audit").json()]
    assert deeds[:2] == ["incident.acknowledged", "evidence.viewed"]
    assert deeds.count("evidence.viewed") == 1


def test_an_upload_goes_on_where_it_was_cut(client: TestClient, dog: Dog) -> None:
    recorded = evidence(PICTURE, purpose="CHECKPOINT")
    where = f"{API}/evidence/{recorded['evidenceId']}"
    assert client.head(where, headers=robot(client)).status_code == 404
    dog.say("evidence", **recorded)
    eventually(lambda: client.head(where, headers=robot(client)).status_code == 200)
    assert put(client, recorded["evidenceId"], PICTURE[:1000], 0).headers["Upload-Offset"] == "1000"
    assert put(client, recorded["evidenceId"], PICTURE, 0).status_code == 409
    asked = client.head(where, headers=robot(client))
    assert (asked.headers["Upload-Offset"], asked.headers["Upload-Length"]) == ("1000", str(len(PICTURE)))
    assert put(client, recorded["evidenceId"], PICTURE[1000:], 1000).status_code == 204
    assert dog.hear("received")["ids"] == [recorded["evidenceId"]]
    dog.say("evidence", **recorded)
    assert dog.hear("received")["ids"] == [recorded["evidenceId"]]
    (listed,) = client.get(f"{API}/evidence").json()
    assert client.get(listed["contentUrl"]).content == PICTURE


def test_bytes_that_were_all_here_when_the_station_was_killed_are_checked_at_the_next_request(
    client: TestClient, dog: Dog
) -> None:
    shot = evidence(PICTURE)
    dog.say("evidence", **shot)
    files = station_of(client)[EvidenceFiles]
    eventually(lambda: client.head(f"{API}/evidence/{shot['evidenceId']}", headers=robot(client)).status_code == 200)
    files.append(shot["evidenceId"], PICTURE)  # as far as a station comes that is killed before it seals the file
    assert put(client, shot["evidenceId"], b"", len(PICTURE)).status_code == 204
    assert dog.hear("received")["ids"] == [shot["evidenceId"]]
    assert files.store.content(shot["evidenceId"]).read_bytes() == PICTURE


def test_bytes_with_a_wrong_hash_begin_anew(client: TestClient, dog: Dog) -> None:
    recorded = evidence(PICTURE)
    where = f"{API}/evidence/{recorded['evidenceId']}"
    dog.say("evidence", **recorded)
    eventually(lambda: client.head(where, headers=robot(client)).status_code == 200)
    spoilt = put(client, recorded["evidenceId"], b"x" * len(PICTURE), 0)
    assert (spoilt.status_code, spoilt.headers["Upload-Offset"]) == (422, "0")
    assert put(client, recorded["evidenceId"], PICTURE + b"more", 0).status_code == 422
    assert client.get(f"{where}/content").status_code == 404


def test_only_masked_pictures_are_taken(client: TestClient, dog: Dog) -> None:
    recorded = evidence(PICTURE, masked=False)
    dog.say("evidence", **recorded)
    eventually(lambda: client.get(f"{API}/health").json()["refused"] == 1)
    assert client.head(f"{API}/evidence/{recorded['evidenceId']}", headers=robot(client)).status_code == 404


def test_malformed_messages_are_counted_and_stop_nothing(client: TestClient, dog: Dog) -> None:
    for payload in (b"\xff\xfe", b"[]", b"{}", b'{"anomalyId": 1}'):
        dog.client.publish(f"{dog.root}/anomaly", payload, 1)
    dog.say("anomaly", **anomaly(serialNumber="dog2"))
    said = anomaly()
    dog.say("anomaly", **said)
    assert dog.hear("received")["ids"] == [said["anomalyId"]]
    assert client.get(f"{API}/health").json()["malformed"] == 5


def test_somebody_who_lies_is_an_urgent_incident_with_a_place_and_no_zone(client: TestClient, dog: Dog) -> None:
    lying = anomaly(kind="PERSON_LYING", position={"x": 4.5, "y": 6.0, "mapId": "yard", "deviation": 0.3})
    del lying["zoneId"]
    dog.say("anomaly", **anomaly())
    dog.say("anomaly", **lying)
    received: list[str] = []
    while len(received) < 2:  # one by one, or both at once
        received += dog.hear("received")["ids"]
    told = {incident["kind"]: incident for incident in client.get(f"{API}/incidents").json()}
    one = told["PERSON_LYING"]
    assert (one["severity"], one["zoneId"], one["zoneName"], one["siteId"]) == ("HIGH", None, None, "yard")
    assert (one["position"]["x"], one["position"]["y"]) == (4.5, 6.0)
    assert told["PERSON_IN_RESTRICTED_ZONE"]["severity"] == "NORMAL"
