"""Once a second a look at each dog; once a minute a row of each, and once a quarter of an hour one of fifteen."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Table as SqlTable
from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from fleet_server.core.change_events import ChangeEvents
from fleet_server.store.database import SQLITE
from fleet_server.telemetry.fleet_state import Fleet, Vehicle
from fleet_server.telemetry_history.sample import Look, Minute, Sample, down_sampled
from fleet_server.telemetry_history.tables import MINUTE_S, QUARTER_S, TelemetryMinute, TelemetryQuarter

MOST_GAP_S = 5.0  # between two looks: beyond it nobody knows which way the dog took
AT_ONCE = 500  # rows of one statement: SQLite has a bound on what stands in one


class Recorder:
    """For the ingest thread of the process that leads. A dog that was not live in a minute has no row of it."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._minutes: dict[str, Minute] = {}
        self._places: dict[str, tuple[float, float, str]] = {}
        self._looked: datetime | None = None
        self._at: int | None = None

    def forget(self) -> None:
        """Another process has looked since: the minute that was begun here is not whole."""
        self._minutes.clear()
        self._places.clear()
        self._looked = self._at = None

    def update(self, session: Session, now: datetime, _changes: ChangeEvents | None = None) -> None:
        """Look, and store what is over."""
        at = int(now.timestamp()) // MINUTE_S * MINUTE_S
        if self._at is None:  # the quarter that has ended since the last minute was stored is stored now
            self._at = session.scalar(select(func.max(TelemetryMinute.at)))
        if self._at is not None and at != self._at:
            self._store(session, self._at)
            if at // QUARTER_S != self._at // QUARTER_S:
                store_quarter(session, self._at // QUARTER_S * QUARTER_S)
        self._at = at
        gap = (now - self._looked).total_seconds() if self._looked is not None else MOST_GAP_S
        if 0.0 <= gap < 0.5:  # somebody was in a hurry: a look a second is enough
            return
        self._looked = now
        for vehicle in self._fleet.all():
            self._add(vehicle, now, gap)

    def _add(self, vehicle: Vehicle, now: datetime, gap: float) -> None:
        look = look_at(vehicle, self._fleet.is_live(vehicle, now))
        if not look.live and vehicle.dog_id not in self._minutes:
            return
        before = self._places.get(vehicle.dog_id) if gap < MOST_GAP_S else None
        self._minutes.setdefault(vehicle.dog_id, Minute()).add(look, before, gap)
        if look.place is not None:
            self._places[vehicle.dog_id] = look.place

    def _store(self, session: Session, at: int) -> None:
        whole = [minute.sample(dog_id, at) for dog_id, minute in sorted(self._minutes.items()) if minute.live_s]
        insert(session, TelemetryMinute.__table__, whole)
        # Who was live goes on being watched, so that its next minute tells for how long it was not.
        self._minutes = {each.dog_id: Minute() for each in whole}
        self._places = {each.dog_id: self._places[each.dog_id] for each in whole if each.dog_id in self._places}


def look_at(vehicle: Vehicle, live: bool) -> Look:
    """What the vehicle says of itself now."""
    state, position = vehicle.state, vehicle.position
    if not live or state is None:
        return Look(live)
    place = (position.x, position.y, position.map_id) if position is not None else None
    errors = frozenset(error.error_type[:64].replace(",", " ") for error in state.errors)
    return Look(True, state.battery_state.battery_charge, place, errors)


def store_quarter(session: Session, at: int) -> None:
    """Make the quarter of an hour that begins at ``at`` of its minutes; one that is there stays."""
    table = TelemetryMinute
    rows = session.execute(
        select(table.__table__).where(table.at >= at, table.at < at + QUARTER_S).order_by(table.dog_id, table.at)
    )
    insert(session, TelemetryQuarter.__table__, down_sampled((Sample(**row) for row in rows.mappings()), QUARTER_S))


def insert(session: Session, table: Any, samples: Iterable[Sample]) -> None:
    """Store samples; of a dog and time that are there already nothing is changed."""
    assert isinstance(table, SqlTable)
    rows = [asdict(each) for each in samples]
    connection = session.connection()
    kind = sqlite if connection.dialect.name == SQLITE else postgresql
    statement = kind.insert(table).on_conflict_do_nothing()
    for start in range(0, len(rows), AT_ONCE):
        connection.execute(statement, rows[start : start + AT_ONCE])
