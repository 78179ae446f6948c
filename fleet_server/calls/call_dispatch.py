"""Calls are carried out: a dog is taken, off its round where need be, sent, followed; then it has its round back."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.audit.log import append
from fleet_server.calls.candidates import candidates, unfit_now
from fleet_server.calls.endings import ACTOR, MOST_WHY, end, fail
from fleet_server.calls.homecoming import Homecoming
from fleet_server.calls.kept_rounds import give_back
from fleet_server.calls.queries import calls_alive
from fleet_server.calls.tables import ALIVE, Call, CallKind, CallStatus
from fleet_server.calls.way_order import call_patrol
from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.clock import utc_now
from fleet_server.core.station import Station
from fleet_server.dispatch.interruption import give_up, interrupt
from fleet_server.patrols.queries import open_patrol_of, progress_of
from fleet_server.patrols.tables import OPEN, CheckpointStatus, Patrol, PatrolStatus
from fleet_server.sites.tables import Site
from fleet_server.telemetry.fleet_state import Fleet, Vehicle

PERIOD_S = 1.0  # between looks
PATIENCE = timedelta(minutes=15)  # that a call waits for a dog that can take it
LOST_AFTER = timedelta(seconds=30)  # that a dog on its way may be out of reach, stopped, or in need of a person
NOBODY = "there is no dog on the site's map"


class CallDispatch:
    """Called every second, and at once when somebody has called."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._homecoming = Homecoming(station)
        self._unfit_since: dict[str, datetime] = {}  # by call id

    def forget(self) -> None:
        """Another process has carried out calls since: what was noted of them here is old."""
        self._unfit_since.clear()

    def update(self, clock: Callable[[], datetime] = utc_now) -> None:
        """Go on with what is called for, and with rounds that were interrupted."""
        with self._station.database.read() as session:
            if not _anything_to_do(session):
                return
        changes = ChangeEvents()
        with self._station.database.write() as session:
            now = clock()  # not before: while this waited its turn, the patrol that a dog walked may have ended
            for call in calls_alive(session):
                before = _told(call)
                self._step(session, call, now, changes)
                if _told(call) != before:
                    changes.note(Call, call.call_id)
            for patrol in session.scalars(select(Patrol).where(Patrol.status == PatrolStatus.INTERRUPTED)).all():
                if give_back(session, self._station, patrol, ACTOR, now):
                    changes.note(Patrol, patrol.patrol_id)
        self._station.tell(changes)
        if changes.changed:
            self._station.hurry()

    def _step(self, session: Session, call: Call, now: datetime, changes: ChangeEvents) -> None:
        site = session.get_one(Site, call.site_id)
        if call.status != CallStatus.ASKED:
            self._follow(session, call, site, now, changes)
        elif call.dog_id is None and not self._take_dog(session, call, site, now, changes):
            self._wait(session, call, now)
        else:
            self._send_when_free(session, call, site, now, changes)

    # A dog is found and sent

    def _take_dog(self, session: Session, call: Call, site: Site, now: datetime, changes: ChangeEvents) -> bool:
        """Name the best dog that can go, and take it off its round if it is on one; or say why none can."""
        work = [action["type"] for action in call.work]
        found = candidates(session, self._station, site, (call.to_x, call.to_y), work, now)
        wanted = [c for c in found if call.chosen_dog in (None, c.dog_id) and c.dog_id not in call.tried]
        best = next((each for each in wanted if each.refusal is None), None)
        if best is None:
            refusals = [each.refusal for each in wanted if each.refusal]
            call.why = "; ".join(refusals)[:MOST_WHY] or (call.why if call.tried else NOBODY)
            return False
        call.dog_id, call.why = best.dog_id, None
        if best.on_round is not None:
            interrupt(session, session.get_one(Patrol, best.on_round), call.call_id, ACTOR, now)
            changes.note(Patrol, best.on_round)
        return True

    def _wait(self, session: Session, call: Call, now: datetime) -> None:
        if now - call.waiting_since > PATIENCE:
            minutes = PATIENCE.total_seconds() / 60
            fail(session, call, f"no dog could take it within {minutes:.0f} minutes: {call.why}", now)

    def _send_when_free(self, session: Session, call: Call, site: Site, now: datetime, changes: ChangeEvents) -> None:
        vehicle = self._station[Fleet].get(call.dog_id or "")
        why = "it is not known" if vehicle is None else unfit_now(self._station, vehicle, site, now)
        if vehicle is None or why is not None:
            self._part_from(session, call, why, now)
        elif vehicle.executing or open_patrol_of(session, vehicle.dog_id) is not None:
            call.why = f"{vehicle.dog_id} is taken off what it does"
        elif call.kind == CallKind.LOOK or self._homecoming.choose_dock(session, call, site, vehicle):
            self._send(session, call, vehicle, now, changes)

    def _part_from(self, session: Session, call: Call, why: str | None, now: datetime) -> None:
        """The dog that was taken cannot go after all."""
        call.why = why
        if call.kind == CallKind.LOOK:
            call.dog_id = None
        if call.recall_id is None:
            self._wait(session, call, now)

    def _send(self, session: Session, call: Call, vehicle: Vehicle, now: datetime, changes: ChangeEvents) -> None:
        assert vehicle.position is not None  # else it is unfit
        patrol = call_patrol(call, vehicle, vehicle.position, call.asked_by, now)
        session.add(patrol)
        call.status, call.patrol_id, call.sent_at, call.why = CallStatus.ON_THE_WAY, patrol.patrol_id, now, None
        append(session, now, ACTOR, "call.sent", call.call_id, dog=vehicle.dog_id, patrol=patrol.patrol_id)
        changes.note(Patrol, patrol.patrol_id)

    # It is followed

    def _follow(self, session: Session, call: Call, site: Site, now: datetime, changes: ChangeEvents) -> None:
        patrol = session.get(Patrol, call.patrol_id)
        if patrol is None:
            fail(session, call, "its order is gone", now)
        elif patrol.status in OPEN:
            self._note_arrival(call, patrol, now)
            self._notice_loss(session, call, site, patrol, now, changes)
        elif patrol.status == PatrolStatus.CANCELED:
            end(session, call, CallStatus.CANCELED, patrol.reason, now, patrol.canceled_by or ACTOR)
        elif patrol.status != PatrolStatus.COMPLETED:
            self._pass_on(session, call, patrol.reason or f"its order is {patrol.status}", now)
        elif call.kind == CallKind.HOME:
            self._homecoming.follow(session, call, now)
        else:
            self._note_arrival(call, patrol, now)
            if patrol.reason is not None:
                fail(session, call, patrol.reason, now)
            else:
                end(session, call, CallStatus.DONE, None, now)

    def _note_arrival(self, call: Call, patrol: Patrol, now: datetime) -> None:
        here = progress_of(patrol).checkpoints[0].status
        if call.status == CallStatus.ON_THE_WAY and here not in (CheckpointStatus.PENDING, CheckpointStatus.SKIPPED):
            call.status, call.there_at = CallStatus.THERE, now

    def _notice_loss(
        self, session: Session, call: Call, site: Site, patrol: Patrol, now: datetime, changes: ChangeEvents
    ) -> None:
        """A dog that can go on no more is told of; where none was chosen, another is taken."""
        vehicle = self._station[Fleet].get(patrol.dog_id)
        call.why = "it is not known" if vehicle is None else unfit_now(self._station, vehicle, site, now)
        if call.why is None:
            self._unfit_since.pop(call.call_id, None)
            return
        since = self._unfit_since.setdefault(call.call_id, now)
        if call.chosen_dog is None and now - since >= LOST_AFTER:
            give_up(session, patrol, ACTOR, call.why, now)
            changes.note(Patrol, patrol.patrol_id)
            self._pass_on(session, call, call.why, now)

    def _pass_on(self, session: Session, call: Call, why: str, now: datetime) -> None:
        """The dog did not get there: another is taken, or it has failed where only this one was wanted."""
        self._unfit_since.pop(call.call_id, None)
        if call.chosen_dog is not None:
            fail(session, call, why, now)
            return
        append(session, now, ACTOR, "call.passed_on", call.call_id, dog=call.dog_id, reason=why)
        call.tried, call.dog_id, call.patrol_id = [*call.tried, call.dog_id or ""], None, None
        call.status, call.waiting_since, call.why = CallStatus.ASKED, now, why[:MOST_WHY]
        call.sent_at = call.there_at = None


def _anything_to_do(session: Session) -> bool:
    alive = session.scalar(select(Call.call_id).where(Call.status.in_(ALIVE)).limit(1))
    kept = select(Patrol.patrol_id).where(Patrol.status == PatrolStatus.INTERRUPTED).limit(1)
    return alive is not None or session.scalar(kept) is not None


def _told(call: Call) -> tuple[object, ...]:
    return call.status, call.dog_id, call.why, call.patrol_id, call.to_x, call.to_y
