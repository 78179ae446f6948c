"""Whose account belongs to whom a provider has signed in: by the provider and its name of them, never by a user name.

A name can be given to somebody else at the provider, and an account of the same name may be another's here.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from fleet_server.accounts import administration
from fleet_server.accounts.passwords import hashed, made_up
from fleet_server.accounts.tables import OpenIdIdentity, User
from fleet_server.audit.log import SERVER, append
from fleet_server.core.rights import Role

NAME = re.compile(r"[\w.@-]{1,64}")


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


def account_of(session: Session, person: Person, may_make: bool, now: datetime) -> User:
    """Their account, with the role that they have now; made where there is none and that may be. Raises Refused."""
    known = session.get(OpenIdIdentity, (person.issuer, person.subject))
    if known is None:
        if not may_make:
            raise Refused(Refusal.NO_ACCOUNT, f"nobody has given {person.subject!r} an account")
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
    return user


def link(session: Session, issuer: str, subject: str | None, username: str) -> str | None:
    """Give an account to a provider's ``subject``, or take it from all; tells whose it was.

    Raises UnknownUser, or NameTaken where the subject has another account.
    """
    administration.find(session, username)
    rows = session.query(OpenIdIdentity).filter_by(username=username).all()
    before = rows[0].subject if rows else None
    for row in rows:
        session.delete(row)
    session.flush()
    if subject is not None:
        held = session.get(OpenIdIdentity, (issuer, subject))
        if held is not None:
            raise administration.NameTaken(f"{subject!r} has the account {held.username!r}")
        session.add(OpenIdIdentity(issuer=issuer, subject=subject, username=username))
    return before


def _make(session: Session, person: Person, now: datetime) -> User:
    name = person.username
    if NAME.fullmatch(name) is None or name.lower() == SERVER:
        raise Refused(Refusal.NAME_TAKEN, f"{name!r} cannot be the name of an account")
    try:
        user = administration.create(session, name, person.role, hashed(made_up()), now)
    except administration.NameTaken as error:
        raise Refused(Refusal.NAME_TAKEN, str(error)) from error
    session.add(OpenIdIdentity(issuer=person.issuer, subject=person.subject, username=name))
    append(session, now, SERVER, "account.created", name, role=person.role, subject=person.subject)
    return user
