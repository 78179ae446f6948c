"""A call in the middle of all else: who goes, what becomes of their round, and what is said of it meanwhile."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fastapi.testclient import TestClient
from PIL import Image, ImageDraw

from edge.mission.factsheet import factsheet as of_a_dog
from fleet_server.calls.call_dispatch import LOST_AFTER, PATIENCE, CallDispatch
from fleet_server.core.clock import utc_now
from fleet_server.ingest.mqtt_session import Session
from fleet_server.telemetry.fleet_state import Fleet
from protocol.codec import encode
from protocol.topics import Address
from tests.broker import TestBroker
from tests.fleet_server.dog import Dog
from tests.fleet_server.test_schedules import begun_while_it_tells, rounds
from tests.fleet_server.test_schedules import make as make_schedule
from tests.fleet_server.world import API, eventually, hear, route_body, serving, settings, sign_in, station_of

ROUND = {"routeId": "demo_round", "dogId": "dog1"}


def place(x: float, y: float, **more: Any) -> dict[str, Any]:
    return {"siteId": "yard", "x": x, "y": y, "reason": "a noise"} | more


def at(x: float, y: float) -> dict[str, Any]:
    return {"x": x, "y": y, "theta": 0.0, "mapId": "yard", "positionInitialized": True}


def tell_factsheet(dog: Dog) -> None:
    body = msgspec.json.decode(encode(of_a_dog(Address(dog.manufacturer, dog.name), 1_795_000_000.0)))
    dog.say("factsheet", retain=True, **body | {"serialNumber": dog.name, "manufacturer": dog.manufacturer})


@contextmanager
def another(client: TestClient, port: int, name: str, x: float, y: float, **more: Any) -> Iterator[Dog]:
    """A second vehicle, known to be live and to be able to do all that ours can."""
    with Dog(port, name, **more) as dog:
        tell_factsheet(dog)
        dog.online(agvPosition=at(x, y))
        called = name if dog.manufacturer == "xiaotian" else f"{name}@{dog.manufacturer}"
        eventually(lambda: knows(client, called, can_look=True))
        yield dog


@pytest.fixture
def able(client: TestClient, dog: Dog) -> Dog:
    """The dog of the other tests, that has said what it can."""
    tell_factsheet(dog)
    eventually(lambda: knows(client, "dog1", can_look=True))
    return dog


def knows(client: TestClient, dog_id: str, can_look: bool) -> bool:
    shown = next((d for d in client.get(f"{API}/dogs").json() if d["dogId"] == dog_id), None)
    return bool(shown and shown["live"] and shown["position"] and (shown["extensions"] is True) == can_look)


def ask(client: TestClient, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(f"{API}/calls", json=body)
    assert answer.status_code == 201, answer.text
    call: dict[str, Any] = answer.json()
    return call


def call_now(client: TestClient, call: dict[str, Any]) -> dict[str, Any]:
    now: dict[str, Any] = client.get(f"{API}/calls/{call['callId']}").json()
    return now


def becomes(client: TestClient, call: dict[str, Any], status: str) -> dict[str, Any]:
    eventually(lambda: call_now(client, call)["status"] == status)
    return call_now(client, call)


def patrol_is(client: TestClient, patrol_id: str, status: str) -> dict[str, Any]:
    found: dict[str, Any] = eventually(
        lambda: (now := client.get(f"{API}/patrols/{patrol_id}").json())["status"] == status and now
    )
    return found


def next_order(dog: Dog, *before: Any) -> Any:
    """The next order that is none of those ``before``, which are repeated until they are echoed."""
    known = {each["orderId"] for each in before}
    while (order := dog.hear("order"))["orderId"] in known:
        pass
    return order


def next_action(dog: Dog, kind: str) -> Any:
    while (action := dog.hear("instantActions")["actions"][0])["actionType"] != kind:
        pass
    return action


def let_go(dog: Dog, order: Any, last: int, **fields: Any) -> None:
    """The dog does as it is told: it stands, and says that what was not done has failed."""
    action = next_action(dog, "cancelOrder")
    done = {"actionId": action["actionId"], "actionType": "cancelOrder", "actionStatus": "FINISHED"}
    works = [
        {"actionId": a["actionId"], "actionType": a["actionType"], "actionStatus": s}
        for n in order["nodes"]
        for a in n["actions"]
        for s in ["FINISHED" if n["sequenceId"] < last else "FAILED"]
    ]
    dog.state(order, last=last, nodeStates=[], actionStates=[*works, done], **fields)


def audited(client: TestClient) -> list[tuple[str, str]]:
    return [(e["action"], e["actor"]) for e in client.get(f"{API}/audit").json()][::-1]


def test_a_free_dog_goes_looks_and_is_followed_all_the_way(client: TestClient, able: Dog) -> None:
    with client.websocket_connect(f"{API}/live") as live:
        assert hear(live, "snapshot")["calls"] == []
        call = ask(client, place(9.05, 7.05, name="北墙"))
        assert (call["status"], call["dogId"], call["chosenDog"]) == ("ON_THE_WAY", "dog1", None)
        assert call["name"] == {"zh": "前往查看：北墙", "en": "Look at 北墙"}
        order = able.hear("order")
        assert [n["sequenceId"] for n in order["nodes"]] == [0, 2]
        node = order["nodes"][1]
        assert (node["nodePosition"]["x"], node["nodePosition"]["y"]) == (9.05, 7.05)
        assert abs(node["nodePosition"]["allowedDeviationTheta"]) > 3.1  # from wherever it comes
        assert [a["actionType"] for a in node["actions"]] == ["takePhoto", "dwell"]
        rules = {a["actionType"]: a["actionParameters"][0]["value"] for a in order["nodes"][0]["actions"]}
        assert rules == {"onLinkLoss": "carryOnThenHome", "onBlocked": "skip", "onLowBattery": "end"}
        able.state(order, last=2, actions="RUNNING", agvPosition=at(9, 7))
        assert hear(live, "call", lambda c: c["status"] == "THERE")["thereAt"]
        able.state(order, last=2, actions="FINISHED", agvPosition=at(9, 7))
        done = hear(live, "call", lambda c: c["status"] == "DONE")
    assert done["endedAt"]
    assert done["why"] is None
    walked = client.get(f"{API}/patrols/{done['patrolId']}").json()
    assert (walked["callId"], walked["status"], walked["routeId"]) == (call["callId"], "COMPLETED", "")
    deeds = [deed for deed in audited(client) if deed[0].startswith("call.")]
    assert deeds == [("call.asked", "admin"), ("call.sent", "dispatch"), ("call.done", "dispatch")]


def test_a_round_is_interrupted_and_goes_on_where_it_was_left(client: TestClient, able: Dog) -> None:
    patrol = client.post(f"{API}/patrols", json=ROUND).json()["patrolId"]
    order = able.hear("order")
    able.state(order, last=2, actions="FINISHED")
    patrol_is(client, patrol, "ACTIVE")
    able.state(order, last=4, actions="RUNNING")  # at the second of three, and at work there
    reached = ["DONE", "REACHED", "PENDING"]
    eventually(lambda: statuses(client, patrol) == reached)
    call = ask(client, place(15, 5))
    assert (call["status"], call["dogId"]) == ("ASKED", "dog1")
    let_go(able, order, 4)
    kept = patrol_is(client, patrol, "INTERRUPTED")
    assert statuses(client, patrol) == ["DONE", "PENDING", "PENDING"]
    assert (kept["interruptedFor"], kept["endedAt"]) == (call["callId"], None)
    there = next_order(able, order)
    assert [n["nodeId"] for n in there["nodes"][1:]] == [f"call-{call['callId'][:8]}"]
    assert client.post(f"{API}/patrols", json=ROUND).status_code == 409
    able.state(there, last=2, actions="FINISHED")
    becomes(client, call, "DONE")
    rest = next_order(able, order, there)
    assert [(n["nodeId"], n["sequenceId"]) for n in rest["nodes"][1:]] == [("cp_2", 2), ("cp_3", 4)]
    assert [a["actionType"] for a in rest["nodes"][1]["actions"]] == ["dwell"]
    assert rest["nodes"][0]["actions"][0]["actionType"] == "onLinkLoss"
    ids = {a["actionId"] for o in (order, there, rest) for n in o["nodes"] for a in n["actions"]}
    assert len(ids) == sum(len(n["actions"]) for o in (order, there, rest) for n in o["nodes"])
    able.state(rest, last=2, actions="FINISHED")
    eventually(lambda: statuses(client, patrol) == ["DONE", "DONE", "PENDING"])
    able.state(rest, last=4, actions="FINISHED")
    done = patrol_is(client, patrol, "COMPLETED")
    assert (done["reason"], done["interruptedFor"], done["progress"]) == (None, None, 1)
    deeds = [action for action, _ in audited(client) if action.startswith("patrol.")]
    assert deeds == ["patrol.assigned", "patrol.interrupted", "patrol.resumed"]


def statuses(client: TestClient, patrol_id: str) -> list[str]:
    return [c["status"] for c in client.get(f"{API}/patrols/{patrol_id}").json()["checkpoints"]]


@pytest.mark.parametrize(("stops", "interruptions"), [(1, 1), (5, 3)])
def test_however_often_it_is_interrupted_each_checkpoint_is_done_once(
    client: TestClient, able: Dog, stops: int, interruptions: int
) -> None:
    """Interrupted on the way to each of the first stops, also where that is the only or the last one."""
    names = [f"cp_{1 + n % 3}" for n in range(stops)]  # places come twice
    route = client.post(f"{API}/routes", json=route_body(*names)).json()["routeId"]
    patrol = client.post(f"{API}/patrols", json={"routeId": route, "dogId": "dog1"}).json()["patrolId"]
    order, heard, walked = able.hear("order"), [], []
    for _ in range(interruptions):
        heard.append(order)
        last = 2 if len(order["nodes"]) > 2 else 0
        walked += [n["nodeId"] for n in order["nodes"][1:] if n["sequenceId"] <= last]
        able.state(order, last=last, actions="FINISHED")
        eventually(lambda o=order: client.get(f"{API}/patrols/{patrol}").json()["orderId"] == o["orderId"])
        done = len(walked)
        eventually(lambda n=done: statuses(client, patrol).count("DONE") == n)
        call = ask(client, place(15, 5))
        let_go(able, order, last + 2 if last == 0 else last + 1)
        there = next_order(able, *heard)
        heard.append(there)
        able.state(there, last=2, actions="FINISHED")
        becomes(client, call, "DONE")
        order = next_order(able, *heard)
    walked += [n["nodeId"] for n in order["nodes"][1:]]
    able.state(order, last=2 * len(order["nodes"]) - 2, actions="FINISHED")
    patrol_is(client, patrol, "COMPLETED")
    assert walked == names
    assert statuses(client, patrol) == ["DONE"] * stops


def test_a_round_that_ends_while_its_dog_is_taken_off_it_is_completed(client: TestClient, able: Dog) -> None:
    patrol = client.post(f"{API}/patrols", json=ROUND).json()["patrolId"]
    order = able.hear("order")
    able.state(order, last=4, actions="FINISHED")
    patrol_is(client, patrol, "ACTIVE")
    call = ask(client, place(15, 5))
    able.state(order, last=6, actions="FINISHED")
    patrol_is(client, patrol, "COMPLETED")
    able.state(next_order(able, order), last=2, actions="FINISHED")
    becomes(client, call, "DONE")


def test_the_free_dog_goes_though_one_on_a_round_is_nearer(client: TestClient, able: Dog, mqtt: TestBroker) -> None:
    with another(client, mqtt.port, "dog2", 18, 9) as far:
        patrol = client.post(f"{API}/patrols", json=ROUND).json()["patrolId"]
        able.state(able.hear("order"), last=2)
        patrol_is(client, patrol, "ACTIVE")
        shown = client.get(f"{API}/sites/yard/candidates", params={"x": 2, "y": 2}).json()
        assert [(d["dogId"], d["interrupts"]) for d in shown["dogs"]] == [("dog2", None), ("dog1", patrol)]
        assert shown["dogs"][0]["metres"] > 5 * shown["dogs"][1]["metres"]
        call = ask(client, place(2, 2))
        assert call["dogId"] == "dog2"
        far.state(far.hear("order"), last=2, actions="FINISHED")
        becomes(client, call, "DONE")
        assert patrol_is(client, patrol, "ACTIVE")["interruptedFor"] is None


def test_two_calls_at_once_take_two_dogs_each_the_nearer(client: TestClient, able: Dog, mqtt: TestBroker) -> None:
    with another(client, mqtt.port, "dog2", 18, 9) as second:
        one, two = ask(client, place(17, 5)), ask(client, place(16, 5))
        assert (one["dogId"], two["dogId"]) == ("dog2", "dog1")
        for dog, call in ((second, one), (able, two)):
            dog.state(dog.hear("order"), last=2, actions="FINISHED")
            becomes(client, call, "DONE")


def test_two_calls_for_one_dog_are_taken_one_after_the_other_and_then_the_round_goes_on(
    client: TestClient, able: Dog
) -> None:
    patrol = client.post(f"{API}/patrols", json=ROUND).json()["patrolId"]
    order = able.hear("order")
    able.state(order, last=2, actions="FINISHED")
    patrol_is(client, patrol, "ACTIVE")
    one, two = ask(client, place(15, 5)), ask(client, place(3, 2))
    assert (two["status"], two["dogId"]) == ("ASKED", None)
    assert "dog1 has another call" in two["why"]
    let_go(able, order, 3)
    first = next_order(able, order)
    able.state(first, last=2, actions="FINISHED")
    becomes(client, one, "DONE")
    second = next_order(able, order, first)
    assert (second["nodes"][1]["nodePosition"]["x"], second["nodes"][1]["nodePosition"]["y"]) == (3, 2)
    assert client.get(f"{API}/patrols/{patrol}").json()["status"] == "INTERRUPTED"
    able.state(second, last=2, actions="FINISHED")
    becomes(client, two, "DONE")
    rest = next_order(able, order, first, second)
    assert [n["nodeId"] for n in rest["nodes"][1:]] == ["cp_2", "cp_3"]


def test_a_call_waits_while_the_only_dog_charges_and_says_so(client: TestClient, able: Dog) -> None:
    low = {"batteryCharge": 12.0, "charging": True}
    able.state(batteryState=low)
    eventually(lambda: client.get(f"{API}/dogs").json()[0]["batteryCharge"] == 12)
    call = ask(client, place(9, 7))
    assert (call["status"], call["dogId"]) == ("ASKED", None)
    assert "dog1 has 12 % charge" in call["why"]
    chosen = client.post(f"{API}/calls", json=place(9, 7, dogId="dog1"))
    assert (chosen.status_code, chosen.json()["detail"]) == (409, call["why"])
    able.state(batteryState={"batteryCharge": 60.0, "charging": True})
    becomes(client, call, "ON_THE_WAY")
    assert able.hear("order")


def test_a_call_that_nobody_can_take_fails_after_a_while_with_the_reason(client: TestClient, able: Dog) -> None:
    able.state(batteryState={"batteryCharge": 12.0, "charging": True})
    eventually(lambda: client.get(f"{API}/dogs").json()[0]["batteryCharge"] == 12)
    call = ask(client, place(9, 7))
    station = station_of(client)
    with_time(client, lambda: station[CallDispatch].update(lambda: utc_now() + PATIENCE + timedelta(seconds=1)))
    ended = call_now(client, call)
    assert ended["status"] == "FAILED"
    assert ended["why"].startswith("no dog could take it within 15 minutes: dog1 has 12 % charge")


def with_time(client: TestClient, act: Callable[[], None]) -> None:
    """Whatever else the time brings, no dog has fallen silent by it."""
    fleet = station_of(client)[Fleet]
    before, fleet.live_after = fleet.live_after, timedelta(days=1)
    try:
        act()
    finally:
        fleet.live_after = before


def test_a_dog_that_dies_on_the_way_is_replaced_and_told_to_let_go_when_it_is_back(
    client: TestClient, able: Dog, mqtt: TestBroker
) -> None:
    with another(client, mqtt.port, "dog2", 18, 9) as second:
        call = ask(client, place(3, 2))
        order = able.hear("order")
        able.state(order)
        patrol_is(client, call["patrolId"], "ACTIVE")
        able.say("connection", retain=True, connectionState="CONNECTIONBROKEN")
        told = eventually(lambda: call_now(client, call)["why"])
        assert "dog1 is not live" in told
        assert call_now(client, call)["status"] == "ON_THE_WAY"
        with_time(client, lambda: station_of(client)[CallDispatch].update(lambda: utc_now() + LOST_AFTER))
        second.state(next_order(second), last=2, actions="FINISHED")
        done = becomes(client, call, "DONE")
        assert done["dogId"] == "dog2"
        lost = patrol_is(client, call["patrolId"], "CANCELED")
        assert lost["reason"].startswith("dog1 is not live")
        able.online()
        able.state(order)
        assert next_action(able, "cancelOrder")
    assert ("call.passed_on", "dispatch") in audited(client)


def test_a_dog_that_cannot_get_there_is_replaced_and_a_chosen_one_is_not(
    client: TestClient, able: Dog, mqtt: TestBroker
) -> None:
    refusal = {
        "errorType": "noRouteError",
        "errorLevel": "WARNING",
        "errorDescription": "no dog can stand there",
    }

    def refuse(order: Any) -> None:
        reference = {"referenceKey": "orderId", "referenceValue": order["orderId"]}
        able.state(errors=[refusal | {"errorReferences": [reference]}])

    with another(client, mqtt.port, "dog2", 18, 9) as second:
        call = ask(client, place(3, 2))
        order = able.hear("order")
        refuse(order)
        second.state(second.hear("order"), last=2, actions="FINISHED")
        assert becomes(client, call, "DONE")["dogId"] == "dog2"
        call = ask(client, place(3, 2, dogId="dog1"))
        refuse(next_order(able, order))
        assert becomes(client, call, "FAILED")["why"] == "noRouteError: no dog can stand there"


def test_another_makers_vehicle_is_sent_by_a_plain_order_and_only_where_no_other_can_look(
    client: TestClient, able: Dog, mqtt: TestBroker
) -> None:
    with Dog(mqtt.port, "agv", manufacturer="acme") as other:
        other.online(agvPosition=at(9, 7))
        eventually(lambda: knows(client, "agv@acme", can_look=False))
        shown = client.get(f"{API}/sites/yard/candidates", params={"x": 9, "y": 7}).json()["dogs"]
        assert [(d["dogId"], d["looks"]) for d in shown] == [("dog1", True), ("agv@acme", False)]
        call = ask(client, place(9, 7, dogId="agv@acme"))
        order = other.hear("order")
        assert [n["actions"] for n in order["nodes"]] == [[], []]
        other.state(order, last=2)
        becomes(client, call, "DONE")


def test_a_call_is_taken_back_and_its_dog_has_its_round_again(client: TestClient, able: Dog) -> None:
    patrol = client.post(f"{API}/patrols", json=ROUND).json()["patrolId"]
    order = able.hear("order")
    able.state(order, last=2, actions="FINISHED")
    patrol_is(client, patrol, "ACTIVE")
    call = ask(client, place(15, 5))
    let_go(able, order, 3)
    there = next_order(able, order)
    able.state(there, last=0)
    patrol_is(client, call_now(client, call)["patrolId"], "ACTIVE")
    assert client.post(f"{API}/calls/{call['callId']}/cancel").json()["status"] == "CANCELED"
    assert client.post(f"{API}/calls/{call['callId']}/cancel").status_code == 409
    let_go(able, there, 1)
    assert [n["nodeId"] for n in next_order(able, order, there)["nodes"][1:]] == ["cp_2", "cp_3"]


def test_a_kept_round_can_be_ended(client: TestClient, able: Dog) -> None:
    patrol = client.post(f"{API}/patrols", json=ROUND).json()["patrolId"]
    order = able.hear("order")
    able.state(order, last=2, actions="FINISHED")
    patrol_is(client, patrol, "ACTIVE")
    call = ask(client, place(15, 5))
    let_go(able, order, 3)
    patrol_is(client, patrol, "INTERRUPTED")
    assert client.delete(f"{API}/routes/demo_round").status_code == 409
    assert client.post(f"{API}/patrols/{patrol}/cancel").json()["status"] == "CANCELED"
    able.state(next_order(able, order), last=2, actions="FINISHED")
    becomes(client, call, "DONE")
    assert client.get(f"{API}/patrols/{patrol}").json()["status"] == "CANCELED"


# Home


def test_one_dog_goes_home_to_the_dock_that_is_free_and_its_round_ends(client: TestClient, able: Dog) -> None:
    patrol = client.post(f"{API}/patrols", json=ROUND).json()["patrolId"]
    order = able.hear("order")
    able.state(order, last=2, agvPosition=at(6, 5))
    patrol_is(client, patrol, "ACTIVE")
    call = client.post(f"{API}/dogs/dog1/go-home").json()
    assert (call["kind"], call["status"], call["dogId"]) == ("HOME", "ASKED", "dog1")
    assert client.post(f"{API}/dogs/dog1/go-home").status_code == 409
    let_go(able, order, 3, agvPosition=at(6, 5))
    patrol_is(client, patrol, "CANCELED")
    home = next_order(able, order)
    goal = home["nodes"][1]["nodePosition"]
    assert math.dist((goal["x"], goal["y"]), (1 + 1.2, 1)) < 0.2  # before the dock, as it looks
    able.state(home, last=2, actions="FINISHED", agvPosition=at(2.2, 1))
    becomes(client, call, "THERE")
    action = next_action(able, "startCharging")
    assert {p["key"]: p["value"] for p in action["actionParameters"]} == {"x": 1, "y": 1}
    said = {"actionId": action["actionId"], "actionType": "startCharging", "actionStatus": "RUNNING"}
    able.state(home, last=2, actionStates=[said], agvPosition=at(1, 1))
    charging = {"batteryCharge": 80.0, "charging": True}
    able.state(home, last=2, actionStates=[said], agvPosition=at(1, 1), batteryState=charging)
    done = becomes(client, call, "DONE")
    assert done["name"] == {"zh": "返回坞一", "en": "Home to Dock 1"}
    able.state(agvPosition=at(1, 1), batteryState=charging)
    eventually(lambda: not station_of(client)[Fleet].all()[0].executing)
    assert client.post(f"{API}/dogs/dog1/go-home").status_code == 409


def test_a_dock_at_which_another_stands_is_not_gone_to(client: TestClient, able: Dog, mqtt: TestBroker) -> None:
    able.state(agvPosition=at(6, 5))
    with another(client, mqtt.port, "dog2", 1.3, 1.2) as second:
        call = client.post(f"{API}/dogs/dog1/go-home").json()
        waiting = eventually(lambda: call_now(client, call)["why"])
        assert waiting == "no dock is free that it can get to"
        second.state(agvPosition=at(9, 9))
        becomes(client, call, "ON_THE_WAY")


def test_all_dogs_are_called_home_and_nothing_goes_out_until_they_are_released(
    client: TestClient, able: Dog, mqtt: TestBroker
) -> None:
    with another(client, mqtt.port, "dog2", 18, 9) as second, client.websocket_connect(f"{API}/live") as live:
        assert hear(live, "snapshot")["recalls"] == []
        charging = {"batteryCharge": 80.0, "charging": True}
        second.state(agvPosition=at(18, 9), batteryState=charging)
        eventually(lambda: [d["charging"] for d in client.get(f"{API}/dogs").json()] == [False, True])
        patrol = client.post(f"{API}/patrols", json=ROUND).json()["patrolId"]
        order = able.hear("order")
        able.state(order, last=2, actions="FINISHED", agvPosition=at(6, 5))
        patrol_is(client, patrol, "ACTIVE")
        call = ask(client, place(17, 5))
        answer = client.post(f"{API}/sites/yard/recall", json={"rounds": "keep", "reason": "storm"})
        assert answer.status_code == 201, answer.text
        assert hear(live, "recall")["reason"] == "storm"
        assert client.post(f"{API}/sites/yard/recall", json={"rounds": "keep"}).status_code == 409
        assert call_now(client, call)["status"] == "CANCELED"
        for refused in (
            client.post(f"{API}/calls", json=place(9, 7)),
            client.post(f"{API}/patrols", json={"routeId": "demo_round", "dogId": "dog2"}),
        ):
            assert refused.status_code == 409, refused.text
        homeward = [c for c in client.get(f"{API}/calls").json() if c["kind"] == "HOME"]
        assert [c["dogId"] for c in homeward] == ["dog1"]  # the other is at its dock
        let_go(able, order, 3, agvPosition=at(6, 5))
        assert patrol_is(client, patrol, "INTERRUPTED")["interruptedFor"] == answer.json()["recallId"]
        home = next_order(able, order)
        able.state(home, last=2, actions="FINISHED", agvPosition=at(1, 1), batteryState=charging)
        becomes(client, homeward[0], "DONE")
        assert [r["rounds"] for r in client.get(f"{API}/recalls").json()] == ["keep"]
        assert client.post(f"{API}/sites/yard/release-recall").json()["releasedBy"] == "admin"
        assert client.get(f"{API}/recalls").json() == []
        assert client.post(f"{API}/sites/yard/release-recall").status_code == 409
        rest = next_order(able, order, home)
        assert [n["nodeId"] for n in rest["nodes"][1:]] == ["cp_2", "cp_3"]


def test_a_schedule_waits_while_all_dogs_are_called_home_and_says_why(client: TestClient, able: Dog) -> None:
    client.post(f"{API}/sites/yard/recall", json={"rounds": "end"})
    make_schedule(client)
    (waits,) = eventually(lambda: rounds(client))
    assert (waits["status"], waits["reason"]) == ("WAITING", "all dogs of the site are called home by admin")
    client.post(f"{API}/sites/yard/release-recall")
    able.state(agvPosition=at(1, 1), batteryState={"batteryCharge": 80.0, "charging": True})
    (homeward,) = client.get(f"{API}/calls").json()
    client.post(f"{API}/calls/{homeward['callId']}/cancel")
    eventually(lambda: begun_while_it_tells(client, able))


# The place


@pytest.fixture
def walled(mqtt: TestBroker, tmp_path: Path) -> Iterator[TestClient]:
    """The yard with a walled-off corner, a pillar and a lawn that is not to be walked on."""
    chosen = settings(tmp_path, mqtt.port)
    folder = tmp_path / "yard"
    picture = Image.open(folder / "map.pgm")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((150, 0, 153, 40), fill=0)  # x 15.0 to 15.4, y 6 to 10
    draw.rectangle((150, 40, 199, 43), fill=0)  # a corner without a door
    draw.rectangle((60, 20, 70, 30), fill=0)  # x 6 to 7.1, y 7 to 8
    picture.save(folder / "map.pgm")
    text = (folder / "site.yaml").read_text()
    lawn = (
        "  - zone_id: lawn\n    kind: no_go\n    name: {zh: 草坪, en: Lawn}\n"
        "    polygon: [{x: 2, y: 7}, {x: 5, y: 7}, {x: 5, y: 9}, {x: 2, y: 9}]\n"
    )
    (folder / "site.yaml").write_text(text.replace("docks:\n", lawn + "docks:\n", 1))
    with serving(chosen) as client:
        eventually(lambda: station_of(client)[Session].connected)
        yield sign_in(client)


@pytest.mark.parametrize(
    ("x", "y", "why", "within_m"),
    [
        (6.5, 7.5, "in a wall", 1.3),
        (3.0, 8.0, "in the no-go zone 'Lawn'", 1.6),
        (18.0, 8.0, "no way leads there", 4.0),
        (30.0, 5.0, "outside the map", 11.0),
        (-3.0, -3.0, "outside the map", 5.0),
        (1e6, 1e6, "outside the map", 2e6),
    ],
)
def test_a_place_that_cannot_be_reached_is_refused_with_the_nearest_that_can(
    walled: TestClient, x: float, y: float, why: str, within_m: float
) -> None:
    answer = walled.post(f"{API}/calls", json=place(x, y))
    assert answer.status_code == 409
    problem = answer.json()
    assert why in problem["detail"]
    nearest = problem["nearest"]
    assert math.dist((nearest["x"], nearest["y"]), (x, y)) < within_m
    shown = walled.get(f"{API}/sites/yard/candidates", params={"x": x, "y": y}).json()
    assert (shown["to"], shown["nearest"]) == (None, nearest)
    taken = ask(walled, place(x, y, nearest=True))
    assert taken["to"] == nearest
    assert taken["place"] == {"x": x, "y": y}
    assert walled.post(f"{API}/calls", json=place(**nearest)).status_code == 201


@pytest.mark.parametrize("wrong", [{"x": "NaN"}, {"x": 1e300}, {"reason": " "}, {"dwellS": 1e9}, {"dogId": "a/b"}])
def test_a_call_that_is_none_is_refused(walled: TestClient, wrong: dict[str, Any]) -> None:
    assert walled.post(f"{API}/calls", json=place(9, 7) | wrong).status_code == 422


def test_a_call_to_nowhere_or_for_nobody_is_refused(walled: TestClient) -> None:
    assert walled.post(f"{API}/calls", json=place(9, 7) | {"siteId": "moon"}).status_code == 404
    assert walled.post(f"{API}/calls", json=place(9, 7, dogId="nobody")).status_code == 409
    assert walled.post(f"{API}/dogs/nobody/go-home").status_code == 404
    assert walled.post(f"{API}/sites/moon/recall", json={"rounds": "end"}).status_code == 404
