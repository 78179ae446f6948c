import json
import math
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from fastapi.testclient import TestClient

from fleet_server.dispatch.order_building import LOOKING_DEVIATION_RAD
from fleet_server.ingest.mqtt_session import Session
from tests.broker import TestBroker
from tests.fleet_server.dog import Dog
from tests.fleet_server.world import API, eventually, hear, route_body, serving, settings, sign_in, station_of
from tests.shared import shared

ASSIGN = {"routeId": "demo_round", "dogId": "dog1"}


def assign(client: TestClient) -> dict[str, Any]:
    answer = client.post(f"{API}/patrols", json=ASSIGN)
    assert answer.status_code == 201, answer.text
    patrol: dict[str, Any] = answer.json()
    return patrol


def patrol_now(client: TestClient, patrol: dict[str, Any]) -> dict[str, Any]:
    now: dict[str, Any] = client.get(f"{API}/patrols/{patrol['patrolId']}").json()
    return now


def reaches(client: TestClient, patrol: dict[str, Any], status: str) -> dict[str, Any]:
    eventually(lambda: patrol_now(client, patrol)["status"] == status)
    return patrol_now(client, patrol)


def test_a_route_becomes_an_order_and_the_dogs_states_become_its_progress(client: TestClient, dog: Dog) -> None:
    with client.websocket_connect(f"{API}/live") as live:
        hear(live, "snapshot")
        patrol = assign(client)
        assert patrol["status"] == "SENT"
        order = dog.hear("order")
        assert [n["nodeId"] for n in order["nodes"][1:]] == ["cp_1", "cp_2", "cp_3"]
        assert [n["sequenceId"] for n in order["nodes"]] == [0, 2, 4, 6]
        assert order["nodes"][1]["actions"][0]["actionType"] == "takePhoto"
        assert order["nodes"][2]["actions"][0]["actionParameters"] == [{"key": "seconds", "value": 2}]

        dog.state(order, last=0)
        assert hear(live, "patrol", lambda p: p["status"] == "ACTIVE")["progress"] == 0
        dog.state(order, last=2, actions="RUNNING")
        at_work = hear(live, "patrol", lambda p: p["progress"] > 0)
        assert [c["status"] for c in at_work["checkpoints"]] == ["REACHED", "PENDING", "PENDING"]
        dog.state(order, last=4, actions="FINISHED")
        hear(live, "patrol", lambda p: [c["status"] for c in p["checkpoints"]] == ["DONE", "DONE", "PENDING"])
        dog.state(order, last=6, actions="FINISHED")
        done = hear(live, "patrol", lambda p: p["status"] == "COMPLETED")
    assert done["progress"] == 1
    assert done["endedAt"].endswith("Z")


def test_a_stop_of_a_route_can_have_its_dog_look_another_way_than_its_checkpoint(client: TestClient, dog: Dog) -> None:
    where = f"{API}/routes/demo_round"
    stops = [{"checkpointId": "cp_1", "theta": -5.0}, {"checkpointId": "cp_1"}, {"checkpointId": "cp_2", "theta": 0.0}]
    changed = client.put(where, json=route_body(stops=stops)).json()
    assert [stop.get("theta") for stop in changed["stops"]] == [-5.0, None, 0.0]
    poses = {each["checkpointId"]: each["pose"] for each in client.get(f"{API}/sites").json()[0]["checkpoints"]}
    assign(client)
    first, again, second = (node["nodePosition"] for node in dog.hear("order")["nodes"][1:])
    assert first["theta"] == pytest.approx(math.tau - 5.0)
    assert (first["allowedDeviationTheta"], again["allowedDeviationTheta"]) == (LOOKING_DEVIATION_RAD, math.pi)
    assert again["theta"] == pytest.approx(math.remainder(poses["cp_1"]["theta"], math.tau))
    assert second["theta"] == 0.0


def test_the_order_on_the_wire_is_what_the_standard_has(client: TestClient, dog: Dog) -> None:
    schema = json.loads(shared("vda5050/2.1.0/order.schema").read_text())
    assign(client)
    jsonschema.Draft202012Validator(schema).validate(dog.hear("order"))


def test_an_order_is_said_again_until_the_dog_echoes_it(client: TestClient, dog: Dog) -> None:
    patrol = assign(client)
    first, second = dog.hear("order"), dog.hear("order")
    assert first["orderId"] == second["orderId"] == patrol["orderId"]
    assert second["headerId"] == first["headerId"] + 1
    dog.state(second)
    reaches(client, patrol, "ACTIVE")


def test_a_rejected_order_ends_the_patrol_with_the_dogs_reason(client: TestClient, dog: Dog) -> None:
    patrol = assign(client)
    order = dog.hear("order")
    error = {
        "errorType": "orderError",
        "errorLevel": "WARNING",
        "errorDescription": "no way to cp_2",
        "errorReferences": [{"referenceKey": "orderId", "referenceValue": order["orderId"]}],
    }
    dog.state(errors=[error])
    assert reaches(client, patrol, "REJECTED")["reason"] == "orderError: no way to cp_2"


