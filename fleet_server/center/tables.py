"""The tables of centers: who they are, what came from them, and what is to be told to them."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from fleet_server.store.columns import Table


class Center(Table):
    """A command center. The ``secret`` signs both ways and is sealed. ``url`` None: it is told nothing."""

    __tablename__ = "centers"

    center_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    secret: Mapped[str] = mapped_column(String(255))
    url: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(64))
    removed_at: Mapped[datetime | None]


class CenterMessage(Table):
    """What came in, once: ``message_key`` makes a second arrival harmless. ``outcome``: CALL, CANCELED or NOTE."""

    __tablename__ = "center_messages"

    message_key: Mapped[str] = mapped_column(String(300), primary_key=True)
    sender: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(index=True)
    outcome: Mapped[str] = mapped_column(String(16))
    call_id: Mapped[str | None] = mapped_column(String(36))
    text: Mapped[str] = mapped_column(Text)


class Told(Table):
    """What a center was last told of an incident, or is about to be."""

    __tablename__ = "center_told"

    center_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    incident_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    status: Mapped[str] = mapped_column(String(16))
    escalated: Mapped[bool]


class Delivery(Table):
    """A message to a center, in its order. ``given_up_at``: it is not tried any more, until somebody says so."""

    __tablename__ = "center_deliveries"

    delivery_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    center_id: Mapped[str] = mapped_column(String(36), index=True)
    incident_id: Mapped[str] = mapped_column(String(36), index=True)
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    attempts: Mapped[int]
    next_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    problem: Mapped[str | None] = mapped_column(String(300))
