"""Tokens of programs, for who may make accounts."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, HTTPException
from pydantic import AfterValidator, Field, StringConstraints
from sqlalchemy import func, select

from fleet_server.accounts.api_tokens import made_up_token
from fleet_server.accounts.tables import ApiToken
from fleet_server.audit.log import append
from fleet_server.core.api_schema import INVALID, NOT_FOUND, REFUSED, Body, View
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import CurrentUser, needs
from fleet_server.core.rights import Right
from fleet_server.core.station import StationHere

router = APIRouter(prefix="/tokens", tags=["accounts"])
LONGEST_DAYS = 730


def _of_programs(scopes: list[Right]) -> list[Right]:
    if Right.ACCOUNTS in scopes:
        raise ValueError("a token cannot make accounts or other tokens")
    if Right.ORIGINALS in scopes:
        raise ValueError("a token cannot open originals: a person does, for a reason")
    return sorted(set(scopes))


class TokenBody(Body):
    """A new token: whose it is, what it may do, and for how many days."""

    name: Annotated[str, StringConstraints(pattern=r"^[\w.@-]{1,40}$")]
    scopes: Annotated[list[Right], Field(min_length=1, max_length=len(Right)), AfterValidator(_of_programs)]
    days: Annotated[int, Field(ge=1, le=LONGEST_DAYS)]


class TokenView(View):
    """A token, of which nobody can say what it is."""

    token_id: str
    name: str
    scopes: list[str]
    created_at: datetime
    created_by: str
    expires_at: datetime
    revoked_at: datetime | None


class NewTokenView(TokenView):
    """``token`` is told this once."""

    token: str


@router.get("", **needs(Right.ACCOUNTS))
def list_tokens(station: StationHere) -> list[TokenView]:
    """All tokens by name, also those that are revoked or at their end."""
    with station.database.read() as session:
        return [_view(row) for row in session.scalars(select(ApiToken).order_by(ApiToken.name))]


@router.post("", status_code=201, responses=REFUSED | INVALID, **needs(Right.ACCOUNTS))
def create_token(body: TokenBody, user: CurrentUser, station: StationHere) -> NewTokenView:
    """Make a token. Its name is never given again: the audit log must not take one for another."""
    token, kept = made_up_token()
    with station.database.write() as session:
        now = utc_now()
        if session.scalar(select(ApiToken).where(func.lower(ApiToken.name) == body.name.lower())) is not None:
            raise HTTPException(409, f"there is or was a token {body.name!r}")
        row = ApiToken(
            token_id=str(uuid4()),
            name=body.name,
            token_hash=kept,
            scopes=[str(scope) for scope in body.scopes],
            created_at=now,
            created_by=user.username,
            expires_at=now + timedelta(days=body.days),
        )
        session.add(row)
        told = {"scopes": row.scopes, "expires": row.expires_at.isoformat()}
        append(session, now, user.username, "token.created", body.name, **told)
    return NewTokenView(**_view(row).model_dump(), token=token)


@router.delete("/{token_id}", status_code=204, responses=NOT_FOUND, **needs(Right.ACCOUNTS))
def revoke_token(token_id: str, user: CurrentUser, station: StationHere) -> None:
    """Let a token open nothing any more, at once."""
    with station.database.write() as session:
        now = utc_now()
        row = session.get(ApiToken, token_id)
        if row is None:
            raise HTTPException(404, f"there is no token {token_id!r}")
        if row.revoked_at is None:
            row.revoked_at = now
            append(session, now, user.username, "token.revoked", row.name)


def _view(row: ApiToken) -> TokenView:
    return TokenView(
        token_id=row.token_id,
        name=row.name,
        scopes=row.scopes,
        created_at=row.created_at,
        created_by=row.created_by,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
