"""Schedules through the real application: made, kept, missed, told."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient

from fleet_server.dispatch.scheduled_rounds import ScheduledRounds
from tests.broker import TestBroker
from tests.fleet_server.dog import Dog
from tests.fleet_server.world import API, eventually, station_of

SHANGHAI = ZoneInfo("Asia/Shanghai")


def body(**more: Any) -> dict[str, Any]:
    start = datetime.now(SHANGHAI) + timedelta(seconds=8)  # time for the request itself, on a slow machine
    return {
        "routeId": "demo_round",
        "name": {"zh": "夜巡", "en": "Night round"},
        "rule": "FREQ=DAILY",
        "start": start.strftime("%Y-%m-%dT%H:%M:%S"),
        "missed": {"policy": "late", "minutes": 30},
    } | more


def make(client: TestClient, **more: Any) -> dict[str, Any]:
    answer = client.post(f"{API}/schedules", json=body(**more))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def rounds(client: TestClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{API}/rounds").json()
    return found


def outcomes(client: TestClient) -> dict[str, int]:
    """Of the only schedule, as the ledger counts its rounds; what counted none is left out."""
    now = datetime.now(UTC)
    since, until = now - timedelta(days=1), now + timedelta(days=1)
    span = {"siteId": "yard", "since": since.isoformat(), "until": until.isoformat()}
    (told,) = client.get(f"{API}/ledger/summary", params=span).json()["rounds"]
    return {outcome: count for outcome, count in told["outcomes"].items() if count} | {
        each["reason"]: each["rounds"] for each in told["reasons"]
    }


def begun_while_it_tells(client: TestClient, dog: Dog) -> list[dict[str, Any]]:
    """The rounds that have begun; the dog says its state once more, for who is silent is given nothing."""
    dog.state()
    return [each for each in rounds(client) if each["status"] == "BEGUN"]


def days_later(client: TestClient, days: float) -> None:
    """What the station does when it looks at its schedules so much later."""
    station_of(client)[ScheduledRounds].update(lambda: datetime.now(UTC) + timedelta(days=days))


def test_a_round_that_is_due_becomes_a_patrol_of_the_dog_that_can(client: TestClient, dog: Dog) -> None:
    made = make(client)
    (begun,) = eventually(lambda: begun_while_it_tells(client, dog))
    order = dog.hear("order")
    assert [node["nodeId"] for node in order["nodes"][1:]] == ["cp_1", "cp_2", "cp_3"]
    patrol = client.get(f"{API}/patrols/{begun['patrolId']}").json()
    assert (begun["scheduleId"], patrol["orderId"]) == (made["scheduleId"], order["orderId"])
    assert patrol["assignedBy"] == "schedule"
    assert outcomes(client) == {"KEPT": 1}
    days_later(client, 0.001)
    assert len(rounds(client)) == 1


def test_a_dog_whose_place_is_not_known_keeps_no_other_from_a_round(
    mqtt: TestBroker, client: TestClient, dog: Dog
) -> None:
    with Dog(mqtt.port, "dog_nowhere") as nowhere:
        nowhere.say("connection", connectionState="ONLINE")
        eventually(lambda: {"dog_nowhere", "dog1"} <= {d["dogId"] for d in client.get(f"{API}/dogs").json()})
        make(client)
        assert eventually(lambda: begun_while_it_tells(client, dog))
    assert dog.hear("order")["orderId"]


def test_a_round_without_a_dog_waits_with_the_reason_and_is_missed_with_it(client: TestClient) -> None:
    make(client, dogs=["ghost"])
    (waits,) = eventually(lambda: rounds(client))
    assert (waits["status"], waits["reason"]) == ("WAITING", "there is no dog")
    assert outcomes(client) == {"WAITING": 1}
    days_later(client, 0.5)
    (missed,) = rounds(client)
    assert (missed["status"], missed["reason"]) == ("MISSED", "there is no dog")
    assert outcomes(client) == {"MISSED": 1, "there is no dog": 1}
    told = client.get(f"{API}/audit").json()
    assert any(entry["action"] == "round.missed" for entry in (told if isinstance(told, list) else told["entries"]))


def test_what_was_due_while_the_station_slept_is_told_one_by_one(client: TestClient) -> None:
    make(client, missed={"policy": "skip"}, dogs=["ghost"])
    days_later(client, 5.5)
    assert [each["status"] for each in rounds(client)] == ["MISSED"] * 6
    assert "not at work" in rounds(client)[0]["reason"]


def test_another_operator_is_told_at_once_of_a_schedule_that_was_made_changed_or_deleted(client: TestClient) -> None:
    with client.websocket_connect(f"{API}/live") as live:
        made = make(client)
        path = f"{API}/schedules/{made['scheduleId']}"
        assert client.put(path, json=body(rule="FREQ=WEEKLY;BYDAY=MO")).status_code == 200
        assert client.delete(path).status_code == 204
        told: list[str] = []
        while len(told) < 3:
            message = live.receive_json()
            told += [message["data"]["scheduleId"]] if message["type"] == "schedule" else []
    assert told == [made["scheduleId"]] * 3


def test_a_promise_is_rounds_through_the_night(client: TestClient) -> None:
    promise = {"everyMinutes": 40, "ends": "06:00"}
    made = make(client, start="2027-01-01T22:00:00", promise=promise, dogs=["ghost"])
    assert made["nextAt"] == "2027-01-01T14:00:00Z"
    assert made["promise"] == {"everyMinutes": 40.0, "ends": "06:00"}


def test_the_calendar_says_who_could_walk_and_where_nobody_can(client: TestClient, dog: Dog) -> None:
    tomorrow = (datetime.now(SHANGHAI) + timedelta(days=1)).strftime("%Y-%m-%dT12:00:00")
    make(client, start=tomorrow)
    ghost = make(client, start=tomorrow, dogs=["ghost"])
    coming = client.get(f"{API}/calendar", params={"days": 3}).json()
    assert {each["dogId"] for each in coming if each["scheduleId"] != ghost["scheduleId"]} == {"dog1"}
    assert {each["conflict"] for each in coming if each["scheduleId"] == ghost["scheduleId"]} == {"noDog"}
    assert all(each["chargeAfterPct"] < each["chargeBeforePct"] for each in coming if each["dogId"])


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"rule": "FREQ=SECONDLY"}, "not by the second"),
        ({"rule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"}, "never comes"),
        ({"routeId": "nowhere"}, "there is no route"),
        ({"missed": {"policy": "late"}}, "late needs minutes"),
        ({"start": "2027-01-01T22:00:00Z"}, "start"),
    ],
)
def test_what_cannot_be_kept_is_refused(client: TestClient, more: dict[str, Any], why: str) -> None:
    answer = client.post(f"{API}/schedules", json=body(**more))
    assert answer.status_code == 422
    assert why in answer.text


def test_a_schedule_is_changed_and_deleted_and_holds_its_route(client: TestClient) -> None:
    made = make(client, start="2027-01-01T22:30:00")
    at = f"{API}/schedules/{made['scheduleId']}"
    answer = client.put(at, json=body(start="2027-01-01T22:30:00", rule="FREQ=WEEKLY;BYDAY=MO", butNot=["2027-01-04"]))
    assert answer.json()["nextAt"] == "2027-01-11T14:30:00Z"
    refused = client.delete(f"{API}/routes/demo_round")
    assert (refused.status_code, refused.json()["detail"]) == (409, "the schedule 'Night round' walks this route")
    assert client.delete(at).status_code == 204
    assert client.get(at).status_code == 404
    assert client.delete(f"{API}/routes/demo_round").status_code == 204
