"""The header that every message carries (VDA 5050 2.1.0, 6.4), and the types all messages share."""

from datetime import datetime
from typing import Annotated

import msgspec

Timestamp = Annotated[datetime, msgspec.Meta(tz=True)]
UInt = Annotated[int, msgspec.Meta(ge=0)]
NonNegative = Annotated[float, msgspec.Meta(ge=0)]
Unit = Annotated[float, msgspec.Meta(ge=0, le=1)]
Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Angle = Annotated[float, msgspec.Meta(ge=-3.14159265359, le=3.14159265359)]


class Wire(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A JSON object of the wire."""


class Header(Wire, frozen=True, kw_only=True):
    """Who speaks, when (UTC), in which version, and the how-manieth message on its topic."""

    header_id: int
    timestamp: Timestamp
    version: str
    manufacturer: str
    serial_number: str
