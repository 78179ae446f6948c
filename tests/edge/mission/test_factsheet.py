"""The factsheet says what the mission takes, and the mission takes what the factsheet says."""

import dataclasses
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from edge.mission.events import OrderCame
from edge.mission.factsheet import Make, factsheet
from edge.mission.order_validation import LONGEST_ID, MOST_ACTIONS, MOST_NODES
from edge.mission.state import compose
from protocol.codec import decode, encode
from protocol.factsheet import ActionScope, Factsheet
from protocol.order import Action, BlockingType, Edge, Node, NodePosition, Order
from tests.edge.mission.world import ADDRESS, NOW, Dog, action, instant, node, order

SHEET = decode(encode(factsheet(ADDRESS, NOW)), Factsheet)
OFFERED = {each.action_type: each for each in SHEET.protocol_features.agv_actions}
OPTIONAL = {each.parameter: each for each in SHEET.protocol_features.optional_parameters}
SCOPES = list(ActionScope)
SOUND: dict[str, dict[str, Any]] = {
    "dwell": {"seconds": 1.0},
    "onLinkLoss": {"policy": "stand"},
    "onBlocked": {"policy": "skip"},
    "onLowBattery": {"policy": "resume"},
    "startManualDriving": {"sessionId": "a-session-of-tests"},
    "initPosition": {"x": 0.0, "y": 0.0, "theta": 0.0},
    "startCameraStream": {"token": "open"},
    "speak": {"text": "Please step back.", "language": "en"},
}


def taken(kind: str, scope: ActionScope) -> bool:
    """Whether the mission takes such an action there."""
    blocking = BlockingType.SOFT if kind == "lookAround" else BlockingType.NONE
    dog, made = Dog(), action(kind, "x", blocking, **SOUND.get(kind, {}))
    if scope is ActionScope.INSTANT:
        dog.tell(instant(made))
        return "instantActionError" not in dog.errors()
    if scope is ActionScope.NODE:
        dog.tell(OrderCame(order(node("a", 0, made), node("b", 2))))
    else:
        dog.tell(OrderCame(order(node("a", 0), node("b", 2), on_edge={1: [made]})))
    return dog.held.order_id == "o1"


@pytest.mark.parametrize("kind", [*OFFERED, "pick", "drop", "chase", "downloadMap", "finePositioning"])
def test_an_action_is_taken_where_it_is_offered_and_nowhere_else(kind: str) -> None:
    offered = [scope for scope in SCOPES if kind in OFFERED and scope in OFFERED[kind].action_scopes]
    assert [scope for scope in SCOPES if taken(kind, scope)] == offered


@pytest.mark.parametrize("kind", [kind for kind, each in OFFERED.items() if ActionScope.NODE in each.action_scopes])
def test_the_parameters_are_those_that_are_named(kind: str) -> None:
    named = {p.key: bool(p.is_optional) for p in OFFERED[kind].action_parameters or []}
    needed = {key for key, optional in named.items() if not optional}
    assert needed == set(SOUND.get(kind, {}))
    for given in ({k: v for k, v in SOUND.get(kind, {}).items() if k != gone} for gone in needed):
        dog = Dog()
        dog.tell(OrderCame(order(node("a", 0, action(kind, "x", **given)))))
        assert dog.errors() == ["orderError"]
    dog = Dog()
    dog.tell(OrderCame(order(node("a", 0, action(kind, "x", **SOUND.get(kind, {}), unheard_of=1)))))
    assert dog.errors() == ["orderError"]


EDGE_FIELDS: dict[str, Any] = {
    "maxSpeed": 0.5,
    "maxHeight": 2.0,
    "minHeight": 0.1,
    "orientation": 0.0,
    "orientationType": "GLOBAL",
    "direction": "left",
    "rotationAllowed": True,
    "maxRotationSpeed": 1.0,
    "length": 5.0,
    "trajectory": {"degree": 1, "knotVector": [0.0, 0.0, 1.0, 1.0], "controlPoints": [{"x": 0, "y": 0}]},
    "corridor": {"leftWidth": 1.0, "rightWidth": 1.0},
}


