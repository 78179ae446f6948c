"""The evidence's tables; the bytes lie in files beside the database."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from fleet_server.store.columns import Table


class Evidence(Table):
    """A picture, a clip or a recording, by ``media_type``; ``duration_s`` is what the latter span.

    ``complete_at`` is when its bytes were whole and their hash was right; None before. ``anomaly_id`` is the first of
    the anomalies that it belongs to; ``original_of`` the masked picture of which this is the sealed original.
    """

    __tablename__ = "evidence"

    evidence_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    dog_id: Mapped[str] = mapped_column(String(64))
    manufacturer: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(16))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(64))
    captured_at: Mapped[datetime] = mapped_column(index=True)
    received_at: Mapped[datetime]
    complete_at: Mapped[datetime | None]
    anomaly_id: Mapped[str | None] = mapped_column(String(36), index=True)
    order_id: Mapped[str | None] = mapped_column(String(64), index=True)
    node_id: Mapped[str | None] = mapped_column(String(64), index=True)
    action_id: Mapped[str | None] = mapped_column(String(64))
    duration_s: Mapped[float | None]
    original_of: Mapped[str | None] = mapped_column(String(36), index=True)
    held: Mapped[bool] = mapped_column(default=False)


class CheckpointReference(Table):
    """The picture that shows a checkpoint as it should look; while it does, it is kept from ageing out."""

    __tablename__ = "checkpoint_references"

    site_id: Mapped[str] = mapped_column(ForeignKey("sites.site_id"), primary_key=True)
    checkpoint_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    evidence_id: Mapped[str] = mapped_column(ForeignKey("evidence.evidence_id"), index=True)
    chosen_at: Mapped[datetime]
    chosen_by: Mapped[str] = mapped_column(String(128))


class EvidenceAnomaly(Table):
    """That evidence belongs to an anomaly, which need not have come yet: a clip may show several."""

    __tablename__ = "evidence_anomalies"

    evidence_id: Mapped[str] = mapped_column(ForeignKey("evidence.evidence_id", ondelete="CASCADE"), primary_key=True)
    anomaly_id: Mapped[str] = mapped_column(String(36), primary_key=True, index=True)
