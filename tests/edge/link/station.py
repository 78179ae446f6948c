"""The other end of the wire: a bare MQTT client that hears all a dog says, and answers as the station would."""

import json
import queue
import threading
import time
from collections.abc import Callable
from typing import Any, Self

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

PATIENCE_S = 60.0
DOG = "v2/xiaotian/dog1"
ROOT = f"xiaotian/{DOG}"


class Station:
    """Keeps all it hears by topic, in order; when ``acknowledging`` it answers `received` to what must not be lost."""

    def __init__(self, port: int, prefix: str = "xiaotian") -> None:
        self.root = f"{prefix}/{DOG}"
        self.heard: queue.Queue[tuple[str, dict[str, Any], bool]] = queue.Queue()
        self.log: list[tuple[str, dict[str, Any]]] = []
        self.acknowledging = False
        self._subscribed = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda client, *_: client.subscribe(f"{prefix}/v2/#", 1)
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_message = self._on_message
        self._client.connect("127.0.0.1", port)

    def __enter__(self) -> Self:
        self._client.loop_start()
        assert self._subscribed.wait(PATIENCE_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def say(self, topic: str, retain: bool = False, payload: bytes | None = None, **fields: Any) -> None:
        head = {
            "headerId": 0,
            "timestamp": "2026-11-23T12:00:00.000Z",
            "version": "2.1.0",
            "manufacturer": "xiaotian",
            "serialNumber": "dog1",
        }
        body = json.dumps(head | fields).encode() if payload is None else payload
        self._client.publish(f"{self.root}/{topic}", body, 1, retain).wait_for_publish(PATIENCE_S)

    def received(self, *ids: str) -> None:
        self.say("received", ids=list(ids))

    def hear(self, topic: str, where: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        """The next message on ``topic`` for which ``where`` holds; what comes before it is passed over."""
        end = time.monotonic() + PATIENCE_S
        while True:
            name, message, _ = self.heard.get(timeout=max(0.01, end - time.monotonic()))
            if name == topic and where(message):
                return message

    def said(self, topic: str) -> list[dict[str, Any]]:
        """All that was ever heard on ``topic``."""
        return [message for name, message in list(self.log) if name == topic]

    def _on_message(self, client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        topic = message.topic.rsplit("/", 1)[1]
        if topic in ("received", "site", "order", "instantActions") or not message.payload:
            return
        body = json.loads(message.payload)
        self.log.append((topic, body))
        self.heard.put((topic, body, bool(message.retain)))
        if self.acknowledging and topic in ("anomaly", "evidence"):
            head = {key: body[key] for key in ("headerId", "timestamp", "version", "manufacturer", "serialNumber")}
            client.publish(f"{self.root}/received", json.dumps(head | {"ids": [body[f"{topic}Id"]]}), 1)
