"""Patrols, to be watched; they are given to dogs, and called back, by dispatch."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from fleet_server.core.api_schema import NOT_FOUND
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import needs
from fleet_server.core.rights import Right
from fleet_server.core.station import StationHere
from fleet_server.patrols.tables import Patrol, PatrolStatus
from fleet_server.patrols.views import PatrolView, patrol_shown
from fleet_server.telemetry.fleet_state import Fleet

router = APIRouter(tags=["patrols"])


@router.get("/patrols", **needs(Right.SEE))
def list_patrols(
    station: StationHere,
    status: PatrolStatus | None = None,
    dog_id: Annotated[str | None, Query(alias="dogId")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[PatrolView]:
    """The patrols, newest first."""
    # Without the orders, which are not shown and are most of the rows.
    query = select(Patrol).options(defer(Patrol.order)).order_by(Patrol.created_at.desc()).limit(limit)
    if status is not None:
        query = query.where(Patrol.status == status)
    if dog_id is not None:
        query = query.where(Patrol.dog_id == dog_id)
    with station.database.read() as session:
        return [patrol_shown(patrol, station[Fleet], utc_now()) for patrol in session.scalars(query)]


@router.get("/patrols/{patrol_id}", responses=NOT_FOUND, **needs(Right.SEE))
def get_patrol(patrol_id: str, station: StationHere) -> PatrolView:
    """One patrol."""
    with station.database.read() as session:
        return patrol_shown(find_patrol(session, patrol_id), station[Fleet], utc_now())


def find_patrol(session: Session, patrol_id: str) -> Patrol:
    """The patrol, or 404."""
    patrol = session.get(Patrol, patrol_id)
    if patrol is None:
        raise HTTPException(404, f"there is no patrol {patrol_id!r}")
    return patrol
