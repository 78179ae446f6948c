"""From where the request came, in whose course something is done: the audit log keeps it with each deed."""

import ipaddress
from contextvars import ContextVar

from starlette.types import ASGIApp, Receive, Scope, Send

ORIGIN: ContextVar[str | None] = ContextVar("request_origin", default=None)
"""The caller's address, in the tasks and threads that answer a request; None: nobody asked from outside."""


class RequestOrigin:
    """Notes the address of each request and socket. What a proxy forwards is uvicorn's to believe, before this."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        client = scope.get("client")
        noted = ORIGIN.set(_address(client[0]) if client else None)
        try:
            await self.app(scope, receive, send)
        finally:
            ORIGIN.reset(noted)


def _address(host: str) -> str | None:
    """At most 39 characters, an IPv4 address always as such; None where a proxy says what is no address."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ipaddress.IPv6Address(int(address)))  # by its number: without a scope's name
