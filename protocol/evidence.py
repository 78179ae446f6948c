"""``evidence`` (robot -> server): what was recorded, by its hash; the bytes follow over HTTP and resume."""

from enum import StrEnum
from uuid import UUID

from msgspec import UNSET, UnsetType

from protocol.anomaly import MapPoint
from protocol.header import Header, Sha256, Timestamp, UInt


class EvidencePurpose(StrEnum):
    """Why it was recorded."""

    ANOMALY = "ANOMALY"
    CHECKPOINT = "CHECKPOINT"


class Evidence(Header, frozen=True, kw_only=True):
    """A picture that left the robot, heads pixelated (``masked`` is true for everything that leaves)."""

    evidence_id: UUID
    purpose: EvidencePurpose
    sha256: Sha256
    size_bytes: UInt
    media_type: str
    captured_at: Timestamp
    masked: bool
    position: MapPoint | UnsetType = UNSET
    anomaly_id: UUID | UnsetType = UNSET
    order_id: str | UnsetType = UNSET
    node_id: str | UnsetType = UNSET
    action_id: str | UnsetType = UNSET
