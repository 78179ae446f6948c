"""Strict in what is said, lenient in what is heard: what is not to the letter, and can mean one thing alone, is taken.

Each such thing is named, so that it can be counted and shown; everything else is refused as by ``codec.decode``.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic

import msgspec
from msgspec import inspect

from protocol.codec import MalformedMessage, W, decode
from protocol.instant_actions import InstantActions

MOST_BYTES = 512 * 1024  # of a message that is read twice; an order of a thousand nodes has less
NULL = "null for an absent field"
FLOAT = "a whole number written as 1.0"
NO_ZONE = "a time without a zone, taken as UTC"
NAMELESS = "empty, taken from the topic"
OLD_KEY = "the key of an older version"

_NO_ZONE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?")
_OLDER_KEYS: dict[tuple[type[Any], str], str] = {(InstantActions, "actions"): "instantActions"}


@dataclass(frozen=True, slots=True)
class Reading(Generic[W]):
    """A message, and what in it was not to the letter: ``field: what``, each once."""

    message: W
    loosely: tuple[str, ...] = ()


def decode_leniently(data: bytes, kind: type[W]) -> Reading[W]:
    """The message in ``data``; raises MalformedMessage where its meaning is not certain."""
    try:
        return Reading(decode(data, kind))
    except MalformedMessage as strict:
        if not isinstance(strict.__cause__, msgspec.ValidationError) or len(data) > MOST_BYTES:
            raise
        found: dict[str, None] = {}
        try:
            mended = _mend(msgspec.json.decode(data), _type_of(kind), "", found)
            return Reading(msgspec.convert(mended, kind), tuple(found))
        except msgspec.ValidationError as left:
            raise MalformedMessage(f"{kind.__name__}: {left}") from left
        except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError):
            raise strict from None


def _mend(value: Any, kind: inspect.Type, path: str, found: dict[str, None]) -> Any:
    match kind:
        case inspect.StructType() if isinstance(value, dict):
            return _mend_object(value, kind, path, found)
        case inspect.ListType() if isinstance(value, list):
            return [_mend(item, kind.item_type, path, found) for item in value]
        case inspect.IntType() if isinstance(value, float) and value.is_integer():
            found[f"{path}: {FLOAT}"] = None
            return int(value)
        case inspect.DateTimeType() if isinstance(value, str) and _NO_ZONE.fullmatch(value):
            found[f"{path}: {NO_ZONE}"] = None
            return f"{value}Z"
    return value


def _mend_object(value: dict[str, Any], kind: inspect.StructType, path: str, found: dict[str, None]) -> dict[str, Any]:
    mended = {}
    for field in kind.fields:
        name = field.encode_name
        older = _OLDER_KEYS.get((kind.cls, name))
        if older is not None and name not in value and older in value:
            found[f"{older}: {OLD_KEY}"] = None
            value = value | {name: value[older]}
        if name not in value:
            continue
        where = f"{path}.{name}" if path else name
        if value[name] is None and not field.required:
            found[f"{where}: {NULL}"] = None
        else:
            mended[name] = _mend(value[name], field.type, where, found)
    return mended


@cache
def _type_of(kind: type[Any]) -> inspect.Type:
    return inspect.type_info(kind)
