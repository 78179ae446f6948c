"""What is asked for under an idempotency key is done once (draft-ietf-httpapi-idempotency-key-header).

The key is claimed before the deed, by an attempt of its own. The deed's own transaction notes that it is done, and is
rolled back where another attempt has taken the key over: so a process that ends in the middle, or is stopped and wakes,
leaves behind either nothing or a deed that is done, never one that is done twice.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import CursorResult, LargeBinary, String, delete, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from fleet_server.core.problem_kinds import Problems
from fleet_server.core.problems import Refusal
from fleet_server.store.columns import Table
from fleet_server.store.database import Database

LIFE = timedelta(hours=24)
STALE = timedelta(seconds=30)  # of an attempt from which nothing came: its process has ended, or its fencing holds
RETRY_AFTER_S = "1"
MOST_KEY = 128  # characters


class IdempotencyKey(Table):
    """A key and what came of it; ``status`` None: no answer yet, ``done``: its deed is committed."""

    __tablename__ = "idempotency_keys"

    username: Mapped[str] = mapped_column(String(128), primary_key=True)
    key: Mapped[str] = mapped_column(String(MOST_KEY), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    attempt: Mapped[str] = mapped_column(String(32))
    began_at: Mapped[datetime] = mapped_column(index=True)
    done: Mapped[bool]
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any] | None]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was answered the first time."""

    status: int
    headers: dict[str, str]
    body: bytes


ATTEMPT: ContextVar[str | None] = ContextVar("idempotency_attempt", default=None)
"""The attempt as part of which this thread or task writes."""


def begin(database: Database, username: str, key: str, request_hash: str, now: datetime) -> str | KeptAnswer:
    """An attempt to do it, or what was answered before; raises Refusal where neither can be."""
    attempt = uuid4().hex
    with database.write() as session:
        row = session.get(IdempotencyKey, (username, key))
        if row is not None and row.began_at <= now - LIFE:
            session.delete(row)
            session.flush()
            row = None
        if row is None:
            known = {"username": username, "key": key, "request_hash": request_hash}
            session.add(IdempotencyKey(**known, attempt=attempt, began_at=now, done=False))
            return attempt
        if row.request_hash != request_hash:
            raise Refusal(Problems.KEY_REUSED, "this Idempotency-Key was used for another request")
        if row.status is not None:
            return KeptAnswer(row.status, row.headers or {}, row.body or b"")
        if row.began_at > now - STALE:
            raise _under_way()
        if row.done:
            raise Refusal(Problems.ANSWER_LOST, "it was done, and its answer is lost: look at how it stands")
        row.attempt, row.began_at = attempt, now
        return attempt


def keep(database: Database, attempt: str, answer: KeptAnswer) -> None:
    """Keep what was answered; nothing where another attempt has taken over."""
    kept = {"status": answer.status, "headers": answer.headers, "body": answer.body}
    with database.write() as session:
        session.execute(update(IdempotencyKey).where(IdempotencyKey.attempt == attempt).values(**kept))


def give_up(database: Database, attempt: str) -> None:
    """Nothing came of it: the key is free again, unless its deed is done."""
    with database.write() as session:
        mine = (IdempotencyKey.attempt == attempt) & ~IdempotencyKey.done
        session.execute(delete(IdempotencyKey).where(mine))


def note_done(session: Session) -> None:
    """At the end of every transaction that writes: the deed of this attempt is done with it, or not at all."""
    attempt = ATTEMPT.get()
    if attempt is None:
        return
    mine = update(IdempotencyKey).where(IdempotencyKey.attempt == attempt)
    if cast(CursorResult[Any], session.execute(mine.values(done=True))).rowcount != 1:
        raise _under_way()


def forget_old(database: Database, now: datetime) -> None:
    """Remove the keys of a day ago."""
    with database.write() as session:
        session.execute(delete(IdempotencyKey).where(IdempotencyKey.began_at <= now - LIFE))


def _under_way() -> Refusal:
    return Refusal(
        Problems.UNDER_WAY, "the first request with this key is under way", headers={"Retry-After": RETRY_AFTER_S}
    )
