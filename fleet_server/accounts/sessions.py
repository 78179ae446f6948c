"""Sessions: a random token in the browser, its hash in the database."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from fleet_server.accounts.tables import SignIn, User
from fleet_server.core.current_user import SignedIn

COOKIE = "xiaotian_session"


def open_session(session: Session, user: User, now: datetime, lasts: timedelta) -> str:
    """Begin a session of ``user`` and return its token; sessions that are over are cleared away."""
    token = secrets.token_urlsafe(32)
    session.execute(delete(SignIn).where(SignIn.expires_at <= now))
    session.add(
        SignIn(token_hash=_hash(token), username=user.username, created_at=now, expires_at=now + lasts),
    )
    return token


def close_session(session: Session, token: str) -> None:
    """End the session of ``token``; an unknown one is no error."""
    session.execute(delete(SignIn).where(SignIn.token_hash == _hash(token)))


def find_session(session: Session, token: str, now: datetime) -> SignedIn | None:
    """Who holds ``token``, unless its time is over."""
    row = session.get(SignIn, _hash(token))
    if row is None or row.expires_at <= now:
        return None
    user = session.get(User, row.username)
    return SignedIn(user.username, user.role) if user is not None and user.disabled_at is None else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
