"""Whether the audit log is as it was written: its chain of hashes, and the heads of it that were kept elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.audit.head import Head
from fleet_server.audit.log import GENESIS, digest
from fleet_server.audit.tables import AuditEntry


class Tampering(StrEnum):
    """What was done to the first entry that does not fit, as far as the chain tells."""

    ALTERED = "ALTERED"
    REMOVED = "REMOVED"
    RENUMBERED = "RENUMBERED"
    REORDERED = "REORDERED"
    WRITTEN_ANEW = "WRITTEN_ANEW"
    CUT_OFF = "CUT_OFF"


@dataclass(frozen=True)
class Verdict:
    """What a walk along the chain found; ``broken_at`` is the first entry that was altered, removed or reordered.

    ``heads`` is how many heads kept elsewhere were held against it; ``what`` is None where all fits.
    """

    entries: int
    head: str
    broken_at: int | None = None
    what: Tampering | None = None
    why: str = ""
    heads: int = 0


def verify(session: Session, heads: Sequence[Head] = ()) -> Verdict:
    """Walk the whole chain, and hold ``heads`` (the shortest first) against it.

    Without heads, neither a tail that was cut off shows, nor a log that was written anew from some entry on.
    """
    previous, expected, fitting = GENESIS, 1, 0
    waiting = list(heads)
    for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=1000)):
        if fault := _fault(session, entry, expected, previous):
            return Verdict(expected - 1, previous, *fault, heads=len(heads) - len(waiting))
        previous, expected = entry.hash, expected + 1
        while waiting and waiting[0].entries == entry.id:
            head = waiting.pop(0)
            if head.hash != entry.hash:
                why = f"{_since(fitting, head)} written anew since the head of {_day(head)} was kept"
                anew = Tampering.WRITTEN_ANEW
                return Verdict(entry.id, previous, fitting + 1, anew, why, len(heads) - len(waiting))
            fitting = entry.id
    count = expected - 1
    if waiting:
        last = waiting[-1]
        why = f"the entries {count + 1} to {last.entries} were cut off: they were there at the head of {_day(last)}"
        return Verdict(count, previous, count + 1, Tampering.CUT_OFF, why, len(heads) - len(waiting))
    return Verdict(count, previous, heads=len(heads))


def _fault(session: Session, entry: AuditEntry, expected: int, previous: str) -> tuple[int, Tampering, str] | None:
    """Which entry does not fit, and what was done to it, as far as the chain tells; None where ``entry`` fits."""
    if entry.id != expected:
        if entry.id > expected:
            return expected, Tampering.REMOVED, "it was removed"
        return expected, Tampering.RENUMBERED, "its number is none that was given"
    if entry.previous_hash == previous:
        return None if entry.hash == digest(entry) else (expected, Tampering.ALTERED, "it was altered")
    if _is_there(session, AuditEntry.hash == entry.previous_hash) or _is_there(
        session, AuditEntry.previous_hash == previous
    ):
        return expected, Tampering.REORDERED, "it stands in another's place: entries were reordered"
    if entry.hash == digest(entry):  # it is as it was and where it was; what it follows is not
        return max(expected - 1, 1), Tampering.ALTERED, "it was altered, and its hash made anew"
    return expected, Tampering.REMOVED, "it was removed, and what followed was renumbered"


def _is_there(session: Session, condition: object) -> bool:
    return session.scalar(select(AuditEntry.id).where(condition).limit(1)) is not None  # type: ignore[arg-type]


def _since(fitting: int, head: Head) -> str:
    first = fitting + 1
    if first == head.entries:
        return f"entry {first} was"
    return f"entries {first} to {head.entries}, or some of them, were"


def _day(head: Head) -> str:
    return f"{head.at:%Y-%m-%d %H:%M} UTC"
