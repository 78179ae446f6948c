"""What becomes of an incident after a dog has told of it."""

import random
from datetime import timedelta
from itertools import product
from threading import Thread
from typing import Any

import pytest
from fastapi.testclient import TestClient

from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.clock import utc_now
from fleet_server.core.rights import Role
from fleet_server.incidents.escalation import DEFAULT_MINUTES, escalate_due
from fleet_server.incidents.near_checkpoint import near_checkpoint
from fleet_server.incidents.scores import bounds
from fleet_server.incidents.status import IllegalTransition, IncidentStatus, check_transition
from fleet_server.incidents.tables import Incident
from tests.fleet_server.dog import Dog
from tests.fleet_server.test_incidents import anomaly
from tests.fleet_server.test_rights import make, signed_in_as
from tests.fleet_server.world import API, eventually, hear, station_of

ENDS = (IncidentStatus.RESOLVED, IncidentStatus.FALSE_ALARM)


def incidents(client: TestClient, dog: Dog, count: int) -> list[str]:
    """The ids of so many incidents, 200 m from each other at the least, the first near checkpoint 1."""
    for number in range(count):
        place = {"x": 3.0 + 200 * number, "y": 5.0, "mapId": "yard"}
        dog.say("anomaly", **anomaly(trackId=number, position=place))
    told = eventually(lambda: (found := client.get(f"{API}/incidents").json()) and len(found) == count and found)
    return [i["incidentId"] for i in sorted(told, key=lambda i: i["position"]["x"])]


def do(client: TestClient, incident: str, deed: str, **body: Any) -> Any:
    answer = client.post(f"{API}/incidents/{incident}/{deed}", json=body)
    return answer.json() if answer.is_success else (answer.status_code, answer.json()["detail"])


def test_two_changes_at_once_are_told_in_the_order_in_which_they_came_about(
    client: TestClient, dog: Dog, monkeypatch: pytest.MonkeyPatch
) -> None:
    (incident,) = incidents(client, dog, 1)
    station, others = station_of(client), []
    read = station.consoles.messages

    def acknowledge() -> None:
        changes = ChangeEvents()
        with station.database.write() as session:
            session.get_one(Incident, incident).status = IncidentStatus.ACKNOWLEDGED
            changes.note(Incident, incident)
        station.tell(changes)

    def read_slowly(*asked: Any) -> list[tuple[str, dict[str, Any]]]:
        told = list(read(*asked))
        if not others:
            others.append(Thread(target=acknowledge))
            others[0].start()
            others[0].join(1.0)  # it comes to its end where it need not wait
        return told

    with client.websocket_connect(f"{API}/live") as live:
        hear(live, "snapshot")
        monkeypatch.setattr(station.consoles, "messages", read_slowly)
        do(client, incident, "comments", text="门没有锁")
        told = [hear(live, "incident")["status"] for _ in range(2)]
    assert told == ["OPEN", "ACKNOWLEDGED"]
    others[0].join()


def test_an_incident_is_acknowledged_dispatched_resolved_and_all_of_it_stands_on_one_timeline(
    client: TestClient, dog: Dog
) -> None:
    (incident,) = incidents(client, dog, 1)
    make(client, "mei", Role.OPERATOR)
    with client.websocket_connect(f"{API}/live") as live:
        do(client, incident, "acknowledge", note="看到了")
        assigned = client.put(f"{API}/incidents/{incident}/assignee", json={"username": "mei"})
        assert (assigned.status_code, assigned.json()["assignedTo"]) == (200, "mei")
        with signed_in_as(client, "mei") as mei:
            do(mei, incident, "dispatch", note="guard 4")
            do(mei, incident, "comments", text="门没有锁")
            do(mei, incident, "resolve", reason="sent away")
        told = hear(live, "incident", lambda i: i["status"] == "RESOLVED")
    assert (told["acknowledgedBy"], told["answeredBy"], told["answer"]) == ("admin", "mei", "sent away")
    assert do(client, incident, "dispatch")[0] == 409
    assert do(client, incident, "acknowledge")[0] == 409
    assert do(client, incident, "reopen", reason="came back")["status"] == "ACKNOWLEDGED"
    assert do(client, incident, "reopen", reason="again") == (409, "the incident is not closed")
    lines = client.get(f"{API}/incidents/{incident}/timeline").json()
    assert [(line["action"], line["actor"], line["text"]) for line in lines] == [
        ("incident.seen", "dog1", None),
        ("incident.acknowledged", "admin", "看到了"),
        ("incident.assigned", "admin", "mei"),
        ("incident.dispatched", "mei", "guard 4"),
        ("incident.commented", "mei", "门没有锁"),
        ("incident.resolved", "mei", "sent away"),
        ("incident.reopened", "admin", "came back"),
    ]
    assert "门没有锁" not in client.get(f"{API}/audit").text, "a comment ages out with its incident"
    for deed, body in (("resolve", {}), ("false-alarm", {"reason": " "}), ("comments", {"text": ""})):
        assert do(client, incident, deed, **body)[0] == 422
    assert client.put(f"{API}/incidents/{incident}/assignee", json={"username": "nobody"}).status_code == 422
    assert client.put(f"{API}/incidents/{incident}/assignee", json={"username": None}).json()["assignedTo"] is None


