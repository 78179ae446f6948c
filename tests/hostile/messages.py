"""Hostile messages without end, from a seed: valid ones of every topic, broken in up to three ways, and garbage."""

import json
import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any

from protocol.codec import encode
from protocol.topics import TABLE, Topic
from tests.protocol.samples import ALL

LONG = 300 * 1024  # characters of the longest texts
TARGET = "xiaotian/v2/xiaotian/dog1"
STRANGERS = ("xiaotian/v2/acme/0001", "xiaotian/v2/xiaotian/dog2", "xiaotian/v2/xiaotian/dog1@x")
SEALS = ("challenge", "sig", "sig-key", "sig-id", "sig-time", "sig-expiry", "sig-challenge", "x" * 60_000, "")
TEXTS = ("a", "\u4e2d", "\U0001f415", '"\\', "\u202e", "\t\n\x7f", "../", "%s{}", "-1", "1e400", " ")
NO_TOPIC = str.maketrans("", "", "/+#\0")
# fmt: off
VALUES = (
    None, True, False, 0, -1, 0.0, 1.5, 2**31, 2**63, -(2**63) - 1, 10**400, 1e308, float("nan"), float("inf"), 1e-320,
    "", "NaN", "null", "2", "\ud800", "\udfff\ud800", "\0", [], {}, [[]], {"": {}}, [None] * 1000,
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2026-01-01T00:00:00", "2026-13-41T25:61:61Z",
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Hostile:
    """One message; ``properties`` are its user properties."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    properties: tuple[tuple[str, str], ...] = ()


def hostile(seed: int) -> Iterator[Hostile]:
    """Messages for a dog ``dog1``, for its station, and for nobody."""
    chance = random.Random(seed)
    while True:
        topic = chance.choice(list(TABLE))
        yield Hostile(
            topic=_topic(topic, chance),
            payload=_payload(topic, chance),
            qos=chance.choice((0, 1, 1)),
            retain=chance.random() < 0.15,
            properties=_properties(chance),
        )


def _topic(topic: Topic, chance: random.Random) -> str:
    if chance.random() < 0.6:
        return f"{TARGET}/{topic}"
    if chance.random() < 0.6:
        return f"{chance.choice(STRANGERS)}/{topic}"
    name = _text(chance, 60_000)[: chance.choice((3, 70, 5000, 60_000))].translate(NO_TOPIC) or "n"
    return chance.choice(
        (
            f"xiaotian/v2/xiaotian/{name}/{topic}",
            f"xiaotian/v2/{name}/dog1/{topic}",
            f"{TARGET}/{name}",
            f"{TARGET}/{topic}/{topic}",
            f"xiaotian/v3/xiaotian/dog1/{topic}",
            f"xiaotian/v2//dog1/{topic}",
            f"xiaotian/v2/xiaotian/n{chance.random()}/{topic}",
        )
    )


def _payload(topic: Topic, chance: random.Random) -> bytes:
    if chance.random() < 0.08:
        return chance.choice(GARBAGE)(chance)
    message = json.loads(_sample(topic))
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
        message = chance.choice(MUTATIONS)(message, chance)
    text = _written(message, chance)
    return chance.choice(SCRATCHES)(text, chance) if chance.random() < 0.25 else text


@cache
def _sample(topic: Topic) -> bytes:
    return encode(ALL[topic])


def _properties(chance: random.Random) -> tuple[tuple[str, str], ...]:
    if chance.random() < 0.7:
        return ()
    return tuple((chance.choice(SEALS), _text(chance, 5000)) for _ in range(chance.choice((1, 3, 50))))


def _text(chance: random.Random, most: int) -> str:
    kind = chance.choice(TEXTS)
    return kind * chance.choice((0, 1, 2, 20, most // len(kind)))


def _value(chance: random.Random) -> Any:
    return deepcopy(chance.choice((*VALUES, _text(chance, 2000))))


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if len(path) > 10 or not isinstance(value, dict | list):
        return []
    items = value.items() if isinstance(value, dict) else enumerate(value[:10])
    return [found for key, child in items for found in [(*path, key), *_places(child, (*path, key))]]


def _put(message: Any, chance: random.Random, change: Callable[[Any], Any]) -> Any:
    """``message`` with one value changed, wherever it lies."""
    places = _places(message)
    if not places:
        return change(message)
    path = chance.choice(places)
    parent = message
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = change(parent[path[-1]])
    return message


def _replaced(message: Any, chance: random.Random) -> Any:
    return _put(message, chance, lambda _: _value(chance))


def _removed(message: Any, chance: random.Random) -> Any:
    if isinstance(message, dict) and message:
        del message[chance.choice(list(message))]
    return message


def _nested(message: Any, chance: random.Random) -> Any:
    levels = chance.choice((10, 62, 63, 64, 65, 66, 200, 900))

    def deeper(value: Any) -> Any:
        for _ in range(levels):
            value = [value] if chance.random() < 0.5 else {"a": value}
        return value

    return _put(message, chance, deeper)


def _repeated(message: Any, chance: random.Random) -> Any:
    times = chance.choice((2, 100, 1000))
    return _put(message, chance, lambda value: value * times if isinstance(value, list | str) else value)


def _added(message: Any, chance: random.Random) -> Any:
    return message | {_text(chance, LONG): _value(chance)} if isinstance(message, dict) else message


def _retyped(message: Any, chance: random.Random) -> Any:
    kinds: tuple[Callable[[Any], Any], ...] = (str, lambda v: [v], lambda v: {"value": v}, bool, lambda _: 7.0)
    return _put(message, chance, chance.choice(kinds))


MUTATIONS = (_replaced, _replaced, _replaced, _removed, _nested, _repeated, _added, _retyped)


def _written(message: Any, chance: random.Random) -> bytes:
    try:
        return json.dumps(message, ensure_ascii=chance.random() < 0.7).encode("utf-8", "surrogatepass")
    except RecursionError:
        return b"[" * 100_000


# What is done to the bytes.
def _cut(text: bytes, chance: random.Random) -> bytes:
    return text[: chance.randrange(len(text) + 1)]


def _flipped(text: bytes, chance: random.Random) -> bytes:
    made = bytearray(text)
    for _ in range(chance.choice((1, 5, 50))):
        if made:
            made[chance.randrange(len(made))] = chance.randrange(256)
    return bytes(made)


def _doubled(text: bytes, chance: random.Random) -> bytes:
    """Its keys stand twice, the second time with other values."""
    second = text.replace(b'":"', b'":"x').replace(b"true", b"false")
    return text[:-1] + b"," + second[1:]


def _wrapped(text: bytes, chance: random.Random) -> bytes:
    before, after = chance.choice(((b"\xef\xbb\xbf", b""), (b" " * 1000, b""), (b"", b"}"), (b"", text), (b"[", b"]")))
    return before + text + after


def _deep(text: bytes, chance: random.Random) -> bytes:
    levels = chance.choice((64, 1000, 100_000))
    return text[:-1] + b',"beside":' + b"[" * levels + b"]" * levels + b"}"


SCRATCHES = (_cut, _flipped, _doubled, _wrapped, _deep, _deep)
GARBAGE: tuple[Callable[[random.Random], bytes], ...] = (
    lambda _: b"",
    lambda chance: chance.randbytes(chance.choice((1, 100, 100_000))),
    lambda chance: b"[" * chance.choice((1, 1000, 1_000_000)),
    lambda chance: b'{"a":' * chance.choice((1000, 100_000)),
    lambda _: b'"' * LONG,
    lambda _: b"null",
    lambda _: b"-" + b"9" * LONG,
    lambda _: b"\\" * LONG,
    lambda _: b'{"anomalyId":"' + b"a" * LONG + b'"}',
)


TOPICS = (f"{TARGET}/state".encode(), b"\xff\xfe/state", f"{TARGET}/\x00".encode(), b"", b"$SYS/x")
PROPERTIES = (b"\x00", b"\x26\x00\x01\xff\x00\x01\xfe", b"\x7f", b"\x26\xff\xff", b"\x01\x02", b"\x23\x00\x00")


def packets(seed: int) -> Iterator[bytes]:
    """MQTT 5 PUBLISH packets that are none: what a broker should not pass on, and may."""
    chance = random.Random(seed)
    while True:
        topic, properties = chance.choice(TOPICS), chance.choice(PROPERTIES)
        if len(properties) > 1:
            properties = bytes([len(properties)]) + properties
        body = len(topic).to_bytes(2) + topic + properties + chance.randbytes(chance.choice((0, 5, 100)))
        length = len(body) if chance.random() < 0.9 else chance.randrange(128)
        yield bytes([0x30 | chance.choice((0, 0, 1, 8, 6))]) + _remaining(length) + body


def _remaining(length: int) -> bytes:
    made = bytearray()
    while True:
        length, low = divmod(length, 128)
        made.append(low | (128 if length else 0))
        if not length:
            return bytes(made)
