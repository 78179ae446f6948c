"""``factsheet``: what a vehicle is and can (VDA 5050 2.1.0, 6.15)."""

from enum import StrEnum
from typing import Any

from msgspec import UNSET, UnsetType, field

from protocol.header import NonNegative, Timestamp, UInt, Wire
from protocol.order import BlockingType
from protocol.state import BoundingBoxReference, LoadDimensions


class AgvKinematic(StrEnum):
    """How it moves."""

    DIFF = "DIFF"
    OMNI = "OMNI"
    THREEWHEEL = "THREEWHEEL"


class AgvClass(StrEnum):
    """What it is; the standard has no word for a robot that only looks."""

    FORKLIFT = "FORKLIFT"
    CONVEYOR = "CONVEYOR"
    TUGGER = "TUGGER"
    CARRIER = "CARRIER"


class LocalizationType(StrEnum):
    """How it knows where it is."""

    NATURAL = "NATURAL"
    REFLECTOR = "REFLECTOR"
    RFID = "RFID"
    DMC = "DMC"
    SPOT = "SPOT"
    GRID = "GRID"


class NavigationType(StrEnum):
    """How it finds its way."""

    PHYSICAL_LINE_GUIDED = "PHYSICAL_LINE_GUIDED"
    VIRTUAL_LINE_GUIDED = "VIRTUAL_LINE_GUIDED"
    AUTONOMOUS = "AUTONOMOUS"


class Support(StrEnum):
    """Whether an optional field may or has to be sent."""

    SUPPORTED = "SUPPORTED"
    REQUIRED = "REQUIRED"


class ActionScope(StrEnum):
    """Where an action may stand."""

    INSTANT = "INSTANT"
    NODE = "NODE"
    EDGE = "EDGE"


class ValueDataType(StrEnum):
    """The type of an action's parameter."""

    BOOL = "BOOL"
    NUMBER = "NUMBER"
    INTEGER = "INTEGER"
    FLOAT = "FLOAT"
    STRING = "STRING"
    OBJECT = "OBJECT"
    ARRAY = "ARRAY"


class WheelType(StrEnum):
    """What a wheel does."""

    DRIVE = "DRIVE"
    CASTER = "CASTER"
    FIXED = "FIXED"
    MECANUM = "MECANUM"


class TypeSpecification(Wire, frozen=True, kw_only=True):
    """The kind of vehicle; mass in kilograms."""

    series_name: str
    agv_kinematic: AgvKinematic
    agv_class: AgvClass
    max_load_mass: NonNegative
    localization_types: list[LocalizationType]
    navigation_types: list[NavigationType]
    series_description: str | UnsetType = UNSET


class PhysicalParameters(Wire, frozen=True, kw_only=True):
    """Metres, metres a second, metres a second squared."""

    speed_min: float
    speed_max: float
    acceleration_max: float
    deceleration_max: float
    height_max: float
    width: float
    length: float
    height_min: float | UnsetType = UNSET


class MaxStringLens(Wire, frozen=True, kw_only=True):
    """The longest strings it takes; 0 or absent: no limit."""

    msg_len: int | UnsetType = UNSET
    topic_serial_len: int | UnsetType = UNSET
    topic_elem_len: int | UnsetType = UNSET
    id_len: int | UnsetType = UNSET
    id_numerical_only: bool | UnsetType = UNSET
    enum_len: int | UnsetType = UNSET
    load_id_len: int | UnsetType = UNSET


class MaxArrayLens(Wire, frozen=True, kw_only=True):
    """The longest arrays it takes; 0 or absent: no limit."""

    order_nodes: int | UnsetType = field(default=UNSET, name="order.nodes")
    order_edges: int | UnsetType = field(default=UNSET, name="order.edges")
    node_actions: int | UnsetType = field(default=UNSET, name="node.actions")
    edge_actions: int | UnsetType = field(default=UNSET, name="edge.actions")
    actions_parameters: int | UnsetType = field(default=UNSET, name="actions.actionsParameters")
    instant_actions: int | UnsetType = field(default=UNSET, name="instantActions")
    trajectory_knot_vector: int | UnsetType = field(default=UNSET, name="trajectory.knotVector")
    trajectory_control_points: int | UnsetType = field(default=UNSET, name="trajectory.controlPoints")
    state_node_states: int | UnsetType = field(default=UNSET, name="state.nodeStates")
    state_edge_states: int | UnsetType = field(default=UNSET, name="state.edgeStates")
    state_loads: int | UnsetType = field(default=UNSET, name="state.loads")
    state_action_states: int | UnsetType = field(default=UNSET, name="state.actionStates")
    state_errors: int | UnsetType = field(default=UNSET, name="state.errors")
    state_information: int | UnsetType = field(default=UNSET, name="state.information")
    error_references: int | UnsetType = field(default=UNSET, name="error.errorReferences")
    information_references: int | UnsetType = field(default=UNSET, name="information.infoReferences")


class Timing(Wire, frozen=True, kw_only=True):
    """Seconds between messages."""

    min_order_interval: float
    min_state_interval: float
    default_state_interval: float | UnsetType = UNSET
    visualization_interval: float | UnsetType = UNSET


class ProtocolLimits(Wire, frozen=True, kw_only=True):
    """What it can take."""

    max_string_lens: MaxStringLens
    max_array_lens: MaxArrayLens
    timing: Timing


