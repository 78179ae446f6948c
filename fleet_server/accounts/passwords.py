"""Passwords: Argon2 hashes, and the administrator's first one."""

import secrets
from datetime import datetime

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from fleet_server.accounts.tables import SignIn, User

ADMINISTRATOR = "admin"
ROLE = "administrator"
_hasher = PasswordHash((Argon2Hasher(),))
# What an unknown user's password is checked against, so that the answer takes as long as for a known one.
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))


class UnknownUser(LookupError):
    """Nobody of that name."""


def ensure_administrator(session: Session, now: datetime, password: str | None) -> str | None:
    """Make the administrator if there is no user yet; returns the password if it was made up here."""
    if session.scalar(select(User).limit(1)) is not None:
        return None
    made_up = None if password else secrets.token_urlsafe(12)
    hashed = _hasher.hash(password or made_up or "")
    session.add(User(username=ADMINISTRATOR, password_hash=hashed, role=ROLE, created_at=now))
    return made_up


def reset_password(session: Session, username: str) -> str:
    """Give ``username`` a new password, which is returned, and end all sessions of theirs; raises UnknownUser."""
    user = session.get(User, username)
    if user is None:
        raise UnknownUser(f"there is no user {username!r}")
    password = secrets.token_urlsafe(12)
    user.password_hash = _hasher.hash(password)
    session.execute(delete(SignIn).where(SignIn.username == username))
    return password


def check(session: Session, username: str, password: str) -> User | None:
    """The user, if the password is theirs."""
    user = session.get(User, username)
    right = _hasher.verify(password, user.password_hash if user else _NOBODY)
    return user if right else None
