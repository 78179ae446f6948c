"""One who watches by WebRTC: a real peer, with an event loop of its own."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame

T = TypeVar("T")
WAIT_S = 60.0


class WebRtcViewer:
    """Offers, takes the answer, and keeps the pictures; each is decoded when the next one comes."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.frames: list[VideoFrame] = []
        self._connection: RTCPeerConnection
        self._reading: asyncio.Task[None] | None = None

    def offer(self) -> str:
        """For pictures that come here, with the addresses at which this one listens."""
        return self._do(self._offer())

    def take_answer(self, sdp: str) -> None:
        """Connect."""
        self._do(self._connection.setRemoteDescription(RTCSessionDescription(sdp, "answer")))

    @property
    def connected(self) -> bool:
        """Whether pictures can come."""
        return self._connection.connectionState == "connected"

    def ask_for_key_frame(self) -> None:
        """As a browser does that has lost a packet for good."""
        receiver = self._connection.getReceivers()[0]
        (ssrc,) = receiver._RTCRtpReceiver__active_ssrc  # type: ignore[attr-defined]
        self._do(receiver._send_rtcp_pli(ssrc))

    def close(self) -> None:
        """Gone."""
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WAIT_S)
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WAIT_S)

    async def _offer(self) -> str:
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._connection.addTransceiver("video", direction="recvonly")
        self._connection.on("track", lambda track: setattr(self, "_reading", asyncio.ensure_future(self._read(track))))
        await self._connection.setLocalDescription(await self._connection.createOffer())
        return str(self._connection.localDescription.sdp)

    async def _read(self, track: MediaStreamTrack) -> None:
        with suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                assert isinstance(frame, VideoFrame)
                self.frames.append(frame)

    async def _close(self) -> None:
        await self._connection.close()
        if self._reading is not None:
            await self._reading


@contextmanager
def webrtc_viewer() -> Iterator[WebRtcViewer]:
    """One of them, gone in the end."""
    viewer = WebRtcViewer()
    try:
        yield viewer
    finally:
        viewer.close()
