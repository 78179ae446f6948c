"""Lenient in what is heard where the meaning is certain, and nowhere else; strict in what is said."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from protocol.codec import MalformedMessage, decode, encode, encode_for
from protocol.header import Wire
from protocol.instant_actions import InstantActions
from protocol.lenient_decoding import MOST_BYTES, Reading, decode_leniently
from protocol.order import Order
from protocol.state import State
from protocol.topics import TABLE, Topic
from protocol.version import VERSION, understood
from tests.protocol.samples import ALL

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | st.text(max_size=5),
    lambda deeper: st.lists(deeper, max_size=3) | st.dictionaries(st.text(max_size=5), deeper, max_size=3),
    max_leaves=4,
)


def data(topic: Topic) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(encode(ALL[topic]))
    return said


def heard(said: dict[str, Any], kind: type[Wire]) -> Reading[Any]:
    return decode_leniently(json.dumps(said).encode(), kind)


@pytest.mark.parametrize("topic", ALL)
def test_what_is_to_the_letter_is_taken_as_it_is(topic: Topic) -> None:
    assert decode_leniently(encode(ALL[topic]), TABLE[topic].message) == Reading(ALL[topic])


def test_whole_numbers_may_be_written_as_floats() -> None:
    said = data(Topic.ORDER)
    said["headerId"] = 7.0
    said["nodes"][0]["sequenceId"] = 0.0
    reading = heard(said, Order)
    assert (reading.message.header_id, reading.message.nodes[0].sequence_id) == (7, 0)
    assert reading.loosely == (
        "headerId: a whole number written as 1.0",
        "nodes.sequenceId: a whole number written as 1.0",
    )
    with pytest.raises(MalformedMessage, match="sequenceId"):
        heard(said | {"nodes": [said["nodes"][0] | {"sequenceId": 0.5}]}, Order)


@pytest.mark.parametrize("time", ["2026-11-26T10:00:00", "2026-11-26T10:00:00.25", "2026-11-26 10:00:00.250000"])
def test_a_time_without_a_zone_is_utc_as_the_standard_has_it(time: str) -> None:
    reading = heard(data(Topic.STATE) | {"timestamp": time}, State)
    assert reading.message.timestamp.replace(microsecond=0) == datetime(2026, 11, 26, 10, tzinfo=UTC)
    assert reading.loosely == ("timestamp: a time without a zone, taken as UTC",)
    for none in ("today", "10:00:00", "2026-11-26", "2026-13-26T10:00:00"):
        with pytest.raises(MalformedMessage, match="timestamp"):
            heard(data(Topic.STATE) | {"timestamp": none}, State)


def test_null_is_an_absent_field_where_it_may_be_absent_and_nowhere_else() -> None:
    said = data(Topic.ORDER) | {"zoneSetId": None}
    said["nodes"][0]["nodePosition"]["theta"] = None
    reading = heard(said, Order)
    assert reading.loosely == (
        "nodes.nodePosition.theta: null for an absent field",
        "zoneSetId: null for an absent field",
    )
    place = reading.message.nodes[0].node_position
    assert reading.message.zone_set_id is place.theta is UNSET
    with pytest.raises(MalformedMessage, match="orderId"):
        heard(said | {"orderId": None}, Order)


def test_the_older_key_of_instant_actions_is_read_and_the_newer_one_rules() -> None:
    said = data(Topic.INSTANT_ACTIONS)
    actions = said.pop("actions")
    reading = heard(said | {"instantActions": actions}, InstantActions)
    assert reading.message == ALL[Topic.INSTANT_ACTIONS]
    assert reading.loosely == ("instantActions: the key of an older version",)
    assert heard(said | {"instantActions": [], "actions": actions}, InstantActions).message.actions


def test_each_thing_is_named_once_however_often_it_stands_there() -> None:
    said = data(Topic.ORDER)
    said["nodes"] = [node | {"sequenceId": float(node["sequenceId"])} for node in said["nodes"]] * 20
    assert len(heard(said, Order).loosely) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"orderId": 7},
        {"orderUpdateId": "0"},
        {"orderUpdateId": -1.0},
        {"nodes": {}},
        {"headerId": True},
    ],
)
def test_what_might_mean_something_else_is_refused_with_the_field_at_fault(wrong: dict[str, Any]) -> None:
    with pytest.raises(MalformedMessage, match=next(iter(wrong))):
        heard(data(Topic.ORDER) | wrong, Order)


def test_a_large_message_is_not_read_twice() -> None:
    said = data(Topic.ORDER) | {"headerId": 1.0, "beside": "x" * MOST_BYTES}
    with pytest.raises(MalformedMessage, match="headerId"):
        heard(said, Order)


@given(st.data())
def test_nothing_raises_anything_but_malformed_message_and_what_is_taken_can_be_said(
    draw: st.DataObject,
) -> None:
    topic = draw.draw(st.sampled_from(list(TABLE)))
    said = data(topic)
    key = draw.draw(st.sampled_from(sorted(said)))
    payload = json.dumps(said | {key: draw.draw(JSON)}).encode()
    try:
        reading = decode_leniently(payload, TABLE[topic].message)
    except MalformedMessage:
        return
    assert decode(encode(reading.message), TABLE[topic].message) == reading.message


def test_a_vehicle_of_2_0_0_is_told_its_own_version_and_both_keys_and_any_other_ours() -> None:
    actions = ALL[Topic.INSTANT_ACTIONS]
    told = json.loads(encode_for("2.0.0", Topic.INSTANT_ACTIONS, actions))
    assert told["version"] == "2.0.0"
    assert told["instantActions"] == told["actions"] == data(Topic.INSTANT_ACTIONS)["actions"]
    assert json.loads(encode_for("2.0.0", Topic.ORDER, ALL[Topic.ORDER])) == data(Topic.ORDER) | {"version": "2.0.0"}
    for version in ("", VERSION, "2.7.1", "3.0.0", "nonsense"):
        assert encode_for(version, Topic.INSTANT_ACTIONS, actions) == encode(actions)


def test_of_one_major_version_all_are_read() -> None:
    assert [understood(v) for v in ("2.0.0", "2.1.0", "2.9", "3.0.0", "1.1", "", "22.0")] == [True] * 3 + [False] * 4
