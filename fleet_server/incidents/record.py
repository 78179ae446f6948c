"""An anomaly becomes a sighting, and a sighting an incident or part of one."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from msgspec import UNSET
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from fleet_server.core.change_events import ChangeEvents
from fleet_server.incidents.grouping import SAME_VISIT, Seen, joins, sameness
from fleet_server.incidents.near_checkpoint import near_checkpoint
from fleet_server.incidents.status import IncidentStatus
from fleet_server.incidents.tables import Incident, Sighting
from fleet_server.patrols.tables import Patrol
from fleet_server.sites.tables import Site
from fleet_server.telemetry.vehicle_id import dog_id
from protocol.anomaly import Anomaly
from protocol.topics import Address


def record_anomalies(
    session: Session,
    anomalies: Sequence[tuple[Address, Anomaly]],
    now: datetime,
    changes: ChangeEvents,
    clock_skew: Callable[[str], float | None] = lambda _: None,
) -> None:
    """Store what dogs noticed. An id that is known already changes nothing, and is acknowledged again.

    ``clock_skew`` tells by how many seconds a dog's clock is ahead. Rows are read and written as they are, not as
    objects of the session: of what a single anomaly cost, two thirds were the objects.
    """
    if not anomalies:
        return
    ids = [str(anomaly.anomaly_id) for _, anomaly in anomalies]
    rows = session.execute(select(Sighting.anomaly_id, Sighting.incident_id).where(Sighting.anomaly_id.in_(ids)))
    known = {row.anomaly_id: row.incident_id for row in rows}
    changes.note(Incident, *known.values())  # who stored it may have died before anybody was told
    new: dict[UUID, tuple[Address, Anomaly]] = {}
    for address, anomaly in anomalies:
        changes.store(address, anomaly.anomaly_id)
        if str(anomaly.anomaly_id) not in known:
            new.setdefault(anomaly.anomaly_id, (address, anomaly))
    visits = Visits(session, [anomaly for _, anomaly in new.values()])
    for address, anomaly in new.values():
        changes.note(Incident, visits.add(address, anomaly, now, clock_skew(dog_id(address))))
    visits.write()


@dataclass(slots=True)
class Visit:
    """An incident, as far as it is decided by it whether a sighting belongs to it."""

    incident_id: str
    first_seen: datetime
    last_seen: datetime
    seen: list[Seen]

    def lasts(self, new: datetime, within: timedelta) -> bool:
        """Whether ``new`` is near it in time."""
        return self.first_seen - within <= new <= self.last_seen + within


class Visits:
    """The incidents round the times of a batch, looked up once for the whole batch, and written once."""

    def __init__(self, session: Session, anomalies: Sequence[Anomaly]) -> None:
        self._session = session
        columns = select(Site.map_id, Site.site_id, Site.zones, Site.checkpoints)  # without the maps, which are large
        self._sites = {site.map_id: site for site in session.execute(columns)} if anomalies else {}
        self._patrols = _patrols(session, anomalies)
        self._visits: dict[_Key, list[Visit]] = defaultdict(list)
        self._incidents: list[dict[str, Any]] = []
        self._sightings: list[dict[str, Any]] = []
        self._grown: dict[str, Visit] = {}
        times: dict[str, list[datetime]] = defaultdict(list)
        for anomaly in anomalies:
            times[str(anomaly.kind)].append(anomaly.observed_at)
        for kind, observed in times.items():
            near = max(SAME_VISIT, sameness(kind).within)
            self._load(kind, min(observed) - near, max(observed) + near)

    def add(self, address: Address, anomaly: Anomaly, now: datetime, skew: float | None) -> str:
        """Put the anomaly where it belongs, into an incident or into a new one, and tell its id."""
        sighting = _sighting(address, anomaly, now, skew)
        others = () if anomaly.other_than is UNSET else tuple(anomaly.other_than)
        new = Seen(**{name: sighting[name] for name in SEEN}, other_than=others)
        visits = self._visits[self._key(anomaly)]
        same = sameness(anomaly.kind)
        near = (visit for visit in visits if visit.lasts(new.observed_at, same.within))
        found = next((visit for visit in near if joins(new, visit.seen, same)), None)
        if found is None:
            found = Visit(str(uuid4()), new.observed_at, new.observed_at, [])
            visits.insert(0, found)
            self._incidents.append(self._incident(found.incident_id, address, anomaly, now, skew))
        found.seen.append(new)
        found.first_seen = min(found.first_seen, new.observed_at)
        found.last_seen = max(found.last_seen, new.observed_at)
        self._grown[found.incident_id] = found
        self._sightings.append(sighting | {"incident_id": found.incident_id})
        return found.incident_id

    def write(self) -> None:
        """Store what was added."""
        for incident in self._incidents:
            visit = self._grown.pop(incident["incident_id"])
            incident |= {"first_seen": visit.first_seen, "last_seen": visit.last_seen}
        connection = self._session.connection()
        if self._incidents:
            connection.execute(insert(Incident), self._incidents)
        for grown in self._grown.values():
            seen = {"first_seen": grown.first_seen, "last_seen": grown.last_seen}
            connection.execute(update(Incident).where(Incident.incident_id == grown.incident_id).values(seen))
        if self._sightings:
            connection.execute(insert(Sighting), self._sightings)

    def _load(self, kind: str, start: datetime, end: datetime) -> None:
        in_time = (Incident.kind == kind, Incident.last_seen >= start, Incident.first_seen <= end)
        columns = (Incident.incident_id, Incident.first_seen, Incident.last_seen, Incident.site_id, Incident.zone_id)
        loaded: dict[str, Visit] = {}
        for row in self._session.execute(select(*columns).where(*in_time).order_by(Incident.last_seen.desc())):
            loaded[row.incident_id] = visit = Visit(row.incident_id, row.first_seen, row.last_seen, [])
            self._visits[row.site_id, kind, row.zone_id].append(visit)
        if not loaded:
            return
        sightings = select(Sighting.incident_id, *(getattr(Sighting, name) for name in SEEN)).join(Incident)
        for row in self._session.execute(sightings.where(*in_time, Sighting.observed_at.between(start, end))):
            loaded[row.incident_id].seen.append(Seen(**{name: getattr(row, name) for name in SEEN}))

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

    def _incident(
        self, incident_id: str, address: Address, anomaly: Anomaly, now: datetime, skew: float | None
    ) -> dict[str, Any]:
        site = self._sites.get(anomaly.position.map_id)
        x, y, covariance = anomaly.position.x, anomaly.position.y, anomaly.position.covariance
        return {
            "incident_id": incident_id,
            "site_id": self._site_id(anomaly),
            "kind": str(anomaly.kind),
            "zone_id": _given(anomaly.zone_id),
            "zone_name": self._zone_name(anomaly),
            "status": IncidentStatus.OPEN,
            "frame_stamp": anomaly.observed_at,
            "received_at": now,
            "clock_skew_s": skew,
            "x": x,
            "y": y,
            "checkpoint_id": near_checkpoint(site.checkpoints, x, y) if site else None,
            "deviation": _given(anomaly.position.deviation),
            "covariance": None
            if covariance is UNSET
            else {"xx": covariance.xx, "xy": covariance.xy, "yy": covariance.yy},
            "score": anomaly.score,
            "detector": anomaly.detector,
            "reason": None if anomaly.reason is UNSET else {"zh": anomaly.reason.zh, "en": anomaly.reason.en},
            "weights_sha256": _given(anomaly.weights_sha256),
            "dog_id": dog_id(address),
            "patrol_id": self._patrols.get(_given(anomaly.order_id)),
            "held": False,
        }


_Key = tuple[str, str, str | None]  # site, kind, zone
SEEN = tuple(field.name for field in fields(Seen) if field.name != "other_than")  # of the latest alone, not stored


def _patrols(session: Session, anomalies: Sequence[Anomaly]) -> dict[str | None, str]:
    order_ids = {anomaly.order_id for anomaly in anomalies if anomaly.order_id is not UNSET}
    if not order_ids:
        return {}
    rows = session.execute(select(Patrol.order_id, Patrol.patrol_id).where(Patrol.order_id.in_(order_ids)))
    return {row.order_id: row.patrol_id for row in rows}


def _sighting(address: Address, anomaly: Anomaly, now: datetime, skew: float | None) -> dict[str, Any]:
    return {
        "anomaly_id": str(anomaly.anomaly_id),
        "dog_id": dog_id(address),
        "observed_at": anomaly.observed_at,
        "received_at": now,
        "clock_skew_s": skew,
        "x": anomaly.position.x,
        "y": anomaly.position.y,
        "score": anomaly.score,
        "track_id": _given(anomaly.track_id),
        "order_id": _given(anomaly.order_id),
    }


def _given(value: Any) -> Any:
    return None if value is UNSET else value
