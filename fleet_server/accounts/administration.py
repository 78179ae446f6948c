"""Accounts: made, changed, disabled, given new passwords. There is always an administrator who can come in."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from fleet_server.accounts.passwords import UnknownUser
from fleet_server.accounts.tables import SignIn, User
from fleet_server.core.rights import Role


class NameTaken(ValueError):
    """There is an account of that name, if only a disabled one: the audit log must not take one for another."""


class LastAdministrator(ValueError):
    """Without this account nobody could make accounts any more."""


def all_accounts(session: Session) -> Sequence[User]:
    """All accounts by name, disabled ones among them."""
    return session.scalars(select(User).order_by(User.username)).all()


def create(session: Session, username: str, role: Role, password_hash: str, now: datetime) -> User:
    """A new account; raises NameTaken."""
    if session.scalar(select(User).where(func.lower(User.username) == username.lower())) is not None:
        raise NameTaken(f"there is an account {username!r} already")
    user = User(username=username, password_hash=password_hash, role=role, created_at=now)
    session.add(user)
    session.flush()
    return user


def change(session: Session, username: str, role: Role | None, disabled: bool | None, now: datetime) -> User:
    """Give an account another role, disable or enable it; raises UnknownUser or LastAdministrator.

    Another role counts at once; who is disabled is signed out at once.
    """
    user = find(session, username)
    if role is not None:
        user.role = role
    if disabled is not None:
        user.disabled_at = (user.disabled_at or now) if disabled else None
    session.flush()
    query = select(User).where(User.role == Role.ADMINISTRATOR, User.disabled_at.is_(None)).limit(1)
    if session.scalar(query) is None:
        raise LastAdministrator(f"{username!r} is the last administrator who can come in")
    if user.disabled_at is not None:
        sign_out_everywhere(session, username)
    return user


def set_password(session: Session, username: str, password_hash: str) -> User:
    """Give an account a new password, and end its sessions; raises UnknownUser."""
    user = find(session, username)
    user.password_hash = password_hash
    sign_out_everywhere(session, username)
    return user


def find(session: Session, username: str) -> User:
    """The account; raises UnknownUser."""
    user = session.get(User, username)
    if user is None:
        raise UnknownUser(f"there is no account {username!r}")
    return user


def sign_out_everywhere(session: Session, username: str) -> None:
    """End all sessions of an account."""
    session.execute(delete(SignIn).where(SignIn.username == username))
