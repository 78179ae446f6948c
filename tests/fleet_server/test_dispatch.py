"""Any VDA 5050 vehicle: what it can by its factsheet, whose number it shares, what it does when the link is lost."""

from typing import Any

import msgspec
import pytest
from fastapi.testclient import TestClient
from msgspec.structs import replace

from edge.mission.factsheet import factsheet as of_a_dog
from fleet_server.telemetry.vehicle_capabilities import Features, features
from fleet_server.telemetry.vehicle_id import address_of, dog_id
from protocol.codec import encode
from protocol.factsheet import ActionScope, AgvAction, Factsheet, NavigationType, OptionalParameter, Support
from protocol.topics import Address
from tests.broker import TestBroker
from tests.fleet_server.dog import Dog
from tests.fleet_server.world import API, eventually, route_body

OURS = of_a_dog(Address("xiaotian", "dog1"), 1_795_000_000.0)


def sheet(actions: list[str], fields: list[str], **more: Any) -> Factsheet:
    """Of a vehicle that offers these actions at nodes, and heeds these optional fields."""
    said = replace(
        OURS.protocol_features,
        agv_actions=[AgvAction(action_type=a, action_scopes=[ActionScope.NODE]) for a in actions],
        optional_parameters=[OptionalParameter(parameter=f, support=Support.SUPPORTED) for f in fields],
    )
    return replace(OURS, protocol_features=said, **more)


def tell_factsheet(client: TestClient, dog: Dog, told: Factsheet) -> dict[str, Any]:
    """The dog as the API shows it once its factsheet has come."""
    body = msgspec.json.decode(encode(told))
    dog.say("factsheet", retain=True, **body | {"serialNumber": dog.name, "manufacturer": dog.manufacturer})
    shown: dict[str, Any] = eventually(
        lambda: next((d for d in client.get(f"{API}/dogs").json() if d["extensions"] is not None), None)
    )
    return shown


def assign(client: TestClient, route: str = "demo_round", dog: str = "dog1", **more: Any) -> Any:
    return client.post(f"{API}/patrols", json={"routeId": route, "dogId": dog} | more)


@pytest.mark.parametrize(
    ("maker", "serial", "called"),
    [("xiaotian", "dog1", "dog1"), ("acme", "dog1", "dog1@acme"), ("xiaotian", "x@acme", "x@acme@xiaotian")],
)
def test_a_vehicle_is_called_by_number_and_maker_and_found_again(maker: str, serial: str, called: str) -> None:
    address = Address(maker, serial, "p")
    assert dog_id(address) == called
    assert address_of(called, maker, "p") == address


def test_two_makers_with_one_number_are_two_vehicles(client: TestClient, dog: Dog, mqtt: TestBroker) -> None:
    with Dog(mqtt.port, "dog1", manufacturer="acme") as other:
        other.online(batteryState={"batteryCharge": 50.0, "charging": True})
        eventually(lambda: [d["batteryCharge"] is not None for d in client.get(f"{API}/dogs").json()] == [True, True])
        shown = {d["dogId"]: (d["manufacturer"], d["batteryCharge"]) for d in client.get(f"{API}/dogs").json()}
        assert shown == {"dog1": ("xiaotian", 80.0), "dog1@acme": ("acme", 50.0)}
        eventually(lambda: all(d["live"] for d in client.get(f"{API}/dogs").json()))
        answer = assign(client, dog="dog1@acme")
        assert answer.status_code == 201, answer.text
        order = other.hear("order")
        assert order["manufacturer"] == "acme"
        other.state(order, last=6, actions="FINISHED")
        patrol = answer.json()["patrolId"]
        eventually(lambda: client.get(f"{API}/patrols/{patrol}").json()["status"] == "COMPLETED")
        assert dog.heard["order"].empty()


def test_our_own_dog_is_shown_with_all_it_can_and_is_told_what_to_do_without_the_station(
    client: TestClient, dog: Dog
) -> None:
    shown = tell_factsheet(client, dog, OURS)
    assert shown["extensions"] is True
    assert shown["actions"] == [
        "compareToReference",
        "dwell",
        "lookAround",
        "onBlocked",
        "onLinkLoss",
        "onLowBattery",
        "startCharging",
        "takePhoto",
    ]
    assert assign(client).status_code == 201
    rules = dog.hear("order")["nodes"][0]["actions"]
    assert {rule["blockingType"] for rule in rules} == {"NONE"}
    said = {rule["actionType"]: {p["key"]: p["value"] for p in rule["actionParameters"]} for rule in rules}
    assert said == {
        "onLinkLoss": {"policy": "carryOnThenHome", "minutes": 30.0},
        "onBlocked": {"policy": "skip", "tries": 2},
        "onLowBattery": {"policy": "resume"},
    }