def test_a_cancellation_is_said_until_the_dog_has_let_go(client: TestClient, dog: Dog) -> None:
    patrol = assign(client)
    order = dog.hear("order")
    dog.state(order, last=2)
    reaches(client, patrol, "ACTIVE")
    assert client.post(f"{API}/patrols/{patrol['patrolId']}/cancel").json()["cancelRequested"]
    action = dog.hear("instantActions")["actions"][0]
    assert action["actionType"] == "cancelOrder"
    assert dog.hear("instantActions")["actions"][0]["actionId"] == action["actionId"]
    done = {"actionId": action["actionId"], "actionType": "cancelOrder", "actionStatus": "FINISHED"}
    dog.state(order, last=2, nodeStates=[], actionStates=[done])
    canceled = reaches(client, patrol, "CANCELED")
    assert [c["status"] for c in canceled["checkpoints"]][1:] == ["PENDING", "PENDING"]
    assert client.post(f"{API}/patrols/{patrol['patrolId']}/cancel").status_code == 409


def test_a_dog_that_took_a_canceled_order_unheard_is_told_to_let_go(client: TestClient, dog: Dog) -> None:
    patrol = assign(client)
    order = dog.hear("order")
    assert client.post(f"{API}/patrols/{patrol['patrolId']}/cancel").json()["status"] == "CANCELED"
    dog.state(order, last=0)
    assert dog.hear("instantActions")["actions"][0]["actionType"] == "cancelOrder"


def test_a_dog_that_drops_out_keeps_its_patrol_marked_not_live(client: TestClient, dog: Dog) -> None:
    patrol = assign(client)
    order = dog.hear("order")
    dog.state(order)
    reaches(client, patrol, "ACTIVE")
    dog.say("connection", retain=True, connectionState="CONNECTIONBROKEN")
    eventually(lambda: not patrol_now(client, patrol)["live"])
    assert patrol_now(client, patrol)["status"] == "ACTIVE"
    listed = client.get(f"{API}/dogs").json()[0]
    assert (listed["live"], listed["connection"]) == (False, "CONNECTIONBROKEN")
    assert listed["notLiveSince"] == listed["lastSeen"]
    dog.online()
    dog.state(order, last=6, actions="FINISHED")
    assert reaches(client, patrol, "COMPLETED")["live"]


def test_patrols_outlive_the_server(mqtt: TestBroker, tmp_path: Path) -> None:
    chosen = settings(tmp_path, mqtt.port)
    with Dog(mqtt.port, "dog7") as dog:
        with serving(chosen) as client:
            sign_in(client)
            eventually(lambda: station_of(client)[Session].connected)
            dog.online()
            eventually(lambda: any(d["live"] and d["position"] for d in client.get(f"{API}/dogs").json()))
            answer = client.post(f"{API}/patrols", json={"routeId": "demo_round", "dogId": "dog7"})
            patrol = answer.json()
            order = dog.hear("order")
            dog.state(order, last=2, actions="FINISHED")
            reaches(client, patrol, "ACTIVE")
        with serving(chosen) as client:
            sign_in(client)
            known = client.get(f"{API}/dogs").json()[0]
            assert (known["dogId"], known["patrolId"]) == ("dog7", patrol["patrolId"])
            assert patrol_now(client, patrol)["status"] == "ACTIVE"
            eventually(lambda: client.get(f"{API}/dogs").json()[0]["connection"] == "ONLINE")
            dog.state(order, last=6, actions="FINISHED")
            assert reaches(client, patrol, "COMPLETED")["progress"] == 1


def test_one_dog_walks_one_patrol(client: TestClient, dog: Dog) -> None:
    assign(client)
    answer = client.post(f"{API}/patrols", json=ASSIGN)
    assert answer.status_code == 409
    assert "busy" in answer.json()["detail"]


def test_a_route_under_a_dogs_feet_cannot_be_deleted(client: TestClient, dog: Dog) -> None:
    assign(client)
    assert client.delete(f"{API}/routes/demo_round").status_code == 409


def test_a_dog_that_is_not_live_is_refused_with_since_when(client: TestClient, dog: Dog) -> None:
    dog.say("connection", retain=True, connectionState="OFFLINE")
    eventually(lambda: not client.get(f"{API}/dogs").json()[0]["live"])
    answer = client.post(f"{API}/patrols", json=ASSIGN)
    assert answer.status_code == 409
    assert "not live: last heard 20" in answer.json()["detail"]


def test_a_dog_gets_its_site(client: TestClient, dog: Dog) -> None:
    site = dog.hear("site")
    assert (site["siteId"], site["siteVersion"], site["serialNumber"]) == ("yard", 1, "dog1")
