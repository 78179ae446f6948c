"""An emergency stop: told until the dog has heard it, confirmed by the dog alone, and on record by name."""

from typing import Any

from fastapi.testclient import TestClient

from tests.fleet_server.dog import Dog
from tests.fleet_server.world import API, eventually

REMOTE = {"eStop": "REMOTE", "fieldViolation": False}
NONE = {"eStop": "NONE", "fieldViolation": False}


def the_dog(client: TestClient) -> Any:
    """Others may have been left on the broker by other tests."""
    return next(dog for dog in client.get(f"{API}/dogs").json() if dog["dogId"] == "dog1")


def press(client: TestClient, what: str = "emergency-stop", dog: str = "dog1") -> Any:
    return client.post(f"{API}/dogs/{dog}/{what}")


def asked(client: TestClient) -> bool | None:
    request = the_dog(client)["stopRequest"]
    return request["stop"] if request else None


def test_a_stop_is_told_again_until_heard_and_open_until_the_dog_itself_says_that_it_stands(
    client: TestClient, dog: Dog
) -> None:
    assert press(client).status_code == 202
    first, again = (dog.hear("instantActions")["actions"] for _ in range(2))
    assert [action["actionType"] for action in first] == ["emergencyStop"]
    assert again == first
    shown = the_dog(client)
    assert (shown["emergencyStop"], shown["stopRequest"]["stop"], shown["stopRequest"]["by"]) == ("NONE", True, "admin")
    running = {"actionId": first[0]["actionId"], "actionType": "emergencyStop", "actionStatus": "RUNNING"}
    dog.state(actionStates=[running])
    eventually(lambda: the_dog(client)["driving"] is False)
    assert asked(client) is True, "heard is not yet stopped"
    dog.state(actionStates=[running | {"actionStatus": "FINISHED"}], safetyState=REMOTE)
    eventually(lambda: asked(client) is None)
    assert the_dog(client)["emergencyStop"] == "REMOTE"
    entry = client.get(f"{API}/audit").json()[0]
    assert (entry["actor"], entry["action"], entry["target"]) == ("admin", "dog.emergency_stopped", "dog1")


def test_a_stopped_dog_is_let_go_on_by_name_and_one_that_walks_is_not(client: TestClient, dog: Dog) -> None:
    answer = press(client, "release-emergency-stop")
    assert (answer.status_code, answer.json()["detail"]) == (409, "dog1 is not stopped")
    dog.state(safetyState=REMOTE)
    eventually(lambda: the_dog(client)["emergencyStop"] == "REMOTE")
    assert press(client, "release-emergency-stop").status_code == 202
    assert [a["actionType"] for a in dog.hear("instantActions")["actions"]] == ["releaseEmergencyStop"]
    assert asked(client) is False
    dog.state(safetyState=NONE)
    eventually(lambda: asked(client) is None)
    assert client.get(f"{API}/audit").json()[0]["action"] == "dog.emergency_stop_released"


def test_a_stop_that_was_not_heard_is_taken_back_and_not_told_any_more(client: TestClient, dog: Dog) -> None:
    press(client)
    assert dog.hear("instantActions")["actions"][0]["actionType"] == "emergencyStop"
    assert press(client, "release-emergency-stop").status_code == 202
    later = [dog.hear("instantActions")["actions"][0]["actionType"] for _ in range(2)]
    assert later == ["releaseEmergencyStop"] * 2


def test_a_dog_that_is_out_of_reach_is_asked_to_stop_and_is_not_let_go_on(client: TestClient, dog: Dog) -> None:
    dog.state(safetyState=REMOTE)
    eventually(lambda: the_dog(client)["emergencyStop"] == "REMOTE")
    dog.say("connection", retain=True, connectionState="OFFLINE")
    eventually(lambda: not the_dog(client)["live"])
    answer = press(client, "release-emergency-stop")
    assert answer.status_code == 409
    assert "is not live" in answer.json()["detail"]
    dog.state(safetyState=NONE)
    assert press(client).status_code == 202
    eventually(lambda: dog.hear("instantActions")["actions"][0]["actionType"] == "emergencyStop")


def test_all_dogs_are_stopped_by_one_request_and_each_is_on_record(client: TestClient, dog: Dog) -> None:
    answers = {each["dogId"]: each for each in client.post(f"{API}/emergency-stop").json()}
    assert answers["dog1"] == {"dogId": "dog1", "told": True, "reason": None}
    assert dog.hear("instantActions")["actions"][0]["actionType"] == "emergencyStop"
    told = {e["target"] for e in client.get(f"{API}/audit").json() if e["action"] == "dog.emergency_stopped"}
    assert told == {name for name, each in answers.items() if each["told"]}


def test_a_dog_that_nobody_knows_is_not_found(client: TestClient) -> None:
    assert {press(client, what, "nobody").status_code for what in ("emergency-stop", "release-emergency-stop")} == {404}
