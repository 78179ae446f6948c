"""A real MQTT broker for tests: started, killed without warning, and started again on the same port."""

import queue
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import iotcore
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from xiaotian.local_stack import free_port

CLEARED, PATIENCE_S = "cleared", 60.0

CONFIG = """
id = 0

[router]
id = 0
max_connections = 1000
max_outgoing_packet_count = 10000
max_segment_size = 10485760
max_segment_count = 10

[v4.1]
name = "v4"
listen = "127.0.0.1:{v4}"
next_connection_delay_ms = 1
[v4.1.connections]
connection_timeout_ms = 60000
max_payload_size = 2097152
max_inflight_count = 500
dynamic_filters = true

[v5.1]
name = "v5"
listen = "127.0.0.1:{v5}"
next_connection_delay_ms = 1
[v5.1.connections]
connection_timeout_ms = 60000
max_payload_size = 2097152
max_inflight_count = 500
dynamic_filters = true
"""


class TestBroker:
    """``port`` speaks MQTT 5, ``v4_port`` MQTT 3.1.1; both on 127.0.0.1 alone. It keeps nothing when it ends."""

    __test__ = False

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.port = port or free_port()
        self.v4_port = free_port()
        self._config = folder / f"broker-{self.port}.toml"
        self._config.write_text(CONFIG.format(v4=self.v4_port, v5=self.port))
        self._broker: iotcore.Broker | None = None

    def start(self) -> None:
        """Start it and wait until it listens."""
        self._broker = iotcore.Broker(config_path=str(self._config))
        self._broker.start()

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._broker is not None and self._broker._process is not None:
            self._broker._process.kill()
            self._broker._process.wait()
            self._broker.stop()
        self._broker = None


def clear_retained(port: int) -> list[str]:
    """Have the broker forget what was retained, and tell the topics: what one test left is no business of the next."""
    left: list[str] = []
    heard: queue.Queue[None] = queue.Queue()
    mark = f"{CLEARED}/{uuid.uuid4()}"

    def take(_client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        if message.topic == mark:
            heard.put(None)
        elif message.retain and message.payload:
            left.append(message.topic)

    def subscribe(*_: Any) -> None:
        client.subscribe("#", 1)

    def ask(*_: Any) -> None:
        client.publish(mark, b"", 1)  # comes after all that is retained

    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.on_message = take
    client.on_connect, client.on_subscribe = subscribe, ask
    client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        heard.get(timeout=PATIENCE_S)
        for topic in left:
            client.publish(topic, b"", 1, retain=True).wait_for_publish(PATIENCE_S)
    finally:
        client.disconnect()
        client.loop_stop()
    return left


@contextmanager
def broker(folder: Path, port: int = 0) -> Iterator[TestBroker]:
    """A broker that runs while the block does."""
    running = TestBroker(folder, port)
    running.start()
    try:
        yield running
    finally:
        running.kill()
