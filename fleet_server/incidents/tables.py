"""Incidents, and the sightings that they are made of."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from fleet_server.store.columns import Table


class Incident(Table):
    """One thing in the world. ``first_seen``, ``last_seen`` and ``frame_stamp`` are the dogs' time, the rest ours.

    ``checkpoint_id`` is the nearest checkpoint of the site as it is now. ``clock_skew_s`` is by how much the first
    dog's clock was ahead of ours when it told us; None: not known.
    """

    __tablename__ = "incidents"
    __table_args__ = (
        Index("ix_incidents_site_received", "site_id", "received_at"),
        Index("ix_incidents_site_seen", "site_id", "last_seen"),
        Index("ix_incidents_site_status", "site_id", "status", "received_at"),
        # These two hold all that the ledger's sums and the scores ask for: neither touches the rows themselves.
        Index("ix_incidents_sums", "site_id", "kind", "received_at", "status", "acknowledged_after_s"),
        Index("ix_incidents_scores", "site_id", "kind", "zone_id", "checkpoint_id", "status"),
    )

    incident_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    site_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(64))
    zone_id: Mapped[str | None] = mapped_column(String(64))
    zone_name: Mapped[dict[str, Any] | None]
    status: Mapped[str] = mapped_column(String(16), index=True)
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime] = mapped_column(index=True)
    frame_stamp: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(index=True)
    clock_skew_s: Mapped[float | None]
    x: Mapped[float]
    y: Mapped[float]
    checkpoint_id: Mapped[str | None] = mapped_column(String(64))
    deviation: Mapped[float | None]
    covariance: Mapped[dict[str, Any] | None]
    score: Mapped[float]
    detector: Mapped[str] = mapped_column(String(120))
    reason: Mapped[dict[str, Any] | None]
    weights_sha256: Mapped[str | None] = mapped_column(String(64))
    dog_id: Mapped[str] = mapped_column(String(64))
    patrol_id: Mapped[str | None] = mapped_column(String(36), index=True)
    held: Mapped[bool] = mapped_column(default=False)
    acknowledged_by: Mapped[str | None] = mapped_column(String(64))
    acknowledged_at: Mapped[datetime | None]
    acknowledged_after_s: Mapped[float | None]
    note: Mapped[str | None] = mapped_column(Text)
    answered_by: Mapped[str | None] = mapped_column(String(64))
    answered_at: Mapped[datetime | None] = mapped_column(index=True)
    answer: Mapped[str | None] = mapped_column(Text)
    assigned_to: Mapped[str | None] = mapped_column(String(64))
    escalated_at: Mapped[datetime | None]

    def acknowledge(self, by: str, now: datetime) -> None:
        """Somebody has seen it."""
        self.acknowledged_by, self.acknowledged_at = by, now
        self.acknowledged_after_s = (now - self.received_at).total_seconds()


class Sighting(Table):
    """An anomaly as a dog said it; its id makes a second arrival harmless."""

    __tablename__ = "sightings"

    anomaly_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incidents.incident_id", ondelete="CASCADE"), index=True)
    dog_id: Mapped[str] = mapped_column(String(64))
    observed_at: Mapped[datetime] = mapped_column(index=True)
    received_at: Mapped[datetime]
    clock_skew_s: Mapped[float | None]
    x: Mapped[float]
    y: Mapped[float]
    score: Mapped[float]
    track_id: Mapped[int | None]
    order_id: Mapped[str | None] = mapped_column(String(64))


class IncidentComment(Table):
    """What somebody said of an incident; who and when stand in the audit log, which has no such text."""

    __tablename__ = "incident_comments"

    comment_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incidents.incident_id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(Text)


class SiteEscalation(Table):
    """How long a site waits until somebody acknowledges an incident; None: for ever."""

    __tablename__ = "site_escalations"

    site_id: Mapped[str] = mapped_column(ForeignKey("sites.site_id"), primary_key=True)
    minutes: Mapped[float | None]
