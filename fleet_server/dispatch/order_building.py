"""From a route to a VDA 5050 order (2.1.0, 6.6): checkpoints become nodes, their work node actions."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from fleet_server.patrols.progress import CheckpointRecord
from fleet_server.telemetry.vehicle_capabilities import Features
from protocol.codec import header
from protocol.on_blocked import ON_BLOCKED
from protocol.order import Action, ActionParameter, BlockingType, Edge, Node, NodePosition, Order
from protocol.site import Checkpoint
from protocol.state import AgvPosition
from protocol.topics import Address

# The vehicle stands on the first node already (6.6.1): wide enough for what it walks between state and order.
START_DEVIATION_M = 2.0
CHECKPOINT_DEVIATION_M = 0.5
# A picture has to show what it should: half the camera's view is 43 degrees.
LOOKING_DEVIATION_RAD = 0.3


@dataclass(frozen=True)
class Drawn:
    """An order, and the records by which its patrol is followed."""

    order: Order
    checkpoints: list[CheckpointRecord]


def draw_order(
    stops: list[dict[str, Any]],
    checkpoints: dict[str, Checkpoint],
    start: AgvPosition,
    address: Address,
    order_id: str,
    now: float,
    new_id: Callable[[], str],
    features: Features = Features(),  # noqa: B008 - frozen
    rules: dict[str, dict[str, Any]] | None = None,
) -> Drawn:
    """The order that leads along ``stops`` from where the vehicle stands; raises KeyError on an unknown checkpoint.

    Nodes have even, edges odd sequence ids; a checkpoint that comes twice is one node id with two of them. All of it
    is released: a dog plans its own way, and what it does without its station is a rule, not its base's end. ``rules``
    (by action type: onLinkLoss, onBlocked, onLowBattery) stand at the first node, a stop's own rule of a blocked way at
    that stop. What the vehicle cannot do or heed is left out. A stop's own ``theta`` (radians) goes before its
    checkpoint's; one with ``anyHeading`` may be worked at however the dog is turned.
    """
    first = start_node(start, f"start-{order_id[:8]}")
    said = [_rule(kind, rule, new_id()) for kind, rule in (rules or {}).items() if rule and features.does(kind)]
    first = replace(first, actions=said)
    nodes = [first]
    records: list[CheckpointRecord] = []
    for number, stop in enumerate(stops):
        place = checkpoints[stop["checkpointId"]]
        actions = [_action(action, new_id()) for action in stop["actions"] if features.does(action["type"])]
        node = _node(place, 2 * number + 2, actions, start.map_id, stop.get("theta"), bool(stop.get("anyHeading")))
        records.append(_record(place, node))
        own = stop.get("onBlocked")
        if own and features.does(ON_BLOCKED):
            node = replace(node, actions=[*node.actions, _rule(ON_BLOCKED, own, new_id())])
        nodes.append(node)
    nodes = [_heeded(node, features) for node in nodes]
    edges = [edge_between(a, b) for a, b in pairwise(nodes)]
    order = Order(**header(address, 0, now), order_id=order_id, order_update_id=0, nodes=nodes, edges=edges)
    return Drawn(order, records)


def length_m(order: Order) -> float:
    """The sum of the straight ways between the order's nodes: no way is shorter."""
    places = [(n.node_position.x, n.node_position.y) for n in order.nodes if n.node_position is not UNSET]
    return sum(math.dist(a, b) for a, b in pairwise(places))


def start_node(start: AgvPosition, node_id: str) -> Node:
    """The node on which the vehicle stands."""
    position = NodePosition(x=start.x, y=start.y, map_id=start.map_id, allowed_deviation_xy=START_DEVIATION_M)
    return Node(node_id=node_id, sequence_id=0, released=True, actions=[], node_position=position)


def _node(
    place: Checkpoint, sequence_id: int, actions: list[Action], map_id: str, theta: float | None, any_heading: bool
) -> Node:
    turned = (actions or theta is not None) and not any_heading
    position = NodePosition(
        x=place.pose.x,
        y=place.pose.y,
        theta=math.remainder(place.pose.theta if theta is None else theta, math.tau),
        map_id=map_id,
        allowed_deviation_xy=CHECKPOINT_DEVIATION_M,
        allowed_deviation_theta=LOOKING_DEVIATION_RAD if turned else math.pi,
    )
    return Node(
        node_id=place.checkpoint_id,
        sequence_id=sequence_id,
        released=True,
        actions=actions,
        node_position=position,
        node_description=place.name.en,
    )


def edge_between(a: Node, b: Node) -> Edge:
    """A straight edge from one node to the next."""
    return Edge(
        edge_id=f"edge-{a.sequence_id + 1}",
        sequence_id=a.sequence_id + 1,
        released=True,
        start_node_id=a.node_id,
        end_node_id=b.node_id,
        actions=[],
    )


def _action(action: dict[str, Any], action_id: str) -> Action:
    seconds = action.get("seconds")
    return Action(
        action_type=action["type"],
        action_id=action_id,
        blocking_type=BlockingType.HARD,
        action_parameters=UNSET if seconds is None else [ActionParameter(key="seconds", value=seconds)],
    )


def _rule(kind: str, rule: dict[str, Any], action_id: str) -> Action:
    given = [ActionParameter(key=key, value=value) for key, value in rule.items()]
    return Action(action_type=kind, action_id=action_id, blocking_type=BlockingType.NONE, action_parameters=given)


def _heeded(node: Node, features: Features) -> Node:
    """The node with the optional fields alone that the vehicle heeds (6.1.1); its place it has to have."""
    place = node.node_position
    assert place is not UNSET
    return replace(
        node,
        node_position=replace(
            place,
            theta=place.theta if features.heeds("theta") else UNSET,
            allowed_deviation_xy=place.allowed_deviation_xy if features.heeds("allowedDeviationXY") else UNSET,
            allowed_deviation_theta=(
                place.allowed_deviation_theta
                if features.heeds("allowedDeviationTheta") and features.heeds("theta")
                else UNSET
            ),
        ),
    )


def _record(place: Checkpoint, node: Node) -> CheckpointRecord:
    return CheckpointRecord(
        checkpoint_id=place.checkpoint_id,
        name={"zh": place.name.zh, "en": place.name.en},
        node_id=node.node_id,
        sequence_id=node.sequence_id,
        action_ids=[action.action_id for action in node.actions],
    )
