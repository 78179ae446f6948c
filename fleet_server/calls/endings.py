"""How a call ends, and that it is on record."""

from datetime import datetime

from sqlalchemy.orm import Session

from fleet_server.audit.log import append
from fleet_server.calls.tables import ALIVE, Call, CallStatus

ACTOR = "dispatch"  # who does what nobody pressed a button for
MOST_WHY = 500  # characters


def fail(session: Session, call: Call, why: str, now: datetime) -> None:
    """It comes to nothing."""
    end(session, call, CallStatus.FAILED, why, now)


def end(session: Session, call: Call, status: CallStatus, why: str | None, now: datetime, by: str = ACTOR) -> None:
    """A call has ended; raises ValueError where it had already."""
    if call.status not in ALIVE or status in ALIVE:
        raise ValueError(f"a call does not go from {call.status} to {status}")
    call.status, call.why, call.ended_at = status, why[:MOST_WHY] if why else None, now
    match status:
        case CallStatus.DONE:
            append(session, now, by, "call.done", call.call_id, dog=call.dog_id)
        case CallStatus.CANCELED:
            append(session, now, by, "call.canceled", call.call_id, dog=call.dog_id, reason=why)
        case _:
            append(session, now, by, "call.failed", call.call_id, dog=call.dog_id, reason=why)
