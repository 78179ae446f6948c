"""What goes on beside each other on one WebSocket, and when that is over."""

import contextlib
from collections.abc import Awaitable, Callable

import anyio
from fastapi import WebSocket, WebSocketDisconnect
from starlette.concurrency import run_in_threadpool

from fleet_server.core.current_user import SignedIn, signed_in
from fleet_server.core.rights import Right
from fleet_server.core.station import Station

CHECK_SESSION_S = 20.0  # a session that has ended is noticed after at most this


async def until_first(*tasks: Callable[[], Awaitable[object]]) -> None:
    """Do all of it until one ends, which ends the others; that the other side is gone is an end like any."""
    async with anyio.create_task_group() as group:

        async def run(task: Callable[[], Awaitable[object]]) -> None:
            with contextlib.suppress(WebSocketDisconnect):
                await task()
            group.cancel_scope.cancel()

        for task in tasks:
            group.start_soon(run, task)


async def until_signed_out(socket: WebSocket, station: Station, user: SignedIn, right: Right) -> None:
    """Until who opened the socket is signed in no more, or has lost the right."""
    while (now := await run_in_threadpool(signed_in, socket, station)) is not None:
        if now.username != user.username or not now.may(right):
            return
        await anyio.sleep(CHECK_SESSION_S)
