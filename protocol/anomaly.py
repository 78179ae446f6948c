"""``anomaly`` (robot -> server): something that a person should know of, located on the map."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from protocol.header import Header, NonNegative, Sha256, Timestamp, Unit, Wire
from protocol.site import Text


class AnomalyKind(StrEnum):
    """What was noticed. PERSON_LYING needs no zone: its ``position`` alone says where, and CAMERA_IMPAIRED
    is the dog's own. CHECKPOINT_CHANGED is what ``compareToReference`` finds. FIRE and SMOKE are experimental:
    no detector here was measured on real ones."""

    PERSON_IN_RESTRICTED_ZONE = "PERSON_IN_RESTRICTED_ZONE"
    PERSON_LYING = "PERSON_LYING"
    VEHICLE_PARKED = "VEHICLE_PARKED"
    BAG_LEFT = "BAG_LEFT"
    LOITERING = "LOITERING"
    CROWD = "CROWD"
    CAMERA_IMPAIRED = "CAMERA_IMPAIRED"
    CHECKPOINT_CHANGED = "CHECKPOINT_CHANGED"
    FIRE = "FIRE"
    SMOKE = "SMOKE"


MOST_VARIANCE = 1e4
"""Square metres: who is unsure by a hundred metres each way knows no place on any site."""
ROUNDING, LEAST = 1e-6, 1e-12
"""Part of xx yy, and m^4, by which xy xy may pass it: what single precision makes of a place that is sure one way."""
Variance = Annotated[float, Meta(ge=0, le=MOST_VARIANCE)]


class Covariance(Wire, frozen=True, kw_only=True):
    """How unsure a place is, square metres along the map's axes: positive semi-definite, or it is refused."""

    xx: Variance
    xy: Annotated[float, Meta(ge=-MOST_VARIANCE, le=MOST_VARIANCE)]
    yy: Variance

    def __post_init__(self) -> None:
        """Raise ValueError where no errors spread like that; made by hand it is checked as at the door."""
        if not all(0 <= each <= MOST_VARIANCE for each in (self.xx, self.yy)):  # NaN is not either
            raise ValueError(f"variances {self.xx} and {self.yy} are not within 0 to {MOST_VARIANCE} m²")
        if not self.xy * self.xy <= self.xx * self.yy * (1 + ROUNDING) + LEAST:
            raise ValueError(f"xx {self.xx}, xy {self.xy}, yy {self.yy} is not positive semi-definite")


class MapPoint(Wire, frozen=True, kw_only=True):
    """A place on the map, metres in the frame of ``map_id``; ``deviation`` is one standard deviation, along the worst
    direction of its ``covariance`` where that is known too."""

    x: float
    y: float
    map_id: str
    deviation: NonNegative | UnsetType = UNSET
    covariance: Covariance | UnsetType = UNSET


class Anomaly(Header, frozen=True, kw_only=True):
    """One thing in the world, said once however many frames saw it.

    ``observed_at`` is the stamp of the frame that decided; the header's timestamp is that of the message.
    ``track_id`` means nothing beyond the patrol in which it was given. ``other_than`` are track ids of the same patrol,
    told of before, of which the dog knows that they were somebody else's. ``reason`` says in a sentence which values
    passed which limits, by which detector; ``weights_sha256`` is the hash of that detector's weights.
    """

    anomaly_id: UUID
    kind: AnomalyKind
    observed_at: Timestamp
    position: MapPoint
    score: Unit
    detector: str
    zone_id: str | UnsetType = UNSET
    track_id: int | UnsetType = UNSET
    order_id: str | UnsetType = UNSET
    other_than: list[int] | UnsetType = UNSET
    reason: Text | UnsetType = UNSET
    weights_sha256: Sha256 | UnsetType = UNSET
    evidence_ids: list[UUID] | UnsetType = UNSET
