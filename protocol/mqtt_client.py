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
BLOCK = 64 * 1024  # bytes that are read at once
MOST_READS = 4  # before what waits to be said has its turn
_PUBLISH, _PUBACK = 0x30, 0x40
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
        self._read, self._read_to, self._reads = b"", 0, 0  # what the kernel gave, how much is taken, how often
        self._gathers, self._gathered = False, bytearray()
        self.on_socket_open = self._opened
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

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:  # noqa: ARG002 - paho's own reading ignores it as well
        """Read all that has come, acknowledge it in one piece, and tell the broker's computer that it has come.

        Else that waits up to 40 ms for something to send beside it, and a broker whose socket gathers small packets
        (rumqttd's) holds its next message back for as long. The kernel forgets the wish, so it is said at each read.
        """
        self._gathers, self._reads = True, 0
        try:
            result = super().loop_read()
            while result == MQTTErrorCode.MQTT_ERR_SUCCESS and self._read_to < len(self._read):
                result = super().loop_read()  # nothing may be left: no more has to come before it is looked at
        finally:
            self._gathers = False
            self._send_gathered()
        opened = self.socket()
        if _QUICK_ACK is not None and isinstance(opened, socket.socket):
            with contextlib.suppress(OSError):  # closed meanwhile
                opened.setsockopt(socket.IPPROTO_TCP, _QUICK_ACK, 1)
        return result

    def _sock_recv(self, bufsize: int) -> bytes:
        """paho asks for a byte, another byte and the rest: one call of the kernel's serves many messages."""
        if self._read_to >= len(self._read):
            if self._reads >= MOST_READS:
                raise BlockingIOError  # the rest is in the kernel, and wakes the loop at once
            self._reads += 1
            self._read, self._read_to = super()._sock_recv(max(bufsize, BLOCK)), 0
        taken = self._read[self._read_to : self._read_to + bufsize]
        self._read_to += len(taken)
        return taken

    def _send_puback(self, mid: int) -> MQTTErrorCode:
        if not self._gathers:
            return super()._send_puback(mid)
        self._gathered += struct.pack("!BBH", _PUBACK, 2, mid)
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def _send_gathered(self) -> None:
        packets, self._gathered = bytes(self._gathered), bytearray()
        if packets and self.socket() is not None:
            self._packet_queue(_PUBACK, packets, 0, 1)

    def _opened(self, _client: mqtt.Client, _data: Any, sock: Any) -> None:
        """Of the connection before nothing is left to be read or acknowledged."""
        self._read, self._read_to, self._gathered = b"", 0, bytearray()
        if isinstance(sock, socket.socket):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def loop_misc(self) -> MQTTErrorCode:
        """What the loop does once in each turn."""
        self._turned = time.monotonic()
        return super().loop_misc()

    def _packet_handle(self) -> MQTTErrorCode:
        command = int(self._in_packet["command"])
        if command & 0xF0 != _PUBLISH:
            return super()._packet_handle()  # a broker whose own words cannot be read is none: the connection ends
        try:
            taken = self._take_plain(command)
            return super()._packet_handle() if taken is None else taken
        except Exception as error:  # noqa: BLE001 - one message, whatever it is, must not end the hearing of all others
            self._unread(error)
            return self._acknowledge(command, bytes(self._in_packet["packet"]))

    def _take_plain(self, command: int) -> MQTTErrorCode | None:
        """Hand on a message of QoS 0 or 1 without properties, as nearly all are; None: paho has to read it."""
        packet, qos = self._in_packet["packet"], (command >> 1) & 3
        (length,) = struct.unpack_from("!H", packet)
        body = 2 + length + 2 * qos
        if qos > 1 or self._protocol != mqtt.MQTTv5 or packet[body] or self.on_message is None:
            return None
        message = mqtt.MQTTMessage(topic=bytes(packet[2 : 2 + length]))
        message.qos, message.retain, message.dup = qos, bool(command & 1), bool(command & 8)
        message.payload = bytes(packet[body + 1 :])
        if qos:
            (message.mid,) = struct.unpack_from("!H", packet, 2 + length)
        with self._in_callback_mutex:
            self.on_message(self, self._userdata, message)
        return self._send_puback(message.mid) if qos else MQTTErrorCode.MQTT_ERR_SUCCESS

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
