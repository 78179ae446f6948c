"""Signing in and out."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import StringConstraints

from fleet_server.accounts.current import CurrentUser
from fleet_server.accounts.passwords import check
from fleet_server.accounts.sign_in import COOKIE, close_session, open_session
from fleet_server.audit.log import append
from fleet_server.clock import utc_now
from fleet_server.schema import Body, Problem, View
from fleet_server.station import StationHere

router = APIRouter(tags=["accounts"])


class Credentials(Body):
    """A name and a password."""

    username: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=256)]


class SessionView(View):
    """Who is signed in."""

    username: str
    role: str


@router.post("/session", responses={401: {"model": Problem}, 429: {"model": Problem}})
def sign_in(body: Credentials, request: Request, response: Response, station: StationHere) -> SessionView:
    """Sign in; the session is in a cookie that scripts cannot read."""
    now = utc_now()
    where = request.client.host if request.client else "unknown"
    keys = (f"name {body.username}", f"address {where}")
    wait_s = max(station.sign_in_limit.wait_s(key, now) for key in keys)
    if wait_s > 0:
        raise HTTPException(429, "too many failed sign-ins; wait a while", {"Retry-After": str(int(wait_s) + 1)})
    with station.database.read() as session:
        user = check(session, body.username, body.password)
    with station.database.write() as session:
        if user is None:
            append(session, now, body.username, "session.refused", where)
        else:
            append(session, now, user.username, "session.opened", where)
            token = open_session(session, user, now, timedelta(hours=station.settings.session_hours))
    if user is None:
        for key in keys:
            station.sign_in_limit.fail(key, now)
        raise HTTPException(401, "wrong user name or password")
    for key in keys:
        station.sign_in_limit.forget(key)
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(station.settings.session_hours * 3600),
        httponly=True,
        samesite="strict",
        secure=station.settings.secure_cookie,
    )
    return SessionView(username=user.username, role=user.role)


@router.get("/session")
def who(user: CurrentUser) -> SessionView:
    """Who is signed in."""
    return SessionView(username=user.username, role=user.role)


@router.delete("/session", status_code=204)
def sign_out(user: CurrentUser, request: Request, response: Response, station: StationHere) -> None:
    """Sign out."""
    with station.database.write() as session:
        close_session(session, request.cookies[COOKIE])
        append(session, utc_now(), user.username, "session.closed")
    response.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=station.settings.secure_cookie)
