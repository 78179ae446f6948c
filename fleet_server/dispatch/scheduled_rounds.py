"""Rounds that are due are given to dogs: the nearest that can, or a reason that is recorded."""

import math
from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from fleet_server.audit.log import append
from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.clock import utc_now
from fleet_server.core.station import Station
from fleet_server.dispatch.assignment import CannotWalk, give
from fleet_server.patrols.tables import Patrol
from fleet_server.routes.tables import Route
from fleet_server.schedules.due_rounds import Begun, Round, RoundStatus, Schedule
from fleet_server.schedules.round_record import is_anything_due, update_rounds
from fleet_server.sites.tables import Site
from fleet_server.telemetry.fleet_state import Fleet, Vehicle

PERIOD_S = 2.0  # between looks
ACTOR = "schedule"  # who assigned a patrol and missed a round, where nobody pressed a button
NOBODY = "there is no dog"


class ScheduledRounds:
    """Called every two seconds."""

    def __init__(self, station: Station) -> None:
        self.station = station

    def update(self, clock: Callable[[], datetime] = utc_now) -> None:
        """Begin what is due, or note why not."""
        with self.station.database.read() as session:
            if not is_anything_due(session, clock()):
                return
        with self.station.database.write() as session:
            now = clock()  # not before: while this waited its turn, the patrol that a dog walked may have ended
            changed = update_rounds(session, lambda schedule, _: self._begin(session, schedule, now), now)
            for each in changed:
                if each.status is not RoundStatus.WAITING:
                    _audit(session, each, now)
        begun = [each.patrol_id for each in changed if each.patrol_id is not None]
        if begun:
            self.station.tell(ChangeEvents.of(Patrol, *begun))
            self.station.hurry()

    def _begin(self, session: Session, schedule: Schedule, now: datetime) -> Begun | str:
        route = session.get_one(Route, schedule.route_id)
        site = session.get_one(Site, route.site_id)
        vehicles = self.station[Fleet].all()
        may = [each for each in vehicles if not schedule.dogs or each.dog_id in schedule.dogs]
        reasons = []
        for vehicle in _nearest_first(may, route, site):
            try:
                patrol = give(session, self.station, route, vehicle, ACTOR, now)
            except CannotWalk as refused:
                reasons.append(str(refused))
            else:
                return Begun(patrol.patrol_id)
        return "; ".join(dict.fromkeys(reasons)) or NOBODY


def _nearest_first(vehicles: Iterable[Vehicle], route: Route, site: Site) -> list[Vehicle]:
    """Those nearest to the route's first stop first; among equals those with the most charge."""
    first = route.stops[0]["checkpointId"]
    pose = next((place["pose"] for place in site.checkpoints if place["checkpointId"] == first), None)

    def rank(vehicle: Vehicle) -> tuple[float, float, str]:
        here = vehicle.position
        away = (
            math.dist((here.x, here.y), (pose["x"], pose["y"])) if here is not None and pose is not None else math.inf
        )
        charge = vehicle.state.battery_state.battery_charge if vehicle.state is not None else 0.0
        # To a metre, as a float: infinity, for who has no place, has no whole number.
        return round(away, 0), -charge, vehicle.dog_id

    return sorted(vehicles, key=rank)


def _audit(session: Session, each: Round, now: datetime) -> None:
    told = {"due": each.due.isoformat(), "reason": each.reason, "patrol": each.patrol_id}
    if each.status is RoundStatus.BEGUN:
        append(session, now, ACTOR, "round.begun", each.schedule_id, **told)
    else:
        append(session, now, ACTOR, "round.missed", each.schedule_id, **told)
