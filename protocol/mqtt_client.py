"""paho's MQTT client, made to bear what is not MQTT: both ends of the wire use it."""

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import MQTTErrorCode

SILENT_S = 10.0  # a turn of the loop takes a second at most: a thread that takes longer hears nothing
_PUBLISH = 0x30
_QUICK_ACK = getattr(socket, "TCP_QUICKACK", None)  # Linux has it


@dataclass(frozen=True, slots=True)
class Tls:
    """PEM files: whom to trust, and who we are."""

    ca: Path
    certificate: Path
    key: Path


class Client(mqtt.Client):
    """``ended`` is set once its thread has ended; ``unread`` is told why a message could not be read.

    A message that paho cannot read (properties or a topic that are no UTF-8) is passed over and acknowledged. Without
    that it ended the connection or the thread, and where it was retained it did so at every new connection.

    The thread must be paho's own, of ``loop_start``: only then nobody else writes to the socket. With a thread of ours
    round ``loop_forever`` each ``publish`` wrote by itself, at the same time; under TLS that broke connections.
    """

    def __init__(self, *args: Any, unread: Callable[[Exception], None], tls: Tls | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on_socket_open = _no_delay
        if tls is not None:
            context = ssl.create_default_context(cafile=str(tls.ca))
            context.load_cert_chain(tls.certificate, tls.key)
            self.tls_set_context(context)
        self.ended = threading.Event()
        self._turned = time.monotonic()
        self._unread = unread

    @property
    def turns(self) -> bool:
        """Whether its thread is there, and at work."""
        return not self.ended.is_set() and time.monotonic() - self._turned < SILENT_S

    def loop_forever(self, *args: Any, **kwargs: Any) -> MQTTErrorCode:
        """What ``loop_start`` runs in its thread."""
        try:
            return super().loop_forever(*args, **kwargs)
        finally:
            self.ended.set()

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        """Read, and tell the broker's computer at once that it has come.

        Else that waits up to 40 ms for something to send beside it, and a broker whose socket gathers small packets
        (rumqttd's) holds its next message back for as long. The kernel forgets the wish, so it is said at each read.
        """
        result = super().loop_read(max_packets)
        opened = self.socket()
        if _QUICK_ACK is not None and isinstance(opened, socket.socket):
            with contextlib.suppress(OSError):  # closed meanwhile
                opened.setsockopt(socket.IPPROTO_TCP, _QUICK_ACK, 1)
        return result

    def loop_misc(self) -> MQTTErrorCode:
        """What the loop does once in each turn."""
        self._turned = time.monotonic()
        return super().loop_misc()

    def _packet_handle(self) -> MQTTErrorCode:
        command = int(self._in_packet["command"])
        if command & 0xF0 != _PUBLISH:
            return super()._packet_handle()  # a broker whose own words cannot be read is none: the connection ends
        try:
            return super()._packet_handle()
        except Exception as error:  # noqa: BLE001 - one message, whatever it is, must not end the hearing of all others
            self._unread(error)
            return self._acknowledge(command, bytes(self._in_packet["packet"]))

    def _acknowledge(self, command: int, packet: bytes) -> MQTTErrorCode:
        """A broker sends no more while too many are not acknowledged."""
        if not command & 0x02:  # QoS 0; and nothing is heard at QoS 2
            return MQTTErrorCode.MQTT_ERR_SUCCESS
        try:
            (length,) = struct.unpack_from("!H", packet)
            (message_id,) = struct.unpack_from("!H", packet, 2 + length)
        except struct.error:
            return MQTTErrorCode.MQTT_ERR_PROTOCOL
        return self._send_puback(message_id)


def _no_delay(_client: mqtt.Client, _data: Any, sock: Any) -> None:
    if isinstance(sock, socket.socket):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
