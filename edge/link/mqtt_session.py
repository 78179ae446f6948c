"""The dog's MQTT 5 session: it comes back by itself, and is believed connected only when the broker said so."""

import queue
import socket
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge.draining import drained
from protocol.mqtt_client import Client, Tls

FIRST_RECONNECT_S, LAST_RECONNECT_S = 1, 10
KEEPALIVE_S = 15
CONNECT_TIMEOUT_S = 3.0
GOODBYE_S = 2.0
REVIVE_S = 10.0
MOST_PAYLOAD = 2 * 1024 * 1024  # bytes: a site with its map
MOST_WAITING = 1000  # events; the node takes them ten times a second


@dataclass(frozen=True, slots=True)
class Up:
    """The broker has taken us."""


@dataclass(frozen=True, slots=True)
class Down:
    """The connection is gone, or was refused."""

    reason: str


@dataclass(frozen=True, slots=True)
class Heard:
    """A message; ``properties`` are its user properties, of which a name's last value counts; ``at`` steady seconds."""

    topic: str
    payload: bytes
    retained: bool
    properties: Mapping[str, str] = field(default_factory=dict)
    at: float = field(default=0.0, compare=False)


Event = Up | Down | Heard


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker says, retained, when the dog is gone without a word."""

    topic: str
    payload: bytes


class Session:
    """Says and hears; what happens waits in a queue for ``take``. ``dropped`` counts by reason what was not taken in.

    It starts clean each time: what must not be lost is said again by the outbox, and old telemetry is worth nothing.
    """

    def __init__(
        self,
        host: str,
        port: int,
        client_id: str,
        topics: Mapping[str, int],
        will: Will,
        revive_s: float = REVIVE_S,
        tls: Tls | None = None,
    ) -> None:
        self.dropped: Counter[str] = Counter()
        self._events: queue.Queue[Event] = queue.Queue(MOST_WAITING)
        self._connected = False
        self._on_their_way: deque[mqtt.MQTTMessageInfo] = deque()
        self._topics = list(topics.items())
        self._host, self._port = host, port
        self._revive_s = revive_s
        self._started = False
        self._begun = 0.0
        self._client_id, self._will, self._tls = client_id, will, tls
        self._client = self._new_client()

    @property
    def connected(self) -> bool:
        """Whether the broker has taken us, and nothing was heard to the contrary."""
        return self._connected

    def start(self) -> None:
        """Connect in a thread of its own, now or as soon as there is a broker."""
        limits = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        limits.MaximumPacketSize = MOST_PAYLOAD + 64 * 1024  # and the topic's name and properties
        self._client.connect_async(self._host, self._port, KEEPALIVE_S, clean_start=True, properties=limits)
        self._begun = time.monotonic()
        self._started = True
        self._client.loop_start()

    def stop(self, topic: str, goodbye: bytes) -> None:
        """Say ``goodbye``, retained, in place of the will, and disconnect."""
        if self._connected:
            said = self._client.publish(topic, goodbye, qos=1, retain=True)
            try:
                said.wait_for_publish(GOODBYE_S)
            except (RuntimeError, ValueError):
                self.dropped["goodbye"] += 1
        self._client.disconnect()
        if self._started:
            self._client.ended.wait(GOODBYE_S)
        self._started = self._connected = False

    def publish(
        self, topic: str, payload: bytes, qos: int, retain: bool, properties: Sequence[tuple[str, str]] = ()
    ) -> bool:
        """Say something, with user properties; False when that is not possible now. Nothing is kept for later."""
        if not self._connected:
            return False
        if len(payload) > MOST_PAYLOAD:
            self.dropped["too large to send"] += 1
            return False
        beside = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        if properties:
            beside.UserProperty = list(properties)
        made = self._client.publish(topic, payload, qos, retain, beside)
        if made.rc != mqtt.MQTT_ERR_SUCCESS:
            return False
        self._on_their_way.append(made)
        return True

    @property
    def waiting(self) -> int:
        """How many messages have not left (QoS 0), or are not acknowledged by the broker (QoS 1)."""
        while self._on_their_way and self._on_their_way[0].is_published():
            self._on_their_way.popleft()
        return len(self._on_their_way)

    def take(self) -> list[Event]:
        """What happened since the last time, in its order."""
        self._revive()
        taken = drained(self._events)
        if any(isinstance(event, Up | Down) for event in taken):
            self._on_their_way.clear()  # of QoS 0 nothing outlives a connection, and the outbox says the rest again
        return taken

    def _new_client(self) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._client_id,
            protocol=mqtt.MQTTv5,
            unread=self._not_read,
            tls=self._tls,
        )
        client.reconnect_delay_set(FIRST_RECONNECT_S, LAST_RECONNECT_S)
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.will_set(self._will.topic, self._will.payload, qos=1, retain=True)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        return client

    def _revive(self) -> None:
        """A fault of ours that ends the client's thread must not silence the dog."""
        if not self._started or not self._client.ended.is_set():
            return
        if self._connected:
            self._connected = False
            self._put(Down("the session's thread ended"))
        if time.monotonic() - self._begun < self._revive_s:
            return
        self.dropped["the session's thread ended"] += 1
        broken = self._client.socket()
        if isinstance(broken, socket.socket):
            broken.close()
        self._client = self._new_client()
        self.start()

    def _not_read(self, error: Exception) -> None:
        self.dropped[f"unreadable: {type(error).__name__}"] += 1

    def _put(self, event: Event) -> None:
        try:
            self._events.put_nowait(event)
        except queue.Full:
            self.dropped["nobody takes them"] += 1

    def _on_connect(
        self, client: mqtt.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        if reason.is_failure:
            self._put(Down(f"the broker refused: {reason}"))
            return
        client.subscribe(self._topics)
        self._connected = True
        self._put(Up())

    def _on_disconnect(
        self, _client: mqtt.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        was, self._connected = self._connected, False
        if was:
            self._put(Down(str(reason)))

    def _on_subscribe(
        self, _client: mqtt.Client, _data: Any, _mid: int, reasons: Sequence[ReasonCode], _properties: Any
    ) -> None:
        self.dropped["subscription refused"] += sum(reason.is_failure for reason in reasons)

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        if len(message.payload) > MOST_PAYLOAD:
            self.dropped["too large"] += 1
        else:
            self._put(
                Heard(message.topic, bytes(message.payload), bool(message.retain), _beside(message), time.monotonic())
            )


def _beside(message: mqtt.MQTTMessage) -> dict[str, str]:
    return dict(getattr(message.properties, "UserProperty", ()))
