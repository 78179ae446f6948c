"""An order from a program that is not ours, sent straight to the broker, makes a dog walk.

The program is paho-mqtt and a JSON file; nothing of protocol/ takes part, and no fleet server runs.
"""

import json
import math
import queue
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest

from tests.broker import broker
from xiaotian.child_processes import Family, wait_for
from xiaotian.local_stack import LocalStack, Plan

pytestmark = [pytest.mark.slow, pytest.mark.realtime, pytest.mark.timeout(600)]
ROOT_TOPIC = "xiaotian/v2/xiaotian/dog1"
WALK_M = 6.0


def node(n: int, x: float, y: float, actions: list[dict[str, Any]]) -> dict[str, Any]:
    place = {"x": x, "y": y, "mapId": "", "allowedDeviationXY": 0.6}
    return {"nodeId": f"n{n}", "sequenceId": 2 * n, "released": True, "nodePosition": place, "actions": actions}


def order(start: dict[str, Any]) -> dict[str, Any]:
    """Two nodes: where the dog stands, and a place some metres ahead of it, with a dwell there."""
    there = (start["x"] + WALK_M * math.cos(start["theta"]), start["y"] + WALK_M * math.sin(start["theta"]))
    dwell = {
        "actionType": "dwell",
        "actionId": "wait",
        "blockingType": "HARD",
        "actionParameters": [{"key": "seconds", "value": 1}],
    }
    nodes = [node(0, start["x"], start["y"], []), node(1, *there, [dwell])]
    for each in nodes:
        each["nodePosition"]["mapId"] = start["mapId"]
    edge = {"edgeId": "e0", "sequenceId": 1, "released": True, "startNodeId": "n0", "endNodeId": "n1", "actions": []}
    return {
        "headerId": 0,
        "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "version": "2.1.0",
        "manufacturer": "xiaotian",
        "serialNumber": "dog1",
        "orderId": "not-ours",
        "orderUpdateId": 0,
        "nodes": nodes,
        "edges": [edge],
    }


def test_a_dog_walks_an_order_that_is_not_ours(tmp_path: Path) -> None:
    states: queue.Queue[dict[str, Any]] = queue.Queue()
    last: dict[str, Any] = {}
    with broker(tmp_path) as running, Family(tmp_path / "logs") as family:
        plan = Plan(tmp_path, bodies=("light",), mqtt_port=running.port, external_broker=True)
        stage = LocalStack(plan, family, lambda text: None)
        (tmp_path / "station").mkdir()
        (tmp_path / "station/robot_token").write_text("no server will ask for it")
        stage.start_world()

        stranger = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
        stranger.on_message = lambda client, data, message: states.put(json.loads(message.payload))
        stranger.on_connect = lambda client, *rest: client.subscribe(f"{ROOT_TOPIC}/state")
        stranger.connect("127.0.0.1", running.v4_port)
        stranger.loop_start()

        def heard(condition: Any) -> bool:
            while not states.empty():
                last.update(states.get())
            return bool(last) and bool(condition(last))

        try:
            wait_for(lambda: heard(lambda s: s.get("agvPosition", {}).get("positionInitialized")), 60, "a pose", family)
            start = dict(last["agvPosition"])
            (tmp_path / "order.json").write_text(json.dumps(order(start)))
            stranger.publish(f"{ROOT_TOPIC}/order", (tmp_path / "order.json").read_bytes())
            wait_for(lambda: heard(lambda s: s["orderId"] == "not-ours"), 10, "the order to be taken", family)
            wait_for(lambda: heard(lambda s: s["lastNodeId"] == "n1" and not s["nodeStates"]), 60, "n1", family)
            done = [{"actionId": "wait", "actionStatus": "FINISHED"}]
            wait_for(
                lambda: heard(
                    lambda s: [{k: a[k] for k in ("actionId", "actionStatus")} for a in s["actionStates"]] == done
                ),
                20,
                "the dwell",
                family,
            )
        finally:
            stranger.disconnect()
            stranger.loop_stop()
        family.stop()
    walked = stage.report()["dogs"]["dog1"]
    assert walked["distance_m"] > WALK_M - 1.0
    assert walked["collisions"] == 0
    assert math.dist((start["x"], start["y"]), (last["agvPosition"]["x"], last["agvPosition"]["y"])) > WALK_M - 1.0
