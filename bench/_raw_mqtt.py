"""MQTT 5 by hand on asyncio: as fast as Python says and hears it, for loads and for the bare pipeline beside ours."""

import asyncio
import struct
from collections import deque
from collections.abc import Callable, Iterator

CONNACK, PUBLISH, PUBACK, SUBACK = 2, 3, 4, 9


def packet(kind: int, body: bytes) -> bytes:
    """A packet of the first byte ``kind``."""
    length, rest = b"", len(body)
    while True:
        rest, digit = divmod(rest, 128)
        length += bytes([digit | (128 if rest else 0)])
        if not rest:
            return bytes([kind]) + length + body


def publish(topic: bytes, number: int, payload: bytes) -> bytes:
    """A message of QoS 1."""
    return packet(0x32, struct.pack("!H", len(topic)) + topic + struct.pack("!H", number) + b"\0" + payload)


def split(data: bytearray) -> Iterator[tuple[int, memoryview]]:
    """The whole packets at the start of ``data``: first byte and body; they are taken out of it at the end."""
    at, view = 0, memoryview(bytes(data))
    while at + 2 <= len(view):
        length, shift, head = 0, 0, at + 1
        while head < len(view):
            digit = view[head]
            length |= (digit & 127) << shift
            shift, head = shift + 7, head + 1
            if digit < 128:
                break
        else:
            break
        if head + length > len(view):
            break
        yield view[at], view[head : head + length]
        at = head + length
    del data[:at]


def _after_properties(body: memoryview, at: int) -> int:
    length, shift = 0, 0
    while True:
        digit = body[at]
        length |= (digit & 127) << shift
        at, shift = at + 1, shift + 7
        if digit < 128:
            return at + length


class Connection(asyncio.Protocol):
    """``heard`` is given topic, payload and number of what comes; acknowledging is left to whoever stores it."""

    def __init__(self, name: str, window: int, heard: Callable[[bytes, memoryview, int], None] | None = None) -> None:
        self._name, self._window, self._heard = name.encode(), window, heard
        self._waiting: deque[bytes] = deque()
        self._under_way = 0
        self._data = bytearray()
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.drained = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say who we are."""
        self.transport: asyncio.WriteTransport = transport  # type: ignore[assignment]  # TCP's; uvloop's is no subclass
        name = struct.pack("!H", len(self._name)) + self._name
        self.transport.write(packet(0x10, b"\x00\x04MQTT\x05\x02\x00\x3c\x00" + name))

    def data_received(self, data: bytes) -> None:
        """Take acknowledgements and messages."""
        self._data += data
        for first, body in split(self._data):
            kind = first >> 4
            if kind == PUBACK:
                self._under_way -= 1
            elif kind == PUBLISH and self._heard is not None:
                (length,) = struct.unpack_from("!H", body)
                number = struct.unpack_from("!H", body, 2 + length)[0] if first & 6 else 0
                at = 2 + length + (2 if first & 6 else 0)
                self._heard(bytes(body[2 : 2 + length]), body[_after_properties(body, at) :], number)
            elif kind in (CONNACK, SUBACK) and not self.ready.done():
                self.ready.set_result(None)
        self._send()

    def subscribe(self, topic: str) -> None:
        """Hear what is said on ``topic``; ``ready`` is anew."""
        self.ready = asyncio.get_running_loop().create_future()
        said = topic.encode()
        self.transport.write(packet(0x82, struct.pack("!H", 1) + b"\0" + struct.pack("!H", len(said)) + said + b"\x01"))

    def acknowledge(self, numbers: list[int]) -> None:
        """Say that they are safe."""
        self.transport.write(b"".join(struct.pack("!BBH", 0x40, 2, number) for number in numbers))

    def say(self, packets: list[bytes]) -> None:
        """Publish, no more at once than the window holds."""
        self.drained.clear()
        self._waiting.extend(packets)
        self._send()

    def _send(self) -> None:
        count = min(self._window - self._under_way, len(self._waiting))
        if count > 0:
            self.transport.write(b"".join(self._waiting.popleft() for _ in range(count)))
            self._under_way += count
        if not self._waiting and not self._under_way:
            self.drained.set()


async def connect(
    port: int, name: str, window: int = 100, heard: Callable[[bytes, memoryview, int], None] | None = None
) -> Connection:
    """A connection that the broker has taken."""
    loop = asyncio.get_running_loop()
    _, made = await loop.create_connection(lambda: Connection(name, window, heard), "127.0.0.1", port)
    await made.ready
    return made
