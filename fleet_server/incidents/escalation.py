"""An incident that nobody acknowledges within the time that its site sets is escalated: once, by the server."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.audit.log import SERVER, append
from fleet_server.audit.lost_update import check_version
from fleet_server.core.api_schema import CHANGED, NOT_FOUND, Body, View
from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import CurrentUser, needs
from fleet_server.core.rights import Right
from fleet_server.core.station import Station, StationHere
from fleet_server.core.versions import IfMatch, tag, version_of
from fleet_server.incidents.status import IncidentStatus
from fleet_server.incidents.tables import Incident, SiteEscalation
from fleet_server.sites.site_lookup import find_site

router = APIRouter(tags=["incidents"])
PERIOD_S = 5.0  # between looks
DEFAULT_MINUTES = 10.0  # of a site that set no other
MOST_AT_ONCE = 500


class EscalationBody(Body):
    """After how many minutes; None: never."""

    minutes: Annotated[float, Field(gt=0, le=1440)] | None


class EscalationView(View):
    """After how many minutes an incident of the site is escalated that nobody acknowledged; None: never."""

    minutes: float | None
    version: str


@router.get("/sites/{site_id}/escalation", responses=NOT_FOUND, **needs(Right.SEE))
def get_escalation(site_id: str, station: StationHere, response: Response) -> EscalationView:
    """How long the site waits for somebody."""
    with station.database.read() as session:
        find_site(session, site_id)
        return _shown(response, _minutes(session.get(SiteEscalation, site_id)))


@router.put("/sites/{site_id}/escalation", responses=NOT_FOUND | CHANGED, **needs(Right.PLAN))
def set_escalation(
    site_id: str,
    body: EscalationBody,
    user: CurrentUser,
    station: StationHere,
    response: Response,
    if_match: IfMatch = None,
) -> EscalationView:
    """Set it, from now on."""
    with station.database.write() as session:
        find_site(session, site_id)
        row = session.get(SiteEscalation, site_id)
        before = _minutes(row)
        check_version(session, if_match, version_of(before), site_id, ("site.escalation",))
        session.merge(SiteEscalation(site_id=site_id, minutes=body.minutes))
        append(session, utc_now(), user.username, "site.escalation", site_id, before=before, to=body.minutes)
    return _shown(response, body.minutes)


def _shown(response: Response, minutes: float | None) -> EscalationView:
    version = version_of(minutes)
    tag(response, version)
    return EscalationView(minutes=minutes, version=version)


def escalate_due(station: Station, now: datetime) -> None:
    """Escalate what waits too long."""
    with station.database.read() as session:
        if not _due(session, now):
            return
    with station.database.write() as session:
        due = _due(session, now)
        for incident in due:
            incident.escalated_at = now
            append(session, now, SERVER, "incident.escalated", incident.incident_id)
    station.tell(ChangeEvents.of(Incident, *(incident.incident_id for incident in due)))


def _due(session: Session, now: datetime) -> list[Incident]:
    rules = {row.site_id: row for row in session.scalars(select(SiteEscalation))}
    never = [row.site_id for row in rules.values() if row.minutes is None]
    query = select(Incident).where(Incident.status == IncidentStatus.OPEN, Incident.escalated_at.is_(None))
    query = query.where(Incident.site_id.not_in(never))
    waiting: Iterable[Incident] = session.scalars(query.order_by(Incident.received_at).limit(MOST_AT_ONCE))
    return [each for each in waiting if _is_due(each, _minutes(rules.get(each.site_id)), now)]


def _is_due(incident: Incident, minutes: float | None, now: datetime) -> bool:
    return minutes is not None and now - incident.received_at >= timedelta(minutes=minutes)


def _minutes(row: SiteEscalation | None) -> float | None:
    return row.minutes if row is not None else DEFAULT_MINUTES
