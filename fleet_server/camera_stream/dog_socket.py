"""The dog's door: its frames come in, are looked at for what they are, and go on to all who watch."""

import contextlib
from functools import partial
from time import monotonic
from typing import Any

import structlog
from fastapi import APIRouter, HTTPException, WebSocket, WebSocketDisconnect
from msgspec import UNSET
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketState

from fleet_server.camera_stream.byte_budget import ByteBudget
from fleet_server.camera_stream.streams import Stream, Streams
from fleet_server.core.clock import utc_now
from fleet_server.core.station import StationHere
from fleet_server.core.websocket_tasks import until_first
from fleet_server.evidence.upload import uploader
from fleet_server.telemetry.vehicle_id import dog_id
from protocol.camera_stream import TOKEN_HEADER, FromDog, MalformedFrame, StreamEnd, ToDog, ToViewer, unpack
from protocol.codec import MalformedMessage, decode, encode

POLICY_VIOLATION = 1008
MOST_TEXT = 6000  # characters: thirty things seen in a frame have four thousand

log = structlog.get_logger()
router = APIRouter()


@router.websocket("/camera-streams/{stream_id}")
async def publish(socket: WebSocket, stream_id: str, station: StationHere) -> None:
    """Take in a dog's stream: by its upload token, and by the one that it was given for this stream."""
    try:
        owner = await run_in_threadpool(uploader, socket, station)
    except HTTPException:
        await socket.close(POLICY_VIOLATION)
        return
    streams = station[Streams]
    token = socket.headers.get(TOKEN_HEADER, "")
    admitted = streams.admit(stream_id, token, dog_id(owner) if owner is not None else None, monotonic())
    if admitted is None:
        await socket.close(POLICY_VIOLATION)
        return
    stream, publication = admitted
    await socket.accept()
    try:
        await until_first(publication.over.wait, partial(_receive, socket, streams, stream))
    finally:
        streams.drop(stream, publication)
    if publication.over.is_set():
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # it may be gone already
            await socket.send_text(_word(ended=stream.ended or StreamEnd.REPLACED))
            await socket.close()


async def _receive(socket: WebSocket, streams: Streams, stream: Stream) -> None:
    await socket.send_text(_word())
    budget = ByteBudget(monotonic())
    while (message := await socket.receive())["type"] != "websocket.disconnect":
        now = monotonic()
        data, text = message.get("bytes"), message.get("text") or ""
        try:
            if not budget.spend(len(text if data is None else data), now):
                raise MalformedFrame("more than any camera sends")
            if data is None:
                _hear(text, streams, stream, now)
                continue
            frame = unpack(data)
        except (MalformedFrame, MalformedMessage) as error:
            log.warning("a dog's camera stream is none", dog=stream.dog_id, reason=str(error))
            streams.end(stream, StreamEnd.NOT_VIDEO)
            return
        key_wanted = stream.take(frame, data, now)
        await _answer(socket, _word(seen=frame.number, key_frame=key_wanted or UNSET))


async def _answer(socket: WebSocket, word: str) -> None:
    """Say it, if the dog is there to hear it; who says why it ends and closes has perhaps not been read to the end."""
    if socket.application_state is WebSocketState.CONNECTED:
        with contextlib.suppress(WebSocketDisconnect):
            await socket.send_text(word)


def _hear(text: str, streams: Streams, stream: Stream, now: float) -> None:
    """Take in what the dog says beside its frames; raises MalformedMessage."""
    if len(text) > MOST_TEXT:
        raise MalformedMessage(f"{len(text)} characters")
    said = decode(text, FromDog)
    if said.withheld is not UNSET:
        stream.withhold(said.withheld, now)
    if said.note is not UNSET:
        stream.say(ToViewer(note=said.note))
    if said.ended is not UNSET:
        streams.end(stream, said.ended)


def _word(**said: Any) -> str:
    return encode(ToDog(at=utc_now().timestamp(), **said)).decode()
