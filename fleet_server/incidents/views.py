"""An incident as the API shows it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fleet_server.core.api_schema import TextView, View
from fleet_server.core.versions import version_of
from fleet_server.evidence.originals import with_original
from fleet_server.evidence.tables import Evidence, EvidenceAnomaly
from fleet_server.evidence.views import original_url
from fleet_server.incidents.severity import Severity, severity_of
from fleet_server.incidents.status import IncidentStatus
from fleet_server.incidents.tables import Incident, Sighting
from protocol.evidence import CLIP, ORIGINAL, PICTURE, RECORDING


class CovarianceView(View):
    """Square metres along the map's axes."""

    xx: float
    xy: float
    yy: float


class PlaceView(View):
    """Metres in the frame ``map``; ``deviation`` is one standard deviation. Null: the dog did not say."""

    x: float
    y: float
    deviation: float | None
    covariance: CovarianceView | None


class IncidentView(View):
    """An incident. ``firstSeen``, ``lastSeen`` and ``frameStamp`` are by the dog's clock, ``receivedAt`` by ours.

    ``answer`` is the reason of a RESOLVED or FALSE_ALARM, or who was DISPATCHED.
    ``checkpointId`` is the nearest checkpoint within 15 m, of the site as it is now.
    ``originalUrl`` is where the sealed original of the picture is asked for; null: there is none.
    ``observedAt`` is ``frameStamp`` by our clock: less what the dog's was ahead (``clockSkewS``), where that is known.
    """

    incident_id: str
    site_id: str
    kind: str
    severity: Severity
    zone_id: str | None
    zone_name: TextView | None
    checkpoint_id: str | None
    status: IncidentStatus
    first_seen: datetime
    last_seen: datetime
    frame_stamp: datetime
    received_at: datetime
    observed_at: datetime
    clock_skew_s: float | None
    position: PlaceView
    score: float
    detector: str
    reason: TextView | None
    weights_sha256: str | None
    dog_id: str
    patrol_id: str | None
    sightings: int
    picture_url: str | None
    clip_url: str | None
    recording_url: str | None
    original_url: str | None
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    note: str | None
    answered_by: str | None
    answered_at: datetime | None
    answer: str | None
    assigned_to: str | None
    escalated_at: datetime | None
    version: str


def incident_view(session: Session, incident: Incident) -> IncidentView:
    """The row with the number of its sightings, and the first picture, clip and recording that are whole."""
    return incident_views(session, [incident])[0]


def incident_views(session: Session, incidents: Sequence[Incident]) -> list[IncidentView]:
    """The same of several: what belongs to each is looked up for all at once."""
    ids = [incident.incident_id for incident in incidents]
    counts, evidence = _counts(session, ids), _evidence(session, ids)
    return [_view(each, counts.get(each.incident_id, 0), evidence.get(each.incident_id, {})) for each in incidents]


def _view(incident: Incident, sightings: int, evidence: dict[str, str]) -> IncidentView:
    return IncidentView(
        incident_id=incident.incident_id,
        site_id=incident.site_id,
        kind=incident.kind,
        severity=severity_of(incident.kind),
        zone_id=incident.zone_id,
        zone_name=TextView.model_validate(incident.zone_name) if incident.zone_name else None,
        checkpoint_id=incident.checkpoint_id,
        status=IncidentStatus(incident.status),
        first_seen=incident.first_seen,
        last_seen=incident.last_seen,
        frame_stamp=incident.frame_stamp,
        received_at=incident.received_at,
        observed_at=incident.frame_stamp - timedelta(seconds=incident.clock_skew_s or 0.0),
        clock_skew_s=incident.clock_skew_s,
        position=_place(incident),
        score=incident.score,
        detector=incident.detector,
        reason=TextView.model_validate(incident.reason) if incident.reason else None,
        weights_sha256=incident.weights_sha256,
        dog_id=incident.dog_id,
        patrol_id=incident.patrol_id,
        sightings=sightings,
        picture_url=evidence.get(PICTURE),
        clip_url=evidence.get(CLIP),
        recording_url=evidence.get(RECORDING),
        original_url=evidence.get(ORIGINAL),
        acknowledged_by=incident.acknowledged_by,
        acknowledged_at=incident.acknowledged_at,
        note=incident.note,
        answered_by=incident.answered_by,
        answered_at=incident.answered_at,
        answer=incident.answer,
        assigned_to=incident.assigned_to,
        escalated_at=incident.escalated_at,
        version=incident_version(incident),
    )


def incident_version(incident: Incident) -> str:
    """Of what people have said of it; that it is seen again changes nothing of that."""
    seen = (incident.acknowledged_by, incident.note)
    answer = (incident.answered_by, incident.answered_at, incident.answer)
    return version_of(incident.status, *seen, *answer, incident.assigned_to)


def _place(incident: Incident) -> PlaceView:
    said = incident.covariance
    covariance = CovarianceView.model_validate(said) if said else None
    return PlaceView(x=incident.x, y=incident.y, deviation=incident.deviation, covariance=covariance)


def _counts(session: Session, incident_ids: Sequence[str]) -> dict[str, int]:
    query = select(Sighting.incident_id, func.count()).where(Sighting.incident_id.in_(incident_ids))
    return {row[0]: row[1] for row in session.execute(query.group_by(Sighting.incident_id))}


def _evidence(session: Session, incident_ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """The first picture, clip and recording of each that are whole, and that picture's original: addresses by media
    type."""
    query = (
        select(Sighting.incident_id, Evidence.evidence_id, Evidence.media_type)
        .join(EvidenceAnomaly, EvidenceAnomaly.anomaly_id == Sighting.anomaly_id)
        .join(Evidence, Evidence.evidence_id == EvidenceAnomaly.evidence_id)
        .where(Sighting.incident_id.in_(incident_ids), Evidence.complete_at.is_not(None))
        .where(Evidence.media_type != ORIGINAL)
        .order_by(Evidence.captured_at.desc())
    )
    rows = session.execute(query).all()
    having = with_original(session, [row.evidence_id for row in rows])
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        kind = row.media_type if row.media_type in (CLIP, RECORDING) else PICTURE
        found.setdefault(row.incident_id, {})[kind] = f"/api/v1/evidence/{row.evidence_id}/content"
        if kind == PICTURE:  # that of the picture which is shown, and of no other
            found[row.incident_id].pop(ORIGINAL, None)
            if row.evidence_id in having:
                found[row.incident_id][ORIGINAL] = original_url(row.evidence_id)
    return found
