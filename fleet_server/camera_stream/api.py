"""Watching: asked for by name and with a reason, then a WebSocket of the dog's frames."""

import contextlib
import math
from functools import partial
from time import monotonic
from typing import Annotated

import anyio
from fastapi import APIRouter, Depends, HTTPException, WebSocket, WebSocketDisconnect
from msgspec import UNSET
from pydantic import StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.types import Message

from fleet_server.audit.log import append
from fleet_server.camera_stream.mailbox import Mailbox
from fleet_server.camera_stream.picture_way import PictureWay
from fleet_server.camera_stream.streams import Streams, TooManyViewers
from fleet_server.core.api_schema import INVALID, NOT_FOUND, REFUSED, Body, View
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import CurrentUser, SignedIn, needs, signed_in
from fleet_server.core.problems import field_fault
from fleet_server.core.rights import Right
from fleet_server.core.socket_origin import same_origin
from fleet_server.core.station import Station, StationHere
from fleet_server.core.websocket_tasks import until_first, until_signed_out
from fleet_server.telemetry.fleet_state import Fleet, Vehicle
from fleet_server.telemetry.vehicle_lookup import find_vehicle, refusal_of
from protocol.camera_stream import MOST_OFFER, START_STREAM, FromViewer, ToViewer
from protocol.codec import MalformedMessage, decode, encode

UNSUPPORTED, POLICY_VIOLATION = 1003, 1008
MOST_TEXT = MOST_OFFER + 2_000  # characters, for its lines end in two that are written as four
SILENT_S = 10.0  # of one whose pictures go out by WebRTC, and who asks the time every 3 s: they are gone
WATCHED, LEFT = "dog.camera_watched", "dog.camera_left"
router = APIRouter(tags=["dogs"])
doors = APIRouter()


class WatchBody(Body):
    """What for; a station may leave it out (``watch_reason``)."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] = ""


class CameraViewView(View):
    """The WebSocket ``camera-views/{viewId}`` has the pictures, for whoever asked for them; once, and soon."""

    view_id: str
    dog_id: str


@router.post(
    "/dogs/{dog_id}/camera-views", status_code=201, responses=NOT_FOUND | REFUSED | INVALID, **needs(Right.WATCH)
)
async def watch(dog_id: str, body: WatchBody, user: CurrentUser, station: StationHere) -> CameraViewView:
    """Ask a dog to show its camera. Several watch one stream."""
    vehicle, now = find_vehicle(station, dog_id), utc_now()
    if station.settings.watch_reason and not body.reason:
        raise field_fault("reason", "this station asks what you watch for")
    why = watch_refusal(vehicle, station[Fleet].is_live(vehicle, now))
    if why is not None:
        raise HTTPException(409, why)
    try:
        view = station[Streams].watch(vehicle, user.username, body.reason, now, monotonic())
    except TooManyViewers as error:
        raise HTTPException(409, f"{dog_id} is watched by as many as can watch one dog") from error
    return CameraViewView(view_id=view.view_id, dog_id=dog_id)


def watch_refusal(vehicle: Vehicle, live: bool) -> str | None:
    """Why the vehicle's camera cannot be watched; None where it can."""
    return refusal_of(vehicle, live, START_STREAM, "has no live camera")


@doors.websocket("/camera-views/{view_id}")
async def view_camera(
    socket: WebSocket, view_id: str, station: StationHere, user: Annotated[SignedIn | None, Depends(signed_in)]
) -> None:
    """The frames, as the dog sends them; on record from the first to the last."""
    streams = station[Streams]
    if user is None or not user.may(Right.WATCH) or not same_origin(socket):
        await socket.close(POLICY_VIOLATION)
        return
    joined = streams.join(view_id, user.username)
    if joined is None:
        await socket.close(POLICY_VIOLATION)
        return
    stream, view, mailbox = joined
    way, began = PictureWay(streams, view, mailbox, station.settings.webrtc_viewers), monotonic()
    try:
        about = {"reason": view.watcher.reason, "stream": stream.stream_id}
        await run_in_threadpool(_record, station, user.username, WATCHED, stream.dog_id, **about)
        await socket.accept()
        signed_out = partial(until_signed_out, socket, station, user, Right.WATCH)
        await until_first(partial(_push, socket, mailbox), partial(_listen, socket, mailbox, way), signed_out)
    finally:
        streams.leave(stream, view_id, monotonic())
        told = {"seconds": round(monotonic() - began, 1), "stream": stream.stream_id}
        with anyio.CancelScope(shield=True):
            await way.close()
            await run_in_threadpool(_record, station, user.username, LEFT, stream.dog_id, **told)
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        await socket.close()


async def _push(socket: WebSocket, mailbox: Mailbox) -> None:
    while (message := await mailbox.take()) is not None:
        await (socket.send_bytes(message) if isinstance(message, bytes) else socket.send_text(message))


async def _listen(socket: WebSocket, mailbox: Mailbox, way: PictureWay) -> None:
    """Do what they ask, until they go away; who asks for something else is nobody who watches."""
    while (message := await _heard(socket, way))["type"] != "websocket.disconnect":
        text = message.get("text") or ""
        try:
            if len(text) > MOST_TEXT:
                raise MalformedMessage(f"{len(text)} characters")
            said = decode(text, FromViewer)
            if said == FromViewer():
                raise MalformedMessage("nothing said")
        except MalformedMessage:
            await socket.close(UNSUPPORTED, "nothing but the time and the pictures' way is asked here")
            return
        if said.asked is not UNSET:
            mailbox.say(encode(ToViewer(at=utc_now().timestamp(), asked=said.asked)).decode())
        if said.offer is not UNSET:
            mailbox.say(encode(ToViewer(answer=await way.take_offer(said.offer))).decode())
        if said.pictures_by is not UNSET:
            await way.choose(said.pictures_by)


async def _heard(socket: WebSocket, way: PictureWay) -> Message:
    with anyio.move_on_after(SILENT_S if way.is_webrtc else math.inf):
        return await socket.receive()
    raise WebSocketDisconnect


def _record(station: Station, username: str, deed: str, dog_id: str, **about: object) -> None:
    with station.database.write() as session:
        append(session, utc_now(), username, deed, dog_id, **about)
