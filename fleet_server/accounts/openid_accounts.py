"""Whose account belongs to whom a provider has signed in: by the provider and its name of them, never by a user name.

A name can be given to somebody else at the provider, and an account of the same name may be another's here.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete
from sqlalchemy.orm import Session

from fleet_server.accounts import administration
from fleet_server.accounts.account_name import is_account_name
from fleet_server.accounts.passwords import hashed, made_up
from fleet_server.accounts.tables import OpenIdIdentity, SignIn, User
from fleet_server.audit.log import SERVER, append
from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.rights import Role


class Refusal(StrEnum):
    """Why somebody does not come in, as the sign-in page is told."""

    UNREACHABLE = "unreachable"  # the provider, or it is set up otherwise
    INVALID = "invalid"  # what came back proves nothing
    DENIED = "denied"  # the provider says so
    NO_ROLE = "noRole"
    NO_ACCOUNT = "noAccount"
    NAME_TAKEN = "nameTaken"
    DISABLED = "disabled"
    TOO_OFTEN = "tooOften"


class Refused(Exception):
    """Somebody does not come in; the text says why, for the log."""

    def __init__(self, refusal: Refusal, why: str) -> None:
        super().__init__(why)
        self.refusal = refusal


@dataclass(frozen=True)
class Person:
    """Whom a provider has signed in; ``username`` is what it would call them, ``role`` what they are here."""

    issuer: str
    subject: str
    username: str
    role: Role


@dataclass(frozen=True)
class Link:
    """Who an account belongs to now; ``before`` is the subject it belonged to, ``is_new`` whether that is another."""

    before: str | None
    is_new: bool


def account_of(session: Session, person: Person, may_make: bool, now: datetime, changes: ChangeEvents) -> User:
    """Their account, with the role that they have now; made where there is none and that may be. Raises Refused."""
    known = session.get(OpenIdIdentity, (person.issuer, person.subject))
    if known is None:
        if not may_make:
            raise Refused(Refusal.NO_ACCOUNT, f"nobody has given {person.subject!r} an account")
        changes.note(User, person.username)
        return _make(session, person, now)
    user = administration.find(session, known.username)
    if user.disabled_at is not None:
        raise Refused(Refusal.DISABLED, f"the account {user.username!r} is disabled")
    if user.role != person.role:
        before = str(user.role)
        try:
            administration.change(session, user.username, person.role, None, now)
        except administration.LastAdministrator as error:
            raise Refused(Refusal.NO_ROLE, f"{error}, and the provider gives it another role") from error
        change = {"before": {"role": before}, "after": {"role": person.role}}
        append(session, now, SERVER, "account.changed", user.username, **change)
        changes.note(User, user.username)
    return user


def link(session: Session, issuer: str, subject: str | None, username: str) -> Link:
    """Give an account to a provider's ``subject``, or take it from all.

    Whom a provider signed in as somebody else than that is signed out; who came in by the account's password stays.
    Raises UnknownUser, or NameTaken where the subject has another account.
    """
    administration.find(session, username)
    row = session.query(OpenIdIdentity).filter_by(username=username).one_or_none()
    before = (row.issuer, row.subject) if row is not None else None
    after = (issuer, subject) if subject is not None else None
    if before == after:
        return Link(subject, is_new=False)
    if row is not None:
        session.delete(row)
        session.flush()
    if subject is not None:
        held = session.get(OpenIdIdentity, (issuer, subject))
        if held is not None:
            raise administration.NameTaken(f"{subject!r} has the account {held.username!r}")
        session.add(OpenIdIdentity(issuer=issuer, subject=subject, username=username))
    session.execute(delete(SignIn).where(SignIn.username == username, SignIn.by_openid))
    return Link(before[1] if before is not None else None, is_new=True)


def _make(session: Session, person: Person, now: datetime) -> User:
    name = person.username
    if not is_account_name(name):
        raise Refused(Refusal.NAME_TAKEN, f"{name!r} cannot be the name of an account")
    try:
        user = administration.create(session, name, person.role, hashed(made_up()), now)
    except administration.NameTaken as error:
        raise Refused(Refusal.NAME_TAKEN, str(error)) from error
    session.add(OpenIdIdentity(issuer=person.issuer, subject=person.subject, username=name))
    append(session, now, SERVER, "account.created", name, role=person.role, subject=person.subject)
    return user
