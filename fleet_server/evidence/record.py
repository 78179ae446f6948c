"""What a dog has recorded: the row first, by the message; the bytes after, by HTTP."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec import UNSET
from sqlalchemy.orm import Session

from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.events import Events
from fleet_server.evidence.tables import Evidence, EvidenceAnomaly
from fleet_server.telemetry.vehicle_id import dog_id
from protocol import evidence as wire
from protocol.topics import Address

PICTURES = frozenset({wire.PICTURE, "image/png"})
TAKEN = PICTURES | {wire.CLIP, wire.RECORDING, wire.ORIGINAL}
MOST_ANOMALIES = 100  # of one clip; a dog tells of each thing once


class Refused(ValueError):
    """Evidence that may not be taken in; the text says why."""


def record_evidence(
    session: Session, address: Address, evidence: wire.Evidence, now: datetime, changes: ChangeEvents, max_bytes: int
) -> None:
    """Store the row, and acknowledge it when its bytes are whole already; raises Refused."""
    why = _refusal(evidence, max_bytes)
    if why:
        raise Refused(f"evidence {evidence.evidence_id} {why}")
    row = session.get(Evidence, str(evidence.evidence_id))
    if row is None:
        session.add(_row(address, evidence, now))
        session.flush()
        session.add_all(
            EvidenceAnomaly(evidence_id=str(evidence.evidence_id), anomaly_id=each) for each in _of(evidence)
        )
    elif row.complete_at is not None:
        changes.store(address, evidence.evidence_id)


def _refusal(evidence: wire.Evidence, max_bytes: int) -> str:
    """Why it may not be taken in; empty where it may."""
    if evidence.masked is (evidence.media_type == wire.ORIGINAL):
        return "is said to be masked, which no original is" if evidence.masked else "is not masked"
    if not evidence.masked and (evidence.purpose is not wire.EvidencePurpose.ANOMALY or evidence.anomaly_id is UNSET):
        return "is the original of no anomaly's picture"
    if evidence.size_bytes > max_bytes:
        return f"has {evidence.size_bytes} bytes, more than {max_bytes}"
    if evidence.media_type not in TAKEN:
        return f"is {evidence.media_type[:80]!r}, which is not kept here"
    if evidence.duration_s is not UNSET and evidence.duration_s > wire.LONGEST_S:
        return f"spans {evidence.duration_s} s, more than {wire.LONGEST_S}"
    if evidence.anomaly_ids is not UNSET and len(evidence.anomaly_ids) > MOST_ANOMALIES:
        return f"is of {len(evidence.anomaly_ids)} anomalies, more than {MOST_ANOMALIES}"
    return ""


@dataclass(frozen=True, slots=True)
class EvidenceComplete:
    """The bytes of ``row`` are whole, in this transaction."""

    session: Session
    row: Evidence
    changes: ChangeEvents


def complete(session: Session, row: Evidence, now: datetime, changes: ChangeEvents, events: Events) -> None:
    """Note that the bytes are whole."""
    row.complete_at = now
    changes.note(Evidence, row.original_of or row.evidence_id)
    events.tell(EvidenceComplete(session, row, changes))


def _row(address: Address, evidence: wire.Evidence, now: datetime) -> Evidence:
    return Evidence(
        evidence_id=str(evidence.evidence_id),
        dog_id=dog_id(address),
        manufacturer=address.manufacturer,
        purpose=evidence.purpose,
        sha256=evidence.sha256,
        size_bytes=evidence.size_bytes,
        media_type=evidence.media_type,
        captured_at=evidence.captured_at,
        received_at=now,
        anomaly_id=_id(evidence.anomaly_id),
        order_id=_id(evidence.order_id),
        node_id=_id(evidence.node_id),
        action_id=_id(evidence.action_id),
        duration_s=None if evidence.duration_s is UNSET else evidence.duration_s,
        held=False,
    )


def _of(evidence: wire.Evidence) -> set[str]:
    """The anomalies that it belongs to."""
    first = [] if evidence.anomaly_id is UNSET else [evidence.anomaly_id]
    more = [] if evidence.anomaly_ids is UNSET else evidence.anomaly_ids
    return {str(each) for each in (*first, *more)}


def _id(value: Any) -> str | None:
    return None if value is UNSET else str(value)
