"""Patrols go on by what their dogs say."""

from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.intake import Arrival
from fleet_server.patrols.progress import follow
from fleet_server.patrols.queries import open_patrols_of, progress_of, write_back
from fleet_server.patrols.tables import Patrol
from fleet_server.store.database import Database
from fleet_server.telemetry.fleet_state import Fleet
from fleet_server.telemetry.vehicle_id import dog_id

log = structlog.get_logger()


class PatrolFollowing:
    """For the ingest thread alone."""

    def __init__(self, database: Database, fleet: Fleet, tell: Callable[[ChangeEvents], None]) -> None:
        self._database, self._fleet, self._tell = database, fleet, tell

    def update(self, states: Sequence[Arrival], now: datetime) -> None:
        """Move the patrols of those who have said their state, which is taken in already."""
        dog_ids = {dog_id(arrival.address) for arrival in states}
        with self._database.read() as session:  # most states move no patrol: one query tells, for all of a batch
            moved = {patrol.dog_id for patrol in open_patrols_of(session, dog_ids) if self._step(patrol, now)}
        if moved:
            self._step_for_good(moved, now)

    def _step_for_good(self, dog_ids: set[str], now: datetime) -> None:
        changes = ChangeEvents()
        with self._database.write() as session:
            for patrol in open_patrols_of(session, dog_ids):
                before = patrol.status
                if self._step(patrol, now):
                    changes.note(Patrol, patrol.patrol_id)
                    if patrol.status != before:
                        names = {"patrol_id": patrol.patrol_id, "order_id": patrol.order_id, "dog": patrol.dog_id}
                        log.info("a patrol goes on", status=str(patrol.status), before=str(before), **names)
        self._fleet.touch(dog_ids)
        self._tell(changes)

    def _step(self, patrol: Patrol, now: datetime) -> bool:
        vehicle = self._fleet.get(patrol.dog_id)
        if vehicle is None or vehicle.state is None:
            return False
        before, off = progress_of(patrol), patrol.interrupted_for is not None
        after = follow(before, patrol.order_id, patrol.cancel_action_id, vehicle.state, now, interrupting=off)
        return write_back(patrol, after)
