"""A bare vehicle: paho-mqtt and JSON, none of our own robot's code."""

import contextlib
import json
import queue
import time
from datetime import UTC, datetime
from typing import Any, Self

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

PATIENCE_S = 60.0
RETAINED = ("connection", "site", "factsheet")


class Dog:
    """Speaks the wire as JSON; what it hears waits in a queue for each topic."""

    def __init__(self, port: int, name: str = "dog1", manufacturer: str = "xiaotian", map_id: str = "yard") -> None:
        self.name, self.manufacturer, self.map_id = name, manufacturer, map_id
        self.root = f"xiaotian/v2/{manufacturer}/{name}"
        self.heard: dict[str, queue.Queue[Any]] = {t: queue.Queue() for t in HEARS}
        self._ids: dict[str, int] = {}
        self._subscribed: queue.Queue[int] = queue.Queue()
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self.client.on_connect = lambda c, *_: c.subscribe([(f"{self.root}/{t}", 1) for t in HEARS])
        self.client.on_subscribe = lambda *_: self._subscribed.put(1)
        self.client.on_message = self._on_message
        will = self.message("connection", connectionState="CONNECTIONBROKEN")
        self.client.will_set(f"{self.root}/connection", json.dumps(will), 1, retain=True)
        self.port = port

    def __enter__(self) -> Self:
        self.client.connect("127.0.0.1", self.port)
        self.client.loop_start()
        self._subscribed.get(timeout=PATIENCE_S)
        return self

    def __exit__(self, *_: object) -> None:
        """What was retained of it is cleared away: the broker is that of other tests, too."""
        for topic in RETAINED if self.client.is_connected() else ():
            with contextlib.suppress(ValueError, RuntimeError):  # the broker is gone, and forgets by itself
                self.client.publish(f"{self.root}/{topic}", b"", 1, retain=True).wait_for_publish(10)
        self.client.disconnect()
        self.client.loop_stop()

    def message(self, topic: str, **fields: Any) -> dict[str, Any]:
        """The fields under a header."""
        self._ids[topic] = self._ids.get(topic, -1) + 1
        return {
            "headerId": self._ids[topic],
            "timestamp": iso(time.time()),
            "version": "2.1.0",
            "manufacturer": self.manufacturer,
            "serialNumber": self.name,
        } | fields

    def say(self, topic: str, retain: bool = False, **fields: Any) -> None:
        """Publish, at the QoS of the standard where it counts."""
        qos = 1 if topic in ("connection", "anomaly", "evidence") else 0
        self.client.publish(f"{self.root}/{topic}", json.dumps(self.message(topic, **fields)), qos, retain)

    def online(self, **state: Any) -> None:
        """Come online and tell where it stands."""
        self.say("connection", retain=True, connectionState="ONLINE")
        self.state(**state)

    def state(self, order: Any = None, last: int = 0, actions: str = "WAITING", **fields: Any) -> None:
        """Say a state: ``order`` is walked up to the node of sequence id ``last``, all work until there ``actions``."""
        nodes = order["nodes"] if order else []
        here = next((n for n in nodes if n["sequenceId"] == last), None)
        said: dict[str, Any] = {
            "orderId": order["orderId"] if order else "",
            "orderUpdateId": 0,
            "lastNodeId": here["nodeId"] if here else "",
            "lastNodeSequenceId": last,
            "driving": bool(order),
            "operatingMode": "AUTOMATIC",
            "nodeStates": [
                {"nodeId": n["nodeId"], "sequenceId": n["sequenceId"], "released": True}
                for n in nodes
                if n["sequenceId"] > last
            ],
            "edgeStates": [],
            "actionStates": [
                {
                    "actionId": a["actionId"],
                    "actionType": a["actionType"],
                    "actionStatus": actions if n["sequenceId"] <= last else "WAITING",
                }
                for n in nodes
                for a in n["actions"]
            ],
            "batteryState": {"batteryCharge": 80.0, "charging": False},
            "errors": [],
            "safetyState": {"eStop": "NONE", "fieldViolation": False},
            "agvPosition": {"x": 1.0, "y": 1.0, "theta": 0.0, "mapId": self.map_id, "positionInitialized": True},
        }
        self.say("state", **said | fields)

    def hear(self, topic: str, patience_s: float = PATIENCE_S) -> Any:
        """The next message on ``topic``."""
        return self.heard[topic].get(timeout=patience_s)

    def _on_message(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        if message.payload:  # empty: a retained message was cleared away
            self.heard[message.topic.rsplit("/", 1)[1]].put(json.loads(message.payload))


HEARS = ("order", "instantActions", "received", "site")


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
