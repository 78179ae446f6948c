"""Centers, for who may make accounts; what came from them, for all; CAP both ways."""

from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Body, HTTPException, Query, Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fleet_server.audit.log import append
from fleet_server.center.cap_alert import LARGEST
from fleet_server.center.cap_feed import alert_xml, feed_xml
from fleet_server.center.center_secrets import fault_of, owner, secret_of
from fleet_server.center.door import carry_out_alert
from fleet_server.center.outbox import send_again, undelivered
from fleet_server.center.tables import Center, CenterMessage
from fleet_server.center.views import (
    AgainView,
    CenterBody,
    CenterMessageView,
    CenterView,
    DeliveryView,
    NewCenterView,
    center_view,
    delivery_view,
    message_view,
)
from fleet_server.center.webhook_signature import made_up_secret
from fleet_server.core.api_schema import INVALID, NOT_FOUND, REFUSED, Problem
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import CurrentUser, needs
from fleet_server.core.rights import Right
from fleet_server.core.station import StationHere
from fleet_server.core.stored_secrets import StoredSecrets, UnreadableSecret
from fleet_server.incidents.tables import Incident
from fleet_server.sites.tables import Site

router = APIRouter(tags=["center"])
CAP = "application/cap+xml"
NO_KEY: dict[int | str, dict[str, Any]] = {503: {"model": Problem}}
CAP_ANSWER: dict[int | str, dict[str, Any]] = {200: {"content": {CAP: {}}}}


@router.get("/centers", **needs(Right.ACCOUNTS))
def list_centers(station: StationHere) -> list[CenterView]:
    """The centers by name, and how much each has not taken."""
    with station.database.read() as session:
        rows = session.scalars(select(Center).where(Center.removed_at.is_(None)).order_by(Center.name))
        stored = station[StoredSecrets]
        return [
            center_view(row, list(undelivered(session, row.center_id)), fault_of(row, stored)) for row in rows.all()
        ]


@router.post("/centers", status_code=201, responses=REFUSED | INVALID | NO_KEY, **needs(Right.ACCOUNTS))
def create_center(body: CenterBody, user: CurrentUser, station: StationHere) -> NewCenterView:
    """Make a center known. Its name is never given again. It is told of incidents from now on."""
    secret = made_up_secret()
    with station.database.write() as session:
        now = utc_now()
        if session.scalar(select(Center).where(func.lower(Center.name) == body.name.lower())) is not None:
            raise HTTPException(409, f"there is or was a center {body.name!r}")
        sealed = _sealed(session, station[StoredSecrets], body.name, secret)
        center = Center(
            center_id=str(uuid4()),
            name=body.name,
            secret=sealed,
            url=body.url,
            created_at=now,
            created_by=user.username,
        )
        session.add(center)
        append(session, now, user.username, "center.created", body.name, url=body.url)
    return NewCenterView(center_id=center.center_id, name=center.name, secret=secret)


@router.delete("/centers/{center_id}", status_code=204, responses=NOT_FOUND, **needs(Right.ACCOUNTS))
def remove_center(center_id: str, user: CurrentUser, station: StationHere) -> None:
    """Take nothing from a center any more, and tell it nothing."""
    with station.database.write() as session:
        now = utc_now()
        center = _find(session, center_id)
        center.removed_at, center.secret = now, ""
        append(session, now, user.username, "center.removed", center.name)


@router.get("/centers/{center_id}/undelivered", responses=NOT_FOUND, **needs(Right.ACCOUNTS))
def list_undelivered(
    center_id: str, station: StationHere, limit: Annotated[int, Query(ge=1, le=1000)] = 200
) -> list[DeliveryView]:
    """What a center has not taken, in its order."""
    with station.database.read() as session:
        _find(session, center_id)
        return [delivery_view(row) for row in list(undelivered(session, center_id))[:limit]]


@router.post("/centers/{center_id}/send-again", responses=NOT_FOUND, **needs(Right.ACCOUNTS))
def send_all_again(center_id: str, user: CurrentUser, station: StationHere) -> AgainView:
    """Try all that a center has not taken once more, from now on."""
    with station.database.write() as session:
        now = utc_now()
        center, count = _find(session, center_id), send_again(session, center_id, now)
        append(session, now, user.username, "center.sent_again", center.name, count=count)
    return AgainView(count=count)


@router.get("/center-messages", **needs(Right.SEE))
def list_center_messages(
    station: StationHere, limit: Annotated[int, Query(ge=1, le=1000)] = 200
) -> list[CenterMessageView]:
    """What came in from centers, newest first, and what became of it."""
    query = select(CenterMessage).order_by(CenterMessage.received_at.desc()).limit(limit)
    with station.database.read() as session:
        return [message_view(row) for row in session.scalars(query)]


@router.post("/cap", responses=INVALID, max_body_size=LARGEST, **needs(Right.COMMAND))
def take_cap(
    body: Annotated[bytes, Body(media_type=CAP, min_length=1)], user: CurrentUser, station: StationHere
) -> CenterMessageView:
    """Take an alert of CAP 1.2: a call at its place, the end of one, or a note. A second time it does nothing."""
    return carry_out_alert(station, body, user.username)


@router.get(
    "/cap", response_class=Response, responses={200: {"content": {"application/atom+xml": {}}}}, **needs(Right.SEE)
)
def cap_feed(station: StationHere, limit: Annotated[int, Query(ge=1, le=500)] = 100) -> Response:
    """The incidents as alerts of CAP 1.2: an Atom feed, newest first."""
    query = select(Incident, Site).join(Site, Site.site_id == Incident.site_id)
    with station.database.read() as session:
        rows = session.execute(query.order_by(Incident.received_at.desc()).limit(limit)).all()
    xml = feed_xml([(row[0], row[1]) for row in rows], utc_now(), "/api/v1/cap")
    return Response(xml, media_type="application/atom+xml")


@router.get(
    "/cap/{incident_id}",
    response_class=Response,
    responses=CAP_ANSWER | NOT_FOUND,
    **needs(Right.SEE),
)
def cap_alert(incident_id: str, station: StationHere) -> Response:
    """An incident as an alert of CAP 1.2, as it is now."""
    with station.database.read() as session:
        incident = session.get(Incident, incident_id)
        site = session.get(Site, incident.site_id) if incident is not None else None
    if incident is None or site is None:
        raise HTTPException(404, f"there is no incident {incident_id!r}")
    return Response(alert_xml(incident, site, station.settings.clock_ahead_s != 0.0), media_type=CAP)


def _sealed(session: Session, stored: StoredSecrets, name: str, secret: str) -> str:
    """503 where another's is unreadable too: under a new key, the one that is put back would open the others alone."""
    try:
        for center in session.scalars(select(Center).where(Center.removed_at.is_(None)).order_by(Center.name)):
            secret_of(center, stored)
        return stored.seal(secret, owner(name))
    except UnreadableSecret as error:
        raise HTTPException(503, f"{error}; put the key back, or remove that center") from error


def _find(session: Session, center_id: str) -> Center:
    center = session.get(Center, center_id)
    if center is None or center.removed_at is not None:
        raise HTTPException(404, f"there is no center {center_id!r}")
    return center
