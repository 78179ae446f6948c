"""The audit log: each entry carries the hash of the one before, so that a change anywhere breaks the chain."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.audit.tables import AuditEntry

GENESIS = "0" * 64
SERVER = "server"  # the actor when nobody pressed a button


@dataclass(frozen=True)
class Verdict:
    """What a walk along the chain found; ``broken_at`` is the first entry that does not fit."""

    entries: int
    head: str
    broken_at: int | None = None
    why: str = ""


def append(
    session: Session, now: datetime, actor: str, action: str, target: str | None = None, **details: Any
) -> AuditEntry:
    """Add a deed, in the caller's transaction: both are stored, or neither."""
    last = session.scalar(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))
    entry = AuditEntry(
        id=last.id + 1 if last else 1,
        at=now,
        actor=actor,
        action=action,
        target=target,
        details=json.dumps(details, ensure_ascii=False, sort_keys=True),
        previous_hash=last.hash if last else GENESIS,
    )
    entry.hash = digest(entry)
    session.add(entry)
    session.flush()
    return entry


def verify(session: Session) -> Verdict:
    """Walk the whole chain. What was cut off its end shows only against a head that was noted elsewhere."""
    previous, expected = GENESIS, 1
    for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=1000)):
        why = _fault(entry, expected, previous)
        if why:
            return Verdict(expected - 1, previous, entry.id, why)
        previous, expected = entry.hash, expected + 1
    return Verdict(expected - 1, previous)


def digest(entry: AuditEntry) -> str:
    """SHA-256 over all of the entry but its own hash."""
    parts = [
        entry.id,
        entry.at.isoformat(timespec="microseconds"),
        entry.actor,
        entry.action,
        entry.target,
        entry.details,
        entry.previous_hash,
    ]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def _fault(entry: AuditEntry, expected: int, previous: str) -> str:
    if entry.id != expected:
        return f"entry {expected} is missing"
    if entry.previous_hash != previous:
        return "it does not follow from the entry before"
    return "" if entry.hash == digest(entry) else "its content was changed"
