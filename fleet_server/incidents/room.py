"""Incidents: anomalies become sightings, and a picture that has come shows at its incident."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.clock import utc_now
from fleet_server.core.intake import Arrival, Stored
from fleet_server.core.room import Room
from fleet_server.core.station import Station
from fleet_server.evidence.record import EvidenceComplete
from fleet_server.evidence.tables import EvidenceAnomaly
from fleet_server.incidents import answers, api, escalation, scores
from fleet_server.incidents.near_checkpoint import assign_checkpoints
from fleet_server.incidents.record import record_anomalies
from fleet_server.incidents.status import IncidentStatus
from fleet_server.incidents.tables import Incident, IncidentComment, Sighting, SiteEscalation
from fleet_server.incidents.views import incident_views
from fleet_server.sites.site_import import NewSiteVersion
from fleet_server.telemetry.fleet_state import Fleet
from protocol.anomaly import Anomaly
from protocol.header import Wire

MOST_INCIDENTS = 200  # that a console begins with


def set_up(station: Station) -> None:
    """What the room does in a station."""
    fleet = station[Fleet]

    def record(
        session: Session, arrivals: Sequence[Arrival], now: datetime, changes: ChangeEvents
    ) -> list[tuple[Arrival, str]]:
        anomalies = [(each.address, each.message) for each in arrivals if isinstance(each.message, Anomaly)]
        record_anomalies(session, anomalies, now, changes, fleet.clock_skew)
        return []

    station.intake.stores(Anomaly, Stored(record, _row_id))
    station.every(escalation.PERIOD_S, lambda: escalation.escalate_due(station, utc_now()))
    station.events.on(EvidenceComplete, _note_picture)
    station.events.on(NewSiteVersion, lambda new: assign_checkpoints(new.session, new.site))
    station.consoles.begin_with("incidents", _beginning)
    station.consoles.show(Incident, "incident", _changed)


def _row_id(message: Wire) -> UUID:
    assert isinstance(message, Anomaly)
    return message.anomaly_id


def _note_picture(complete: EvidenceComplete) -> None:
    query = select(Sighting.incident_id).join(EvidenceAnomaly, EvidenceAnomaly.anomaly_id == Sighting.anomaly_id)
    query = query.where(EvidenceAnomaly.evidence_id == complete.row.evidence_id)
    complete.changes.note(Incident, *complete.session.scalars(query))


def _beginning(session: Session, _now: datetime) -> list[dict[str, Any]]:
    query = select(Incident).where(Incident.status == IncidentStatus.OPEN).order_by(Incident.last_seen.desc())
    return list(_shown(session, session.scalars(query.limit(MOST_INCIDENTS)).all()))


def _changed(session: Session, ids: Collection[str], _now: datetime) -> Iterable[dict[str, Any]]:
    return _shown(session, session.scalars(select(Incident).where(Incident.incident_id.in_(ids))).all())


def _shown(session: Session, incidents: Iterable[Incident]) -> Iterable[dict[str, Any]]:
    return (view.model_dump(mode="json") for view in incident_views(session, list(incidents)))


ROOM = Room(
    tables=(Incident, Sighting, IncidentComment, SiteEscalation),
    api=(api.router, answers.router, escalation.router, scores.router),
    set_up=set_up,
)
