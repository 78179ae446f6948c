"""``state``: what a vehicle is doing and how it is (VDA 5050 2.1.0, 6.10)."""

from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from protocol.header import Header, NonNegative, Unit, Wire
from protocol.order import Trajectory


class ActionStatus(StrEnum):
    """The life of an action; FINISHED and FAILED are its ends.

    PAUSED stands in the standard's text (6.11) and not in its schema's list; where they differ the text binds (6).
    """

    WAITING = "WAITING"
    INITIALIZING = "INITIALIZING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    FINISHED = "FINISHED"
    FAILED = "FAILED"


class OperatingMode(StrEnum):
    """Who is in control of the vehicle."""

    AUTOMATIC = "AUTOMATIC"
    SEMIAUTOMATIC = "SEMIAUTOMATIC"
    MANUAL = "MANUAL"
    SERVICE = "SERVICE"
    TEACHIN = "TEACHIN"


class ErrorLevel(StrEnum):
    """WARNING heals by itself; FATAL needs a person."""

    WARNING = "WARNING"
    FATAL = "FATAL"


class InfoLevel(StrEnum):
    """What an information is for."""

    INFO = "INFO"
    DEBUG = "DEBUG"


class EStop(StrEnum):
    """Which emergency stop is active, by how it is acknowledged."""

    AUTOACK = "AUTOACK"
    MANUAL = "MANUAL"
    REMOTE = "REMOTE"
    NONE = "NONE"


class MapStatus(StrEnum):
    """Whether a map on the vehicle may be used."""

    ENABLED = "ENABLED"
    DISABLED = "DISABLED"


class Map(Wire, frozen=True, kw_only=True):
    """A map that lies on the vehicle."""

    map_id: str
    map_version: str
    map_status: MapStatus
    map_description: str | UnsetType = UNSET


class StatePosition(Wire, frozen=True, kw_only=True):
    """A node's position as ``state`` repeats it."""

    x: float
    y: float
    map_id: str
    theta: float | UnsetType = UNSET


class NodeState(Wire, frozen=True, kw_only=True):
    """A node still to be reached."""

    node_id: str
    sequence_id: int
    released: bool
    node_description: str | UnsetType = UNSET
    node_position: StatePosition | UnsetType = UNSET


class EdgeState(Wire, frozen=True, kw_only=True):
    """An edge still to be walked."""

    edge_id: str
    sequence_id: int
    released: bool
    edge_description: str | UnsetType = UNSET
    trajectory: Trajectory | UnsetType = UNSET


class AgvPosition(Wire, frozen=True, kw_only=True):
    """Where the vehicle believes it is: metres and radians in the frame of ``map_id``."""

    x: float
    y: float
    theta: float
    map_id: str
    position_initialized: bool
    map_description: str | UnsetType = UNSET
    localization_score: Unit | UnsetType = UNSET
    deviation_range: float | UnsetType = UNSET


class Velocity(Wire, frozen=True, kw_only=True):
    """Metres and radians a second in the vehicle's own frame, x forward."""

    vx: float | UnsetType = UNSET
    vy: float | UnsetType = UNSET
    omega: float | UnsetType = UNSET


class BoundingBoxReference(Wire, frozen=True, kw_only=True):
    """Where a load's box is attached, metres in the vehicle's frame."""

    x: float
    y: float
    z: float
    theta: float | UnsetType = UNSET


class LoadDimensions(Wire, frozen=True, kw_only=True):
    """A load's size in metres."""

    length: float
    width: float
    height: float | UnsetType = UNSET


class Load(Wire, frozen=True, kw_only=True):
    """Something carried. A patrol dog carries nothing; other vehicles' states may tell of loads."""

    load_id: str | UnsetType = UNSET
    load_type: str | UnsetType = UNSET
    load_position: str | UnsetType = UNSET
    bounding_box_reference: BoundingBoxReference | UnsetType = UNSET
    load_dimensions: LoadDimensions | UnsetType = UNSET
    weight: NonNegative | UnsetType = UNSET


class ActionState(Wire, frozen=True, kw_only=True):
    """How far an action has come."""

    action_id: str
    action_status: ActionStatus
    action_type: str | UnsetType = UNSET
    action_description: str | UnsetType = UNSET
    result_description: str | UnsetType = UNSET


class BatteryState(Wire, frozen=True, kw_only=True):
    """Charge in percent, voltage in volts, health in percent, reach in metres."""

    battery_charge: float
    charging: bool
    battery_voltage: float | UnsetType = UNSET
    battery_health: Annotated[float, Meta(ge=0, le=100)] | UnsetType = UNSET
    reach: NonNegative | UnsetType = UNSET


class ErrorReference(Wire, frozen=True, kw_only=True):
    """What an error is about."""

    reference_key: str
    reference_value: str


class Error(Wire, frozen=True, kw_only=True):
    """Something that is wrong now."""

    error_type: str
    error_level: ErrorLevel
    error_references: list[ErrorReference] | UnsetType = UNSET
    error_description: str | UnsetType = UNSET
    error_hint: str | UnsetType = UNSET


class InfoReference(Wire, frozen=True, kw_only=True):
    """What an information is about."""

    reference_key: str
    reference_value: str


class Information(Wire, frozen=True, kw_only=True):
    """Something to be shown; nothing may be decided by it."""

    info_type: str
    info_level: InfoLevel
    info_references: list[InfoReference] | UnsetType = UNSET
    info_description: str | UnsetType = UNSET


class SafetyState(Wire, frozen=True, kw_only=True):
    """Emergency stop, and whether something stands in a protective field."""

    e_stop: EStop
    field_violation: bool


class State(Header, frozen=True, kw_only=True):
    """Everything a master has to know of a vehicle."""

    order_id: str
    order_update_id: int
    last_node_id: str
    last_node_sequence_id: int
    driving: bool
    operating_mode: OperatingMode
    node_states: list[NodeState]
    edge_states: list[EdgeState]
    action_states: list[ActionState]
    battery_state: BatteryState
    errors: list[Error]
    safety_state: SafetyState
    maps: list[Map] | UnsetType = UNSET
    zone_set_id: str | UnsetType = UNSET
    paused: bool | UnsetType = UNSET
    new_base_request: bool | UnsetType = UNSET
    distance_since_last_node: float | UnsetType = UNSET
    agv_position: AgvPosition | UnsetType = UNSET
    velocity: Velocity | UnsetType = UNSET
    loads: list[Load] | UnsetType = UNSET
    information: list[Information] | UnsetType = UNSET
