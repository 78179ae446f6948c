"""What people do about an incident after they have seen it: send somebody, close it, talk about it, give it to one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, HTTPException, Response
from pydantic import StringConstraints

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


@dataclass(frozen=True, slots=True)
class Answering:
    """Somebody answers an incident as they knew it (If-Match)."""

    incident_id: str
    user: CurrentUser
    station: StationHere
    response: Response
    if_match: IfMatch = None

    def answer(self, status: IncidentStatus, deed: str, **told: str | None) -> IncidentView:
        """Set it to ``status``; ``told``, what was said by it, stands in the audit log as ``deed`` too."""
        (said,) = told.values()
        with self.station.database.write() as session:
            now, by = utc_now(), self.user.username
            incident = find_incident(session, self.incident_id)
            check_known(session, self.if_match, incident)
            _set(incident, status, said, by, now)
            session.flush()
            append(session, now, by, deed, self.incident_id, **told)
            view = incident_view(session, incident)
        return _told(self.station, view, self.response)


Answer = Annotated[Answering, Depends()]
ANSWERED = NOT_FOUND | REFUSED | CHANGED


@router.post("/incidents/{incident_id}/dispatch", responses=ANSWERED, **needs(Right.ACKNOWLEDGE, once=True))
def dispatch(answer: Answer, body: DispatchBody) -> IncidentView:
    """Somebody is on the way."""
    return answer.answer(IncidentStatus.DISPATCHED, "incident.dispatched", note=body.note or None)


@router.post("/incidents/{incident_id}/resolve", responses=ANSWERED, **needs(Right.ACKNOWLEDGE, once=True))
def resolve(answer: Answer, body: ReasonBody) -> IncidentView:
    """It was as the dog told it, and is over."""
    return answer.answer(IncidentStatus.RESOLVED, "incident.resolved", reason=body.reason)


@router.post("/incidents/{incident_id}/false-alarm", responses=ANSWERED, **needs(Right.ACKNOWLEDGE, once=True))
def call_false(answer: Answer, body: ReasonBody) -> IncidentView:
    """There was nothing, or something else: it counts in the score of the rule and of the place."""
    return answer.answer(IncidentStatus.FALSE_ALARM, "incident.false_alarm", reason=body.reason)


@router.post("/incidents/{incident_id}/reopen", responses=ANSWERED, **needs(Right.ACKNOWLEDGE, once=True))
def reopen(answer: Answer, body: ReasonBody) -> IncidentView:
    """What was closed is not over."""
    return answer.answer(IncidentStatus.ACKNOWLEDGED, "incident.reopened", reason=body.reason)


@router.post(
    "/incidents/{incident_id}/comments", status_code=201, responses=NOT_FOUND, **needs(Right.ACKNOWLEDGE, once=True)
)
def comment(
    incident_id: str, body: CommentBody, user: CurrentUser, station: StationHere, response: Response
) -> IncidentView:
    """Say something of it; it stands in the timeline."""
    comment_id = str(uuid4())
    with station.database.write() as session:
        now = utc_now()
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
    with station.database.write() as session:
        now = utc_now()
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


def _set(incident: Incident, status: IncidentStatus, said: str | None, by: str, now: datetime) -> None:
    """Give it its new status; who answers it has seen it too. Refuses what does not follow."""
    before = IncidentStatus(incident.status)
    if status is IncidentStatus.ACKNOWLEDGED and before not in (IncidentStatus.RESOLVED, IncidentStatus.FALSE_ALARM):
        raise HTTPException(409, "the incident is not closed")
    try:
        check_transition(before, status)
    except IllegalTransition as error:
        raise HTTPException(409, str(error)) from error
    if incident.acknowledged_by is None:
        incident.acknowledge(by, now)
    incident.status = status
    incident.answered_by, incident.answered_at, incident.answer = by, now, said


def _told(station: Station, view: IncidentView, response: Response) -> IncidentView:
    tag(response, view.version)
    station.tell(ChangeEvents.of(Incident, view.incident_id))
    return view
