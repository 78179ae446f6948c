"""Dogs that were invited, that enrolled, that were revoked; and certificates that count no more."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from fleet_server.store.columns import Table


class Identity(Table):
    """A dog's place in the fleet. Of its code and its token only the SHA-256 lies here."""

    __tablename__ = "identities"

    manufacturer: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    invited_at: Mapped[datetime]
    invited_by: Mapped[str] = mapped_column(String(64))
    code_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    code_expires_at: Mapped[datetime | None]
    enrolled_at: Mapped[datetime | None]
    certificate_name: Mapped[str | None] = mapped_column(String(64), unique=True)
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None] = mapped_column(String(64))


class VoidCertificate(Table):
    """A certificate that is revoked or replaced, and not at its end: the broker must not know its name."""

    __tablename__ = "void_certificates"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    voided_at: Mapped[datetime]
