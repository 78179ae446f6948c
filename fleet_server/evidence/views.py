"""Evidence as the API shows it."""

from datetime import datetime

from fleet_server.core.api_schema import View
from fleet_server.evidence.tables import Evidence


class EvidenceView(View):
    """A picture, clip or recording, by ``mediaType``. ``capturedAt`` is by the dog's clock, of the first frame;
    ``contentUrl`` is None until the bytes are whole, ``originalUrl`` where no sealed original is here."""

    evidence_id: str
    dog_id: str
    purpose: str
    media_type: str
    size_bytes: int
    captured_at: datetime
    duration_s: float | None
    received_at: datetime
    anomaly_id: str | None
    order_id: str | None
    patrol_id: str | None
    node_id: str | None
    action_id: str | None
    content_url: str | None
    original_url: str | None


def evidence_view(row: Evidence, patrol_id: str | None, has_original: bool = False) -> EvidenceView:
    """The row as the API shows it."""
    return EvidenceView(
        evidence_id=row.evidence_id,
        dog_id=row.dog_id,
        purpose=row.purpose,
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        captured_at=row.captured_at,
        duration_s=row.duration_s,
        received_at=row.received_at,
        anomaly_id=row.anomaly_id,
        order_id=row.order_id,
        patrol_id=patrol_id,
        node_id=row.node_id,
        action_id=row.action_id,
        content_url=f"/api/v1/evidence/{row.evidence_id}/content" if row.complete_at else None,
        original_url=original_url(row.evidence_id) if has_original else None,
    )


def original_url(evidence_id: str) -> str:
    """Where the sealed original of a picture is asked for."""
    return f"/api/v1/evidence/{evidence_id}/original"
