"""The audit log: each entry carries the hash of the one before, so that a change anywhere breaks the chain."""

import hashlib
import json
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.audit.tables import AuditEntry
from fleet_server.core.request_origin import ORIGIN

GENESIS = "0" * 64
SERVER = "server"  # the actor when nobody pressed a button


def append(
    session: Session, now: datetime, actor: str, action: str, target: str | None = None, **details: Any
) -> AuditEntry:
    """Add a deed, with the address of whoever asked, in the caller's transaction: both are stored, or neither."""
    last = session.scalar(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))
    entry = AuditEntry(
        id=last.id + 1 if last else 1,
        at=now,
        actor=actor,
        action=action,
        target=target,
        details=json.dumps(details, ensure_ascii=False, sort_keys=True),
        address=ORIGIN.get(),
        previous_hash=last.hash if last else GENESIS,
    )
    entry.hash = digest(entry)
    session.add(entry)
    session.flush()
    return entry


def digest(entry: AuditEntry) -> str:
    """SHA-256 over all of the entry but its own hash; one without an address is hashed as before there were any."""
    parts = [
        entry.id,
        entry.at.isoformat(timespec="microseconds"),
        entry.actor,
        entry.action,
        entry.target,
        entry.details,
        entry.previous_hash,
        *([entry.address] if entry.address is not None else []),
    ]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
