"""What dispatch must not forget when the server is started anew."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from fleet_server.store.columns import Table


class OpenStop(Table):
    """An emergency stop that its dog has not confirmed yet."""

    __tablename__ = "open_stops"

    dog_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    action_id: Mapped[str] = mapped_column(String(36))
    since: Mapped[datetime]
    asked_by: Mapped[str] = mapped_column(String(64))


class Reservation(Table):
    """A narrow place that one dog has for one order; the key keeps a second one out, whatever two processes do."""

    __tablename__ = "reservations"

    site_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    place_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    dog_id: Mapped[str] = mapped_column(String(64))
    order_id: Mapped[str] = mapped_column(String(64))
    since: Mapped[datetime]
