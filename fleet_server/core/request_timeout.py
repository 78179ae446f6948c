"""A request whose body does not come is given up: it would hold what it has claimed for ever."""

import asyncio

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

IDLE_S = 15.0  # without a byte; the dogs themselves wait ten


class RequestTimeout:
    """Ends the reading of a body with 408 when nothing of it came for ``idle_s`` seconds."""

    def __init__(self, app: ASGIApp, idle_s: float = IDLE_S) -> None:
        self.app, self.idle_s = app, idle_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        more = scope["type"] == "http"

        async def watched() -> Message:
            nonlocal more
            if not more:
                return await receive()  # the client's going away, whenever that is
            try:
                message = await asyncio.wait_for(receive(), self.idle_s)
            except TimeoutError:
                raise HTTPException(408, f"nothing came for {self.idle_s:.0f} s", {"Connection": "close"}) from None
            more = message.get("more_body", False)
            return message

        await self.app(scope, watched, send)
