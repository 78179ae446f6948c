"""Data age out, except what is held and what shows how a checkpoint should look. The audit log stays."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from fleet_server.audit.log import SERVER, append
from fleet_server.calls.tables import ALIVE, Call, Recall
from fleet_server.center.tables import CenterMessage, Delivery, Told
from fleet_server.evidence.tables import CheckpointReference, Evidence, EvidenceAnomaly
from fleet_server.incidents.tables import Incident, Sighting
from fleet_server.patrols.tables import UNENDED, Patrol


@dataclass(frozen=True)
class Aged:
    """What was deleted; the files of ``evidence_ids`` are still to be removed."""

    incidents: int
    patrols: int
    evidence_ids: list[str]


def age_out(session: Session, now: datetime, keep: timedelta) -> Aged:
    """Delete what is older than ``keep`` by the server's clock. A held incident holds its evidence too."""
    edge = now - keep
    held = select(EvidenceAnomaly.evidence_id).join(Sighting, Sighting.anomaly_id == EvidenceAnomaly.anomaly_id)
    held = held.join(Incident, Incident.incident_id == Sighting.incident_id).where(Incident.held)
    old = (Evidence.received_at < edge, ~Evidence.held, Evidence.evidence_id.not_in(held))
    doomed = select(Evidence.evidence_id).where(*old, Evidence.original_of.is_(None))
    doomed = doomed.where(Evidence.evidence_id.not_in(select(CheckpointReference.evidence_id)))
    staying = select(Evidence.evidence_id).where(Evidence.evidence_id.not_in(doomed))
    # An original goes with its masked picture, however late it came, and stays no day longer.
    orphaned = select(Evidence.evidence_id).where(
        Evidence.original_of.is_not(None), Evidence.original_of.not_in(staying)
    )
    evidence_ids = [*session.scalars(doomed), *session.scalars(orphaned)]
    session.execute(delete(Evidence).where(Evidence.evidence_id.in_(orphaned)))
    session.execute(delete(Evidence).where(Evidence.evidence_id.in_(doomed)))
    incidents = session.execute(
        delete(Incident).where(Incident.received_at < edge, ~Incident.held).returning(Incident.incident_id)
    ).all()
    patrols = session.execute(
        delete(Patrol).where(Patrol.created_at < edge, Patrol.status.not_in(UNENDED)).returning(Patrol.patrol_id)
    ).all()
    session.execute(delete(Call).where(Call.asked_at < edge, Call.status.not_in(ALIVE)))
    session.execute(delete(CenterMessage).where(CenterMessage.received_at < edge))
    session.execute(delete(Delivery).where(Delivery.created_at < edge))
    session.execute(delete(Told).where(Told.incident_id.not_in(select(Incident.incident_id))))
    session.execute(delete(Recall).where(Recall.released_at < edge))
    aged = Aged(len(incidents), len(patrols), evidence_ids)
    if incidents or patrols or evidence_ids:
        append(
            session,
            now,
            SERVER,
            "data.aged_out",
            incidents=aged.incidents,
            patrols=aged.patrols,
            evidence=len(evidence_ids),
        )
    return aged