def test_what_nobody_acknowledges_in_the_time_that_the_site_sets_is_escalated_once(
    client: TestClient, dog: Dog
) -> None:
    seen, waiting = incidents(client, dog, 2)
    do(client, seen, "acknowledge")
    station, now = station_of(client), utc_now()

    def escalated() -> set[str]:
        return {i["incidentId"] for i in client.get(f"{API}/incidents").json() if i["escalatedAt"]}

    rule = f"{API}/sites/yard/escalation"
    assert client.get(rule).json()["minutes"] == DEFAULT_MINUTES
    client.put(rule, json={"minutes": None})
    escalate_due(station, now + timedelta(days=3))
    assert escalated() == set()
    client.put(rule, json={"minutes": 30})
    escalate_due(station, now + timedelta(minutes=29))
    assert escalated() == set()
    with client.websocket_connect(f"{API}/live") as live:
        escalate_due(station, now + timedelta(minutes=31))
        assert hear(live, "incident")["incidentId"] == waiting
    escalate_due(station, now + timedelta(minutes=90))
    assert escalated() == {waiting}
    deeds = [(e["action"], e["target"]) for e in client.get(f"{API}/audit").json()]
    assert deeds.count(("incident.escalated", waiting)) == 1
    assert client.put(f"{API}/sites/none/escalation", json={"minutes": 3}).status_code == 404
    assert client.put(rule, json={"minutes": 0}).status_code == 422


def test_false_alarms_give_rule_and_checkpoint_their_score(client: TestClient, dog: Dog) -> None:
    near, *far = incidents(client, dog, 5)
    do(client, near, "false-alarm", reason="a coat")
    do(client, far[0], "false-alarm", reason="rain")
    do(client, far[1], "resolve", reason="somebody")
    do(client, far[2], "dispatch")
    scores = client.get(f"{API}/scores", params={"siteId": "yard"}).json()
    (rule,), (place,) = scores["rules"], scores["checkpoints"]
    assert (rule["kind"], rule["zoneId"]) == ("PERSON_IN_RESTRICTED_ZONE", "armory_yard")
    assert (rule["incidents"], rule["resolved"], rule["falseAlarms"]) == (5, 1, 2)
    assert rule["right"] == pytest.approx(1 / 3)
    assert rule["atLeast"] < rule["right"] < rule["atMost"]
    assert (place["checkpointId"], place["incidents"], place["right"]) == ("cp_1", 1, 0.0)
    assert client.get(f"{API}/scores", params={"siteId": "none"}).json() == {"rules": [], "checkpoints": []}


def test_no_state_follows_but_those_that_may() -> None:
    allowed = set()
    for before, after in product(IncidentStatus, repeat=2):
        try:
            check_transition(before, after)
        except IllegalTransition:
            continue
        allowed.add((before, after))
    assert all(after is not IncidentStatus.OPEN for _, after in allowed), "what was seen is never unseen"
    assert {after for before, after in allowed if before in ENDS} == {IncidentStatus.ACKNOWLEDGED}
    assert all((before, end) in allowed for before in set(IncidentStatus) - set(ENDS) for end in ENDS)
    assert (IncidentStatus.DISPATCHED, IncidentStatus.ACKNOWLEDGED) not in allowed


def test_the_bounds_hold_the_true_share_about_as_often_as_they_say() -> None:
    chance, tries = random.Random(4), 2000
    for answers, share in product((5, 20, 100), (0.1, 0.5, 0.9)):
        held = 0
        for _ in range(tries):
            found = bounds(sum(chance.random() < share for _ in range(answers)), answers)
            assert found is not None
            assert 0.0 <= found.least <= found.share <= found.most <= 1.0
            held += found.least <= share <= found.most
        assert held / tries > 0.90, (answers, share)
    assert bounds(0, 0) is None


def test_a_place_far_from_every_checkpoint_belongs_to_none() -> None:
    places = [{"checkpointId": name, "pose": {"x": x, "y": 0.0, "theta": 0.0}} for name, x in (("a", 0.0), ("b", 40.0))]
    assert [near_checkpoint(places, x, 0.0) for x in (-14.0, 3.0, 20.0, 26.0, 60.0)] == ["a", "a", None, "b", None]
    assert near_checkpoint([], 0.0, 0.0) is None


def test_what_is_said_of_an_incident_that_another_has_answered_is_refused_and_a_sighting_is_no_answer(
    client: TestClient, dog: Dog
) -> None:
    (incident,) = incidents(client, dog, 1)
    url = f"{API}/incidents/{incident}"
    seen = {"If-Match": client.get(url).headers["etag"]}
    dog.say("anomaly", **anomaly(trackId=0, position={"x": 3.0, "y": 5.0, "mapId": "yard"}))
    eventually(lambda: client.get(url).json()["sightings"] == 2)
    assert client.post(f"{url}/comments", json={"text": "门没有锁"}).headers["etag"] == seen["If-Match"]
    first = client.post(f"{url}/acknowledge", headers=seen)
    assert first.status_code == 200
    deeds = ("dispatch", {"note": "two"}), ("resolve", {"reason": "gone"}), ("false-alarm", {"reason": "a cat"})
    for deed, body in (*deeds, ("reopen", {"reason": "back"}), ("acknowledge", {})):
        late = client.post(f"{url}/{deed}", json=body, headers=seen)
        assert (late.status_code, late.json()["version"]) == (412, first.json()["version"]), deed
    assert client.put(f"{url}/assignee", json={"username": "admin"}, headers=seen).status_code == 412
    known = {"If-Match": first.headers["etag"]}
    mine = client.put(f"{url}/assignee", json={"username": "admin"}, headers=known)
    known = {"If-Match": mine.headers["etag"]}
    assert client.post(f"{url}/resolve", json={"reason": "gone"}, headers=known).json()["status"] == "RESOLVED"
    assert client.get(url).json()["assignedTo"] == "admin"
