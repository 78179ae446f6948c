"""Every version that a route ever had: who made it, when, and by which deed."""

from datetime import datetime
from enum import StrEnum

from fastapi import HTTPException
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fleet_server.routes.tables import Route, RouteContent, RouteVersion
from fleet_server.sites.site_lookup import find_site
from fleet_server.sites.site_versions import last_names

CONTENT = ("site_id", "name", "stops", "on_link_loss", "on_blocked", "on_low_battery")


class Deed(StrEnum):
    """What made a version. A deleted route's last one has the route as it was."""

    IMPORTED = "imported"
    CREATED = "created"
    CHANGED = "changed"
    RESTORED = "restored"
    DELETED = "deleted"


def keep_version(session: Session, route: Route, by: str, deed: Deed, now: datetime) -> None:
    """Keep the route as it is under the next number, in the transaction that made it so."""
    content = {name: getattr(route, name) for name in CONTENT}
    made = {"number": last_number(session, route.route_id) + 1, "changed_at": now, "changed_by": by, "deed": deed}
    session.add(RouteVersion(route_id=route.route_id, **made, **content))
    session.flush()


def find_version(session: Session, route_id: str, number: int) -> RouteVersion:
    """That version of the route, or 404."""
    row = session.get(RouteVersion, (route_id, number))
    if row is None:
        raise HTTPException(404, f"there is no version {number} of the route {route_id!r}")
    return row


def last_number(session: Session, route_id: str) -> int:
    """Of the newest version; 0: there is and was no route of that id."""
    return session.scalar(select(func.max(RouteVersion.number)).where(RouteVersion.route_id == route_id)) or 0


def restore(session: Session, then: RouteVersion, now: datetime) -> Route:
    """Make the route as it was ``then``, also one that is gone; it comes where it came among the others."""
    route = session.get(Route, then.route_id)
    if route is None:
        first = session.scalar(select(func.min(RouteVersion.changed_at)).where(RouteVersion.route_id == then.route_id))
        route = Route(route_id=then.route_id, created_at=first or now)
    for name in CONTENT:
        setattr(route, name, getattr(then, name))
    route.updated_at = now
    session.add(route)
    return route


def refuse_lost_stops(session: Session, then: RouteContent) -> None:
    """Raise 409 where it stops at what the site no longer has, naming each place as it was last called."""
    known = {each["checkpointId"] for each in find_site(session, then.site_id).checkpoints}
    lost = list(dict.fromkeys(each["checkpointId"] for each in then.stops if each["checkpointId"] not in known))
    if not lost:
        return
    names = last_names(session, then.site_id, lost)
    told = ", ".join(f"{names[each]['zh']} · {names[each]['en']} ({each})" if each in names else each for each in lost)
    raise HTTPException(409, f"the route stops at '{told}', which the site no longer has")
