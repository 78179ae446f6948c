"""The audit log, to be read."""

import json
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from sqlalchemy import or_, select

from fleet_server.audit.chain_check import ChainCheck
from fleet_server.audit.head import BadHeads
from fleet_server.audit.tables import AuditEntry
from fleet_server.audit.verification import Tampering
from fleet_server.core.api_schema import View
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import needs
from fleet_server.core.rights import Right
from fleet_server.core.signing import BadKey
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


class AuditVerificationView(View):
    """Whether the log is as it was written, as found at ``verifiedAt``: a walk is made anew after five minutes.

    ``head`` is the hash of the last of ``entries``; ``brokenAt`` the first entry that does not fit, ``what`` what was
    done to it, ``why`` the same in a sentence. ``heads`` is how many of the signed heads that the station keeps fit;
    with none a tail that was cut off would not show.
    """

    verified_at: datetime
    entries: int
    head: str
    broken_at: int | None
    what: Tampering | None
    why: str
    heads: int


MOST_ID = 2**63 - 1  # of a row
MOST_WORDS = 8


@router.get("/audit", **needs(Right.AUDIT))
def list_entries(
    station: StationHere,
    before: Annotated[int | None, Query(ge=0, le=MOST_ID, description="only entries with a smaller id")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    words: Annotated[
        str | None,
        Query(
            max_length=100, description="only entries that have each of these words: in who, from where, what or how"
        ),
    ] = None,
    action: Annotated[
        list[str] | None, Query(max_length=100, description="only these deeds; may be given again")
    ] = None,
) -> list[AuditView]:
    """The deeds, newest first; those that were asked for."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    if action:
        query = query.where(AuditEntry.action.in_(action))
    said = (AuditEntry.actor, AuditEntry.action, AuditEntry.target, AuditEntry.address, AuditEntry.details)
    for word in (words or "").split()[:MOST_WORDS]:
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in said)))
    with station.database.read() as session:
        return [entry_view(entry) for entry in session.scalars(query)]


@router.get("/audit/verification", **needs(Right.AUDIT))
def verify_log(station: StationHere) -> AuditVerificationView:
    """Whether the log is as it was written: its chain of hashes, and the signed heads that the station keeps."""
    try:
        checked = station[ChainCheck].checked(utc_now())
    except (BadHeads, BadKey, OSError) as error:
        raise HTTPException(503, f"the kept heads of the log cannot be read: {error}") from error
    found = checked.verdict
    return AuditVerificationView(
        verified_at=checked.at,
        entries=found.entries,
        head=found.head,
        broken_at=found.broken_at,
        what=found.what,
        why=found.why,
        heads=found.heads,
    )


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
