"""The live socket: a snapshot, then what changes."""

import contextlib
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, WebSocket, WebSocketDisconnect
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketState

from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import SignedIn, signed_in
from fleet_server.core.rights import Right
from fleet_server.core.socket_origin import same_origin
from fleet_server.core.station import Station, StationHere
from fleet_server.core.websocket_hub import Client, message
from fleet_server.core.websocket_tasks import until_first, until_signed_out

router = APIRouter()
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
        await until_first(
            partial(_push, socket, client, station),
            partial(_listen, socket),
            client.behind.wait,
            partial(until_signed_out, socket, station, user, Right.SEE),
        )
    finally:
        station.hub.leave(client)
    if socket.client_state is WebSocketState.CONNECTED and socket.application_state is WebSocketState.CONNECTED:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.close(TRY_AGAIN_LATER if client.behind.is_set() else POLICY_VIOLATION)


async def _push(socket: WebSocket, client: Client, station: Station) -> None:
    await socket.send_text(await run_in_threadpool(_snapshot, station))
    while True:
        await socket.send_text(await client.queue.get())


async def _listen(socket: WebSocket) -> None:
    """Until the console goes away. What it says is passed over; what is no text is no console's."""
    while (message := await socket.receive())["type"] != "websocket.disconnect":
        if message.get("bytes") is not None:
            await socket.close(UNSUPPORTED, "text alone is spoken here")
            return


def _snapshot(station: Station) -> str:
    with station.database.read() as session:
        return message("snapshot", station.consoles.snapshot(session, utc_now()))
