"""What changed, as the consoles get it."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.core.change_events import ChangeEvents
from fleet_server.evidence.tables import Evidence
from fleet_server.evidence.views import evidence_view
from fleet_server.incidents.status import IncidentStatus
from fleet_server.incidents.tables import Incident
from fleet_server.incidents.views import incident_view
from fleet_server.patrols.queries import open_patrols
from fleet_server.patrols.tables import OPEN, Patrol
from fleet_server.patrols.views import patrol_view
from fleet_server.routes.tables import Route
from fleet_server.routes.views import route_view
from fleet_server.telemetry.fleet_state import Fleet
from fleet_server.telemetry.views import dog_view

MOST_INCIDENTS = 200


def snapshot(session: Session, fleet: Fleet, now: datetime) -> dict[str, Any]:
    """All that a console needs to begin with."""
    incidents = session.scalars(
        select(Incident)
        .where(Incident.status == IncidentStatus.OPEN)
        .order_by(Incident.last_seen.desc())
        .limit(MOST_INCIDENTS)
    ).all()
    patrols = session.scalars(select(Patrol).where(Patrol.status.in_(OPEN)).order_by(Patrol.created_at))
    return {
        "now": now.isoformat(),
        "dogs": dogs(session, fleet, [vehicle.dog_id for vehicle in fleet.shown()], now),
        "patrols": [_patrol(patrol, fleet, now) for patrol in patrols],
        "incidents": [_json(incident_view(session, incident)) for incident in incidents],
    }


def dogs(session: Session, fleet: Fleet, dog_ids: Iterable[str], now: datetime) -> list[dict[str, Any]]:
    """The dogs of these ids."""
    walking = open_patrols(session)
    vehicles = [vehicle for dog_id in sorted(dog_ids) if (vehicle := fleet.show(dog_id))]
    return [_json(dog_view(vehicle, fleet, now, walking.get(vehicle.dog_id))) for vehicle in vehicles]


def events(
    session: Session, changes: ChangeEvents, fleet: Fleet, now: datetime
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each change as (type, data)."""
    for patrol in session.scalars(select(Patrol).where(Patrol.patrol_id.in_(changes.patrols))):
        yield "patrol", _patrol(patrol, fleet, now)
    for incident in session.scalars(select(Incident).where(Incident.incident_id.in_(changes.incidents))).all():
        yield "incident", _json(incident_view(session, incident))
    for row in session.scalars(select(Evidence).where(Evidence.evidence_id.in_(changes.evidence))).all():
        patrol_id = session.scalar(select(Patrol.patrol_id).where(Patrol.order_id == row.order_id))
        yield "evidence", _json(evidence_view(row, patrol_id))
    for route_id in sorted(changes.routes):
        route = session.get(Route, route_id)
        yield "route", _json(route_view(route)) if route else {"routeId": route_id, "deleted": True}


def _patrol(patrol: Patrol, fleet: Fleet, now: datetime) -> dict[str, Any]:
    vehicle = fleet.get(patrol.dog_id)
    return _json(patrol_view(patrol, vehicle is not None and fleet.is_live(vehicle, now)))


def _json(view: BaseModel) -> dict[str, Any]:
    return view.model_dump(mode="json")
