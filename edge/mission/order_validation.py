"""Whether an order can be taken: the standard's figure 8 and 6.6.4, as pure functions."""

import math
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from msgspec import UNSET

from edge.mission.errors import Fault, named, warning
from edge.mission.events import Situation
from edge.mission.node_position import LEAST_DEVIATION, LEAST_HEADING, is_at, is_near
from edge.mission.supported_actions import EDGE, NODE, undoable
from protocol.factsheet import ActionScope
from protocol.order import Action, Edge, Node, NodePosition, Order
from protocol.state import Error
from protocol.version import MAJOR, understood

HEIGHT = 0.55  # m, standing
MOST_NODES = 1000
MOST_ACTIONS = 2000  # of an order: its state has to fit into a message of 2 MB
LONGEST_ID = 128  # characters
UNUSABLE = {  # of an edge
    "trajectory": "trajectory",
    "corridor": "corridor",
    "direction": "direction",
    "orientation": "orientation",
    "orientation_type": "orientationType",
    "max_rotation_speed": "maxRotationSpeed",
    "min_height": "minHeight",
}


def refusal(order: Order, situation: Situation) -> Error | None:
    """Why ``order`` cannot be taken whatever the dog is doing, or None."""
    wrong = next(_malformed(order), None)
    if wrong is not None:
        return _about(order, Fault.VALIDATION, *wrong)
    unusable = next(_unusable(order, situation.map_id), None)
    if unusable is not None:
        return _about(order, Fault.ORDER, *unusable)
    nowhere = next(_nowhere_to_stand(order, situation), None)
    return None if nowhere is None else _about(order, Fault.NO_ROUTE, *nowhere)


def far(order: Order, situation: Situation) -> Error | None:
    """Why a new ``order`` cannot begin where the dog is (6.6.1: its first node is trivially reachable), or None."""
    first, pose = order.nodes[0], situation.pose
    if pose is None or pose.quality <= 0:
        return _about(order, Fault.NO_ROUTE, "the dog does not know where it is", {"nodeId": first.node_id})
    if is_near(first, pose.pose):
        return None
    place = f"the dog is at {pose.pose.x:.1f} {pose.pose.y:.1f}, not within the deviation of {first.node_id!r}"
    return _about(order, Fault.NO_ROUTE, place, {"nodeId": first.node_id})


def _about(order: Order, fault: Fault, description: str, references: dict[str, str]) -> Error:
    return warning(fault, description, **named(order), **references)


Wrong = tuple[str, dict[str, str]]


def _malformed(order: Order) -> Iterator[Wrong]:
    if not understood(order.version):
        yield f"version {order.version!r} is not {MAJOR}.x", {"version": order.version}
    if not order.order_id:
        yield "orderId is empty", {}
    if not 1 <= len(order.nodes) <= MOST_NODES:
        yield f"{len(order.nodes)} nodes: from 1 to {MOST_NODES} are expected", {}
    if len(order.edges) != len(order.nodes) - 1:
        yield f"{len(order.edges)} edges do not join {len(order.nodes)} nodes", {}
    yield from _broken_chain(order)
    released = [part.released for part in _chain(order)]
    if released and not released[0]:
        yield "the first node is not released", {"nodeId": order.nodes[0].node_id}
    if released != sorted(released, reverse=True):
        yield "a released part follows one that is not released", {}
    ids = [action.action_id for action in _actions(order)]
    if len(ids) > MOST_ACTIONS:
        yield f"{len(ids)} actions: at most {MOST_ACTIONS} are expected", {}
    for action_id, count in Counter(ids).items():
        if count > 1:
            yield f"actionId {action_id!r} stands twice", {"actionId": action_id}
    written = (order.order_id, *(n.node_id for n in order.nodes), *(e.edge_id for e in order.edges), *ids)
    for each in written:
        if len(each) > LONGEST_ID:
            yield f"an id of {len(each)} characters: at most {LONGEST_ID} are expected", {}


def _broken_chain(order: Order) -> Iterator[Wrong]:
    for node in order.nodes:
        if node.sequence_id % 2:
            yield f"node {node.node_id!r} has the odd sequenceId {node.sequence_id}", {"nodeId": node.node_id}
    for (before, after), edge in zip(pairwise(order.nodes), order.edges, strict=False):
        if not before.sequence_id < edge.sequence_id < after.sequence_id or not edge.sequence_id % 2:
            between = f"the odd one between {before.sequence_id} and {after.sequence_id}"
            yield f"edge {edge.edge_id!r}: sequenceId {edge.sequence_id} is not {between}", {"edgeId": edge.edge_id}
        if (edge.start_node_id, edge.end_node_id) != (before.node_id, after.node_id):
            yield (
                f"edge {edge.edge_id!r} does not join {before.node_id!r} and {after.node_id!r}",
                {"edgeId": edge.edge_id},
            )


