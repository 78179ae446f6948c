"""What the dog saw, as rows of the outbox."""

import hashlib
import math
from dataclasses import dataclass
from uuid import UUID

from msgspec import UNSET
from msgspec.structs import replace

from edge.link.outbox import Kind, Row
from protocol.anomaly import Anomaly, AnomalyKind, Covariance, MapPoint
from protocol.codec import decode, encode, header, timestamp
from protocol.evidence import ORIGINAL, PICTURE, Evidence, EvidencePurpose
from protocol.header import Wire
from protocol.site import Text
from protocol.topics import Address, Topic

TOPICS = {kind: Topic.ANOMALY if kind is Kind.ANOMALY else Topic.EVIDENCE for kind in Kind}
KINDS = {PICTURE: Kind.ANOMALY_PICTURE, ORIGINAL: Kind.ORIGINAL}


@dataclass(frozen=True, slots=True)
class Place:
    """Metres on the map; ``deviation`` is one standard deviation, NaN where it is not known."""

    x: float
    y: float
    map_id: str
    deviation: float = math.nan
    covariance: Covariance | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """An anomaly as perception tells it. ``observed_at`` is UTC seconds, ``picture`` a masked JPEG or empty;
    no ``reason`` and an empty hash are left out."""

    anomaly_id: str
    kind: str
    observed_at: float
    place: Place
    score: float
    detector: str
    zone_id: str
    track_id: int
    order_id: str
    picture: bytes
    other_than: tuple[int, ...] = ()
    reason: Text | None = None
    weights_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A masked JPEG, or by its ``media_type`` a clip, recording or sealed original, and what it is of.

    ``captured_at`` is UTC seconds, of its beginning. Empty ids are left out; ``anomaly_ids`` are all that it is of,
    where they are several.
    """

    evidence_id: str
    purpose: EvidencePurpose
    captured_at: float
    place: Place
    picture: bytes
    anomaly_id: str = ""
    order_id: str = ""
    node_id: str = ""
    action_id: str = ""
    media_type: str = PICTURE
    duration_s: float | None = None
    anomaly_ids: tuple[str, ...] = ()


def anomaly_row(address: Address, seen: Sighting, evidence_ids: list[str], now: float) -> Row:
    """The row of an anomaly; raises ValueError (MalformedMessage among them) where it could never be delivered."""
    message = Anomaly(
        **header(address, 0, now),
        anomaly_id=UUID(seen.anomaly_id),
        kind=AnomalyKind(seen.kind),
        observed_at=timestamp(seen.observed_at),
        position=_point(seen.place),
        score=min(1.0, max(0.0, seen.score)),
        detector=seen.detector,
        zone_id=seen.zone_id or UNSET,
        track_id=seen.track_id,
        order_id=seen.order_id or UNSET,
        other_than=list(seen.other_than) or UNSET,
        reason=UNSET if seen.reason is None else seen.reason,
        weights_sha256=seen.weights_sha256 or UNSET,
        evidence_ids=[UUID(key) for key in evidence_ids] or UNSET,
    )
    return _row(str(message.anomaly_id), Kind.ANOMALY, message)


def evidence_row(address: Address, shot: Snapshot, now: float) -> Row:
    """The row of a picture; raises ValueError (MalformedMessage among them) where it could never be delivered."""
    message = Evidence(
        **header(address, 0, now),
        evidence_id=UUID(shot.evidence_id),
        purpose=shot.purpose,
        sha256=hashlib.sha256(shot.picture).hexdigest(),
        size_bytes=len(shot.picture),
        media_type=shot.media_type,
        captured_at=timestamp(shot.captured_at),
        masked=shot.media_type != ORIGINAL,
        position=_point(shot.place) if shot.place.map_id else UNSET,
        anomaly_id=UUID(shot.anomaly_id) if shot.anomaly_id else UNSET,
        order_id=shot.order_id or UNSET,
        node_id=shot.node_id or UNSET,
        action_id=shot.action_id or UNSET,
        duration_s=UNSET if shot.duration_s is None else shot.duration_s,
        anomaly_ids=[UUID(each) for each in shot.anomaly_ids] or UNSET,
    )
    if shot.purpose is EvidencePurpose.CHECKPOINT:
        kind = Kind.CHECKPOINT_PHOTO
    else:
        kind = KINDS.get(shot.media_type, Kind.ANOMALY_CLIP)
    return _row(str(message.evidence_id), kind, message, len(shot.picture))


def addressed(row: Row, address: Address, header_id: int, now: float) -> bytes:
    """The row as a message that leaves now."""
    kind: type[Anomaly | Evidence] = Anomaly if row.kind is Kind.ANOMALY else Evidence
    return encode(replace(decode(row.body, kind), **header(address, header_id, now)))


def sha256_of(row: Row) -> str:
    """The hash that the row of a picture promises."""
    return decode(row.body, Evidence).sha256


def _point(place: Place) -> MapPoint:
    deviation = place.deviation if math.isfinite(place.deviation) and place.deviation >= 0 else UNSET
    covariance = UNSET if place.covariance is None else place.covariance
    return MapPoint(x=place.x, y=place.y, map_id=place.map_id, deviation=deviation, covariance=covariance)


def _row(key: str, kind: Kind, message: Wire, picture_bytes: int = 0) -> Row:
    body = encode(message)
    decode(body, type(message))  # NaN leaves as null: such a row would be refused, and sent again, for ever
    return Row(key, kind, body, picture_bytes)
