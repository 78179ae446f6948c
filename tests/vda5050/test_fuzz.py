"""Whatever comes in on either side, by the standard's schemas and outside of them: a refusal with a reason, never a
crash, never a half-taken order."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as replace_struct

from edge.link.link_core import MALFORMED, LinkCore
from edge.link.mqtt_session import Heard, Up
from edge.link.outbox import Outbox
from edge.mission.events import Event, InstantActionsCame, MalformedCame, OrderCame
from edge.mission.factsheet import factsheet
from edge.mission.order_progress import OrderProgress
from edge.mission.state import compose
from fleet_server.dispatch.dog_eligibility import battery_refusal, refusal, work_refusal
from fleet_server.dispatch.order_building import draw_order
from fleet_server.patrols.progress import CheckpointRecord, Progress, follow
from fleet_server.patrols.tables import PatrolStatus
from fleet_server.telemetry.fleet_state import Fleet
from fleet_server.telemetry.vehicle_capabilities import features
from fleet_server.telemetry.views import dog_view
from protocol.codec import MalformedMessage, decode, encode
from protocol.instant_actions import InstantActions
from protocol.order import Order
from protocol.site import Checkpoint, Pose, Text
from protocol.state import State
from protocol.topics import TABLE, Address, Topic
from tests.edge.mission.world import ADDRESS, NOW, Dog, action, node, order
from tests.protocol.samples import STANDARD
from tests.shared import SHARED
from tests.vda5050.schema import messages

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda deeper: st.lists(deeper, max_size=3) | st.dictionaries(st.text(max_size=5), deeper, max_size=3),
    max_leaves=4,
)
FUZZ = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
        HealthCheck.function_scoped_fixture,
    ],
)
AT = datetime.fromtimestamp(NOW, UTC)
TO_DOG = (Topic.ORDER, Topic.INSTANT_ACTIONS)
TO_SERVER = (Topic.STATE, Topic.VISUALIZATION, Topic.CONNECTION, Topic.FACTSHEET)
HEAD = {"manufacturer": ADDRESS.manufacturer, "serialNumber": ADDRESS.serial_number, "version": "2.1.0"}


@cache
def by_schema(topic: Topic) -> st.SearchStrategy[Any]:
    """Messages of the standard's schema, under this dog's name; without the schema beside the checkout, a sample."""
    path = SHARED / f"vda5050/2.1.0/{topic}.schema"
    if not path.exists():
        return st.just(json.loads(encode(STANDARD[topic])))
    schema = json.loads(path.read_text(encoding="utf-8-sig"))
    return messages(schema, schema.get("definitions", {})).map(
        lambda message: message | HEAD | {"timestamp": "2026-11-23T10:00:00.00Z"}
    )


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        yield (*path, key)
        yield from places(child, (*path, key))


@st.composite
def broken(draw: st.DrawFn, topic: Topic) -> Any:
    """A sample with one place replaced or removed."""
    message = json.loads(encode(STANDARD[topic])) | HEAD
    path = draw(st.sampled_from(list(places(message))))
    parent = message
    for key in path[:-1]:
        parent = parent[key]
    if draw(st.booleans()):
        parent[path[-1]] = draw(JSON)
    else:
        del parent[path[-1]]
    return message


def payloads(topic: Topic) -> st.SearchStrategy[bytes]:
    """From the schema, from near it, and from nowhere near it."""
    near = by_schema(topic) | broken(topic) | JSON
    return near.map(lambda message: json.dumps(message).encode()) | st.binary(max_size=40)


def heard(link: LinkCore, topic: Topic, payload: bytes) -> list[Event]:
    """What the mission is told of it, as link and node pass it on."""
    events: list[Event] = []
    for passed in link.step([Heard(ADDRESS.topic(topic), payload, False)], None, 1.0, NOW).inbox:
        if passed.topic == MALFORMED:
            events.append(MalformedCame(topic, json.loads(passed.payload)["error"]))
        elif passed.topic == Topic.ORDER:
            events.append(OrderCame(decode(passed.payload, Order)))
        else:
            events.append(InstantActionsCame(decode(passed.payload, InstantActions)))
    return events


def unreadable(payload: bytes, topic: Topic) -> str:
    """Why it is no such message; empty where it is one."""
    try:
        decode(payload, TABLE[topic].message)
    except MalformedMessage as error:
        return str(error)
    return ""


def order_of(held: OrderProgress) -> OrderProgress:
    """What is held of the order alone."""
    return replace_struct(held, works=[w for w in held.works if w.sequence_id >= 0])


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LinkCore]:
    folder: Path = tmp_path_factory.mktemp("link")
    made = LinkCore(ADDRESS, Outbox(folder), folder / "site.json")
    made.step([Up()], None, 0.0, NOW)
    yield made
    made.outbox.close()


@pytest.mark.parametrize("busy", [False, True])
@FUZZ
@given(data=st.data())
def test_an_order_is_taken_whole_or_refused_with_a_reason_and_then_nothing_has_changed(
    link: LinkCore, busy: bool, data: st.DataObject
) -> None:
    dog = Dog()
    if busy:
        dog.tell(OrderCame(order(node("a", 0), node("b", 2, action("dwell", "w", seconds=9)), order_id="first")))
    before = order_of(dog.held)
    events = heard(link, Topic.ORDER, data.draw(payloads(Topic.ORDER)))
    assert events
    dog.tell(*events)
    if dog.errors():
        assert dog.report().errors[0].error_description
        assert order_of(dog.held).nodes == before.nodes
        assert (dog.held.order_id, dog.held.order_update_id) == (before.order_id, before.order_update_id)
    else:
        (came,) = events
        assert isinstance(came, OrderCame)
        assert dog.held.order_id == came.order.order_id
    dog.run(1)
    told = compose(dog.report(), dog.situation, ADDRESS, NOW)
    assert decode(encode(told), State) == told


@FUZZ
@given(data=st.data())
def test_instant_actions_end_or_are_refused_with_a_reason_and_leave_no_half_order(
    link: LinkCore, data: st.DataObject
) -> None:
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0), node("b", 2))))
    events = heard(link, Topic.INSTANT_ACTIONS, data.draw(payloads(Topic.INSTANT_ACTIONS)))
    dog.tell(*events)
    dog.run(1)
    for event in events:
        if isinstance(event, MalformedCame):
            assert dog.errors() == ["validationError"]
            assert dog.held.nodes
        elif isinstance(event, InstantActionsCame):
            told = {work.action.action_id: work for work in dog.held.works}
            refused = [e for e in dog.report().errors if e.error_type in ("instantActionError", "noOrderToCancel")]
            assert all(each.action_id in told for each in event.message.actions) or refused
    told_state = compose(dog.report(), dog.situation, ADDRESS, NOW)
    assert decode(encode(told_state), State) == told_state


@pytest.mark.parametrize("topic", TO_SERVER)
@FUZZ
@given(data=st.data())
def test_what_a_vehicle_says_is_taken_in_and_shown_or_refused_with_a_reason(topic: Topic, data: st.DataObject) -> None:
    said = data.draw(payloads(topic))
    if unreadable(said, topic):
        return
    message = decode(said, TABLE[topic].message)
    fleet = Fleet(timedelta(seconds=35), "xiaotian")
    fleet.link_up = True
    fleet.hear(ADDRESS, message, AT)
    vehicle = fleet.all()[0]
    shown = dog_view(vehicle, fleet, AT, None).model_dump_json()
    assert vehicle.dog_id in shown
    can = features(vehicle.factsheet)
    for why in (
        refusal(vehicle, True, "yard"),
        battery_refusal(vehicle, 100.0, 20.0),
        work_refusal("d", can, ["x"], 2),
    ):
        assert why is None or why
    if vehicle.position is not None:
        _draw(vehicle.position, can)
    if isinstance(message, State):
        patrol = follow(PATROL, message.order_id, "cancel", message, AT)
        assert patrol.status in PatrolStatus
        msgspec.json.encode(patrol)


PATROL = Progress(
    status=PatrolStatus.SENT,
    checkpoints=[CheckpointRecord(checkpoint_id="a", name={}, node_id="a", sequence_id=2, action_ids=["x"])],
)
PLACE = Checkpoint(checkpoint_id="a", name=Text(zh="门", en="Gate"), pose=Pose(x=1.0, y=1.0, theta=0.0))


def _draw(start: Any, can: Any) -> None:
    stops = [{"checkpointId": "a", "actions": [{"type": "takePhoto"}]}]
    drawn = draw_order(
        stops,
        {"a": PLACE},
        start,
        Address("acme", "7"),
        "o-1",
        NOW,
        lambda: "id",
        can,
        {"onLinkLoss": {"policy": "home"}},
    )
    assert len(drawn.order.nodes) == 2


def test_our_own_factsheet_is_among_what_the_server_takes() -> None:
    assert features(factsheet(ADDRESS, NOW)).extensions
