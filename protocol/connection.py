"""``connection``: whether the vehicle can be reached; retained, and left as a last will (VDA 5050 2.1.0, 6.14)."""

from enum import StrEnum

from protocol.header import Header


class ConnectionState(StrEnum):
    """ONLINE and OFFLINE are said by the vehicle; CONNECTIONBROKEN by the broker, as its last will."""

    ONLINE = "ONLINE"
    OFFLINE = "OFFLINE"
    CONNECTIONBROKEN = "CONNECTIONBROKEN"


class Connection(Header, frozen=True, kw_only=True):
    """The state of the link between vehicle and broker."""

    connection_state: ConnectionState
