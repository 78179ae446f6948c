"""What a zone asks dogs to look out for, with the limits from which they tell; it runs in the zone's hours."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from protocol.header import Wire

MOST_SECONDS = 24 * 3600.0
"""No dog watches anything for longer than a day."""
Seconds = Annotated[float, Meta(ge=0, le=MOST_SECONDS)]
Metres = Annotated[float, Meta(gt=0, le=100)]


class VehicleParked(Wire, frozen=True, kw_only=True):
    """A vehicle that has stood in the zone for ``after_s``."""

    after_s: Seconds = 10.0


class BagLeft(Wire, frozen=True, kw_only=True):
    """A bag that has stood for ``after_s`` with nobody within ``alone_m``."""

    after_s: Seconds = 10.0
    alone_m: Metres = 4.0


class Loitering(Wire, frozen=True, kw_only=True):
    """Somebody who has stayed in the zone for ``after_s``."""

    after_s: Seconds = 60.0


class Crowd(Wire, frozen=True, kw_only=True):
    """``people`` or more within ``within_m`` of one of them, for ``after_s``."""

    people: Annotated[int, Meta(ge=2, le=100)] = 5
    within_m: Metres = 4.0
    after_s: Seconds = 5.0


class FireSeen(Wire, frozen=True, kw_only=True):
    """Flames for ``after_s``, or smoke for ``smoke_after_s``; experimental."""

    after_s: Seconds = 2.0
    smoke_after_s: Seconds = 4.0


class ZoneRules(Wire, frozen=True, kw_only=True):
    """The rules of one zone; what is absent is not looked out for there."""

    vehicle_parked: VehicleParked | UnsetType = UNSET
    bag_left: BagLeft | UnsetType = UNSET
    loitering: Loitering | UnsetType = UNSET
    crowd: Crowd | UnsetType = UNSET
    fire: FireSeen | UnsetType = UNSET
