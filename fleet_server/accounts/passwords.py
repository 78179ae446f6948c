"""Passwords: Argon2 hashes, and the administrator's first one."""

import secrets
from datetime import datetime

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.accounts.tables import User
from fleet_server.core.rights import Role

ADMINISTRATOR = "admin"
ROLE = Role.ADMINISTRATOR
_hasher = PasswordHash((Argon2Hasher(),))
# What an unknown user's password is checked against, so that the answer takes as long as for a known one: of a long
# password that was thrown away, with today's costs. To hash it at each start took a quarter of a second.
NOBODYS_HASH = "$argon2id$v=19$m=65536,t=3,p=4$7woNp7VRVcjkoBm9oLBemQ$3z3Dlbvd7DHKT8rnmmpNrm6R3Z3T/zXyc4o/mH6QoUQ"


class UnknownUser(LookupError):
    """Nobody of that name."""


def hashed(password: str) -> str:
    """As it is stored."""
    return _hasher.hash(password)


def made_up() -> str:
    """A password that nobody guesses."""
    return secrets.token_urlsafe(12)


def hash_of(given: str | None) -> tuple[str, str | None]:
    """The hash of a password, and the password itself where it had to be made up: it is told once."""
    new = None if given else made_up()
    return hashed(given or new or ""), new


def ensure_administrator(session: Session, now: datetime, password: str | None) -> str | None:
    """Make the administrator if there is no user yet; returns the password if it was made up here."""
    if session.scalar(select(User).limit(1)) is not None:
        return None
    password_hash, new = hash_of(password)
    session.add(User(username=ADMINISTRATOR, password_hash=password_hash, role=ROLE, created_at=now))
    return new


def check(session: Session, username: str, password: str) -> User | None:
    """The user, if the password is theirs and the account not disabled."""
    user = session.get(User, username)
    right = _hasher.verify(password, user.password_hash if user else NOBODYS_HASH)
    return user if right and user is not None and user.disabled_at is None else None
