"""The audit log's table. Triggers of the migration refuse UPDATE and DELETE."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from fleet_server.store.columns import Table


class AuditEntry(Table):
    """One deed; ``hash`` covers all else in the row, the previous row's hash included.

    ``address`` is from where it was asked for; None: the server did it by itself, or it was before addresses were kept.
    """

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64), index=True)
    target: Mapped[str | None] = mapped_column(String(128), index=True)
    details: Mapped[str] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(String(45))
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
