"""One press lets a fallen dog go on: said until the dog shows it, refused where it does not wait, and on record."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.fleet_server.dog import Dog
from tests.fleet_server.world import API, eventually


def fallen(stage: str) -> list[dict[str, Any]]:
    level = "WARNING" if stage == "checking" else "FATAL"
    return [
        {
            "errorType": "fallen",
            "errorLevel": level,
            "errorReferences": [{"referenceKey": "stage", "referenceValue": stage}],
        }
    ]


def press(client: TestClient, dog: str = "dog1") -> Any:
    return client.post(f"{API}/dogs/{dog}/clear-fall")


def the_dog(client: TestClient) -> Any:
    """Others may have been left on the broker by other tests."""
    return next(dog for dog in client.get(f"{API}/dogs").json() if dog["dogId"] == "dog1")


def shown(client: TestClient) -> list[str]:
    dog = the_dog(client)
    return [r["referenceValue"] for error in dog["errors"] for r in error["errorReferences"]]


def test_a_press_is_said_again_until_the_dog_shows_it_and_stands_in_the_audit_log_by_name(
    client: TestClient, dog: Dog
) -> None:
    dog.state(errors=fallen("waiting"))
    eventually(lambda: shown(client) == ["waiting"])
    assert press(client).status_code == 202
    first, again = (dog.hear("instantActions")["actions"] for _ in range(2))
    assert [action["actionType"] for action in first] == ["clearFall"]
    assert again == first
    entry = client.get(f"{API}/audit").json()[0]
    assert (entry["actor"], entry["action"], entry["target"]) == ("admin", "dog.fall_cleared", "dog1")
    action = {"actionId": first[0]["actionId"], "actionType": "clearFall", "actionStatus": "FINISHED"}
    dog.state(actionStates=[action])
    eventually(lambda: shown(client) == [])
    assert press(client).status_code == 409


@pytest.mark.parametrize("stage", ["lying", "checking"])
def test_a_dog_that_does_not_wait_is_not_let_go(client: TestClient, dog: Dog, stage: str) -> None:
    dog.state(errors=fallen(stage))
    eventually(lambda: shown(client) == [stage])
    answer = press(client)
    assert (answer.status_code, answer.json()["detail"]) == (409, "dog1 does not wait after a fall")
    assert dog.heard["instantActions"].empty()


def test_a_dog_that_nobody_knows_is_not_found(client: TestClient) -> None:
    assert press(client, "nobody").status_code == 404


def test_what_a_dog_says_of_its_eyes_and_its_battery_is_shown(client: TestClient, dog: Dog) -> None:
    kinds = ("halfBlind", "recharging")
    told = [{"infoType": kind, "infoLevel": "INFO", "infoDescription": "so it is"} for kind in kinds]
    dog.state(information=told)
    eventually(lambda: the_dog(client)["halfBlind"] and the_dog(client)["recharging"])
    dog.state()
    eventually(lambda: not (the_dog(client)["halfBlind"] or the_dog(client)["recharging"]))
