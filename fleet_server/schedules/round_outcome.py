"""What became of a round: written into its row when it begins or is missed, and once more where its patrol ends badly.

So whoever counts rounds reads nothing but rounds, and it still stands there when the patrol has aged out.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import update
from sqlalchemy.orm import Session

from fleet_server.patrols.tables import Patrol, PatrolStatus
from fleet_server.schedules.due_rounds import RoundStatus
from fleet_server.schedules.missed_rounds import PUNCTUAL
from fleet_server.schedules.tables import RoundRow

ENDED_BADLY = (PatrolStatus.FAILED, PatrolStatus.CANCELED, PatrolStatus.REJECTED)


class Outcome(StrEnum):
    """KEPT in time, begun LATE (by more than two minutes), begun and UNFINISHED, MISSED; or it WAITS for a dog."""

    KEPT = "KEPT"
    LATE = "LATE"
    UNFINISHED = "UNFINISHED"
    MISSED = "MISSED"
    WAITING = "WAITING"


def outcome_of(status: str, due: datetime, began: datetime | None, ended_as: str | None) -> Outcome:
    """What became of a round; ``began`` and ``ended_as`` are its patrol's."""
    if status == RoundStatus.MISSED:
        return Outcome.MISSED
    if status == RoundStatus.WAITING:
        return Outcome.WAITING
    if ended_as in ENDED_BADLY:
        return Outcome.UNFINISHED
    return Outcome.LATE if began is not None and began - due > PUNCTUAL else Outcome.KEPT


def note_end(session: Session, patrol: Patrol) -> None:
    """Write into the round that became this patrol, if one did, that it ended badly, and why."""
    if patrol.status in ENDED_BADLY:
        query = update(RoundRow).where(RoundRow.patrol_id == patrol.patrol_id)
        session.execute(query.values(outcome=Outcome.UNFINISHED, why=patrol.reason))
