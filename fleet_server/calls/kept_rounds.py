"""A round that was interrupted is given back to its dog, or ends where that cannot go on with it for too long."""

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

from fleet_server.calls.queries import call_of, recall_of
from fleet_server.calls.tables import Call, Recall
from fleet_server.core.station import Station
from fleet_server.dispatch.dog_eligibility import battery_refusal, refusal
from fleet_server.dispatch.interruption import rest_of, resume
from fleet_server.dispatch.order_building import length_m
from fleet_server.patrols.progress import end
from fleet_server.patrols.queries import open_patrol_of, progress_of, write_back
from fleet_server.patrols.tables import Patrol, PatrolStatus
from fleet_server.sites.tables import Site
from fleet_server.telemetry.fleet_state import Fleet
from protocol.order import Order

KEPT_FOR = timedelta(minutes=60)  # from the end of what it was interrupted for


def give_back(session: Session, station: Station, patrol: Patrol, by: str, now: datetime) -> bool:
    """Give an interrupted round back as soon as its dog is free; says whether that changed anything."""
    site = session.get(Site, patrol.site_id)
    if site is None or recall_of(session, patrol.site_id) is not None or call_of(session, patrol.dog_id) is not None:
        return False
    before = patrol.reason
    rest = _rest(session, station, patrol, site, now)
    if isinstance(rest, Order):
        resume(session, patrol, rest, by, now)
        return True
    patrol.reason = rest[:500]
    if now - _free_since(session, patrol) > KEPT_FOR:
        why = f"its dog could not go on with it: {rest}"[:500]
        write_back(patrol, end(progress_of(patrol), PatrolStatus.FAILED, why, now))
    return patrol.reason != before


def _rest(session: Session, station: Station, patrol: Patrol, site: Site, now: datetime) -> Order | str:
    """The rest of the round as an order, or why its dog cannot go on with it now."""
    vehicle = station[Fleet].get(patrol.dog_id)
    if vehicle is None or vehicle.position is None:
        return f"{patrol.dog_id} is not known"
    why = refusal(vehicle, station[Fleet].is_live(vehicle, now), site.map_id)
    if why is not None:
        return why
    if open_patrol_of(session, patrol.dog_id) is not None:
        return f"{patrol.dog_id} is on another patrol"
    rest = rest_of(patrol, vehicle.position, str(uuid4()), lambda: str(uuid4()))
    return battery_refusal(vehicle, length_m(rest), station.settings.battery_reserve_pct) or rest


def _free_since(session: Session, patrol: Patrol) -> datetime:
    """When what it was interrupted for ended."""
    began = patrol.interrupted_at or patrol.created_at
    key = patrol.interrupted_for or ""
    call, recall = session.get(Call, key), session.get(Recall, key)
    ended = (call.ended_at if call else None) or (recall.released_at if recall else None)
    return max(began, ended) if ended is not None else began
