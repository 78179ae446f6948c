"""Dogs are called home, one or all of a site; until all are released, none of them is sent out."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.audit.log import append
from fleet_server.calls.candidates import on_map
from fleet_server.calls.endings import end
from fleet_server.calls.queries import call_of, calls_alive, recall_of
from fleet_server.calls.tables import Call, CallKind, CallStatus, Recall, RecallRounds
from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.events import Objection
from fleet_server.core.station import Station
from fleet_server.dispatch.assignment import Assignment
from fleet_server.dispatch.interruption import cancel, interrupt
from fleet_server.patrols.queries import kept_patrol_of, open_patrol_of
from fleet_server.patrols.tables import OPEN, Patrol, PatrolStatus
from fleet_server.sites.tables import Site
from fleet_server.telemetry.fleet_state import Vehicle

HOME_NOW = "all dogs of the site are called home"


def recall(
    session: Session,
    station: Station,
    site: Site,
    rounds: RecallRounds,
    reason: str | None,
    by: str,
    now: datetime,
    changes: ChangeEvents,
) -> Recall:
    """Call all dogs of a site home. What else was called for there is off."""
    made = Recall(recall_id=str(uuid4()), site_id=site.site_id, rounds=rounds, reason=reason, begun_at=now, begun_by=by)
    session.add(made)
    append(session, now, by, "recall.begun", site.site_id, rounds=rounds, reason=reason)
    changes.note(Recall, made.recall_id)
    for call in calls_alive(session):
        if call.site_id == site.site_id:
            stop(session, call, HOME_NOW, by, now, changes)
    kept_for = made.recall_id if rounds is RecallRounds.KEEP else None
    for vehicle in on_map(station, site):
        clear(session, vehicle, kept_for, by, now, changes)
        if not is_home(vehicle):
            send_home(session, vehicle, site, by, now, changes, made)
    return made


def release(session: Session, made: Recall, by: str, now: datetime, changes: ChangeEvents) -> None:
    """Let the site's dogs out again; rounds that were kept go on."""
    made.released_at, made.released_by = now, by
    append(session, now, by, "recall.released", made.site_id)
    changes.note(Recall, made.recall_id)
    kept = select(Patrol).where(Patrol.site_id == made.site_id, Patrol.status == PatrolStatus.INTERRUPTED)
    for patrol in session.scalars(kept):
        patrol.interrupted_at = now  # from now on its dog has time to go on with it


def send_home(
    session: Session,
    vehicle: Vehicle,
    site: Site,
    by: str,
    now: datetime,
    changes: ChangeEvents,
    made: Recall | None = None,
) -> Call:
    """A dog's way home, to whichever dock is free when it sets out; it waits until the dog is let go of all else."""
    assert vehicle.position is not None  # it is on the site's map
    call = Call(
        call_id=str(uuid4()),
        kind=CallKind.HOME,
        status=CallStatus.ASKED,
        site_id=site.site_id,
        reason=made.reason if made is not None else None,
        x=vehicle.position.x,
        y=vehicle.position.y,
        to_x=vehicle.position.x,
        to_y=vehicle.position.y,
        work=[],
        asked_at=now,
        asked_by=by,
        waiting_since=now,
        chosen_dog=vehicle.dog_id,
        dog_id=vehicle.dog_id,
        tried=[],
        recall_id=made.recall_id if made is not None else None,
    )
    session.add(call)
    append(session, now, by, "dog.called_home", vehicle.dog_id, call=call.call_id)
    changes.note(Call, call.call_id)
    return call


def clear(
    session: Session, vehicle: Vehicle, kept_for: str | None, by: str, now: datetime, changes: ChangeEvents
) -> None:
    """Take a dog off what it does: its round ends, or is kept for the recall ``kept_for``."""
    if (call := call_of(session, vehicle.dog_id)) is not None:
        stop(session, call, None, by, now, changes)
    walking, kept = open_patrol_of(session, vehicle.dog_id), kept_patrol_of(session, vehicle.dog_id)
    if kept_for is None and kept is not None:
        cancel(session, kept, by, now)
        changes.note(Patrol, kept.patrol_id)
    if walking is None or walking.canceled_by is not None:
        return
    if kept_for is None or walking.call_id is not None:
        cancel(session, walking, by, now)
    elif walking.cancel_action_id is None:
        interrupt(session, walking, kept_for, by, now)
    changes.note(Patrol, walking.patrol_id)


def stop(session: Session, call: Call, why: str | None, by: str, now: datetime, changes: ChangeEvents) -> None:
    """End a call, and have its dog let go of its order."""
    patrol = session.get(Patrol, call.patrol_id) if call.patrol_id is not None else None
    if patrol is not None and patrol.status in OPEN:
        cancel(session, patrol, by, now)
        changes.note(Patrol, patrol.patrol_id)
    end(session, call, CallStatus.CANCELED, why, now, by)
    changes.note(Call, call.call_id)


def is_home(vehicle: Vehicle) -> bool:
    """Whether it charges already."""
    return vehicle.state is not None and vehicle.state.battery_state.charging and not vehicle.executing


def object_to(assignment: Assignment) -> None:
    """Rounds wait while all dogs are called home; a dog with a call, or with a round to go on with, is not free."""
    session, dog_id = assignment.session, assignment.dog_id
    made = recall_of(session, assignment.site_id)
    if made is not None:
        raise Objection(f"{HOME_NOW} by {made.begun_by}")
    if call_of(session, dog_id) is not None:
        raise Objection(f"{dog_id} is on a call")
    if (kept := kept_patrol_of(session, dog_id)) is not None:
        raise Objection(f"{dog_id} has still to go on with the patrol {kept.route_name['en']!r}")