def test_a_stop_may_have_a_rule_of_its_own_for_a_blocked_way(client: TestClient, dog: Dog) -> None:
    tell_factsheet(client, dog, OURS)
    stops = [{"checkpointId": "cp_1"}, {"checkpointId": "cp_2", "onBlocked": {"policy": "wait"}}]
    body = route_body(stops=stops, onBlocked={"policy": "home", "tries": 5}, onLowBattery={"policy": "end"})
    made = client.post(f"{API}/routes", json=body).json()
    assert [stop["onBlocked"] for stop in made["stops"]] == [None, {"policy": "wait", "tries": None}]
    assert client.post(f"{API}/patrols", json={"routeId": made["routeId"], "dogId": "dog1"}).status_code == 201
    nodes = dog.hear("order")["nodes"]
    said = [[(a["actionType"], a["actionParameters"][0]["value"]) for a in node["actions"]] for node in nodes]
    assert said[0][1:] == [("onBlocked", "home"), ("onLowBattery", "end")]
    assert said[1:] == [[], [("onBlocked", "wait")]]


@pytest.mark.parametrize(
    "wrong", [{"policy": "skip"}, {"policy": "wait", "tries": 2}, {"policy": "skip", "tries": 0}, {"policy": "fly"}]
)
def test_a_rule_of_a_blocked_way_that_is_none_is_refused(client: TestClient, wrong: dict[str, Any]) -> None:
    answer = client.post(f"{API}/routes", json=route_body("cp_1", onBlocked=wrong))
    assert answer.status_code == 422
    assert "onBlocked" in answer.json()["detail"]


def test_a_vehicle_without_our_extensions_is_refused_with_the_reason_or_sent_with_what_it_can(
    client: TestClient, dog: Dog
) -> None:
    shown = tell_factsheet(client, dog, sheet(["dwell"], ["order.nodes.nodePosition"]))
    assert (shown["extensions"], shown["actions"]) == (False, ["dwell"])
    answer = assign(client)
    assert (answer.status_code, answer.json()["detail"]) == (409, "dog1 cannot do takePhoto")
    assert assign(client, reduced=True).status_code == 201
    nodes = dog.hear("order")["nodes"]
    assert [[a["actionType"] for a in n["actions"]] for n in nodes] == [[], [], ["dwell"], []]
    assert {key for n in nodes for key in n["nodePosition"]} == {"x", "y", "mapId"}


def test_a_vehicle_that_follows_lines_is_refused(client: TestClient, dog: Dog) -> None:
    lines = replace(OURS.type_specification, navigation_types=[NavigationType.PHYSICAL_LINE_GUIDED])
    tell_factsheet(client, dog, sheet(["takePhoto", "dwell"], [], type_specification=lines))
    answer = assign(client, reduced=True)
    assert answer.status_code == 409
    assert "follows lines" in answer.json()["detail"]


def test_a_vehicle_that_takes_few_nodes_is_refused_a_long_route(client: TestClient, dog: Dog) -> None:
    limits = OURS.protocol_limits
    few = replace(limits, max_array_lens=replace(limits.max_array_lens, order_nodes=3))
    tell_factsheet(client, dog, replace(OURS, protocol_limits=few))
    assert assign(client).json()["detail"] == "dog1 takes 3 nodes, the route has 4"


def test_a_vehicle_that_has_not_said_what_it_can_is_asked_for_all_but_our_rule() -> None:
    unknown = features(None)
    assert unknown == Features()
    assert (unknown.does("takePhoto"), unknown.does("onLinkLoss"), unknown.heeds("theta")) == (True, False, True)
    assert features(OURS).most_nodes == 1000


def test_a_route_says_what_a_dog_does_without_the_station(client: TestClient) -> None:
    made = client.post(f"{API}/routes", json=route_body("cp_1")).json()
    assert made["onLinkLoss"] == {"policy": "carryOnThenHome", "minutes": 30.0}
    stand = {"policy": "stand", "minutes": None}
    changed = client.put(f"{API}/routes/{made['routeId']}", json=route_body("cp_1", onLinkLoss={"policy": "stand"}))
    assert changed.json()["onLinkLoss"] == stand
    kept = client.put(f"{API}/routes/{made['routeId']}", json=route_body("cp_2"))
    assert kept.json()["onLinkLoss"] == stand


@pytest.mark.parametrize(
    "wrong",
    [
        {"policy": "chase"},
        {"policy": "carryOnThenHome"},
        {"policy": "home", "minutes": 3},
        {"policy": "carryOnThenHome", "minutes": -1},
        {"policy": "carryOnThenHome", "minutes": 100_000},
    ],
)
def test_a_wish_that_is_none_is_refused(client: TestClient, wrong: dict[str, Any]) -> None:
    answer = client.post(f"{API}/routes", json=route_body("cp_1", onLinkLoss=wrong))
    assert answer.status_code == 422
    assert "onLinkLoss" in answer.json()["detail"]
