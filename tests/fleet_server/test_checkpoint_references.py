"""How a checkpoint should look is chosen among the pictures that dogs took there, and is kept for as long as it is."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from fleet_server.core.clock import utc_now
from fleet_server.patrols.tables import Patrol
from fleet_server.retention.age_out import Aged, age_out
from tests.fleet_server.dog import Dog
from tests.fleet_server.test_incidents import PICTURE, evidence, put, robot
from tests.fleet_server.test_patrols import assign
from tests.fleet_server.test_problems import problem
from tests.fleet_server.test_site_edit import YARD, edit_of
from tests.fleet_server.test_site_edit import put as put_site
from tests.fleet_server.world import API, eventually, route_body, station_of

KEEP = timedelta(days=30)


def reference(checkpoint: str, site: str = YARD) -> str:
    return f"{site}/checkpoints/{checkpoint}/reference"


def choose(client: TestClient, checkpoint: str, evidence_id: str, site: str = YARD) -> Any:
    return client.put(reference(checkpoint, site), json={"evidenceId": evidence_id})


def photograph(client: TestClient, dog: Dog, whole: bool = True, **more: Any) -> str:
    said = evidence(PICTURE, purpose="CHECKPOINT", masked=True) | more
    evidence_id = str(said["evidenceId"])
    dog.say("evidence", **said)
    where = f"{API}/evidence/{evidence_id}"
    eventually(lambda: client.head(where, headers=robot(client)).status_code == 200)
    if whole:
        assert put(client, evidence_id, PICTURE, 0).status_code == 204
    return evidence_id


def aged(client: TestClient, days: int) -> Aged:
    with station_of(client).database.write() as session:
        return age_out(session, utc_now() + timedelta(days=days), KEEP)


def deeds(client: TestClient) -> list[tuple[str, str, str, dict[str, Any]]]:
    found = [each for each in client.get(f"{API}/audit").json() if each["action"].startswith("checkpoint.")]
    return [(each["action"], each["target"], each["actor"], each["details"]) for each in found]


@pytest.fixture
def order(client: TestClient, dog: Dog) -> str:
    """Of a patrol that the dog is on, over all three checkpoints."""
    assign(client)
    return str(dog.hear("order")["orderId"])


def test_a_picture_that_a_dog_took_there_shows_how_a_checkpoint_should_look(
    client: TestClient, dog: Dog, order: str
) -> None:
    photos = [photograph(client, dog, nodeId="cp_2", orderId=order) for _ in range(3)]
    photograph(client, dog, nodeId="cp_1", orderId=order)
    photograph(client, dog, whole=False, nodeId="cp_2", orderId=order)
    listed = client.get(f"{YARD}/checkpoints/cp_2/photos").json()
    assert {each["evidenceId"] for each in listed} == set(photos)
    assert listed == sorted(listed, key=lambda each: each["capturedAt"], reverse=True)
    assert client.get(f"{YARD}/checkpoints/cp_2/photos?limit=2").json() == listed[:2]
    assert client.get(f"{YARD}/checkpoints/cp_3/photos").json() == []
    problem(client.get(reference("cp_2")), 404, "not-found")

    chosen = choose(client, "cp_2", photos[0])
    assert chosen.status_code == 200, chosen.text
    assert chosen.json() == client.get(reference("cp_2")).json()
    assert client.get(f"{YARD}/references").json() == [chosen.json()]
    assert (chosen.json()["chosenBy"], chosen.json()["evidence"]["nodeId"]) == ("admin", "cp_2")
    assert client.get(chosen.json()["evidence"]["contentUrl"]).content == PICTURE
    assert choose(client, "cp_2", photos[0]).json() == chosen.json()  # it is so
    assert choose(client, "cp_2", photos[1]).json()["evidence"]["evidenceId"] == photos[1]
    assert client.delete(reference("cp_2")).status_code == 204
    problem(client.get(reference("cp_2")), 404, "not-found")
    problem(client.delete(reference("cp_2")), 404, "not-found")
    assert deeds(client)[::-1] == [
        ("checkpoint.reference_chosen", "cp_2", "admin", {"site": "yard", "evidence": photos[0], "before": None}),
        ("checkpoint.reference_chosen", "cp_2", "admin", {"site": "yard", "evidence": photos[1], "before": photos[0]}),
        ("checkpoint.reference_removed", "cp_2", "admin", {"site": "yard", "evidence": photos[1]}),
    ]


def test_what_is_no_picture_of_that_checkpoint_of_that_site_is_refused(
    client: TestClient, dog: Dog, order: str
) -> None:
    here = {"nodeId": "cp_2", "orderId": order}
    others = {
        "no evidence": str(uuid4()),
        "on its way": photograph(client, dog, whole=False, **here),
        "no picture that a dog took at": photograph(client, dog, orderId=order, nodeId="cp_1"),
    }
    elsewhere = [
        photograph(client, dog, nodeId="cp_2"),  # on no patrol that is known here
        photograph(client, dog, nodeId="cp_2", orderId=str(uuid4())),
        photograph(client, dog, purpose="ANOMALY", anomalyId=str(uuid4()), **here),
    ]
    for why, evidence_id in [*others.items(), *(("no picture that a dog took at", each) for each in elsewhere)]:
        said = problem(choose(client, "cp_2", evidence_id), 422, "invalid-request")
        assert said["errors"][0]["pointer"] == "#/evidenceId"
        assert why in said["detail"], said
    problem(choose(client, "nowhere", str(uuid4())), 404, "not-found")
    problem(client.put(reference("cp_1", f"{API}/sites/moon"), json={"evidenceId": str(uuid4())}), 404, "not-found")
    for path in ("checkpoints/nowhere/photos", "checkpoints/nowhere/reference"):
        problem(client.get(f"{YARD}/{path}"), 404, "not-found")
    problem(client.get(f"{API}/sites/moon/references"), 404, "not-found")
    problem(choose(client, "cp_2", "not-an-id"), 422, "invalid-request")
    assert deeds(client) == []


def test_a_checkpoint_of_the_same_name_at_another_site_is_another(client: TestClient, dog: Dog) -> None:
    """Two sites are drawn alike, and a dog was at one of them."""
    assign(client)
    photo = photograph(client, dog, nodeId="cp_1", orderId=dog.hear("order")["orderId"])
    with station_of(client).database.write() as session:
        for patrol in session.query(Patrol):
            patrol.site_id = "barn"
    assert client.get(f"{YARD}/checkpoints/cp_1/photos").json() == []
    problem(choose(client, "cp_1", photo), 422, "invalid-request")


def test_a_reference_is_kept_from_ageing_out_while_it_is_one(client: TestClient, dog: Dog, order: str) -> None:
    first, second, other = (photograph(client, dog, nodeId="cp_2", orderId=order) for _ in range(3))
    choose(client, "cp_2", first)
    assert sorted(aged(client, 31).evidence_ids) == sorted([second, other])
    with station_of(client).database.write() as session:
        session.query(Patrol).delete()  # that too is long over
    kept = client.get(reference("cp_2")).json()
    assert (kept["evidence"]["evidenceId"], kept["evidence"]["patrolId"]) == (first, None)
    assert client.get(kept["evidence"]["contentUrl"]).content == PICTURE
    assert choose(client, "cp_2", first).json() == kept  # it is so, though nobody knows the patrol any more
    assert client.delete(reference("cp_2")).status_code == 204
    assert aged(client, 31).evidence_ids == [first]


def test_a_checkpoint_that_is_gone_keeps_no_picture(client: TestClient, dog: Dog, order: str) -> None:
    photo = photograph(client, dog, nodeId="cp_2", orderId=order)
    choose(client, "cp_2", photo)
    assert client.put(f"{API}/routes/demo_round", json=route_body("cp_1")).status_code == 200
    site = client.get(YARD).json()
    assert put_site(client, 1, edit_of(site, name={"zh": "营", "en": "Camp"})).status_code == 200
    assert client.get(reference("cp_2")).status_code == 200  # all else may change
    assert put_site(client, 2, edit_of(site, checkpoints=site["checkpoints"][::2])).status_code == 200
    problem(client.get(reference("cp_2")), 404, "not-found")
    gone = {"site": "yard", "evidence": photo, "version": 3}
    assert deeds(client)[0] == ("checkpoint.reference_removed", "cp_2", "server", gone)
    assert put_site(client, 3, edit_of(site)).status_code == 200
    problem(client.get(reference("cp_2")), 404, "not-found")
    assert aged(client, 31).evidence_ids == [photo]


def test_who_may_look_and_not_plan_sees_references_and_chooses_none(client: TestClient) -> None:
    made = client.post(f"{API}/accounts", json={"username": "officer", "role": "evidenceOfficer"}).json()
    client.post(f"{API}/session", json={"username": "officer", "password": made["password"]})
    assert client.get(f"{YARD}/references").json() == []
    problem(choose(client, "cp_1", str(uuid4())), 403, "not-allowed")
    problem(client.delete(reference("cp_1")), 403, "not-allowed")
