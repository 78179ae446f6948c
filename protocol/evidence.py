"""``evidence`` (robot -> server): what was recorded, by its hash; the bytes follow over HTTP and resume."""

from enum import StrEnum
from uuid import UUID

from msgspec import UNSET, UnsetType

from protocol.anomaly import MapPoint
from protocol.header import Header, NonNegative, Sha256, Timestamp, UInt

PICTURE, CLIP, RECORDING = "image/jpeg", "video/mp4", "application/mcap"
"""Media types: a picture; a clip, H.264 without sound; what the dog measured meanwhile."""
ORIGINAL = "application/vnd.xiaotian.sealed-original"
"""A picture from before masking, sealed to the evidence officer's key (protocol.sealed_original)."""
LONGEST_S = 60.0
"""Seconds that a clip or a recording spans at most."""


class EvidencePurpose(StrEnum):
    """Why it was recorded."""

    ANOMALY = "ANOMALY"
    CHECKPOINT = "CHECKPOINT"


class Evidence(Header, frozen=True, kw_only=True):
    """A picture, clip or recording that left the robot, heads pixelated: ``masked`` is true for all that anybody can
    look at, and false for a sealed original alone.

    ``captured_at`` is the stamp of its first frame, ``duration_s`` the time to its last. A clip may show several
    anomalies: ``anomaly_id`` is the first, ``anomaly_ids`` all of them.
    """

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
    duration_s: NonNegative | UnsetType = UNSET
    anomaly_ids: list[UUID] | UnsetType = UNSET
