"""``order``: nodes to walk to, edges between them, and the actions on both (VDA 5050 2.1.0, 6.6)."""

from enum import StrEnum
from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType, field

from protocol.header import Angle, Header, NonNegative, UInt, Unit, Wire


class BlockingType(StrEnum):
    """What may happen beside an action: NONE all, SOFT other actions but no driving, HARD nothing."""

    NONE = "NONE"
    SOFT = "SOFT"
    HARD = "HARD"


class CorridorRefPoint(StrEnum):
    """Which part of the vehicle has to stay inside a corridor."""

    KINEMATIC_CENTER = "KINEMATICCENTER"
    CONTOUR = "CONTOUR"


class ActionParameter(Wire, frozen=True, kw_only=True):
    """One named argument of an action."""

    key: str
    value: list[Any] | bool | int | float | str | dict[str, Any]


class Action(Wire, frozen=True, kw_only=True):
    """Something the vehicle does at a node, along an edge, or at once."""

    action_type: str
    action_id: str
    blocking_type: BlockingType
    action_description: str | UnsetType = UNSET
    action_parameters: list[ActionParameter] | UnsetType = UNSET

    def parameter(self, key: str) -> Any:
        """The value sent under ``key``, or None where it was not sent."""
        if self.action_parameters is UNSET:
            return None
        return next((p.value for p in self.action_parameters if p.key == key), None)


class NodePosition(Wire, frozen=True, kw_only=True):
    """Where a node lies: metres and radians in the frame of ``map_id``."""

    x: float
    y: float
    map_id: str
    theta: Angle | UnsetType = UNSET
    allowed_deviation_xy: NonNegative | UnsetType = field(default=UNSET, name="allowedDeviationXY")
    allowed_deviation_theta: Angle | UnsetType = UNSET
    map_description: str | UnsetType = UNSET


class Node(Wire, frozen=True, kw_only=True):
    """A place on the way; ``released`` nodes are the base, the others the horizon."""

    node_id: str
    sequence_id: UInt
    released: bool
    actions: list[Action]
    node_description: str | UnsetType = UNSET
    node_position: NodePosition | UnsetType = UNSET


class ControlPoint(Wire, frozen=True, kw_only=True):
    """A control point of a NURBS, metres in the map frame."""

    x: float
    y: float
    weight: NonNegative | UnsetType = UNSET


class Trajectory(Wire, frozen=True, kw_only=True):
    """A NURBS to be driven between the two nodes of an edge."""

    degree: Annotated[int, Meta(ge=1)]
    knot_vector: list[Unit]
    control_points: list[ControlPoint]


class Corridor(Wire, frozen=True, kw_only=True):
    """How far, in metres, the vehicle may leave its trajectory to either side."""

    left_width: NonNegative
    right_width: NonNegative
    corridor_ref_point: CorridorRefPoint | UnsetType = UNSET


class Edge(Wire, frozen=True, kw_only=True):
    """The way from one node to the next."""

    edge_id: str
    sequence_id: UInt
    released: bool
    start_node_id: str
    end_node_id: str
    actions: list[Action]
    edge_description: str | UnsetType = UNSET
    max_speed: float | UnsetType = UNSET
    max_height: float | UnsetType = UNSET
    min_height: float | UnsetType = UNSET
    orientation: Angle | UnsetType = UNSET
    orientation_type: str | UnsetType = UNSET
    direction: str | UnsetType = UNSET
    rotation_allowed: bool | UnsetType = UNSET
    max_rotation_speed: float | UnsetType = UNSET
    length: float | UnsetType = UNSET
    trajectory: Trajectory | UnsetType = UNSET
    corridor: Corridor | UnsetType = UNSET


class Order(Header, frozen=True, kw_only=True):
    """A route to be walked; an update of it has the same ``order_id`` and a higher ``order_update_id``."""

    order_id: str
    order_update_id: UInt
    nodes: list[Node]
    edges: list[Edge]
    zone_set_id: str | UnsetType = UNSET
