"""The versions of routes: listed, looked at, and had again; also of routes that were deleted."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Response
from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from fleet_server.audit.log import append
from fleet_server.audit.lost_update import check_version
from fleet_server.core.api_schema import CHANGED, NOT_FOUND, REFUSED, TextView, View
from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import CurrentUser, needs
from fleet_server.core.rights import Right
from fleet_server.core.station import StationHere
from fleet_server.core.versions import IfMatch
from fleet_server.routes.api import EDITS, answer, told
from fleet_server.routes.route_versions import Deed, find_version, keep_version, refuse_lost_stops, restore
from fleet_server.routes.tables import Route, RouteVersion
from fleet_server.routes.views import RouteView, route_version, route_view

router = APIRouter(tags=["routes"])
MOST = 500  # that are listed
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]  # as the column has it


class RouteVersionView(View):
    """A version of a route: how it was called, and at how many stops it stopped. ``number`` counts from 1; the newest
    is in force, unless its ``deed`` is ``deleted``."""

    number: int
    changed_at: datetime
    changed_by: str
    deed: Deed
    name: TextView
    stops: int


class DeletedRouteView(View):
    """A route that there is no more; ``number`` is the version to be restored, to have it again."""

    route_id: str
    site_id: str
    number: int
    deleted_at: datetime
    deleted_by: str
    name: TextView
    stops: int


@router.get("/routes/{route_id}/versions", responses=NOT_FOUND, **needs(Right.SEE))
def list_route_versions(route_id: str, station: StationHere) -> list[RouteVersionView]:
    """The versions of a route, newest first; also of one that was deleted."""
    query = select(RouteVersion).where(RouteVersion.route_id == route_id).order_by(RouteVersion.number.desc())
    with station.database.read() as session:
        rows = session.scalars(query.limit(MOST)).all()
    if not rows:
        raise HTTPException(404, f"there is no route {route_id!r}")
    return [
        RouteVersionView(
            number=row.number,
            changed_at=row.changed_at,
            changed_by=row.changed_by,
            deed=Deed(row.deed),
            name=TextView.model_validate(row.name),
            stops=len(row.stops),
        )
        for row in rows
    ]


@router.get("/routes/{route_id}/versions/{number}", responses=NOT_FOUND, **needs(Right.SEE))
def get_route_version(route_id: str, number: Number, station: StationHere) -> RouteView:
    """A route as it was."""
    with station.database.read() as session:
        return route_view(find_version(session, route_id, number))


@router.post(
    "/routes/{route_id}/versions/{number}/restore", responses=NOT_FOUND | REFUSED | CHANGED, **needs(Right.PLAN)
)
def restore_route_version(
    route_id: str,
    number: Number,
    user: CurrentUser,
    station: StationHere,
    response: Response,
    if_match: IfMatch = None,
) -> RouteView:
    """Make the route as that version has it; a deleted one is there again. Refused where the site has lost a stop."""
    with station.database.write() as session:
        now, then = utc_now(), find_version(session, route_id, number)
        route = session.get(Route, route_id)
        seen = route_version(route) if route is not None else ""
        check_version(session, if_match, seen, route_id, EDITS)
        refuse_lost_stops(session, then)
        if route is None or seen != route_version(then):
            route = restore(session, then, now)
            keep_version(session, route, user.username, Deed.RESTORED, now)
            append(session, now, user.username, "route.restored", route_id, restored=number, **told(route))
    station.tell(ChangeEvents.of(Route, route_id))
    return answer(response, route)


@router.get("/deleted-routes", **needs(Right.SEE))
def list_deleted_routes(station: StationHere) -> list[DeletedRouteView]:
    """The routes that were deleted, the last one first."""
    later = aliased(RouteVersion)
    newest = select(func.max(later.number)).where(later.route_id == RouteVersion.route_id).scalar_subquery()
    query = select(RouteVersion).where(RouteVersion.deed == Deed.DELETED, RouteVersion.number == newest)
    with station.database.read() as session:
        rows = session.scalars(query.order_by(RouteVersion.changed_at.desc(), RouteVersion.route_id).limit(MOST)).all()
    return [
        DeletedRouteView(
            route_id=row.route_id,
            site_id=row.site_id,
            number=row.number,
            deleted_at=row.changed_at,
            deleted_by=row.changed_by,
            name=TextView.model_validate(row.name),
            stops=len(row.stops),
        )
        for row in rows
    ]
