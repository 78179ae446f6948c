"""The dog's own WebSocket to the station, in a thread of its own; opened again until it is told to end."""

import asyncio
import contextlib
import queue
import ssl
import threading
import time
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, WebSocketException

from edge.camera_stream.station_door import StationDoor
from edge.draining import drained
from protocol.camera_stream import TOKEN_HEADER, ToDog
from protocol.codec import MalformedMessage, decode

AGAIN_S = 0.5  # after the line broke
PATIENCE_S = 5.0  # for the station's answer to the first word, and to a ping
MOST_HEARD = 4096  # bytes; the station says little


@dataclass(frozen=True, slots=True)
class Opened:
    """The station is there."""


@dataclass(frozen=True, slots=True)
class Said:
    """The station said something at ``now`` (steady seconds)."""

    message: ToDog
    now: float


@dataclass(frozen=True, slots=True)
class Broken:
    """The line is gone, or never came; ``final``: the station does not want this stream."""

    reason: str
    final: bool = False


Heard = Opened | Said | Broken


class Uplink:
    """``send`` and ``take`` may be called from any thread and never wait."""

    def __init__(self, door: StationDoor, stream_id: str, token: str) -> None:
        self._door, self._url, self._token = door, door.url(stream_id), token
        self._heard: queue.SimpleQueue[Heard] = queue.SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._outgoing: asyncio.Queue[bytes | str | None] = asyncio.Queue()
        self._over = threading.Event()
        self._socket: ClientConnection | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._work()), name="camera stream", daemon=True)
        self._thread.start()

    def send(self, message: bytes | str | None) -> None:
        """Have it sent as soon as the line allows; None: then end."""
        if message is None:
            self._over.set()
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # it has ended already
                loop.call_soon_threadsafe(self._outgoing.put_nowait, message)

    def take(self) -> list[Heard]:
        """What was heard since the last time."""
        return drained(self._heard)

    def join(self, patience_s: float) -> None:
        """Wait for the end."""
        self._thread.join(patience_s)

    async def _work(self) -> None:
        self._loop = asyncio.get_running_loop()
        while not self._over.is_set():
            try:
                await self._stay_connected()
                if not self._over.is_set():
                    self._heard.put(Broken("the station ended the connection"))
            except InvalidStatus as error:
                status = error.response.status_code
                self._heard.put(Broken(f"the station answers {status}", final=400 <= status < 500))
            except (OSError, ValueError, TimeoutError, InvalidHandshake, WebSocketException) as error:
                self._heard.put(Broken(f"{type(error).__name__}: {error}"))
            if not self._over.is_set():
                await asyncio.sleep(AGAIN_S)

    async def _stay_connected(self) -> None:
        async with connect(
            self._url,
            additional_headers={"Authorization": f"Bearer {self._upload_token()}", TOKEN_HEADER: self._token},
            ssl=self._trust(),
            compression=None,  # of H.264 there is nothing to be gained
            open_timeout=PATIENCE_S,
            ping_interval=PATIENCE_S,
            ping_timeout=PATIENCE_S,
            close_timeout=1.0,
            max_size=MOST_HEARD,
            proxy=None,
        ) as socket:
            while not self._outgoing.empty():  # of before: who watches begins with a key frame
                self._outgoing.get_nowait()
            if self._over.is_set():
                return
            self._heard.put(Opened())
            self._socket = socket
            sending = asyncio.create_task(self._send(socket))
            try:
                async for text in socket:
                    self._hear(text)
            finally:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)

    async def _send(self, socket: ClientConnection) -> None:
        while (message := await self._outgoing.get()) is not None:
            await socket.send(message)
        await socket.close()

    def _hear(self, text: str | bytes) -> None:
        with contextlib.suppress(MalformedMessage):  # what a newer station may say
            self._heard.put(Said(decode(text, ToDog), time.monotonic()))

    def _upload_token(self) -> str:
        file = self._door.upload_token_file
        token = file.read_text(encoding="ascii").strip() if file is not None else ""
        if not token or not token.isprintable():
            raise ValueError("no upload token is named: upload_token_file")
        return token

    def _trust(self) -> ssl.SSLContext | None:
        if not self._url.startswith("wss:"):
            return None
        return ssl.create_default_context(cafile=str(self._door.authority) if self._door.authority else None)
