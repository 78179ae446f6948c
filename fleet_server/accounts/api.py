"""Signing in and out."""

import threading
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from pydantic import StringConstraints

from fleet_server.accounts.passwords import check
from fleet_server.accounts.sessions import COOKIE, close_session, give_cookie, open_session
from fleet_server.accounts.sign_in_limit import MOST_FAILURES, MOST_OF_ADDRESS, SignInLimit, who_asks
from fleet_server.accounts.tables import User
from fleet_server.audit.log import append
from fleet_server.core.api_schema import Body, Problem, View
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import CurrentUser, SignedIn, signed_in
from fleet_server.core.rights import Right
from fleet_server.core.station import Station, StationHere

router = APIRouter(tags=["accounts"])
MOST_BODY = 16 * 1024  # bytes
BUSY_S = 5.0  # to wait while others' are checked
_checking = threading.BoundedSemaphore(4)  # passwords checked at once: each takes 64 MB and a core for a while


class Credentials(Body):
    """A name and a password."""

    username: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=256)]


class SessionView(View):
    """Who is signed in, and what they may do. ``simulated``: this station's world is a simulator's.

    ``watchReason``: who watches a dog's camera is asked what for. ``byOpenId``: the provider has a session too.
    """

    username: str
    role: str
    rights: list[Right]
    simulated: bool
    watch_reason: bool
    by_open_id: bool


@router.post("/session", max_body_size=MOST_BODY, responses={401: {"model": Problem}, 429: {"model": Problem}})
def sign_in(body: Credentials, request: Request, response: Response, station: StationHere) -> SessionView:
    """Sign in; the session is in a cookie that scripts cannot read."""
    now = utc_now()
    where = who_asks(request.client.host if request.client else None)
    pair, address = f"{body.username} from {where}", f"address {where}"
    wait_s = station[SignInLimit].begin({pair: MOST_FAILURES, address: MOST_OF_ADDRESS}, now)
    if wait_s > 0:
        raise HTTPException(429, "too many failed sign-ins; wait a while", {"Retry-After": str(int(wait_s) + 1)})
    user = _checked(body, station)
    with station.database.write() as session:
        now = utc_now()
        if user is None:
            append(session, now, body.username, "session.refused", where)
        else:
            append(session, now, user.username, "session.opened", where)
            token = open_session(session, user, now, timedelta(hours=station.settings.session_hours))
    if user is None:
        raise HTTPException(401, "wrong user name or password")
    station[SignInLimit].succeed(pair, address)
    give_cookie(response, token, station.settings)
    return _view(SignedIn(user.username, user.role), station)


def _checked(body: Credentials, station: Station) -> User | None:
    if not _checking.acquire(timeout=BUSY_S):
        raise HTTPException(429, "too many sign-ins at once; try again", {"Retry-After": "2"})
    try:
        with station.database.read() as session:
            return check(session, body.username, body.password)
    finally:
        _checking.release()


@router.get("/session")
def who(user: Annotated[SignedIn | None, Depends(signed_in)], station: StationHere) -> SessionView | None:
    """Who is signed in; null: nobody, which a page that has just opened may well ask."""
    return _view(user, station) if user is not None else None


@router.delete("/session", status_code=204)
def sign_out(user: CurrentUser, request: Request, response: Response, station: StationHere) -> None:
    """Sign out."""
    with station.database.write() as session:
        close_session(session, request.cookies.get(COOKIE, ""))
        append(session, utc_now(), user.username, "session.closed")
    response.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=station.settings.secure_cookie)


def _view(user: SignedIn, station: Station) -> SessionView:
    settings = station.settings
    return SessionView(
        username=user.username,
        role=user.role,
        rights=sorted(user.rights),
        simulated=settings.clock_ahead_s != 0.0,
        watch_reason=settings.watch_reason,
        by_open_id=user.by_openid,
    )
