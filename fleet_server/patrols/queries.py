"""Reading patrols, and writing their progress back."""

from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.patrols.progress import CheckpointRecord, Progress
from fleet_server.patrols.tables import OPEN, Patrol, PatrolStatus


def open_patrols(session: Session) -> dict[str, str]:
    """The patrol of each dog that has one."""
    rows = session.execute(select(Patrol.dog_id, Patrol.patrol_id).where(Patrol.status.in_(OPEN)))
    return {row.dog_id: row.patrol_id for row in rows}


def open_patrol_of(session: Session, dog_id: str) -> Patrol | None:
    """The patrol that the dog is on."""
    return session.scalar(select(Patrol).where(Patrol.dog_id == dog_id, Patrol.status.in_(OPEN)))


def kept_patrol_of(session: Session, dog_id: str) -> Patrol | None:
    """The patrol off which the dog was taken, and of which it gets the rest back; the newest where there are more."""
    query = select(Patrol).where(Patrol.dog_id == dog_id, Patrol.status == PatrolStatus.INTERRUPTED)
    return session.scalar(query.order_by(Patrol.created_at.desc()).limit(1))


def open_patrols_of(session: Session, dog_ids: Collection[str]) -> list[Patrol]:
    """The patrols that these dogs are on."""
    return list(session.scalars(select(Patrol).where(Patrol.dog_id.in_(dog_ids), Patrol.status.in_(OPEN))))


def progress_of(patrol: Patrol) -> Progress:
    """What of the row can change."""
    return Progress(
        status=PatrolStatus(patrol.status),
        checkpoints=msgspec.convert(patrol.checkpoints, list[CheckpointRecord]),
        reason=patrol.reason,
        started_at=patrol.started_at,
        ended_at=patrol.ended_at,
    )


def write_back(patrol: Patrol, progress: Progress) -> bool:
    """Put ``progress`` into the row; says whether that changed anything."""
    if progress == progress_of(patrol):
        return False
    patrol.status = progress.status
    patrol.checkpoints = records(progress.checkpoints)
    patrol.reason = progress.reason
    patrol.started_at = progress.started_at
    patrol.ended_at = progress.ended_at
    return True


def records(checkpoints: list[CheckpointRecord]) -> list[dict[str, Any]]:
    """The checkpoints as they lie in the row."""
    return [msgspec.to_builtins(checkpoint) for checkpoint in checkpoints]
