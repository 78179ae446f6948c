"""The patrols' table."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from fleet_server.store.columns import Table


class PatrolStatus(StrEnum):
    """SENT until the dog echoes the order, ACTIVE until it ends in one of the other ways.

    INTERRUPTED: its dog was taken off it for something else, and gets the rest of it back.
    """

    SENT = "SENT"
    ACTIVE = "ACTIVE"
    INTERRUPTED = "INTERRUPTED"
    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"
    FAILED = "FAILED"
    REJECTED = "REJECTED"


OPEN = (PatrolStatus.SENT, PatrolStatus.ACTIVE)  # its dog is on it
UNENDED = (*OPEN, PatrolStatus.INTERRUPTED)


class CheckpointStatus(StrEnum):
    """PENDING, then REACHED when the dog is there, then DONE or FAILED by what came of the work; or SKIPPED."""

    PENDING = "PENDING"
    REACHED = "REACHED"
    DONE = "DONE"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


class Patrol(Table):
    """A route given to a dog. ``order`` is the order as sent; ``checkpoints`` are records of progress.py.

    ``call_id``: it is no round, but the way of a call. ``interrupted_for``: the call or recall for which the dog is
    taken off, or was; None again once it has the rest back. ``base_from``: the sequence id of the node from which on
    the newest update of the order is sent, 0 for all of it; None: how far it is released is not decided yet.
    ``waits_for``: the narrow place for which its dog waits, as views.PlaceWaitView has it.
    """

    __tablename__ = "patrols"
    __table_args__ = (
        # One dog walks one patrol: held by the database, whatever two operators press at once.
        Index(
            "uq_patrols_open_dog",
            "dog_id",
            unique=True,
            sqlite_where=text("status IN ('SENT', 'ACTIVE')"),
            postgresql_where=text("status IN ('SENT', 'ACTIVE')"),
        ),
    )

    patrol_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    route_id: Mapped[str] = mapped_column(String(64), index=True)
    route_name: Mapped[dict[str, Any]]
    site_id: Mapped[str] = mapped_column(String(64))
    dog_id: Mapped[str] = mapped_column(String(64), index=True)
    manufacturer: Mapped[str] = mapped_column(String(64))
    order_id: Mapped[str] = mapped_column(String(64), unique=True)
    order: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(String(16), index=True)
    created_at: Mapped[datetime] = mapped_column(index=True)
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    assigned_by: Mapped[str] = mapped_column(String(64))
    checkpoints: Mapped[list[dict[str, Any]]]
    reason: Mapped[str | None] = mapped_column(String(500))
    cancel_action_id: Mapped[str | None] = mapped_column(String(36))
    canceled_by: Mapped[str | None] = mapped_column(String(64))
    call_id: Mapped[str | None] = mapped_column(String(36), index=True)
    interrupted_for: Mapped[str | None] = mapped_column(String(36))
    interrupted_at: Mapped[datetime | None]
    base_from: Mapped[int | None]
    waits_for: Mapped[dict[str, Any] | None]

    @property
    def based(self) -> bool:
        """Whether dispatch has decided how far the order is released: before, it is not sent."""
        return self.base_from is not None
