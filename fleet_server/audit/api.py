"""The audit log, to be read."""

import json
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import select

from fleet_server.audit.tables import AuditEntry
from fleet_server.core.api_schema import View
from fleet_server.core.current_user import needs
from fleet_server.core.rights import Right
from fleet_server.core.station import StationHere

router = APIRouter(tags=["audit"])


class AuditView(View):
    """One deed; ``address`` is from where it was asked for, nothing where the server did it by itself."""

    id: int
    at: datetime
    actor: str
    address: str | None
    action: str
    target: str | None
    details: dict[str, Any]
    hash: str
    previous_hash: str


MOST_ID = 2**63 - 1  # of a row


@router.get("/audit", **needs(Right.AUDIT))
def list_entries(
    station: StationHere,
    before: Annotated[int | None, Query(ge=0, le=MOST_ID, description="only entries with a smaller id")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[AuditView]:
    """The deeds, newest first."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    with station.database.read() as session:
        return [entry_view(entry) for entry in session.scalars(query)]


def entry_view(entry: AuditEntry) -> AuditView:
    """The row as the API shows it."""
    return AuditView(
        id=entry.id,
        at=entry.at,
        actor=entry.actor,
        address=entry.address,
        action=entry.action,
        target=entry.target,
        details=json.loads(entry.details),
        hash=entry.hash,
        previous_hash=entry.previous_hash,
    )
