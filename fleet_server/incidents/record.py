"""An anomaly becomes a sighting, and a sighting an incident or part of one."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from msgspec import UNSET
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.changes import Changes
from fleet_server.incidents.grouping import LONGEST, Seen, joins, sameness
from fleet_server.incidents.status import IncidentStatus
from fleet_server.incidents.tables import Incident, Sighting
from fleet_server.patrols.tables import Patrol
from fleet_server.sites.tables import Site
from fleet_server.telemetry.identity import dog_id
from protocol.anomaly import Anomaly
from protocol.topics import Address


def record_anomalies(
    session: Session,
    anomalies: Sequence[tuple[Address, Anomaly]],
    now: datetime,
    changes: Changes,
    clock_skew: Callable[[str], float | None] = lambda _: None,
) -> None:
    """Store what dogs noticed. An id that is known already changes nothing, and is acknowledged again.

    ``clock_skew`` tells by how many seconds a dog's clock is ahead.
    """
    ids = [str(anomaly.anomaly_id) for _, anomaly in anomalies]
    known = set(session.scalars(select(Sighting.anomaly_id).where(Sighting.anomaly_id.in_(ids))))
    visits = Visits(session, [anomaly for _, anomaly in anomalies])
    for address, anomaly in anomalies:
        changes.store(address, anomaly.anomaly_id)
        if str(anomaly.anomaly_id) not in known:
            known.add(str(anomaly.anomaly_id))
            changes.incidents.add(visits.add(address, anomaly, now, clock_skew(dog_id(address))).incident_id)
    session.flush()


class Visits:
    """The incidents round the times of a batch, looked up once for the whole batch."""

    def __init__(self, session: Session, anomalies: Sequence[Anomaly]) -> None:
        self._session = session
        self._sites = {site.map_id: site for site in session.scalars(select(Site))}
        self._patrols = _patrols(session, anomalies)
        self._visits: dict[_Key, list[tuple[Incident, list[Seen]]]] = defaultdict(list)
        times = [anomaly.observed_at for anomaly in anomalies]
        if times:
            self._load(min(times) - LONGEST, max(times) + LONGEST)

    def add(self, address: Address, anomaly: Anomaly, now: datetime, skew: float | None) -> Incident:
        """Put the anomaly where it belongs: into an incident, or into a new one."""
        sighting = _sighting(address, anomaly, now, skew)
        new = _seen(sighting)
        visits = self._visits[self._key(anomaly)]
        same = sameness(anomaly.kind)
        near = (visit for visit in visits if _in_time(visit[0], new, same.within))
        found = next((visit for visit in near if joins(new, visit[1], same)), None)
        if found is None:
            found = (self._open(address, anomaly, now, skew), [])
            visits.insert(0, found)
            self._session.add(found[0])
        incident, seen = found
        seen.append(new)
        incident.first_seen = min(incident.first_seen, new.observed_at)
        incident.last_seen = max(incident.last_seen, new.observed_at)
        sighting.incident_id = incident.incident_id
        self._session.add(sighting)
        return incident

    def _load(self, start: datetime, end: datetime) -> None:
        incidents = self._session.scalars(
            select(Incident)
            .where(Incident.last_seen >= start, Incident.first_seen <= end)
            .order_by(Incident.last_seen.desc())
        ).all()
        seen: dict[str, list[Seen]] = defaultdict(list)
        for sighting in self._session.scalars(select(Sighting).where(Sighting.observed_at.between(start, end))):
            seen[sighting.incident_id].append(_seen(sighting))
        for incident in incidents:
            key = (incident.site_id, incident.kind, incident.zone_id)
            self._visits[key].append((incident, seen[incident.incident_id]))

    def _key(self, anomaly: Anomaly) -> "_Key":
        return self._site_id(anomaly), str(anomaly.kind), _given(anomaly.zone_id)

    def _site_id(self, anomaly: Anomaly) -> str:
        """The site whose map it is; a map that we do not know keeps its own name, and the sighting is not lost."""
        site = self._sites.get(anomaly.position.map_id)
        return site.site_id if site else anomaly.position.map_id

    def _zone_name(self, anomaly: Anomaly) -> dict[str, Any] | None:
        site = self._sites.get(anomaly.position.map_id)
        zones = site.zones if site else []
        return next((zone["name"] for zone in zones if zone["zoneId"] == _given(anomaly.zone_id)), None)

    def _open(self, address: Address, anomaly: Anomaly, now: datetime, skew: float | None) -> Incident:
        return Incident(
            incident_id=str(uuid4()),
            site_id=self._site_id(anomaly),
            kind=str(anomaly.kind),
            zone_id=_given(anomaly.zone_id),
            zone_name=self._zone_name(anomaly),
            status=IncidentStatus.OPEN,
            first_seen=anomaly.observed_at,
            last_seen=anomaly.observed_at,
            frame_stamp=anomaly.observed_at,
            received_at=now,
            clock_skew_s=skew,
            x=anomaly.position.x,
            y=anomaly.position.y,
            deviation=_given(anomaly.position.deviation),
            score=anomaly.score,
            detector=anomaly.detector,
            dog_id=dog_id(address),
            patrol_id=self._patrols.get(_given(anomaly.order_id)),
            held=False,
        )


_Key = tuple[str, str, str | None]  # site, kind, zone


def _patrols(session: Session, anomalies: Sequence[Anomaly]) -> dict[str | None, str]:
    order_ids = {anomaly.order_id for anomaly in anomalies if anomaly.order_id is not UNSET}
    rows = session.execute(select(Patrol.order_id, Patrol.patrol_id).where(Patrol.order_id.in_(order_ids)))
    return {row.order_id: row.patrol_id for row in rows}


def _in_time(incident: Incident, new: Seen, within: timedelta) -> bool:
    return incident.first_seen - within <= new.observed_at <= incident.last_seen + within


def _sighting(address: Address, anomaly: Anomaly, now: datetime, skew: float | None) -> Sighting:
    return Sighting(
        anomaly_id=str(anomaly.anomaly_id),
        dog_id=dog_id(address),
        observed_at=anomaly.observed_at,
        received_at=now,
        clock_skew_s=skew,
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
        clock_skew_s=sighting.clock_skew_s,
    )


def _given(value: Any) -> Any:
    return None if value is UNSET else value
