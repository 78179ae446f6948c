"""The tables of schedules, and of the rounds that they asked for."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from fleet_server.store.columns import Table


class ScheduleRow(Table):
    """A schedule; ``start`` is the site's local clock, ``promise_...`` are there where it is a promise."""

    __tablename__ = "schedules"

    schedule_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    route_id: Mapped[str] = mapped_column(ForeignKey("routes.route_id"), index=True)
    name: Mapped[dict[str, Any]]
    rule: Mapped[str] = mapped_column(String(500))
    start: Mapped[str] = mapped_column(String(19))
    but_not: Mapped[list[str]] = mapped_column(JSON)
    promise_every_s: Mapped[int | None]
    promise_ends: Mapped[str | None] = mapped_column(String(5))
    missed: Mapped[str] = mapped_column(String(16))
    late_s: Mapped[int]
    dogs: Mapped[list[str]] = mapped_column(JSON)
    enabled: Mapped[bool]
    looked_until: Mapped[datetime]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class RoundRow(Table):
    """A round that was due; it outlives its schedule, for it is an account of what was asked for.

    ``outcome`` is what became of it (round_outcome.py), ``why`` the reason where it was missed or its patrol ended
    badly. ``site_id`` is None for a round of before, whose route and patrol were gone when sites came to be noted.
    """

    __tablename__ = "rounds"
    __table_args__ = (
        Index("ix_rounds_status_due_at", "status", "due_at"),
        Index("ix_rounds_outcomes", "site_id", "schedule_id", "due_at", "outcome", "why"),  # all that is counted
        Index("ix_rounds_site_due_at", "site_id", "due_at"),
    )

    schedule_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True, index=True)
    schedule_name: Mapped[dict[str, Any]]
    route_id: Mapped[str] = mapped_column(String(64))
    until: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(500))
    patrol_id: Mapped[str | None] = mapped_column(String(36), index=True)
    site_id: Mapped[str | None] = mapped_column(String(64))
    outcome: Mapped[str] = mapped_column(String(16))
    why: Mapped[str | None] = mapped_column(String(500))
    changed_at: Mapped[datetime]
