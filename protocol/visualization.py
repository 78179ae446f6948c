"""``visualization``: the position, often, for whoever is looking (VDA 5050 2.1.0, 6.12)."""

from msgspec import UNSET, UnsetType

from protocol.header import Timestamp, Wire
from protocol.state import AgvPosition, Velocity


class Visualization(Wire, frozen=True, kw_only=True):
    """Position and velocity. The standard's schema asks for no field at all, not even of the header."""

    header_id: int | UnsetType = UNSET
    timestamp: Timestamp | UnsetType = UNSET
    version: str | UnsetType = UNSET
    manufacturer: str | UnsetType = UNSET
    serial_number: str | UnsetType = UNSET
    agv_position: AgvPosition | UnsetType = UNSET
    velocity: Velocity | UnsetType = UNSET
