"""What the station knows of each dog that could take a call."""

import math
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from fleet_server.calls.choice import WITH_THE_WAY_BACK, Candidate, can_work, ranked
from fleet_server.calls.queries import call_of
from fleet_server.calls.way_order import name_of
from fleet_server.core.station import Station
from fleet_server.dispatch.dog_eligibility import battery_refusal, unfit, work_refusal
from fleet_server.patrols.queries import kept_patrol_of, open_patrol_of
from fleet_server.patrols.tables import Patrol
from fleet_server.sites.tables import Site
from fleet_server.sites.walkable_ground import Grounds, Way
from fleet_server.telemetry.fleet_state import Fleet, Vehicle
from fleet_server.telemetry.vehicle_capabilities import features


def candidates(
    session: Session, station: Station, site: Site, place: tuple[float, float], work: Sequence[str], now: datetime
) -> list[Candidate]:
    """The dogs on the site's map: the best to go to ``place`` and do ``work`` there first, those that cannot last."""
    way = station[Grounds].way_to(site, *place)
    return ranked(_candidate(session, station, each, site, way, work, now) for each in on_map(station, site))


def on_map(station: Station, site: Site) -> list[Vehicle]:
    """The vehicles that say that they are on the site's map."""
    return [v for v in station[Fleet].all() if v.position is not None and v.position.map_id == site.map_id]


def unfit_now(station: Station, vehicle: Vehicle, site: Site, now: datetime) -> str | None:
    """Why it can walk nowhere on the site, whatever it is doing."""
    return unfit(vehicle, station[Fleet].is_live(vehicle, now), site.map_id)


def _candidate(
    session: Session, station: Station, vehicle: Vehicle, site: Site, way: Way, work: Sequence[str], now: datetime
) -> Candidate:
    metres = way(vehicle.position.x, vehicle.position.y) if vehicle.position is not None else math.inf
    there_and_back = metres * WITH_THE_WAY_BACK if math.isfinite(metres) else 0.0
    walking = open_patrol_of(session, vehicle.dog_id)
    can = features(vehicle.factsheet, bare=True)
    why = (
        unfit_now(station, vehicle, site, now)
        or _bound(session, vehicle, walking)
        or work_refusal(vehicle.dog_id, can, (), 2)
        or battery_refusal(vehicle, there_and_back, station.settings.battery_reserve_pct)
    )
    return Candidate(
        dog_id=vehicle.dog_id,
        metres=metres,
        unfit=why,
        on_round=walking.patrol_id if walking is not None else None,
        keeps_round=kept_patrol_of(session, vehicle.dog_id) is not None,
        looks=can_work(can, work),
    )


def _bound(session: Session, vehicle: Vehicle, walking: Patrol | None) -> str | None:
    """Why it cannot be taken off what it does."""
    name = vehicle.dog_id
    if (call := call_of(session, name)) is not None:
        return f"{name} has another call: {name_of(call)['en']}"
    if walking is None:
        return f"{name} is busy with an order that is none of ours" if vehicle.executing else None
    return f"{name} is being called back" if walking.cancel_action_id is not None else None
