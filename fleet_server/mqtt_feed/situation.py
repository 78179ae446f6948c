"""What of the situation is published: chosen field by field, so that no person's name, word or picture is among it."""

import heapq
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from fleet_server.incidents.severity import severity_of
from fleet_server.incidents.status import IncidentStatus
from fleet_server.incidents.tables import Incident
from fleet_server.ledger.geojson import MapOnEarth
from fleet_server.patrols.queries import progress_of
from fleet_server.patrols.tables import UNENDED, Patrol
from fleet_server.sites.tables import Site
from fleet_server.telemetry.fleet_state import Fleet, Vehicle
from protocol.state import EStop, OperatingMode

ENDED_FOR = timedelta(minutes=5)  # how long an end stays to be heard, before its topic is cleared
MOST_INCIDENTS = 200  # the newest, as a console begins with; all are counted
UNRESOLVED = (IncidentStatus.OPEN, IncidentStatus.ACKNOWLEDGED, IncidentStatus.DISPATCHED)

Said = dict[str, Any]
"""JSON, in the words of the API."""


class DogActivity(StrEnum):
    """What a dog does, in one word."""

    OFFLINE = "OFFLINE"
    STOPPED = "STOPPED"
    MANUAL = "MANUAL"
    PATROLLING = "PATROLLING"
    CHARGING = "CHARGING"
    IDLE = "IDLE"


@dataclass(frozen=True, slots=True)
class Situation:
    """All that is published."""

    sites: list[Said]
    incidents: list[Said]
    patrols: list[Said]
    dogs: list[Said]


def read_situation(session: Session, fleet: Fleet, now: datetime) -> Situation:
    """As it is at ``now``, with what has ended less than ENDED_FOR ago."""
    columns = (Site.site_id, Site.name, Site.map_id, Site.origin)
    sites = {row.site_id: row for row in session.execute(select(*columns).order_by(Site.site_id))}
    earth = {site_id: MapOnEarth(row.origin) for site_id, row in sites.items()}
    incidents = [_incident(each, earth[each.site_id]) for each in _incidents(session, now) if each.site_id in sites]
    patrols = [_patrol(each) for each in session.scalars(_recent_patrols(now)) if each.site_id in sites]
    on_map, assigned = {row.map_id: site_id for site_id, row in sites.items()}, fleet.assigned(session)
    dogs = [_dog(vehicle, fleet, now, on_map, assigned.get(vehicle.dog_id)) for vehicle in fleet.all()]
    counts = _counts(session)
    return Situation(
        [_site(row.site_id, row.name, counts, incidents, patrols, dogs) for row in sites.values()],
        incidents,
        patrols,
        dogs,
    )


def _incidents(session: Session, now: datetime) -> list[Incident]:
    """The newest first."""
    # Sorted here: asked for in this order, SQLite walks through all incidents that there ever were.
    recent = or_(Incident.status.in_(UNRESOLVED), Incident.answered_at > now - ENDED_FOR)
    found = session.execute(select(Incident.received_at, Incident.incident_id).where(recent))
    newest = [row[1] for row in heapq.nlargest(MOST_INCIDENTS, map(tuple, found))]
    rows = session.scalars(select(Incident).where(Incident.incident_id.in_(newest)))
    return sorted(rows, key=lambda each: each.received_at, reverse=True)


def _recent_patrols(now: datetime) -> Any:
    return select(Patrol).where(or_(Patrol.status.in_(UNENDED), Patrol.ended_at > now - ENDED_FOR))


def _counts(session: Session) -> dict[tuple[str, str], int]:
    """Of unresolved incidents, by site and status."""
    query = select(Incident.site_id, Incident.status, func.count()).where(Incident.status.in_(UNRESOLVED))
    return {(row[0], row[1]): row[2] for row in session.execute(query.group_by(Incident.site_id, Incident.status))}


def _site(
    site_id: str,
    name: Said,
    counts: dict[tuple[str, str], int],
    incidents: list[Said],
    patrols: list[Said],
    dogs: list[Said],
) -> Said:
    here = [each for each in incidents if each["siteId"] == site_id and each["status"] in UNRESOLVED]
    return {
        "siteId": site_id,
        "name": name,
        "openIncidents": sum(counts.get((site_id, status), 0) for status in UNRESOLVED),
        "unacknowledged": counts.get((site_id, IncidentStatus.OPEN), 0),
        "patrolsUnderWay": sum(each["siteId"] == site_id and each["status"] in UNENDED for each in patrols),
        "dogsLive": sum(each["siteId"] == site_id and each["live"] for each in dogs),
        "newestIncident": here[0] if here else None,
    }


def _incident(incident: Incident, earth: MapOnEarth) -> Said:
    longitude, latitude = earth(incident.x, incident.y)
    return {
        "incidentId": incident.incident_id,
        "siteId": incident.site_id,
        "kind": incident.kind,
        "severity": severity_of(incident.kind),
        "status": incident.status,
        "zoneId": incident.zone_id,
        "zoneName": incident.zone_name,
        "position": {"x": incident.x, "y": incident.y, "deviation": incident.deviation},
        "longitude": longitude,
        "latitude": latitude,
        "firstSeen": incident.first_seen.isoformat(),
        "lastSeen": incident.last_seen.isoformat(),
        "receivedAt": incident.received_at.isoformat(),
        "acknowledgedAt": _time(incident.acknowledged_at),
        "escalatedAt": _time(incident.escalated_at),
        "answeredAt": _time(incident.answered_at),
        "dogId": incident.dog_id,
        "patrolId": incident.patrol_id,
    }


def _patrol(patrol: Patrol) -> Said:
    # What a call's way is named after is a person's own words.
    called = patrol.call_id is not None
    return {
        "patrolId": patrol.patrol_id,
        "siteId": patrol.site_id,
        "kind": "CALL" if called else "ROUND",
        "routeName": None if called else patrol.route_name,
        "status": patrol.status,
        "progress": round(progress_of(patrol).fraction, 2),
        "createdAt": patrol.created_at.isoformat(),
        "startedAt": _time(patrol.started_at),
        "endedAt": _time(patrol.ended_at),
        "dogId": patrol.dog_id,
    }


def _dog(vehicle: Vehicle, fleet: Fleet, now: datetime, on_map: dict[str, str], patrol_id: str | None) -> Said:
    live, state = fleet.is_live(vehicle, now), vehicle.state
    return {
        "dogId": vehicle.dog_id,
        "manufacturer": vehicle.address.manufacturer,
        "siteId": on_map.get(vehicle.position.map_id) if vehicle.position else None,
        "live": live,
        "state": _activity(vehicle, patrol_id) if live else DogActivity.OFFLINE,
        "batteryCharge": round(state.battery_state.battery_charge) if state else None,
        "charging": state.battery_state.charging if state else None,
        "patrolId": patrol_id,
        # By the minute: else each look would find something new to say of each dog.
        "lastContact": vehicle.last_heard_at.replace(second=0, microsecond=0).isoformat(),
    }


def _activity(vehicle: Vehicle, patrol_id: str | None) -> DogActivity:
    state = vehicle.state
    if state is None:
        return DogActivity.IDLE
    if state.safety_state.e_stop != EStop.NONE:
        return DogActivity.STOPPED
    if state.operating_mode != OperatingMode.AUTOMATIC:
        return DogActivity.MANUAL
    if patrol_id is not None:
        return DogActivity.PATROLLING
    return DogActivity.CHARGING if state.battery_state.charging else DogActivity.IDLE


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
