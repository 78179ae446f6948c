"""The routes' tables."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from fleet_server.store.columns import Table


class RouteContent:
    """What people edit of a route; ``stops`` and the rules ``on_...`` as the API shows them."""

    site_id: Mapped[str] = mapped_column(ForeignKey("sites.site_id"), index=True)
    name: Mapped[dict[str, Any]]
    stops: Mapped[list[dict[str, Any]]]
    on_link_loss: Mapped[dict[str, Any]]
    on_blocked: Mapped[dict[str, Any]]
    on_low_battery: Mapped[dict[str, Any]]


class Route(RouteContent, Table):
    """A route as it is."""

    __tablename__ = "routes"

    route_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class RouteVersion(RouteContent, Table):
    """A route as it was made, changed or deleted, kept for good: also when there is no such route any more."""

    __tablename__ = "route_versions"

    route_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(128))
    deed: Mapped[str] = mapped_column(String(16))
