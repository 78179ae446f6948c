"""Accounts, for who may make and change them."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Response
from pydantic import AfterValidator, Field, StringConstraints

from fleet_server.accounts import administration, openid_accounts
from fleet_server.accounts.account_name import AccountName
from fleet_server.accounts.passwords import UnknownUser, hash_of
from fleet_server.accounts.tables import User
from fleet_server.audit.log import append
from fleet_server.audit.lost_update import check_version
from fleet_server.core.api_schema import CHANGED, INVALID, NOT_FOUND, REFUSED, Body, View
from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import CurrentUser, needs
from fleet_server.core.password_rule import LEAST, WEAK, is_weak
from fleet_server.core.rights import Right, Role
from fleet_server.core.station import StationHere
from fleet_server.core.versions import IfMatch, tag, version_of

router = APIRouter(prefix="/accounts", tags=["accounts"])
EDITS = ("account.created", "account.changed")
SOMEBODY = ChangeEvents.of(User, "somebody")


def _strong(password: str) -> str:
    if is_weak(password):
        raise ValueError(WEAK)
    return password


Password = Annotated[str, Field(min_length=LEAST, max_length=256), AfterValidator(_strong)]


class AccountBody(Body):
    """A new account; without a password one is made up and told once."""

    username: AccountName
    role: Role
    password: Password | None = None


class AccountChangeBody(Body):
    """What is to be another than it is."""

    role: Role | None = None
    disabled: bool | None = None


class PasswordBody(Body):
    """A new password; without one it is made up and told once."""

    password: Password | None = None


class SubjectBody(Body):
    """Who the account's holder is at the provider of OpenID Connect (its claim ``sub``); null: nobody any more."""

    subject: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None


class AccountView(View):
    """An account."""

    username: str
    role: str
    created_at: datetime
    disabled_at: datetime | None
    version: str


class NewPasswordView(View):
    """``password`` is null where it was given, and told this once where it was made up."""

    username: str
    password: str | None


@router.get("", **needs(Right.ACCOUNTS))
def list_accounts(station: StationHere) -> list[AccountView]:
    """All accounts by name, disabled ones among them."""
    with station.database.read() as session:
        return [_view(user) for user in administration.all_accounts(session)]


@router.post("", status_code=201, responses=REFUSED | INVALID, **needs(Right.ACCOUNTS))
def create_account(body: AccountBody, user: CurrentUser, station: StationHere) -> NewPasswordView:
    """Make an account."""
    password_hash, new = hash_of(body.password)
    try:
        with station.database.write() as session:
            now = utc_now()
            administration.create(session, body.username, body.role, password_hash, now)
            append(session, now, user.username, "account.created", body.username, role=body.role)
    except administration.NameTaken as error:
        raise HTTPException(409, str(error)) from error
    station.tell(SOMEBODY)
    return NewPasswordView(username=body.username, password=new)


@router.patch("/{username}", responses=NOT_FOUND | REFUSED | CHANGED | INVALID, **needs(Right.ACCOUNTS))
def change_account(
    username: str,
    body: AccountChangeBody,
    user: CurrentUser,
    station: StationHere,
    response: Response,
    if_match: IfMatch = None,
) -> AccountView:
    """Give an account another role, disable or enable it. Both count at once, in sessions that are open too."""
    try:
        with station.database.write() as session:
            now = utc_now()
            found = administration.find(session, username)
            check_version(session, if_match, _version(found), username, EDITS)
            before = _told(found)
            changed = administration.change(session, username, body.role, body.disabled, now)
            append(session, now, user.username, "account.changed", username, before=before, after=_told(changed))
            view = _view(changed)
    except UnknownUser as error:
        raise HTTPException(404, str(error)) from error
    except administration.LastAdministrator as error:
        raise HTTPException(409, str(error)) from error
    station.tell(SOMEBODY)
    tag(response, view.version)
    return view


@router.put("/{username}/password", responses=NOT_FOUND | INVALID, **needs(Right.ACCOUNTS))
def set_password(username: str, body: PasswordBody, user: CurrentUser, station: StationHere) -> NewPasswordView:
    """Give an account a new password; its sessions end."""
    password_hash, new = hash_of(body.password)
    try:
        with station.database.write() as session:
            administration.set_password(session, username, password_hash)
            append(session, utc_now(), user.username, "password.changed", username)
    except UnknownUser as error:
        raise HTTPException(404, str(error)) from error
    return NewPasswordView(username=username, password=new)


@router.put(
    "/{username}/openid-subject", status_code=204, responses=NOT_FOUND | REFUSED | INVALID, **needs(Right.ACCOUNTS)
)
def set_openid_subject(username: str, body: SubjectBody, user: CurrentUser, station: StationHere) -> None:
    """Let whoever is this at the provider come in by this account; whom the provider signed in before is signed out."""
    issuer = station.settings.openid_issuer
    if issuer is None:
        raise HTTPException(409, "this station knows no provider of OpenID Connect")
    try:
        with station.database.write() as session:
            link = openid_accounts.link(session, issuer, body.subject, username)
            if link.is_new:
                change = {"before": {"subject": link.before}, "after": {"subject": body.subject}}
                append(session, utc_now(), user.username, "account.linked", username, **change)
    except UnknownUser as error:
        raise HTTPException(404, str(error)) from error
    except administration.NameTaken as error:
        raise HTTPException(409, str(error)) from error


def _view(user: User) -> AccountView:
    return AccountView(
        username=user.username,
        role=user.role,
        created_at=user.created_at,
        disabled_at=user.disabled_at,
        version=_version(user),
    )


def _version(user: User) -> str:
    return version_of(_told(user))


def _told(user: User) -> dict[str, object]:
    return {"role": str(user.role), "disabled": user.disabled_at is not None}
