"""The MQTT client reads all at once: however a stream is cut, each message comes once and is acknowledged."""

import random
import socket
import struct
import threading
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from protocol.mqtt_client import Client

MESSAGES = 200
PATIENCE_S = 60.0


def length_of(count: int) -> bytes:
    said = b""
    while True:
        count, digit = divmod(count, 128)
        said += bytes([digit | (128 if count else 0)])
        if not count:
            return said


def message(chance: random.Random, number: int) -> tuple[bytes, tuple[str, bytes, int]]:
    """A message as it goes over the wire, and as it is to be heard."""
    qos, size = chance.choice((0, 1)), chance.choice((0, 1, 50, 5000, 70_000 if chance.random() < 0.05 else 10))
    payload, topic = chance.randbytes(size), b"t/%d" % number
    properties = b"\0"
    if chance.random() < 0.3:
        text = chance.choice((b"b", b"c" * 300))
        pair = b"\x26\x00\x01a" + struct.pack("!H", len(text)) + text
        properties = length_of(len(pair)) + pair
    body = (
        struct.pack("!H", len(topic)) + topic + (struct.pack("!H", number + 1) if qos else b"") + properties + payload
    )
    return bytes([0x30 | qos << 1]) + length_of(len(body)) + body, (topic.decode(), payload, qos)


@pytest.mark.parametrize("seed", range(8))
def test_however_a_stream_is_cut_each_message_comes_once_in_order_and_is_acknowledged(seed: int) -> None:
    chance = random.Random(seed)
    made = [message(chance, number) for number in range(MESSAGES)]
    stream, expected = b"".join(wire for wire, _ in made), [told for _, told in made]
    due = [number + 1 for number, (_, _, qos) in enumerate(expected) if qos]
    heard: list[tuple[str, bytes, int]] = []
    acknowledged: list[int] = []
    done = threading.Event()

    def broker(listening: socket.socket) -> None:
        here, _ = listening.accept()
        with here, here.makefile("rb") as said:
            said.read(1)
            said.read(said.read(1)[0])  # CONNECT
            here.sendall(b"\x20\x03\x00\x00\x00")
            at = 0
            while at < len(stream):
                size = chance.choice((1, 2, 3, 7, 100, 4096, 65_536, 200_000))
                here.sendall(stream[at : at + size])
                at += size
            while acknowledged[-1:] != due[-1:]:
                kind, size = said.read(2)
                body = said.read(size)
                if kind == 0x40:
                    acknowledged.append(struct.unpack("!H", body[:2])[0])
            done.set()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=broker, args=(listening,), daemon=True).start()
        client = Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5, unread=lambda error: heard.append(error))

        def take(_client: Any, _data: Any, told: mqtt.MQTTMessage) -> None:
            heard.append((told.topic, bytes(told.payload), told.qos))

        client.on_message = take
        client.connect("127.0.0.1", listening.getsockname()[1])
        client.loop_start()
        assert done.wait(PATIENCE_S)
        client.disconnect()
        client.loop_stop()
    assert acknowledged == due
    assert heard[: len(expected)] == expected[: len(heard)]
    assert len(heard) >= max(due)
