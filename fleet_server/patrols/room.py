"""Patrols: they go on by their dogs' states, and a route that is walked is not deleted."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.core.events import Objection
from fleet_server.core.room import Room
from fleet_server.core.station import Station
from fleet_server.patrols import api
from fleet_server.patrols.following import PatrolFollowing
from fleet_server.patrols.queries import open_patrols
from fleet_server.patrols.tables import UNENDED, Patrol
from fleet_server.patrols.views import patrol_shown
from fleet_server.routes.api import RouteDeletion
from fleet_server.telemetry.fleet_state import Fleet
from protocol.state import State


def set_up(station: Station) -> None:
    """What the room does in a station."""
    fleet = station[Fleet]

    def shown(patrols: Iterable[Patrol], now: datetime) -> list[dict[str, Any]]:
        return [patrol_shown(patrol, fleet, now).model_dump(mode="json") for patrol in patrols]

    def beginning(session: Session, now: datetime) -> list[dict[str, Any]]:
        return shown(session.scalars(select(Patrol).where(Patrol.status.in_(UNENDED)).order_by(Patrol.created_at)), now)

    def changed(session: Session, ids: Collection[str], now: datetime) -> list[dict[str, Any]]:
        return shown(session.scalars(select(Patrol).where(Patrol.patrol_id.in_(ids))), now)

    fleet.assigned = open_patrols
    station.intake.follows(State, PatrolFollowing(station.database, fleet, station.tell).update)
    station.events.on(RouteDeletion, _keep_walked)
    station.consoles.begin_with("patrols", beginning)
    station.consoles.show(Patrol, "patrol", changed)


def _keep_walked(deletion: RouteDeletion) -> None:
    query = select(Patrol).where(Patrol.route_id == deletion.route_id, Patrol.status.in_(UNENDED))
    walking = deletion.session.scalar(query)
    if walking is not None:
        raise Objection(f"{walking.dog_id} is walking this route")


ROOM = Room(tables=(Patrol,), api=(api.router,), set_up=set_up)
