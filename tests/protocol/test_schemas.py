"""What we produce passes the official schemas; what those refuse, we refuse. One broken place at a time."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import msgspec
import pytest

from protocol.codec import MalformedMessage, decode, encode
from protocol.topics import TABLE, Topic
from tests.protocol.samples import STANDARD
from tests.shared import shared

# Where the schemas accept what makes no sense, and we do not.
STRICTER = (
    "timestamp = ",  # their "format" does not bind; a stamp that is no time is refused here
    "= 400.0",  # an integer written with a point
    "edgeStates.0.trajectory.degree = -1",  # bounds that the order's schema has, and the state's forgot
    "edgeStates.0.trajectory.controlPoints.0.weight = -",
    "agvPosition.mapDescription = ",  # visualization's schema forgot its type
)

WRONG: list[Any] = [None, "text", -1, 7, 0.5, -0.5, 400.0, True, [], {}, ["x"], {"a": 1}]


def schema(topic: Topic) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(shared(f"vda5050/2.1.0/{topic}.schema").read_text(encoding="utf-8-sig"))
    return loaded


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON tree."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        yield (*path, key)
        yield from places(child, (*path, key))


def broken(message: Any) -> Iterator[tuple[str, Any]]:
    """The message with one place removed or replaced."""
    for path in places(message):
        for wrong in ["<removed>", *WRONG]:
            copied = copy.deepcopy(message)
            parent = copied
            for key in path[:-1]:
                parent = parent[key]
            if wrong == "<removed>":
                del parent[path[-1]]
            else:
                parent[path[-1]] = wrong
            yield f"{'.'.join(map(str, path))} = {wrong!r}", copied


def accepts(data: Any, topic: Topic) -> bool:
    try:
        decode(msgspec.json.encode(data), TABLE[topic].message)
    except MalformedMessage:
        return False
    return True


@pytest.mark.parametrize("topic", STANDARD)
def test_what_we_produce_passes_the_official_schema(topic: Topic) -> None:
    jsonschema.Draft202012Validator(schema(topic)).validate(json.loads(encode(STANDARD[topic])))


@pytest.mark.parametrize("topic", STANDARD)
def test_we_refuse_and_accept_what_the_official_schema_refuses_and_accepts(topic: Topic) -> None:
    validator = jsonschema.Draft202012Validator(schema(topic))
    whole = json.loads(encode(STANDARD[topic]))
    looser, stricter = [], []
    for place, data in broken(whole):
        theirs, ours = validator.is_valid(data), accepts(data, topic)
        if ours and not theirs:
            looser.append(place)
        if theirs and not ours and not any(known in place for known in STRICTER):
            stricter.append(place)
    assert (looser, stricter) == ([], [])


@pytest.mark.parametrize("stamp", ["yesterday", "2026-13-01T00:00:00Z", "2026-11-23T10:00:00", "", "0"])
def test_a_timestamp_that_is_no_utc_time_is_refused(stamp: str) -> None:
    data = json.loads(encode(STANDARD[Topic.STATE])) | {"timestamp": stamp}
    assert not accepts(data, Topic.STATE)
