"""Who is speaking, as a parameter of a route, and whether they may. The room of accounts says who it is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, cast

from fastapi import Depends, Header, HTTPException
from starlette.requests import HTTPConnection

from fleet_server.core.rights import Right, rights_of
from fleet_server.core.station import StationHere

RIGHT = "x-right"  # a route's right, in the OpenAPI document
ONCE = "x-once"  # that it takes an idempotency key, there too
IDEMPOTENCY_KEY = "Idempotency-Key"
USER = "xiaotian.user"  # where in a scope it lies who was found to speak


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
    if USER in connection.scope:
        return cast(SignedIn | None, connection.scope[USER])
    return station[Authentication].who(connection)


def current_user(user: Annotated[SignedIn | None, Depends(signed_in)]) -> SignedIn:
    """Who is signed in; refuses everybody else."""
    if user is None:
        raise HTTPException(401, "not signed in")
    return user


def refuse_without(user: SignedIn, right: Right) -> None:
    """Refuse who has not the right."""
    if not user.may(right):
        who = f"the role {user.role}" if user.scopes is None else "the token"
        raise HTTPException(403, f"{who} has not the right {right.value!r}")


CurrentUser = Annotated[SignedIn, Depends(current_user)]


def _idempotency_key(
    key: Annotated[
        str | None,
        Header(
            alias=IDEMPOTENCY_KEY,
            description="Asked again under the same key within 24 hours it is not done again, and answered the same.",
        ),
    ] = None,
) -> None:
    """Documents the header; OnceRoute reads it."""


def needs(right: Right, once: bool = False) -> dict[str, Any]:
    """A route states its right: ``@router.get("/dogs", **needs(Right.SEE))``.

    ``once``: it takes an idempotency key; its router's ``route_class`` is OnceRoute.
    """

    def check(user: CurrentUser) -> None:
        refuse_without(user, right)

    if not once:
        return {"dependencies": [Depends(check)], "openapi_extra": {RIGHT: right.value}}
    keyed = [Depends(check), Depends(_idempotency_key)]
    return {"dependencies": keyed, "openapi_extra": {RIGHT: right.value, ONCE: True}}