def test_every_optional_field_of_an_edge_is_either_offered_or_refused() -> None:
    fields = {f.encode_name for f in msgspec.structs.fields(Edge) if not f.required}
    assert fields - {"edgeDescription"} == set(EDGE_FIELDS)
    for name, value in EDGE_FIELDS.items():
        message = msgspec.json.decode(encode(order(node("a", 0), node("b", 2))))
        message["edges"][0][name] = value
        dog = Dog()
        dog.tell(OrderCame(decode(msgspec.json.encode(message), Order)))
        assert (dog.held.order_id == "o1") == (f"order.edges.{name}" in OPTIONAL), name
        if dog.errors():
            assert ("field", name) in {
                (r.reference_key, r.reference_value) for r in dog.report().errors[0].error_references or []
            }


def test_every_optional_field_of_a_place_is_offered() -> None:
    fields = {f.encode_name for f in msgspec.structs.fields(NodePosition) if not f.required} - {"mapDescription"}
    assert {f"order.nodes.nodePosition.{name}" for name in fields} <= OPTIONAL.keys()
    assert OPTIONAL["order.nodes.nodePosition"].support == "REQUIRED"
    bare = replace(node("a", 0), node_position=msgspec.UNSET)
    dog = Dog()
    dog.tell(OrderCame(order(bare)))
    assert dog.errors() == ["orderError"]


def test_a_low_way_and_a_way_on_which_it_may_not_turn_are_refused() -> None:
    for name, value in (("maxHeight", 0.4), ("rotationAllowed", False), ("maxSpeed", 0.0)):
        message = msgspec.json.decode(encode(order(node("a", 0), node("b", 2))))
        message["edges"][0][name] = value
        dog = Dog()
        dog.tell(OrderCame(decode(msgspec.json.encode(message), Order)))
        assert dog.errors() == ["orderError"], name


def test_a_zone_set_that_the_dog_has_not_is_refused() -> None:
    dog = Dog()
    dog.tell(OrderCame(replace(order(node("a", 0)), zone_set_id="night")))
    assert dog.errors() == ["orderError"]
    dog.tell(OrderCame(replace(order(node("a", 0)), zone_set_id="yard")))
    assert dog.errors() == []


def test_the_limits_are_where_it_says() -> None:
    limits = SHEET.protocol_limits
    assert (limits.max_array_lens.order_nodes, limits.max_array_lens.order_edges) == (MOST_NODES, MOST_NODES - 1)
    assert (limits.max_array_lens.node_actions, limits.max_string_lens.id_len) == (MOST_ACTIONS, LONGEST_ID)
    many = [node("a", 2 * n) for n in range(MOST_NODES + 1)]
    assert (refused(order(*many[:-1])), refused(order(*many))) == ([], ["validationError"])
    doings: list[Action] = [action("takePhoto", f"p{n}") for n in range(MOST_ACTIONS + 1)]
    assert (refused(one(*doings[:-1])), refused(one(*doings))) == ([], ["validationError"])
    assert (refused(named("n" * LONGEST_ID)), refused(named("n" * (LONGEST_ID + 1)))) == ([], ["validationError"])


def refused(some: Order) -> list[str]:
    dog = Dog()
    dog.tell(OrderCame(some))
    return dog.errors()


def one(*doings: Action) -> Order:
    return order(node("a", 0, *doings))


def named(node_id: str) -> Order:
    first: Node = replace(node("a", 0), node_id=node_id)
    return order(first)


def test_a_dog_with_a_scan_alone_says_that_it_is_half_blind_and_slower() -> None:
    slow = factsheet(ADDRESS, NOW, make=Make(0.4, ("scan",)))
    assert "half blind" in str(slow.type_specification.series_description)
    assert slow.physical_parameters.speed_max == 0.4
    assert "half blind" not in str(SHEET.type_specification.series_description)
    assert not Make(sensors=("scan", "depth")).half_blind


def test_its_state_says_so_too() -> None:
    for blind in (False, True):
        dog = Dog(situation=dataclasses.replace(Dog().situation, half_blind=blind))
        dog.step()
        kinds = [i.info_type for i in compose(dog.report(), dog.situation, ADDRESS, NOW).information or []]
        assert ("halfBlind" in kinds) is blind
