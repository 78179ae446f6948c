"""Where a node lies, and whether the dog counts as being there (VDA 5050 2.1.0, 6.10.2)."""

import math

from msgspec import UNSET

from edge.types import Pose2D
from protocol.order import Node

DEVIATION = 0.5  # m, where the order names none, or 0: the vehicle's own tolerance
HEADING = 0.1  # rad, likewise
LEAST_DEVIATION = 0.2  # m that can be kept: the dog stops within 0.15 of a goal, and knows where it is to a few cm
LEAST_HEADING = 0.15  # rad, likewise: it turns until 0.1 is left
ANY_HEADING = math.pi - 0.01  # rad: an allowed deviation from here on asks for no heading


def key(node: Node) -> str:
    """What tells a node from the others of its order: the same place may come twice."""
    return f"{node.node_id}#{node.sequence_id}"


def heading(node: Node) -> float | None:
    """The heading in which the dog has to stand there, or None where any will do."""
    place = node.node_position
    if place is UNSET or place.theta is UNSET:
        return None
    given = place.allowed_deviation_theta
    return None if given is not UNSET and abs(given) >= ANY_HEADING else place.theta


def is_near(node: Node, pose: Pose2D) -> bool:
    """Whether ``pose`` lies within the node's allowed deviation, however it is turned."""
    place = node.node_position
    return place is not UNSET and math.hypot(pose.x - place.x, pose.y - place.y) <= _deviation(node)


def is_at(node: Node, pose: Pose2D) -> bool:
    """Whether ``pose`` lies within the node's allowed deviations."""
    place = node.node_position
    if place is UNSET or not is_near(node, pose):
        return False
    wanted = heading(node)
    if wanted is None:
        return True
    given = place.allowed_deviation_theta
    allowed = abs(given) if given is not UNSET and given else HEADING
    return abs(math.remainder(pose.theta - wanted, math.tau)) <= allowed


def missed(node: Node, pose: Pose2D) -> str:
    """How far a dog that has walked to the node is beyond the deviations that the order allows; empty: it is not."""
    place = node.node_position
    if place is UNSET:
        return ""
    away, wanted = math.hypot(pose.x - place.x, pose.y - place.y), heading(node)
    if away > _deviation(node):
        return f"it stands {away:.2f} m from {node.node_id!r}, and {_deviation(node):.2f} m are allowed"
    given = place.allowed_deviation_theta
    if wanted is None or given is UNSET or not given:
        return ""  # the navigator's own tolerance, and its word
    turned = abs(math.remainder(pose.theta - wanted, math.tau))
    return f"it is turned {turned:.2f} rad too far, and {abs(given):.2f} are allowed" if turned > abs(given) else ""


def _deviation(node: Node) -> float:
    place = node.node_position
    given = place.allowed_deviation_xy if place is not UNSET else UNSET
    return given if given is not UNSET and given > 0 else DEVIATION
