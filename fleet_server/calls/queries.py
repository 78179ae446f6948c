"""Reading calls and recalls."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.calls.tables import ALIVE, Call, Recall


def calls_alive(session: Session) -> Sequence[Call]:
    """The calls that are not at their end, oldest first."""
    return session.scalars(select(Call).where(Call.status.in_(ALIVE)).order_by(Call.asked_at, Call.call_id)).all()


def call_of(session: Session, dog_id: str) -> Call | None:
    """The call for which the dog goes, or is being taken off its round."""
    return session.scalar(select(Call).where(Call.dog_id == dog_id, Call.status.in_(ALIVE)).limit(1))


def recall_of(session: Session, site_id: str) -> Recall | None:
    """The recall by which the site's dogs stay home now."""
    return session.scalar(select(Recall).where(Recall.site_id == site_id, Recall.released_at.is_(None)).limit(1))


def recalls_open(session: Session) -> Sequence[Recall]:
    """The recalls that are not released, oldest first."""
    return session.scalars(select(Recall).where(Recall.released_at.is_(None)).order_by(Recall.begun_at)).all()
