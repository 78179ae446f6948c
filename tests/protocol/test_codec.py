"""Bytes to messages and back."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import json_depth
from protocol.codec import MalformedMessage, decode, encode
from protocol.order import Order
from protocol.state import State
from protocol.topics import TABLE, Topic
from tests.protocol.samples import ALL, ORDER, STATE


@pytest.mark.parametrize("topic", ALL)
def test_every_message_comes_back_as_it_went(topic: Topic) -> None:
    message = ALL[topic]
    assert decode(encode(message), type(message)) == message


def test_every_topic_has_a_sample_and_a_message_type() -> None:
    assert set(ALL) == set(Topic) == set(TABLE)
    assert all(type(ALL[topic]) is TABLE[topic].message for topic in Topic)


def test_the_samples_leave_no_field_unset() -> None:
    def unset(value: object, path: str) -> list[str]:
        if isinstance(value, msgspec.Struct):
            return [p for f in value.__struct_fields__ for p in unset(getattr(value, f), f"{path}.{f}")]
        if isinstance(value, list):
            return unset(value[0], f"{path}[0]") if value else []
        return [path] if value is msgspec.UNSET else []

    # The factsheet schema gives `blockingTypes` an enum of strings and the type array: nothing at all can pass it.
    impossible = "factsheet.protocol_features.agv_actions[0].blocking_types"
    assert [place for topic, message in ALL.items() for place in unset(message, topic)] == [impossible]


def test_names_on_the_wire_are_the_standards() -> None:
    node = json.loads(encode(ORDER))["nodes"][0]
    assert set(node["nodePosition"]) >= {"allowedDeviationXY", "allowedDeviationTheta", "mapId"}


def test_a_malformed_message_names_the_place_at_fault() -> None:
    data = json.loads(encode(STATE))
    data["nodeStates"][0]["released"] = "yes"
    with pytest.raises(MalformedMessage, match=r"State: .*`bool`.*nodeStates\[0\]\.released"):
        decode(json.dumps(data), State)


def test_null_is_not_an_absent_field() -> None:
    data = json.loads(encode(ORDER)) | {"zoneSetId": None}
    with pytest.raises(MalformedMessage, match="zoneSetId"):
        decode(json.dumps(data), Order)


def test_fields_we_do_not_know_are_passed_over() -> None:
    data = json.loads(encode(ORDER)) | {"vendorExtension": {"a": 1}}
    assert decode(json.dumps(data), Order) == ORDER


@pytest.mark.parametrize("levels", [json_depth.MOST, 200, 952, 1000, 100_000])
def test_what_is_nested_too_deep_is_refused_before_it_is_decoded(levels: int) -> None:
    nested = b'{"beside":' + b"[" * levels + b"]" * levels + b"," + encode(ORDER)[1:]
    with pytest.raises(MalformedMessage, match="64 levels deep"):
        decode(nested, Order)


def test_a_parameter_as_deep_as_is_taken_can_be_said_again() -> None:
    levels = json_depth.MOST - 6  # order, nodes, node, actions, action, parameters, parameter
    value = json.loads("[" * levels + "]" * levels)
    data = json.loads(encode(ORDER))
    parameters = [{"key": "a", "value": value[0]}]
    action = {"actionType": "a", "actionId": "a", "blockingType": "NONE", "actionParameters": parameters}
    data["nodes"][0]["actions"] = [action]
    order = decode(json.dumps(data), Order)
    assert decode(encode(order), Order) == order


def test_a_text_with_half_a_character_is_refused() -> None:
    with pytest.raises(MalformedMessage, match="surrogates"):
        decode(encode(ORDER).decode().replace('"zoneSetId":"', '"zoneSetId":"\ud800'), Order)


@given(st.binary(max_size=200))
def test_no_bytes_whatever_raise_anything_but_malformed_message(data: bytes) -> None:
    for row in TABLE.values():
        try:
            decode(data, row.message)
        except MalformedMessage:
            continue
