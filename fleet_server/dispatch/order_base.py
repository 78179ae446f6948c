"""The base and the horizon of an order, and the updates by which a base grows (VDA 5050 2.1.0, 6.6.2)."""

from itertools import pairwise

from msgspec.structs import replace

from fleet_server.dispatch.order_building import edge_between
from protocol.order import Node, Order


def released_to(order: Order, sequence_id: int) -> Order:
    """The order with all up to that node as its base, and the rest as its horizon."""
    return replace(
        order,
        nodes=[replace(node, released=node.sequence_id <= sequence_id) for node in order.nodes],
        edges=[replace(edge, released=edge.sequence_id <= sequence_id) for edge in order.edges],
    )


def base_end(order: Order) -> int:
    """The sequence id of the last node of the base, the decision point."""
    return max(node.sequence_id for node in order.nodes if node.released)


def has_horizon(order: Order) -> bool:
    """Whether not all of it is released."""
    return not order.nodes[-1].released


def update_from(order: Order, sequence_id: int) -> Order:
    """What of the order is sent as an update: from the node on which the base before ended, which comes once more."""
    return replace(
        order,
        nodes=[node for node in order.nodes if node.sequence_id >= sequence_id],
        edges=[edge for edge in order.edges if edge.sequence_id > sequence_id],
    )


def with_node_after(order: Order, index: int, node: Node) -> Order:
    """The order with a node put in after the one of that index; all later sequence ids are two higher."""
    before, after = order.nodes[: index + 1], order.nodes[index + 1 :]
    between = replace(node, sequence_id=before[-1].sequence_id + 2)
    moved = [replace(each, sequence_id=each.sequence_id + 2) for each in after]
    edges = [
        *order.edges[:index],
        edge_between(before[-1], between),
        *(
            replace(edge_between(a, b), actions=edge.actions)
            for (a, b), edge in zip(pairwise([between, *moved]), order.edges[index:], strict=True)
        ),
    ]
    return replace(order, nodes=[*before, between, *moved], edges=edges)
