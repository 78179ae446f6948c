"""Everything about one incident in its order: what dogs saw, and what people and the server did."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.audit.tables import AuditEntry
from fleet_server.core.api_schema import View
from fleet_server.evidence.tables import Evidence, EvidenceAnomaly
from fleet_server.incidents.tables import Incident, IncidentComment, Sighting
from protocol.evidence import CLIP, ORIGINAL, RECORDING

SEEN, PICTURED = "incident.seen", "evidence.captured"
FILMED, RECORDED = "evidence.filmed", "evidence.recorded"
MOST = 1000  # sightings; what stands before them is the first of many that say the same
TOLD = ("note", "reason", "to")  # of a deed's details, what a person reads first


class TimelineView(View):
    """One line; ``action`` is a deed of the audit log, or a dog's: ``incident.seen``,
    ``evidence.captured`` (a picture), ``evidence.filmed`` (a clip), ``evidence.recorded`` (what it measured meanwhile).

    ``at`` is by the station's clock: what a dog's was ahead is taken off. ``actor`` is a dog, a person or the server.
    """

    at: datetime
    action: str
    actor: str
    text: str | None = None
    evidence_id: str | None = None


def timeline(session: Session, incident: Incident) -> list[TimelineView]:
    """The lines, oldest first."""
    pictures = pictures_of(session, incident)
    return lines_of(session, incident, pictures, deeds_of(session, incident, pictures))


def lines_of(
    session: Session, incident: Incident, pictures: Sequence[Evidence], deeds: Sequence[AuditEntry]
) -> list[TimelineView]:
    """The same, for who has its pictures and deeds already."""
    lines = [_seen(each) for each in _sightings(session, incident)]
    lines += [_pictured(row, incident) for row in pictures]
    said = _comments(session, incident)
    lines += [_done(entry, said) for entry in deeds]
    return sorted(lines, key=lambda line: line.at)


def pictures_of(session: Session, incident: Incident) -> list[Evidence]:
    """Pictures, clips and recordings of its sightings, and no originals, in the order in which they were taken."""
    of = select(EvidenceAnomaly.evidence_id).join(Sighting, Sighting.anomaly_id == EvidenceAnomaly.anomaly_id)
    of = of.where(Sighting.incident_id == incident.incident_id)
    query = select(Evidence).where(Evidence.evidence_id.in_(of), Evidence.media_type != ORIGINAL)
    return list(session.scalars(query.order_by(Evidence.captured_at, Evidence.evidence_id)))


def deeds_of(session: Session, incident: Incident, pictures: Sequence[Evidence]) -> list[AuditEntry]:
    """What was done with the incident and with its ``pictures``, as the audit log has it."""
    targets = [incident.incident_id, *(row.evidence_id for row in pictures)]
    return list(session.scalars(select(AuditEntry).where(AuditEntry.target.in_(targets)).order_by(AuditEntry.id)))


def _comments(session: Session, incident: Incident) -> dict[str, str]:
    query = select(IncidentComment).where(IncidentComment.incident_id == incident.incident_id)
    return {comment.comment_id: comment.text for comment in session.scalars(query)}


def _sightings(session: Session, incident: Incident) -> list[Sighting]:
    query = select(Sighting).where(Sighting.incident_id == incident.incident_id)
    return list(session.scalars(query.order_by(Sighting.observed_at.desc()).limit(MOST)))


def _seen(sighting: Sighting) -> TimelineView:
    at = sighting.observed_at - timedelta(seconds=sighting.clock_skew_s or 0.0)
    return TimelineView(at=at, action=SEEN, actor=sighting.dog_id)


def _pictured(row: Evidence, incident: Incident) -> TimelineView:
    at = row.captured_at - timedelta(seconds=incident.clock_skew_s or 0.0)
    action = {CLIP: FILMED, RECORDING: RECORDED}.get(row.media_type, PICTURED)
    return TimelineView(at=at, action=action, actor=row.dog_id, evidence_id=row.evidence_id)


def _done(entry: AuditEntry, comments: dict[str, str]) -> TimelineView:
    details: dict[str, Any] = json.loads(entry.details)
    text = comments.get(details.get("comment", "")) or next(
        (str(details[name]) for name in TOLD if details.get(name)), None
    )
    about = entry.target if entry.action.startswith("evidence.") else None
    return TimelineView(at=entry.at, action=entry.action, actor=entry.actor, text=text, evidence_id=about)
