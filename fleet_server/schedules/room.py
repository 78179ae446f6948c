"""Schedules: a route that one of them walks is not deleted."""

from sqlalchemy import select

from fleet_server.core.events import Objection
from fleet_server.core.room import Room
from fleet_server.core.station import Station
from fleet_server.routes.api import RouteDeletion
from fleet_server.schedules import api
from fleet_server.schedules.tables import RoundRow, ScheduleRow


def set_up(station: Station) -> None:
    """What the room does in a station."""
    station.events.on(RouteDeletion, _keep_scheduled)
    station.consoles.show(ScheduleRow, "schedule", lambda _, ids, __: [{"scheduleId": each} for each in sorted(ids)])


def _keep_scheduled(deletion: RouteDeletion) -> None:
    query = select(ScheduleRow).where(ScheduleRow.route_id == deletion.route_id).limit(1)
    row = deletion.session.scalar(query)
    if row is not None:
        raise Objection(f"the schedule {row.name['en']!r} walks this route")


ROOM = Room(tables=(ScheduleRow, RoundRow), api=(api.router,), set_up=set_up)
