"""The server's MQTT session: hears all vehicles, survives the broker, and never stops for a bad message."""

import socket
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import paho.mqtt.client as mqtt
import structlog
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.exception import MalformedPacket
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from fleet_server.core.clock import utc_now
from fleet_server.core.intake import Arrival
from fleet_server.core.log_throttle import LogThrottle
from fleet_server.core.process_role import Role
from fleet_server.ingest import subscriptions
from fleet_server.ingest.inbox import Inbox, Refused
from fleet_server.ingest.message_decoding import Heard, NotUnderstood, understand
from fleet_server.telemetry.unreadable_messages import UnreadableMessages
from protocol.header import Wire
from protocol.mqtt_client import Client, Tls
from protocol.topics import Address

FIRST_RECONNECT_S, LAST_RECONNECT_S = 1, 4
KEEPALIVE_S = 15
MOST_UNDER_WAY = 500  # of what we say, as the embedded broker has it; with paho's 20, `received` waited for each other
MOST_PAYLOAD = 2 * 1024 * 1024  # bytes, as the dogs' own limit and the embedded broker's

log = structlog.get_logger()


class Session:
    """A connection that comes back by itself, in a thread that does so too: ``revive`` is to be called now and then.

    It starts clean each time: what a robot must not lose it says again until ``received``, and queued telemetry
    of an hour ago would only make the server late.
    """

    def __init__(
        self,
        host: str,
        port: int,
        prefix: str,
        inbox: Inbox,
        misreads: UnreadableMessages,
        on_link: Callable[[bool], None],
        admits: Callable[[Address], bool] = lambda _: True,
        tls: Tls | None = None,
        at_once: Mapping[type[Wire], Callable[[Arrival], None]] = MappingProxyType({}),
        filters: Sequence[tuple[str, int]] | None = None,
    ) -> None:
        """``filters`` is what is heard, each with its QoS; None: all that vehicles say."""
        self.host, self.port, self.prefix = host, port, prefix
        self.inbox, self.misreads = inbox, misreads
        self.on_link = on_link
        self.admits = admits
        self._at_once = at_once
        self._filters = list(filters) if filters is not None else subscriptions.filters(Role.WHOLE, prefix, ())
        self.connected = False
        self.heard: Counter[str] = Counter()  # messages that were understood, by topic
        self.failures = 0  # messages that a fault of ours kept from being taken in
        self._throttle = LogThrottle()
        self._tls = tls
        self._started = False
        self._will: tuple[str, bytes] | None = None
        self._client = self._new_client()

    def _new_client(self) -> Client:
        client = Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5, unread=self._fail, tls=self._tls)
        client.reconnect_delay_set(FIRST_RECONNECT_S, LAST_RECONNECT_S)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.max_inflight_messages_set(MOST_UNDER_WAY)
        return client

    def last_will(self, topic: str, payload: bytes) -> None:
        """Have the broker say that, retained, when we are gone without a word. To be called before ``start``."""
        self._will = (topic, payload)

    def start(self) -> None:
        """Connect in a thread of its own, now or as soon as there is a broker."""
        # Clean at every connection: dogs say again what was not received, and a broker that was restarted knows no
        # session to go on with (rumqttd refuses one with "client identifier not valid").
        limits = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        limits.MaximumPacketSize = MOST_PAYLOAD + 64 * 1024  # and the topic's name and properties
        if self._will is not None:
            self._client.will_set(*self._will, qos=1, retain=True)
        self._client.connect_async(self.host, self.port, KEEPALIVE_S, clean_start=True, properties=limits)
        self._started = True
        self._client.loop_start()

    def stop(self) -> None:
        """Disconnect."""
        self._started = False
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def hears(self) -> bool:
        """Whether the broker has taken us and the thread that listens to it is alive and at work."""
        return self.connected and self._client.turns

    def revive(self) -> bool:
        """Begin anew if the thread has ended, as it does of a packet that is no MQTT; whether it had."""
        if not self._started or not self._client.ended.is_set():
            return False
        if self.connected:
            self.connected = False
            self.on_link(False)
        log.error("the thread of the MQTT session had ended; it is started again")
        broken = self._client.socket()
        if isinstance(broken, socket.socket):
            broken.close()
        self._client = self._new_client()
        self.start()
        return True

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
        client.subscribe(self._filters)
        self.connected = True
        log.info("connected to the broker", host=self.host, port=self.port)
        self.on_link(True)

    def _on_disconnect(
        self, _client: mqtt.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        self.connected = False
        log.warning("no connection to the broker", reason=str(reason))
        self.on_link(False)

    def _fail(self, error: Exception) -> None:
        if isinstance(error, MalformedPacket | UnicodeError):  # which the broker should not have passed on
            self.misreads.note(None, "", f"no MQTT: {error}", b"", utc_now())
            return
        self.failures += 1
        if (count := self._throttle.take(type(error).__name__, time.monotonic())) is not None:
            log.error("a message was not taken in", count=count, total=self.failures, exc_info=error)

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        beside = dict(getattr(message.properties, "UserProperty", ()))
        heard = Heard(message.topic, bytes(message.payload), bool(message.retain), beside)
        now = utc_now()
        try:
            arrival = understand(heard, self.prefix, self.admits, now)
        except NotUnderstood as error:
            self.misreads.note(error.address, heard.topic, str(error), heard.payload, now)
            if error.address is not None and error.row_id is not None:
                self.inbox.refuse(Refused(error.address, error.row_id, str(error)))
            return
        if arrival is None:
            return
        self.heard[arrival.topic] += 1
        if (listener := self._at_once.get(type(arrival.message))) is not None:
            listener(arrival)
            return
        if not self.inbox.put(arrival):
            count = self._throttle.take("no room", time.monotonic())
            if count is not None:
                log.warning("no room for messages; their dogs will say them again", count=count, topic=heard.topic)
