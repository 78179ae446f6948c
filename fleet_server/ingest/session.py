"""The server's MQTT session: hears all vehicles, survives the broker, and never stops for a bad message."""

import socket
import ssl
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import paho.mqtt.client as mqtt
import structlog
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from fleet_server.clock import utc_now
from fleet_server.ingest.inbox import Arrival, Inbox
from protocol.codec import MalformedMessage, decode
from protocol.header import Header
from protocol.signature import CHALLENGE
from protocol.topics import TABLE, Address, BadTopic, Topic, filter_for_all, parse

FIRST_RECONNECT_S, LAST_RECONNECT_S = 1, 4
KEEPALIVE_S = 15
MOST_SHOWN = 200  # characters of a malformed message that go into the log

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Tls:
    """PEM files: whom to trust, and who we are."""

    ca: Path
    certificate: Path
    key: Path


class Session:
    """A connection that comes back by itself. ``malformed`` counts what was not understood, by topic.

    It starts clean each time: what a robot must not lose it says again until ``received``, and queued telemetry
    of an hour ago would only make the server late.
    """

    def __init__(
        self,
        host: str,
        port: int,
        prefix: str,
        inbox: Inbox,
        on_link: Callable[[bool], None],
        admits: Callable[[Address], bool] = lambda _: True,
        tls: Tls | None = None,
        refuse: Callable[[Address, UUID, str], None] = lambda *_: None,
    ) -> None:
        self.refuse = refuse
        self.host, self.port, self.prefix = host, port, prefix
        self.inbox = inbox
        self.on_link = on_link
        self.admits = admits
        self.connected = False
        self.malformed: Counter[str] = Counter()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._client.reconnect_delay_set(FIRST_RECONNECT_S, LAST_RECONNECT_S)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._client.on_socket_open = _no_delay
        if tls is not None:
            context = ssl.create_default_context(cafile=str(tls.ca))
            context.load_cert_chain(tls.certificate, tls.key)
            self._client.tls_set_context(context)

    def start(self) -> None:
        """Connect in a thread of its own, now or as soon as there is a broker."""
        # Clean at every connection: dogs say again what was not received, and a broker that was restarted knows no
        # session to go on with (rumqttd refuses one with "client identifier not valid").
        self._client.connect_async(self.host, self.port, KEEPALIVE_S, clean_start=True)
        self._client.loop_start()

    def stop(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()

    def publish(
        self, topic: str, payload: bytes, qos: int, retain: bool, properties: Sequence[tuple[str, str]] = ()
    ) -> bool:
        """Say something, with user properties; False when there is no broker now. Nothing is kept for later."""
        if not self.connected:
            return False
        beside = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        if properties:
            beside.UserProperty = list(properties)
        return self._client.publish(topic, payload, qos, retain, beside).rc == mqtt.MQTT_ERR_SUCCESS

    def _on_connect(
        self, client: mqtt.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        if reason.is_failure:
            log.error("the broker refused the server", reason=str(reason))
            return
        client.subscribe([(filter_for_all(t, self.prefix), row.qos) for t, row in TABLE.items() if row.from_robot])
        self.connected = True
        log.info("connected to the broker", host=self.host, port=self.port)
        self.on_link(True)

    def _on_disconnect(
        self, _client: mqtt.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        self.connected = False
        log.warning("no connection to the broker", reason=str(reason))
        self.on_link(False)

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        try:
            address, topic = parse(message.topic, self.prefix)
            if not self.admits(address):
                self._note(message, "of a dog that does not belong to the fleet")
                return
            if not message.payload and TABLE[topic].retain:
                return  # a retained message was cleared away
            wire = decode(bytes(message.payload), TABLE[topic].message)
        except BadTopic as error:
            self._note(message, str(error))
            return
        except MalformedMessage as error:
            self._note(message, str(error))
            if (row_id := _row_id(topic, bytes(message.payload))) is not None:
                self.refuse(address, row_id, str(error))
            return
        if isinstance(wire, Header) and (wire.serial_number, wire.manufacturer) != (
            address.serial_number,
            address.manufacturer,
        ):
            self._note(message, f"says it is {wire.manufacturer}/{wire.serial_number}")
            return
        challenge = dict(getattr(message.properties, "UserProperty", ())).get(CHALLENGE, "")
        arrival = Arrival(address, Topic(topic), wire, utc_now(), bool(message.retain), challenge)
        if not self.inbox.put(arrival):
            log.warning("no room for a message; its dog will say it again", topic=message.topic)

    def _note(self, message: mqtt.MQTTMessage, why: str) -> None:
        self.malformed[message.topic] += 1
        log.warning(
            "malformed message",
            topic=message.topic,
            reason=why,
            count=self.malformed[message.topic],
            payload=message.payload[:MOST_SHOWN].decode(errors="replace"),
        )


def _row_id(topic: str, payload: bytes) -> UUID | None:
    """The id in a row of an outbox that is not understood: its dog is told, instead of saying it for ever."""
    kind = _ROWS.get(topic)
    try:
        return msgspec.json.decode(payload, type=kind).id if kind is not None else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


class _AnomalyId(msgspec.Struct):
    id: UUID = msgspec.field(name="anomalyId")


class _EvidenceId(msgspec.Struct):
    id: UUID = msgspec.field(name="evidenceId")


_ROWS: dict[str, type[_AnomalyId | _EvidenceId]] = {Topic.ANOMALY: _AnomalyId, Topic.EVIDENCE: _EvidenceId}


def _no_delay(_client: mqtt.Client, _data: Any, sock: Any) -> None:
    if isinstance(sock, socket.socket):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
