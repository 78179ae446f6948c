"""``site`` (server -> robots, retained): the map, the zones on it, and their version."""

from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from protocol.header import Header, NonNegative, UInt, Wire
from protocol.rules import ZoneRules

TimeOfDay = Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]


EvidenceKey = Annotated[str, Meta(pattern="^[A-Za-z0-9+/]{43}=$")]
"""An X25519 public key: 32 bytes in base64 (protocol.sealed_original reads it)."""


class Text(Wire, frozen=True, kw_only=True):
    """A name in both languages."""

    zh: str
    en: str


class Point(Wire, frozen=True, kw_only=True):
    """Metres in the frame ``map``: x east, y north."""

    x: float
    y: float


class Pose(Wire, frozen=True, kw_only=True):
    """A point and a heading in radians, counter-clockwise from east."""

    x: float
    y: float
    theta: float


class Geodetic(Wire, frozen=True, kw_only=True):
    """Where the map's origin lies on the earth: WGS 84 degrees, and the heading of the map's y axis
    in degrees clockwise from true north."""

    latitude_deg: Annotated[float, Meta(ge=-90, le=90)]
    longitude_deg: Annotated[float, Meta(ge=-180, le=180)]
    heading_deg: float = 0.0


class ZoneKind(StrEnum):
    """What a zone is for."""

    RESTRICTED = "restricted"
    NO_GO = "no_go"
    SLOW = "slow"
    PRIVACY = "privacy"
    WATCHED = "watched"


class Hours(Wire, frozen=True, kw_only=True):
    """From a time of day to another, in the site's time zone; ``to`` before ``from`` runs over midnight."""

    start: TimeOfDay
    end: TimeOfDay


class Zone(Wire, frozen=True, kw_only=True):
    """A simple polygon on the map. ``hours`` absent means always; ``max_speed`` (m/s) is for ``slow``, ``rules`` say
    what dogs look out for in ``watched``."""

    zone_id: str
    kind: ZoneKind
    name: Text
    polygon: Annotated[list[Point], Meta(min_length=3)]
    hours: list[Hours] | UnsetType = UNSET
    max_speed: NonNegative | UnsetType = UNSET
    rules: ZoneRules | UnsetType = UNSET

    def __post_init__(self) -> None:
        if (self.kind is ZoneKind.WATCHED) != (self.rules is not UNSET):
            raise ValueError(f"zone {self.zone_id}: watched needs rules, and no other kind takes them")


class Checkpoint(Wire, frozen=True, kw_only=True):
    """A place where a dog has something to do, and the way it should look there."""

    checkpoint_id: str
    name: Text
    pose: Pose


class Dock(Wire, frozen=True, kw_only=True):
    """Where a dog charges: the pose in which it stands when charging."""

    dock_id: str
    name: Text
    pose: Pose


class GridMap(Wire, frozen=True, kw_only=True):
    """An occupancy grid as Nav2's map_server has it.

    ``image`` is a PNG in base64: 0 occupied, 254 free, 205 unknown; its top row is north.
    ``resolution`` is metres a pixel; ``origin`` is the map pose of the lower left corner.
    """

    map_id: str
    resolution: Annotated[float, Meta(gt=0)]
    origin: Pose
    image: bytes


class Site(Header, frozen=True, kw_only=True):
    """A site as its dogs have to know it. A dog keeps the one with the highest ``site_version``.

    ``evidence_key`` absent: no original is kept, which is how it is unless somebody decides otherwise. Present: a dog
    that has the station's signature on it seals the originals of its anomalies' pictures to that key.
    """

    site_id: str
    site_version: UInt
    name: Text
    timezone: str
    origin: Geodetic
    map: GridMap
    zones: list[Zone]
    checkpoints: list[Checkpoint]
    docks: list[Dock]
    evidence_key: EvidenceKey | UnsetType = UNSET
