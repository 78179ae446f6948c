"""What the ledger keeps of a patrol: its account, its visits and its walked path. All go with the patrol."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from fleet_server.store.columns import Table


class PatrolAccount(Table):
    """A patrol in figures. ``began_at`` is when the dog took the order, or else when it was given.

    ``walked_m`` and ``charge_used_pct`` are None where nothing was heard of the way. Of its ``checkpoints`` some were
    ``reached`` (``late`` of them late, ``failed`` with work that failed), some ``skipped``, the rest never came up.
    """

    __tablename__ = "patrol_accounts"
    __table_args__ = (Index("ix_patrol_accounts_site_began", "site_id", "began_at"),)

    patrol_id: Mapped[str] = mapped_column(ForeignKey("patrols.patrol_id", ondelete="CASCADE"), primary_key=True)
    site_id: Mapped[str] = mapped_column(String(64))
    route_id: Mapped[str] = mapped_column(String(64))
    dog_id: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(16))
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    seconds: Mapped[int]
    planned_m: Mapped[float]
    walked_m: Mapped[float | None]
    charge_used_pct: Mapped[float | None]
    checkpoints: Mapped[int]
    reached: Mapped[int]
    late: Mapped[int]
    skipped: Mapped[int]
    failed: Mapped[int]


class CheckpointVisit(Table):
    """A checkpoint of a patrol; ``number`` is its place in the order, from 0. ``planned_at`` is an estimate."""

    __tablename__ = "checkpoint_visits"
    __table_args__ = (
        Index("ix_checkpoint_visits_site_reached", "site_id", "reached_at"),
        Index("ix_checkpoint_visits_site_place", "site_id", "checkpoint_id", "reached_at"),
    )

    patrol_id: Mapped[str] = mapped_column(ForeignKey("patrols.patrol_id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    site_id: Mapped[str] = mapped_column(String(64))
    dog_id: Mapped[str] = mapped_column(String(64))
    checkpoint_id: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(16))
    planned_at: Mapped[datetime | None]
    reached_at: Mapped[datetime | None]
    late: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(String(500))


class PatrolTrack(Table):
    """The walked path, thinned: little-endian float32 of seconds since the patrol was given, x, y (m), charge (%)."""

    __tablename__ = "patrol_tracks"

    patrol_id: Mapped[str] = mapped_column(ForeignKey("patrols.patrol_id", ondelete="CASCADE"), primary_key=True)
    points: Mapped[bytes] = mapped_column(LargeBinary)
