"""Once a second: where each dog on a patrol is; every half a minute, and at its end, the patrol's account."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, delete, select
from sqlalchemy.orm import Session

from fleet_server.core.change_events import ChangeEvents
from fleet_server.ledger.patrol_account import account_of
from fleet_server.ledger.tables import CheckpointVisit, PatrolAccount, PatrolTrack
from fleet_server.ledger.track import Track, encode, loaded
from fleet_server.patrols.tables import OPEN, Patrol, PatrolStatus
from fleet_server.schedules.round_outcome import note_end
from fleet_server.sites.tables import Site
from fleet_server.store.database import Database
from fleet_server.telemetry.fleet_state import Fleet

SAVE_EVERY = timedelta(seconds=30)  # what a server that is killed may lose of a path
MOST_AT_ONCE = 100  # accounts in one transaction: dogs wait for it
LONG_AGO = datetime.min.replace(tzinfo=UTC)
LOOK_BACK = timedelta(minutes=2)  # patrols that began and ended between two looks


class PatrolRecorder:
    """For the ingest thread alone, but ``save`` at the end."""

    def __init__(self, database: Database, fleet: Fleet) -> None:
        self._database, self._fleet = database, fleet
        self._tracks: dict[str, Track] = {}
        self._saved_at: dict[str, datetime] = {}
        self._looked: datetime | None = None

    def update(self, session: Session, now: datetime, _changes: ChangeEvents) -> None:
        """Note where the dogs are, and bring the accounts that are due forward."""
        walking = session.execute(_open()).all()
        for row in walking:
            if row.status == PatrolStatus.ACTIVE:
                self._note(session, row, now)
        known = {row.patrol_id for row in walking}
        due = {each for each in known if now - self._saved_at.get(each, LONG_AGO) >= SAVE_EVERY}
        ended = self._ended(session, known)
        self._record(session, due | ended, now)
        for patrol_id in self._saved_at.keys() - known:
            del self._saved_at[patrol_id]
            self._tracks.pop(patrol_id, None)
        if len(ended) < MOST_AT_ONCE:
            self._looked = now

    def forget(self) -> None:
        """Another process has taken note since, or has begun to: what is known here is old."""
        self._tracks.clear()
        self._saved_at.clear()
        self._looked = None

    def save(self, now: datetime) -> None:
        """Store all that is known of the patrols on their way."""
        with self._database.write() as session:
            self._record(session, set(self._saved_at), now)

    def _note(self, session: Session, row: Row[Any], now: datetime) -> None:
        vehicle = self._fleet.get(row.dog_id)
        if vehicle is None or vehicle.position is None or vehicle.state is None:
            return
        if not self._fleet.is_live(vehicle, now) or vehicle.position.map_id != row.map_id:
            return
        charge = vehicle.state.battery_state.battery_charge
        seconds = (now - row.created_at).total_seconds()
        self._track(session, row.patrol_id).add(seconds, vehicle.position.x, vehicle.position.y, charge)

    def _track(self, session: Session, patrol_id: str) -> Track:
        if patrol_id not in self._tracks:
            kept = session.get(PatrolTrack, patrol_id)
            self._tracks[patrol_id] = loaded(kept.points) if kept is not None else Track()
        return self._tracks[patrol_id]

    def _ended(self, session: Session, walking: Collection[str]) -> set[str]:
        """Patrols that are at their end, and whose account says otherwise or is not there."""
        unfinished = set(session.scalars(select(PatrolAccount.patrol_id).where(PatrolAccount.ended_at.is_(None))))
        without = (
            select(Patrol.patrol_id)
            .outerjoin(PatrolAccount, PatrolAccount.patrol_id == Patrol.patrol_id)
            .where(PatrolAccount.patrol_id.is_(None))
        )
        if self._looked is not None:  # at the first look: all, also those from before there was a ledger
            without = without.where(Patrol.created_at > self._looked - LOOK_BACK)
        without = without.where(Patrol.status.not_in(OPEN), Patrol.call_id.is_(None)).limit(MOST_AT_ONCE)
        return (unfinished - set(walking)) | set(session.scalars(without))

    def _record(self, session: Session, patrol_ids: Collection[str], now: datetime) -> None:
        for patrol_id in sorted(patrol_ids):
            patrol = session.get(Patrol, patrol_id)
            if patrol is None:
                continue
            track = self._track(session, patrol_id)
            account, visits = account_of(patrol, track, now)
            session.execute(delete(CheckpointVisit).where(CheckpointVisit.patrol_id == patrol_id))
            session.merge(account)
            note_end(session, patrol)
            session.add_all(visits)
            if track.points:
                session.merge(PatrolTrack(patrol_id=patrol_id, points=encode(track)))
            self._saved_at[patrol_id] = now


def _open() -> Select[*tuple[Any, ...]]:
    columns = (Patrol.patrol_id, Patrol.dog_id, Patrol.status, Patrol.created_at, Site.map_id)
    rounds = (Patrol.status.in_(OPEN), Patrol.call_id.is_(None))  # the way of a call is no patrol
    return select(*columns).outerjoin(Site, Site.site_id == Patrol.site_id).where(*rounds)
