"""The routes' table."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from fleet_server.store.columns import Table


class Route(Table):
    """A route; ``stops`` and the rules ``on_...`` as the API shows them."""

    __tablename__ = "routes"

    route_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("sites.site_id"), index=True)
    name: Mapped[dict[str, Any]]
    stops: Mapped[list[dict[str, Any]]]
    on_link_loss: Mapped[dict[str, Any]]
    on_blocked: Mapped[dict[str, Any]]
    on_low_battery: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
