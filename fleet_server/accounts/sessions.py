"""Sessions: a random token in the browser, its hash in the database."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session
from starlette.responses import Response

from fleet_server.accounts.tables import SignIn, User
from fleet_server.core.current_user import SignedIn
from fleet_server.core.settings import Settings

COOKIE = "xiaotian_session"


def open_session(session: Session, user: User, now: datetime, lasts: timedelta, by_openid: bool = False) -> str:
    """Begin a session of ``user`` and return its token; sessions that are over are cleared away."""
    token = secrets.token_urlsafe(32)
    session.execute(delete(SignIn).where(SignIn.expires_at <= now))
    session.add(
        SignIn(
            token_hash=_hash(token),
            username=user.username,
            created_at=now,
            expires_at=now + lasts,
            by_openid=by_openid,
        )
    )
    return token


def give_cookie(response: Response, token: str, settings: Settings) -> None:
    """Have the browser keep the token, out of reach of scripts and of other sites."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(settings.session_hours * 3600),
        httponly=True,
        samesite="strict",
        secure=settings.secure_cookie,
    )


def close_session(session: Session, token: str) -> None:
    """End the session of ``token``; an unknown one is no error."""
    session.execute(delete(SignIn).where(SignIn.token_hash == _hash(token)))


def find_session(session: Session, token: str, now: datetime) -> SignedIn | None:
    """Who holds ``token``, unless its time is over."""
    row = session.get(SignIn, _hash(token))
    if row is None or row.expires_at <= now:
        return None
    user = session.get(User, row.username)
    if user is None or user.disabled_at is not None:
        return None
    return SignedIn(user.username, user.role, by_openid=row.by_openid)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
