"""An anomaly becomes a sighting, and a sighting an incident or part of one."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from msgspec import UNSET
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.changes import Changes
from fleet_server.incidents.grouping import SAME_VISIT, Seen, joins
from fleet_server.incidents.status import IncidentStatus
from fleet_server.incidents.tables import Incident, Sighting
from fleet_server.patrols.tables import Patrol
from fleet_server.sites.tables import Site
from protocol.anomaly import Anomaly
from protocol.topics import Address


def record_anomaly(session: Session, address: Address, anomaly: Anomaly, now: datetime, changes: Changes) -> None:
    """Store what a dog noticed. The same id a second time changes nothing, and is acknowledged again."""
    changes.store(address, anomaly.anomaly_id)
    if session.get(Sighting, str(anomaly.anomaly_id)) is not None:
        return
    sighting = _sighting(address, anomaly, now)
    incident = _find(session, anomaly, sighting) or _open(session, address, anomaly, now)
    incident.first_seen = min(incident.first_seen, sighting.observed_at)
    incident.last_seen = max(incident.last_seen, sighting.observed_at)
    sighting.incident_id = incident.incident_id
    session.add(sighting)
    session.flush()
    changes.incidents.add(incident.incident_id)


def _find(session: Session, anomaly: Anomaly, sighting: Sighting) -> Incident | None:
    at = sighting.observed_at
    candidates = session.scalars(
        select(Incident)
        .where(
            Incident.site_id == _site_id(session, anomaly),
            Incident.kind == anomaly.kind,
            Incident.zone_id.is_not_distinct_from(_given(anomaly.zone_id)),
            Incident.last_seen >= at - SAME_VISIT,
            Incident.first_seen <= at + SAME_VISIT,
        )
        .order_by(Incident.last_seen.desc())
    )
    new = _seen(sighting)
    return next((i for i in candidates if joins(new, [_seen(s) for s in _sightings(session, i)])), None)


def _sightings(session: Session, incident: Incident) -> list[Sighting]:
    return list(session.scalars(select(Sighting).where(Sighting.incident_id == incident.incident_id)))


def _open(session: Session, address: Address, anomaly: Anomaly, now: datetime) -> Incident:
    order_id = _given(anomaly.order_id)
    patrol_id = session.scalar(select(Patrol.patrol_id).where(Patrol.order_id == order_id)) if order_id else None
    incident = Incident(
        incident_id=str(uuid4()),
        site_id=_site_id(session, anomaly),
        kind=anomaly.kind,
        zone_id=_given(anomaly.zone_id),
        zone_name=_zone_name(session, anomaly),
        status=IncidentStatus.OPEN,
        first_seen=anomaly.observed_at,
        last_seen=anomaly.observed_at,
        frame_stamp=anomaly.observed_at,
        received_at=now,
        x=anomaly.position.x,
        y=anomaly.position.y,
        deviation=_given(anomaly.position.deviation),
        score=anomaly.score,
        detector=anomaly.detector,
        dog_id=address.serial_number,
        patrol_id=patrol_id,
        held=False,
    )
    session.add(incident)
    session.flush()
    return incident


def _site_of(session: Session, anomaly: Anomaly) -> Site | None:
    return session.scalar(select(Site).where(Site.map_id == anomaly.position.map_id))


def _site_id(session: Session, anomaly: Anomaly) -> str:
    """The site whose map it is; a map that we do not know keeps its own name, and the sighting is not lost."""
    site = _site_of(session, anomaly)
    return site.site_id if site else anomaly.position.map_id


def _zone_name(session: Session, anomaly: Anomaly) -> dict[str, Any] | None:
    site = _site_of(session, anomaly)
    zones = site.zones if site else []
    return next((zone["name"] for zone in zones if zone["zoneId"] == _given(anomaly.zone_id)), None)


def _sighting(address: Address, anomaly: Anomaly, now: datetime) -> Sighting:
    return Sighting(
        anomaly_id=str(anomaly.anomaly_id),
        dog_id=address.serial_number,
        observed_at=anomaly.observed_at,
        received_at=now,
        x=anomaly.position.x,
        y=anomaly.position.y,
        score=anomaly.score,
        track_id=_given(anomaly.track_id),
        order_id=_given(anomaly.order_id),
    )


def _seen(sighting: Sighting) -> Seen:
    return Seen(
        observed_at=sighting.observed_at,
        x=sighting.x,
        y=sighting.y,
        dog_id=sighting.dog_id,
        order_id=sighting.order_id,
        track_id=sighting.track_id,
    )


def _given(value: Any) -> Any:
    return None if value is UNSET else value
