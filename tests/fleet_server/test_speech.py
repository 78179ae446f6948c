"""A sentence for a dog to speak: who may, what is refused, what reaches the dog, and what stands on record."""

import json
from functools import partial
from typing import Any

from fastapi.testclient import TestClient

from edge.mission.factsheet import factsheet
from fleet_server.core.rights import Role
from fleet_server.telemetry.fleet_state import Fleet, Vehicle
from protocol.codec import encode
from protocol.topics import Address
from tests.edge.mission.test_speech import WRONG
from tests.fleet_server.dog import Dog
from tests.fleet_server.test_camera_stream import deeds, the_dog, told, watched
from tests.fleet_server.test_rights import make, signed_in_as
from tests.fleet_server.world import API, eventually, station_of

SENTENCE = {"text": "请退后，谢谢。", "language": "zh"}
__all__ = ["watched"]  # the fixture of a dog that has said what it can


def say(client: TestClient, dog: str = "dog1", **body: str) -> Any:
    return client.post(f"{API}/dogs/{dog}/sentences", json=body or SENTENCE)


def state(dog: Dog, sentence_id: str, status: str, **more: str) -> None:
    dog.state(actionStates=[{"actionId": sentence_id, "actionType": "speak", "actionStatus": status} | more])


def test_a_sentence_reaches_the_dog_word_for_word_until_it_shows_it_and_stands_on_record_by_name(
    client: TestClient, watched: Dog
) -> None:
    answer = say(client)
    assert answer.status_code == 202, answer.text
    sentence_id = answer.json()["sentenceId"]
    first, again = told(watched, "speak"), told(watched, "speak")
    assert first == again
    assert (first["actionId"], first["blockingType"]) == (sentence_id, "NONE")
    assert {each["key"]: each["value"] for each in first["actionParameters"]} == SENTENCE
    (deed,) = deeds(client, "dog.told_to_speak")
    assert (deed["actor"], deed["target"], deed["details"]) == ("admin", "dog1", SENTENCE)
    assert the_dog(client)["sentences"] == []
    state(watched, sentence_id, "RUNNING")
    shown = {"sentenceId": sentence_id, "status": "RUNNING", "result": ""}
    eventually(lambda: the_dog(client)["sentences"] == [shown])
    state(watched, sentence_id, "FAILED", resultDescription="NO_ESPEAK")
    eventually(lambda: the_dog(client)["sentences"] == [shown | {"status": "FAILED", "result": "NO_ESPEAK"}])


def test_a_dog_that_speaks_is_free_for_an_order(client: TestClient, watched: Dog) -> None:
    def vehicle() -> Vehicle:
        known = station_of(client)[Fleet].get("dog1")
        assert known is not None
        return known

    def told_of(action_type: str) -> bool:
        said = vehicle().state
        return said is not None and [each.action_type for each in said.action_states] == [action_type]

    for action_type, busy in (("speak", False), ("takePhoto", True)):
        watched.state(actionStates=[{"actionId": "a1", "actionType": action_type, "actionStatus": "RUNNING"}])
        eventually(partial(told_of, action_type))
        assert vehicle().executing is busy


def test_what_is_no_sentence_is_refused_at_the_stations_door_and_not_on_record(
    client: TestClient, watched: Dog
) -> None:
    for text in (each for each in WRONG if "\ud800" not in each):
        answer = say(client, text=text, language="en")
        assert answer.status_code == 422, text
        assert answer.json()["detail"].startswith("text: ")
    for wrong in ({"language": "fr"}, {"language": ""}, {"volume": "11"}):
        assert say(client, **(SENTENCE | wrong)).status_code == 422, wrong
    assert deeds(client, "dog.told_to_speak") == []


def test_a_dog_that_cannot_speak_is_refused_with_the_reason(client: TestClient, dog: Dog) -> None:
    answer = say(client)
    assert (answer.status_code, answer.json()["detail"]) == (409, "dog1 has not said yet what it can")
    assert the_dog(client)["speaks"] is None
    sheet = json.loads(encode(factsheet(Address("xiaotian", dog.name), 0.0)))
    offered = sheet["protocolFeatures"]["agvActions"]
    sheet["protocolFeatures"]["agvActions"] = [each for each in offered if each["actionType"] != "speak"]
    dog.say("factsheet", **{key: value for key, value in sheet.items() if key not in dog.message("factsheet")})
    eventually(lambda: the_dog(client)["speaks"] is False)
    answer = say(client)
    assert (answer.status_code, answer.json()["detail"]) == (409, "dog1 cannot speak: its factsheet has no speak")
    dog.say("connection", retain=True, connectionState="OFFLINE")
    eventually(lambda: not the_dog(client)["live"])
    assert "is not live" in say(client).json()["detail"]
    assert say(client, "nobody").status_code == 404
    assert deeds(client, "dog.told_to_speak") == []


def test_each_role_speaks_through_a_dog_or_does_not(client: TestClient, watched: Dog) -> None:
    for role in Role:
        make(client, role.lower(), role)
        with signed_in_as(client, role.lower()) as other:
            may = role in (Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR)
            assert say(other).status_code == (202 if may else 403), role
    spoke = {each["actor"] for each in deeds(client, "dog.told_to_speak")}
    assert spoke == {"operator", "supervisor", "administrator"}
