"""The sites' tables."""

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from fleet_server.store.columns import Table


class Site(Table):
    """A site; what is JSON here is in the wire's words (protocol.site). ``evidence_key`` None: no original is kept.
    ``sentences`` (protocol.speech) are its own, for operators; dogs are not told them."""

    __tablename__ = "sites"

    site_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int]
    source_hash: Mapped[str] = mapped_column(String(64))
    updated_at: Mapped[datetime]
    name: Mapped[dict[str, Any]]
    timezone: Mapped[str] = mapped_column(String(64))
    origin: Mapped[dict[str, Any]]
    map_id: Mapped[str] = mapped_column(String(64), unique=True)
    map_resolution: Mapped[float]
    map_origin: Mapped[dict[str, Any]]
    map_png: Mapped[bytes] = mapped_column(LargeBinary)
    map_width: Mapped[int]
    map_height: Mapped[int]
    zones: Mapped[list[dict[str, Any]]]
    checkpoints: Mapped[list[dict[str, Any]]]
    docks: Mapped[list[dict[str, Any]]]
    sentences: Mapped[list[dict[str, Any]]]
    evidence_key: Mapped[str | None] = mapped_column(String(64))


class SiteVersion(Table):
    """A version of a site, kept for good. ``described`` is as the API shows it; ``map_png`` is None where the map is
    that of the version before."""

    __tablename__ = "site_versions"

    site_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(128))
    source: Mapped[str] = mapped_column(String(16))
    described: Mapped[dict[str, Any]]
    map_png: Mapped[bytes | None] = mapped_column(LargeBinary)