def _unusable(order: Order, map_id: str) -> Iterator[Wrong]:
    if order.zone_set_id is not UNSET and order.zone_set_id != map_id:
        yield f"there is no zone set {order.zone_set_id!r}", {"zoneSetId": order.zone_set_id}
    for node in order.nodes:
        yield from _unusable_place(node, map_id)
        yield from _unusable_actions(node, NODE)
    for edge in order.edges:
        yield from _unusable_edge(edge)
        yield from _unusable_actions(edge, EDGE)


def _unusable_place(node: Node, map_id: str) -> Iterator[Wrong]:
    place = node.node_position
    if place is UNSET:
        yield f"node {node.node_id!r} has no nodePosition", {"nodeId": node.node_id}
    elif not map_id:
        yield "the dog has no map yet", {"nodeId": node.node_id, "mapId": place.map_id}
    elif place.map_id != map_id:
        yield (
            f"node {node.node_id!r} lies on the map {place.map_id!r}, and the dog has {map_id!r}",
            {"nodeId": node.node_id, "mapId": place.map_id},
        )
    elif not (math.isfinite(place.x) and math.isfinite(place.y)):
        yield f"node {node.node_id!r} lies nowhere", {"nodeId": node.node_id}
    else:
        yield from _too_exact(node, place)


def _too_exact(node: Node, place: NodePosition) -> Iterator[Wrong]:
    """Deviations smaller than the dog can keep; 0 is none of them: it leaves the choice to the vehicle."""
    asked = {"allowedDeviationXY": (place.allowed_deviation_xy, LEAST_DEVIATION)}
    if place.theta is not UNSET:
        asked["allowedDeviationTheta"] = (place.allowed_deviation_theta, LEAST_HEADING)
    for field, (given, least) in asked.items():
        if given is not UNSET and 0 < abs(given) < least:
            why = f"node {node.node_id!r}: {field} is {given}, and the least that the dog can keep is {least}"
            yield why, {"nodeId": node.node_id, "field": field}


def _unusable_edge(edge: Edge) -> Iterator[Wrong]:
    """What may not be ignored (6.1.1) and cannot be heeded."""
    for field, wire in UNUSABLE.items():
        if getattr(edge, field) is not UNSET:
            yield f"edge {edge.edge_id!r}: {wire} cannot be used", {"edgeId": edge.edge_id, "field": wire}
    if edge.rotation_allowed is False:
        why = f"edge {edge.edge_id!r}: the dog turns as it walks"
        yield why, {"edgeId": edge.edge_id, "field": "rotationAllowed"}
    if edge.max_speed is not UNSET and not edge.max_speed > 0:
        yield f"edge {edge.edge_id!r}: maxSpeed is {edge.max_speed}", {"edgeId": edge.edge_id, "field": "maxSpeed"}
    if edge.max_height is not UNSET and edge.max_height < HEIGHT:
        why = f"edge {edge.edge_id!r}: maxHeight is {edge.max_height}, the dog is {HEIGHT} m high"
        yield why, {"edgeId": edge.edge_id, "field": "maxHeight"}


def _unusable_actions(part: Node | Edge, scope: ActionScope) -> Iterator[Wrong]:
    place = {"nodeId": part.node_id} if isinstance(part, Node) else {"edgeId": part.edge_id}
    for action in part.actions:
        why = undoable(action, scope)
        if why:
            yield why, {"actionId": action.action_id, "actionType": action.action_type, **place}


def _nowhere_to_stand(order: Order, situation: Situation) -> Iterator[Wrong]:
    """Nodes in walls, in no_go zones, or beyond the map; where the dog stands already needs no way."""
    can_stand, pose = situation.can_stand, situation.pose
    if can_stand is None:
        return
    for node in order.nodes:
        place = node.node_position
        here = node is order.nodes[0] and pose is not None and is_at(node, pose.pose)
        if place is not UNSET and not here and not can_stand(place.x, place.y):
            yield f"no dog can stand at node {node.node_id!r}", {"nodeId": node.node_id}


def _chain(order: Order) -> list[Node | Edge]:
    return sorted([*order.nodes, *order.edges], key=lambda part: part.sequence_id)


def _actions(order: Order) -> Iterator[Action]:
    for node in order.nodes:
        yield from node.actions
    for edge in order.edges:
        yield from edge.actions
