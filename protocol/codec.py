"""Bytes to messages and back; the one door at which what others sent is checked."""

from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

import msgspec

from protocol import json_depth
from protocol.header import Wire
from protocol.topics import Address, Topic
from protocol.version import VERSION, needs_translation, translated

W = TypeVar("W", bound=Wire)
_encoder = msgspec.json.Encoder()


class MalformedMessage(ValueError):
    """Bytes that are no such message; the text says what was expected and where."""


def encode(message: Wire) -> bytes:
    """JSON in UTF-8; fields that are UNSET are left out."""
    return _encoder.encode(message)


def encode_for(version: str, topic: Topic, message: Wire) -> bytes:
    """``message`` as a vehicle reads it that says ``version`` of itself; empty where it has said nothing yet."""
    said = encode(message)
    if not needs_translation(version):
        return said
    return _encoder.encode(translated(version, topic, msgspec.json.decode(said)))


def decode(data: bytes | str, kind: type[W]) -> W:
    """The message in ``data``; raises MalformedMessage that names the field at fault, and nothing else ever."""
    try:
        raw = data.encode() if isinstance(data, str) else data
        if json_depth.too_deep(raw):
            raise MalformedMessage(f"{kind.__name__}: lists and objects more than {json_depth.MOST} levels deep")
        message: W = _decoder(kind).decode(raw)
        return message
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ArithmeticError) as error:
        raise MalformedMessage(f"{kind.__name__}: {error}") from error


def header(address: Address, header_id: int, now: float) -> dict[str, Any]:
    """The fields of a header as keyword arguments; ``now`` is in seconds since the epoch, UTC."""
    return {
        "header_id": header_id,
        "timestamp": timestamp(now),
        "version": VERSION,
        "manufacturer": address.manufacturer,
        "serial_number": address.serial_number,
    }


def timestamp(seconds: float) -> datetime:
    """Seconds since the epoch as the wire's time: UTC, to the millisecond."""
    return datetime.fromtimestamp(round(seconds, 3), UTC)


@cache
def _decoder(kind: type[W]) -> msgspec.json.Decoder[W]:
    return msgspec.json.Decoder(kind)
