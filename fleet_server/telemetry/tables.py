"""The dogs' table: who they are, and what a restarted server has to know of them at once."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from fleet_server.store.columns import Table


class Dog(Table):
    """A vehicle that the server has heard. ``state`` is its last VDA 5050 state, not older than a few seconds."""

    __tablename__ = "dogs"

    dog_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    manufacturer: Mapped[str] = mapped_column(String(64))
    connection: Mapped[str] = mapped_column(String(20))
    first_heard_at: Mapped[datetime]
    last_heard_at: Mapped[datetime]
    state: Mapped[dict[str, Any] | None]
