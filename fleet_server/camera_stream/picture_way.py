"""By which way one who watches has the pictures: their WebSocket, or WebRTC while that works."""

from importlib import import_module
from typing import TYPE_CHECKING

import anyio
import structlog
from starlette.concurrency import run_in_threadpool

from fleet_server.camera_stream.mailbox import Mailbox
from fleet_server.camera_stream.streams import Streams, View
from protocol.camera_stream import PicturesBy, SentFrame, ToViewer
from protocol.codec import encode

if TYPE_CHECKING:
    from fleet_server.camera_stream.webrtc_peer import WebRtcPeer

CLOSE_WITHIN_S = 2.0
MOST_OFFERS = 20  # of one view: the console waits for twice as long before each

log = structlog.get_logger()


class PictureWay:
    """Both ways begin with a key frame; who changes over misses nothing, for the one goes on until the other works."""

    def __init__(self, streams: Streams, view: View, mailbox: Mailbox, most_peers: int) -> None:
        self._streams, self._view, self._mailbox = streams, view, mailbox
        self._most_peers, self._offers = most_peers, 0
        self._peer: WebRtcPeer | None = None

    @property
    def is_webrtc(self) -> bool:
        """Whether that is the way now."""
        return self._mailbox.paused

    async def take_offer(self, offer: str) -> str | None:
        """The answer to an offer of WebRTC; None: not this way."""
        await self.close()
        self._offers += 1
        # at the first offer: a station at which nobody watches carries neither its time nor its memory
        webrtc_peer = await run_in_threadpool(import_module, "fleet_server.camera_stream.webrtc_peer")
        if self._offers > MOST_OFFERS or self._streams.peers >= self._most_peers:
            return None
        self._peer = peer = webrtc_peer.WebRtcPeer(self._connect, self._end, self._tell)
        self._streams.peers += 1
        try:
            return str(await peer.answer(offer))
        except webrtc_peer.RefusedOffer as error:
            log.info("an offer of WebRTC is not taken", viewer=self._view.watcher.username, reason=str(error))
            await self.close()
            return None

    async def choose(self, way: PicturesBy) -> None:
        """What the viewer says: pictures come that way, or do not."""
        if way is PicturesBy.WEBSOCKET:
            await self.close()
        elif self._view.by_webrtc is not None:
            self._mailbox.pause()

    async def close(self) -> None:
        """No WebRTC any more."""
        peer, self._peer = self._peer, None
        if peer is not None:
            self._streams.peers -= 1
            self._end()
            with anyio.move_on_after(CLOSE_WITHIN_S):
                await peer.close()

    def _connect(self, frames: Mailbox) -> None:
        self._view.by_webrtc = frames

    def _end(self) -> None:
        if self._view.by_webrtc is not None:
            self._view.by_webrtc.close()
            self._view.by_webrtc = None
        if self._mailbox.paused:
            self._mailbox.resume()

    def _tell(self, sent: SentFrame) -> None:
        self._mailbox.say(encode(ToViewer(sent=sent)).decode())
