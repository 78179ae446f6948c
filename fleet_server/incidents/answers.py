"""What people do about an incident after they have seen it: send somebody, close it, talk about it, give it to one."""

from datetime import datetime
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, HTTPException, Response
from pydantic import StringConstraints
from sqlalchemy.orm import Session

from fleet_server.accounts.tables import User
from fleet_server.audit.log import append
from fleet_server.core.api_schema import CHANGED, INVALID, NOT_FOUND, REFUSED, Body, Name
from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import CurrentUser, needs
from fleet_server.core.once_route import OnceRoute
from fleet_server.core.problems import field_fault
from fleet_server.core.rights import Right
from fleet_server.core.station import Station, StationHere
from fleet_server.core.versions import IfMatch, tag
from fleet_server.incidents.api import check_known, find_incident
from fleet_server.incidents.status import IllegalTransition, IncidentStatus, check_transition
from fleet_server.incidents.tables import Incident, IncidentComment
from fleet_server.incidents.views import IncidentView, incident_view

router = APIRouter(tags=["incidents"], route_class=OnceRoute)
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class DispatchBody(Body):
    """Who was sent, or what was told them."""

    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""


class ReasonBody(Body):
    """Why: what was found there."""

    reason: Reason


class CommentBody(Body):
    """What is to be said of it; it goes when the incident goes."""

    text: Reason


class AssigneeBody(Body):
    """Whose it is; None: nobody's."""

    username: Name | None


@router.post(
    "/incidents/{incident_id}/dispatch", responses=NOT_FOUND | REFUSED | CHANGED, **needs(Right.ACKNOWLEDGE, once=True)
)
def dispatch(
    incident_id: str,
    body: DispatchBody,
    user: CurrentUser,
    station: StationHere,
    response: Response,
    if_match: IfMatch = None,
) -> IncidentView:
    """Somebody is on the way."""
    now, note = utc_now(), body.note or None
    with station.database.write() as session:
        incident = _answer(session, incident_id, IncidentStatus.DISPATCHED, note, user.username, now, if_match)
        append(session, now, user.username, "incident.dispatched", incident_id, note=note)
        view = incident_view(session, incident)
    return _told(station, view, response)


@router.post(
    "/incidents/{incident_id}/resolve", responses=NOT_FOUND | REFUSED | CHANGED, **needs(Right.ACKNOWLEDGE, once=True)
)
def resolve(
    incident_id: str,
    body: ReasonBody,
    user: CurrentUser,
    station: StationHere,
    response: Response,
    if_match: IfMatch = None,
) -> IncidentView:
    """It was as the dog told it, and is over."""
    now = utc_now()
    with station.database.write() as session:
        incident = _answer(session, incident_id, IncidentStatus.RESOLVED, body.reason, user.username, now, if_match)
        append(session, now, user.username, "incident.resolved", incident_id, reason=body.reason)
        view = incident_view(session, incident)
    return _told(station, view, response)


@router.post(
    "/incidents/{incident_id}/false-alarm",
    responses=NOT_FOUND | REFUSED | CHANGED,
    **needs(Right.ACKNOWLEDGE, once=True),
)
def call_false(
    incident_id: str,
    body: ReasonBody,
    user: CurrentUser,
    station: StationHere,
    response: Response,
    if_match: IfMatch = None,
) -> IncidentView:
    """There was nothing, or something else: it counts in the score of the rule and of the place."""
    now = utc_now()
    with station.database.write() as session:
        incident = _answer(session, incident_id, IncidentStatus.FALSE_ALARM, body.reason, user.username, now, if_match)
        append(session, now, user.username, "incident.false_alarm", incident_id, reason=body.reason)
        view = incident_view(session, incident)
    return _told(station, view, response)


@router.post(
    "/incidents/{incident_id}/reopen", responses=NOT_FOUND | REFUSED | CHANGED, **needs(Right.ACKNOWLEDGE, once=True)
)
def reopen(
    incident_id: str,
    body: ReasonBody,
    user: CurrentUser,
    station: StationHere,
    response: Response,
    if_match: IfMatch = None,
) -> IncidentView:
    """What was closed is not over."""
    now = utc_now()
    with station.database.write() as session:
        found = find_incident(session, incident_id)
        check_known(session, if_match, found)
        if found.status not in (IncidentStatus.RESOLVED, IncidentStatus.FALSE_ALARM):
            raise HTTPException(409, "the incident is not closed")
        incident = _answer(session, incident_id, IncidentStatus.ACKNOWLEDGED, body.reason, user.username, now, if_match)
        append(session, now, user.username, "incident.reopened", incident_id, reason=body.reason)
        view = incident_view(session, incident)
    return _told(station, view, response)


@router.post(
    "/incidents/{incident_id}/comments", status_code=201, responses=NOT_FOUND, **needs(Right.ACKNOWLEDGE, once=True)
)
def comment(
    incident_id: str, body: CommentBody, user: CurrentUser, station: StationHere, response: Response
) -> IncidentView:
    """Say something of it; it stands in the timeline."""
    now, comment_id = utc_now(), str(uuid4())
    with station.database.write() as session:
        incident = find_incident(session, incident_id)
        session.add(IncidentComment(comment_id=comment_id, incident_id=incident_id, text=body.text))
        append(session, now, user.username, "incident.commented", incident_id, comment=comment_id)
        view = incident_view(session, incident)
    return _told(station, view, response)


@router.put("/incidents/{incident_id}/assignee", responses=NOT_FOUND | CHANGED | INVALID, **needs(Right.ACKNOWLEDGE))
def assign(
    incident_id: str,
    body: AssigneeBody,
    user: CurrentUser,
    station: StationHere,
    response: Response,
    if_match: IfMatch = None,
) -> IncidentView:
    """Give it to somebody who can answer it, or to nobody."""
    now = utc_now()
    with station.database.write() as session:
        incident = find_incident(session, incident_id)
        check_known(session, if_match, incident)
        if body.username is not None:
            account = session.get(User, body.username)
            if account is None or account.disabled_at is not None:
                raise field_fault("username", f"there is no account {body.username!r} that can come in")
        before, incident.assigned_to = incident.assigned_to, body.username
        append(session, now, user.username, "incident.assigned", incident_id, before=before, to=body.username)
        view = incident_view(session, incident)
    return _told(station, view, response)


def _answer(
    session: Session,
    incident_id: str,
    status: IncidentStatus,
    reason: str | None,
    by: str,
    now: datetime,
    if_match: str | None,
) -> Incident:
    """The incident in its new state; who answers it has seen it too. Refuses what does not follow."""
    incident = find_incident(session, incident_id)
    check_known(session, if_match, incident)
    try:
        check_transition(IncidentStatus(incident.status), status)
    except IllegalTransition as error:
        raise HTTPException(409, str(error)) from error
    if incident.acknowledged_by is None:
        incident.acknowledge(by, now)
    incident.status = status
    incident.answered_by, incident.answered_at, incident.answer = by, now, reason
    session.flush()
    return incident


def _told(station: Station, view: IncidentView, response: Response) -> IncidentView:
    tag(response, view.version)
    station.tell(ChangeEvents.of(Incident, view.incident_id))
    return view
