"""Who is speaking, as a parameter of a route, and whether they may. The room of accounts says who it is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, HTTPException
from starlette.requests import HTTPConnection

from fleet_server.core.rights import Right, rights_of
from fleet_server.core.station import StationHere

RIGHT = "x-right"  # a route's right, in the OpenAPI document


@dataclass(frozen=True)
class SignedIn:
    """Who is speaking: a person, whose role has the rights, or a program with a token, which has its own.

    ``by_openid``: a provider of OpenID Connect has signed them in, and has a session of theirs too.
    """

    username: str
    role: str
    scopes: frozenset[Right] | None = None
    by_openid: bool = False

    @property
    def rights(self) -> frozenset[Right]:
        """What they may do."""
        return rights_of(self.role) if self.scopes is None else self.scopes

    def may(self, right: Right) -> bool:
        """Whether they have that right."""
        return right in self.rights


@dataclass(frozen=True)
class Authentication:
    """Says who holds the secret that comes with a connection; None: nobody whom we know."""

    who: Callable[[HTTPConnection], SignedIn | None]


def signed_in(connection: HTTPConnection, station: StationHere) -> SignedIn | None:
    """Who holds the secret that comes with this request, if anybody."""
    return station[Authentication].who(connection)


def current_user(user: Annotated[SignedIn | None, Depends(signed_in)]) -> SignedIn:
    """Who is signed in; refuses everybody else."""
    if user is None:
        raise HTTPException(401, "not signed in")
    return user


CurrentUser = Annotated[SignedIn, Depends(current_user)]


def needs(right: Right) -> dict[str, Any]:
    """A route states its right: ``@router.get("/dogs", **needs(Right.SEE))``."""

    def check(user: CurrentUser) -> None:
        if not user.may(right):
            who = f"the role {user.role}" if user.scopes is None else "the token"
            raise HTTPException(403, f"{who} has not the right {right.value!r}")

    return {"dependencies": [Depends(check)], "openapi_extra": {RIGHT: right.value}}
