"""Who is speaking, as a parameter of a route."""

from typing import Annotated

from fastapi import Depends, HTTPException
from starlette.requests import HTTPConnection

from fleet_server.accounts.sessions import COOKIE, SignedIn, find_session
from fleet_server.core.clock import utc_now
from fleet_server.core.station import StationHere


def signed_in(connection: HTTPConnection, station: StationHere) -> SignedIn | None:
    """Who holds the cookie of this request, if anybody."""
    token = connection.cookies.get(COOKIE)
    if token is None:
        return None
    with station.database.read() as session:
        return find_session(session, token, utc_now())


def current_user(user: Annotated[SignedIn | None, Depends(signed_in)]) -> SignedIn:
    """Who is signed in; refuses everybody else."""
    if user is None:
        raise HTTPException(401, "not signed in")
    return user


CurrentUser = Annotated[SignedIn, Depends(current_user)]
