"""The tables of calls, and of sites whose dogs were all called home."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Double, String
from sqlalchemy.orm import Mapped, mapped_column

from fleet_server.store.columns import Table


class CallKind(StrEnum):
    """LOOK: at a place. HOME: to a dock."""

    LOOK = "LOOK"
    HOME = "HOME"


class CallStatus(StrEnum):
    """ASKED until a dog has the order, ON_THE_WAY until it is THERE and works, then one of the ends."""

    ASKED = "ASKED"
    ON_THE_WAY = "ON_THE_WAY"
    THERE = "THERE"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELED = "CANCELED"


UNDERWAY = (CallStatus.ON_THE_WAY, CallStatus.THERE)
ALIVE = (CallStatus.ASKED, *UNDERWAY)


class RecallRounds(StrEnum):
    """What becomes of the rounds of dogs that are called home."""

    END = "end"
    KEEP = "keep"


class Call(Table):
    """A call. Metres and radians in the frame ``map``.

    ``x``, ``y`` are what it is about, ``to_x``, ``to_y`` where the dog goes; ``to_theta`` None: however it is turned.
    ``work`` are a route stop's actions. ``chosen_dog``: no other may go; ``dog_id``: who goes, or is being taken off
    its round for that; ``tried``: dogs that were sent in vain. ``patrol_id`` is its own order on its way. ``why`` is
    what it waits for, or why it has failed.
    """

    __tablename__ = "calls"

    call_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16), index=True)
    site_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    reason: Mapped[str | None] = mapped_column(String(500))
    x: Mapped[float] = mapped_column(Double)
    y: Mapped[float] = mapped_column(Double)
    to_x: Mapped[float] = mapped_column(Double)
    to_y: Mapped[float] = mapped_column(Double)
    to_theta: Mapped[float | None] = mapped_column(Double)
    work: Mapped[list[dict[str, Any]]]
    asked_at: Mapped[datetime] = mapped_column(index=True)
    asked_by: Mapped[str] = mapped_column(String(64))
    waiting_since: Mapped[datetime]
    chosen_dog: Mapped[str | None] = mapped_column(String(64))
    dog_id: Mapped[str | None] = mapped_column(String(64))
    tried: Mapped[list[str]] = mapped_column(JSON)
    patrol_id: Mapped[str | None] = mapped_column(String(36))
    charge_action_id: Mapped[str | None] = mapped_column(String(36))
    recall_id: Mapped[str | None] = mapped_column(String(36))
    external_id: Mapped[str | None] = mapped_column(String(300), unique=True)
    sent_at: Mapped[datetime | None]
    there_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    why: Mapped[str | None] = mapped_column(String(500))


class Recall(Table):
    """All dogs of a site were called home; until it is released none is sent out."""

    __tablename__ = "recalls"

    recall_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    site_id: Mapped[str] = mapped_column(String(64), index=True)
    rounds: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str | None] = mapped_column(String(500))
    begun_at: Mapped[datetime]
    begun_by: Mapped[str] = mapped_column(String(64))
    released_at: Mapped[datetime | None]
    released_by: Mapped[str | None] = mapped_column(String(64))