class OptionalParameter(Wire, frozen=True, kw_only=True):
    """An optional field of the standard that it uses, by its full name."""

    parameter: str
    support: Support
    description: str | UnsetType = UNSET


class AgvActionParameter(Wire, frozen=True, kw_only=True):
    """A parameter that an action takes."""

    key: str
    value_data_type: ValueDataType
    description: str | UnsetType = UNSET
    is_optional: bool | UnsetType = UNSET


class AgvAction(Wire, frozen=True, kw_only=True):
    """An action that it can do.

    ``blocking_types`` is read but never sent: the schema gives it a type and an enum that exclude each other.
    """

    action_type: str
    action_scopes: list[ActionScope]
    action_description: str | UnsetType = UNSET
    action_parameters: list[AgvActionParameter] | UnsetType = UNSET
    result_description: str | UnsetType = UNSET
    blocking_types: list[BlockingType] | UnsetType = UNSET


class ProtocolFeatures(Wire, frozen=True, kw_only=True):
    """What of the standard it can do."""

    optional_parameters: list[OptionalParameter]
    agv_actions: list[AgvAction]


class WheelPosition(Wire, frozen=True, kw_only=True):
    """Metres and radians in the vehicle's frame."""

    x: float
    y: float
    theta: float | UnsetType = UNSET


class WheelDefinition(Wire, frozen=True, kw_only=True):
    """A wheel; lengths in metres."""

    type: WheelType
    is_active_driven: bool
    is_active_steered: bool
    position: WheelPosition
    diameter: float
    width: float
    center_displacement: float | UnsetType = UNSET
    constraints: str | UnsetType = UNSET


class PolygonPoint(Wire, frozen=True, kw_only=True):
    """Metres in the vehicle's frame."""

    x: float
    y: float


class Envelope2d(Wire, frozen=True, kw_only=True):
    """An outline of the vehicle."""

    set: str
    polygon_points: list[PolygonPoint]
    description: str | UnsetType = UNSET


class Envelope3d(Wire, frozen=True, kw_only=True):
    """A body of the vehicle, inline or by address. The schema has an integer for its description."""

    set: str
    format: str
    data: dict[str, Any] | UnsetType = UNSET
    url: str | UnsetType = UNSET
    description: int | UnsetType = UNSET


class AgvGeometry(Wire, frozen=True, kw_only=True):
    """Wheels and outlines."""

    wheel_definitions: list[WheelDefinition] | UnsetType = UNSET
    envelopes2d: list[Envelope2d] | UnsetType = UNSET
    envelopes3d: list[Envelope3d] | UnsetType = UNSET


class LoadSet(Wire, frozen=True, kw_only=True):
    """A kind of load that it can carry."""

    set_name: str
    load_type: str
    load_positions: list[str] | UnsetType = UNSET
    bounding_box_reference: BoundingBoxReference | UnsetType = UNSET
    load_dimensions: LoadDimensions | UnsetType = UNSET
    max_weight: float | UnsetType = UNSET
    min_loadhandling_height: float | UnsetType = UNSET
    max_loadhandling_height: float | UnsetType = UNSET
    min_loadhandling_depth: float | UnsetType = UNSET
    max_loadhandling_depth: float | UnsetType = UNSET
    min_loadhandling_tilt: float | UnsetType = UNSET
    max_loadhandling_tilt: float | UnsetType = UNSET
    agv_speed_limit: float | UnsetType = UNSET
    agv_acceleration_limit: float | UnsetType = UNSET
    agv_deceleration_limit: float | UnsetType = UNSET
    pick_time: float | UnsetType = UNSET
    drop_time: float | UnsetType = UNSET
    description: str | UnsetType = UNSET


class LoadSpecification(Wire, frozen=True, kw_only=True):
    """What it can carry; empty for a patrol dog."""

    load_positions: list[str] | UnsetType = UNSET
    load_sets: list[LoadSet] | UnsetType = UNSET


class VehicleVersion(Wire, frozen=True, kw_only=True):
    """A version of something on the vehicle."""

    key: str
    value: str


class Network(Wire, frozen=True, kw_only=True):
    """The vehicle's network."""

    dns_servers: list[str] | UnsetType = UNSET
    ntp_servers: list[str] | UnsetType = UNSET
    local_ip_address: str | UnsetType = UNSET
    netmask: str | UnsetType = UNSET
    default_gateway: str | UnsetType = UNSET


class VehicleConfig(Wire, frozen=True, kw_only=True):
    """Versions and network."""

    versions: list[VehicleVersion] | UnsetType = UNSET
    network: Network | UnsetType = UNSET


class Factsheet(Wire, frozen=True, kw_only=True):
    """The vehicle's data sheet. Here the schema asks neither for ``headerId`` nor for ``timestamp``."""

    version: str
    manufacturer: str
    serial_number: str
    type_specification: TypeSpecification
    physical_parameters: PhysicalParameters
    protocol_limits: ProtocolLimits
    protocol_features: ProtocolFeatures
    agv_geometry: AgvGeometry
    load_specification: LoadSpecification
    header_id: UInt | UnsetType = UNSET
    timestamp: Timestamp | UnsetType = UNSET
    vehicle_config: VehicleConfig | UnsetType = UNSET
