"""The live socket: a snapshot, then what changes."""

import contextlib
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated

import anyio
from fastapi import APIRouter, Depends, WebSocket, WebSocketDisconnect
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketState

from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import SignedIn, signed_in
from fleet_server.core.rights import Right
from fleet_server.core.socket_origin import same_origin
from fleet_server.core.station import Station, StationHere
from fleet_server.core.websocket_hub import Client, message

router = APIRouter()
CHECK_SESSION_S = 20.0  # a session that has ended is noticed after at most this
UNSUPPORTED, POLICY_VIOLATION, TRY_AGAIN_LATER = 1003, 1008, 1013


@router.websocket("/live")
async def live(socket: WebSocket, station: StationHere, user: Annotated[SignedIn | None, Depends(signed_in)]) -> None:
    """Push what changes to a console that is signed in."""
    if user is None or not user.may(Right.SEE) or not same_origin(socket):
        await socket.close(POLICY_VIOLATION)
        return
    await socket.accept()
    client = station.hub.join()  # before the snapshot: what changes in between is told twice, never missed
    try:
        async with anyio.create_task_group() as group:

            async def run(task: Callable[[], Awaitable[object]]) -> None:
                await task()
                group.cancel_scope.cancel()  # whichever is first to end, ends the others

            group.start_soon(run, partial(_push, socket, client, station))
            group.start_soon(run, partial(_listen, socket))
            group.start_soon(run, client.behind.wait)
            group.start_soon(run, partial(_until_signed_out, socket, station))
    finally:
        station.hub.leave(client)
    if socket.client_state is WebSocketState.CONNECTED and socket.application_state is WebSocketState.CONNECTED:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.close(TRY_AGAIN_LATER if client.behind.is_set() else POLICY_VIOLATION)


async def _push(socket: WebSocket, client: Client, station: Station) -> None:
    with contextlib.suppress(WebSocketDisconnect):
        await socket.send_text(await run_in_threadpool(_snapshot, station))
        while True:
            await socket.send_text(await client.queue.get())


async def _listen(socket: WebSocket) -> None:
    """Until the console goes away. What it says is passed over; what is no text is no console's."""
    while (message := await socket.receive())["type"] != "websocket.disconnect":
        if message.get("bytes") is not None:
            await socket.close(UNSUPPORTED, "text alone is spoken here")
            return


async def _until_signed_out(socket: WebSocket, station: Station) -> None:
    while (user := await run_in_threadpool(signed_in, socket, station)) is not None and user.may(Right.SEE):
        await anyio.sleep(CHECK_SESSION_S)


def _snapshot(station: Station) -> str:
    with station.database.read() as session:
        return message("snapshot", station.consoles.snapshot(session, utc_now()))
