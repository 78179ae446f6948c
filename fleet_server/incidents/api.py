"""Incidents: read, and acknowledged by a person."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Response
from pydantic import StringConstraints
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.audit.log import append
from fleet_server.audit.lost_update import check_version
from fleet_server.core.api_schema import CHANGED, NOT_FOUND, REFUSED, Body
from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import CurrentUser, needs
from fleet_server.core.once_route import OnceRoute
from fleet_server.core.rights import Right
from fleet_server.core.station import StationHere
from fleet_server.core.versions import IfMatch, tag
from fleet_server.incidents.same_place import same_place
from fleet_server.incidents.status import IncidentStatus
from fleet_server.incidents.tables import Incident
from fleet_server.incidents.timeline import TimelineView, timeline
from fleet_server.incidents.views import IncidentView, incident_version, incident_view, incident_views

router = APIRouter(tags=["incidents"], route_class=OnceRoute)
ANSWERS = tuple(
    f"incident.{deed}" for deed in ("acknowledged", "dispatched", "resolved", "false_alarm", "reopened", "assigned")
)


class AcknowledgeBody(Body):
    """What the operator has to say of it."""

    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""


@router.get("/incidents", **needs(Right.SEE))
def list_incidents(
    station: StationHere,
    status: IncidentStatus | None = None,
    site_id: Annotated[str | None, Query(alias="siteId")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[IncidentView]:
    """The incidents, newest first."""
    query = select(Incident).order_by(Incident.last_seen.desc()).limit(limit)
    if status is not None:
        query = query.where(Incident.status == status)
    if site_id is not None:
        query = query.where(Incident.site_id == site_id)
    with station.database.read() as session:
        return incident_views(session, session.scalars(query).all())


@router.get("/incidents/{incident_id}", responses=NOT_FOUND, **needs(Right.SEE))
def get_incident(incident_id: str, station: StationHere, response: Response) -> IncidentView:
    """One incident."""
    with station.database.read() as session:
        view = incident_view(session, find_incident(session, incident_id))
    tag(response, view.version)
    return view


@router.get("/incidents/{incident_id}/same-place", responses=NOT_FOUND, **needs(Right.SEE))
def list_same_place(incident_id: str, station: StationHere) -> list[IncidentView]:
    """What was alike at the same place in the week before: incidents of the same kind, newest first."""
    with station.database.read() as session:
        return incident_views(session, same_place(session, find_incident(session, incident_id)))


@router.get("/incidents/{incident_id}/timeline", responses=NOT_FOUND, **needs(Right.SEE))
def get_timeline(incident_id: str, station: StationHere) -> list[TimelineView]:
    """All that was seen and done, oldest first."""
    with station.database.read() as session:
        return timeline(session, find_incident(session, incident_id))


@router.post(
    "/incidents/{incident_id}/acknowledge",
    responses=NOT_FOUND | REFUSED | CHANGED,
    **needs(Right.ACKNOWLEDGE, once=True),
)
def acknowledge(
    incident_id: str,
    user: CurrentUser,
    station: StationHere,
    response: Response,
    body: AcknowledgeBody | None = None,
    if_match: IfMatch = None,
) -> IncidentView:
    """Say that somebody has seen it; once."""
    note = (body.note if body else "") or None
    with station.database.write() as session:
        now = utc_now()
        incident = find_incident(session, incident_id)
        check_known(session, if_match, incident)
        if incident.status != IncidentStatus.OPEN:
            raise HTTPException(409, f"acknowledged already, by {incident.acknowledged_by}")
        incident.status = IncidentStatus.ACKNOWLEDGED
        incident.acknowledge(user.username, now)
        incident.note = note
        append(session, now, user.username, "incident.acknowledged", incident_id, note=note)
        session.flush()
        view = incident_view(session, incident)
    station.tell(ChangeEvents.of(Incident, incident_id))
    tag(response, view.version)
    return view


def check_known(session: Session, if_match: str | None, incident: Incident) -> None:
    """Refuse with 412 what is said of an incident of which somebody else has said something since."""
    check_version(session, if_match, incident_version(incident), incident.incident_id, ANSWERS)


def find_incident(session: Session, incident_id: str) -> Incident:
    """The incident, or 404."""
    incident = session.get(Incident, incident_id)
    if incident is None:
        raise HTTPException(404, f"there is no incident {incident_id!r}")
    return incident
