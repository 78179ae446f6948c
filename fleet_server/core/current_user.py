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
    """Who is speaking."""

    username: str
    role: str

    def may(self, right: Right) -> bool:
        """Whether their role has that right."""
        return right in rights_of(self.role)


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
            raise HTTPException(403, f"the role {user.role} has not the right {right.value!r}")

    return {"dependencies": [Depends(check)], "openapi_extra": {RIGHT: right.value}}
