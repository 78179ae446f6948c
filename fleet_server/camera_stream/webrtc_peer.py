"""The station's end of one viewer's WebRTC connection: frames of the dog go out in RTP as they came, never decoded.

No STUN server is asked, and no address that the offer names is spoken to: the browser finds the station, never the
other way round.
"""

import asyncio
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.exceptions import InternalError, InvalidAccessError, InvalidStateError, OperationError
from aiortc.mediastreams import MediaStreamError
from av import Packet

from fleet_server.camera_stream.mailbox import Mailbox
from protocol.camera_stream import SentFrame, VideoFrame, unpack

CONNECT_WITHIN_S = 15.0  # a browser that does not get through has given up long before
CLOCK_HZ = 90_000  # of video in RTP (RFC 6184, 5.1)
_ADDRESSES = re.compile(r"^a=(candidate|end-of-candidates|remote-candidates)\b.*(\r?\n|$)", re.MULTILINE)
_NEEDED = (r"^a=ice-ufrag:\S", r"^a=ice-pwd:\S", r"^a=fingerprint:sha-256 \S")
_OF_AIORTC = (InternalError, InvalidAccessError, InvalidStateError, OperationError)
_MALFORMED = (ValueError, LookupError, TypeError, AttributeError, AssertionError, ArithmeticError, RuntimeError)
"""What aiortc raises on texts that are no SDP; it has no error of its own for them."""


class RefusedOffer(ValueError):
    """An offer by which no pictures can be had; the text says why."""


class WebRtcPeer:
    """``connected`` is handed where its frames are wanted, ``ended`` called when they are no more, ``sent`` told of
    each that went out. All in the event loop."""

    def __init__(
        self, connected: Callable[[Mailbox], object], ended: Callable[[], object], sent: Callable[[SentFrame], object]
    ) -> None:
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self._frames = Mailbox()
        track = _EncodedTrack(self._frames, lambda frame: sent(self._sent(frame)))
        transceiver = self._connection.addTransceiver(track, direction="sendonly")
        capabilities = RTCRtpSender.getCapabilities("video").codecs
        transceiver.setCodecPreferences([each for each in capabilities if each.mimeType in ("video/H264", "video/rtx")])
        self._sender = transceiver.sender
        # aiortc offers no event for a picture that was lost for good (PLI, RFC 4585, 6.3.1); this is where it hears it
        setattr(self._sender, "_send_keyframe", self._frames.starve)  # noqa: B010

        async def on_state() -> None:
            if self._connection.connectionState == "connected":
                self._late.cancel()
                connected(self._frames)
            elif self._connection.connectionState in ("failed", "closed"):
                ended()

        self._connection.on("connectionstatechange", on_state)
        self._late = asyncio.get_running_loop().call_later(CONNECT_WITHIN_S, self._give_up)
        self._giving_up: asyncio.Task[None] | None = None

    async def answer(self, offer: str) -> str:
        """The answer (SDP); raises RefusedOffer."""
        kinds = re.findall(r"^m=(\S*)", offer, re.MULTILINE)
        if kinds != ["video"]:
            raise RefusedOffer(f"it is for {len(kinds)} media and not for one video")
        for each in _NEEDED:  # without one of them aiortc fails where nobody hears it
            if not re.search(each, offer, re.MULTILINE):
                raise RefusedOffer(f"it has no {each}")
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(_ADDRESSES.sub("", offer), "offer"))
            await self._connection.setLocalDescription(await self._connection.createAnswer())
        except (*_MALFORMED, *_OF_AIORTC) as error:
            raise RefusedOffer(f"no SDP that it can be answered: {error!r}") from error
        except OSError as error:
            raise RefusedOffer(f"no UDP socket: {error}") from error
        answer: str = self._connection.localDescription.sdp
        if "a=candidate" not in answer or "a=sendonly" not in answer:
            raise RefusedOffer("the station has no address for it, or pictures are not what it asks for")
        return answer

    async def close(self) -> None:
        """Say goodbye."""
        self._late.cancel()
        self._frames.close()
        await self._connection.close()

    def _give_up(self) -> None:
        self._giving_up = asyncio.ensure_future(self.close())

    def _sent(self, frame: VideoFrame) -> SentFrame:
        # aiortc adds an offset of its own to all timestamps and does not say which; this is the last one's whole
        timestamp: int = getattr(self._sender, "_RTCRtpSender__rtp_timestamp")  # noqa: B009
        return SentFrame(number=frame.number, captured_at=frame.captured_at, rtp_timestamp=timestamp)


class _EncodedTrack(MediaStreamTrack):  # type: ignore[misc]
    """aiortc takes what is encoded already (a packet) as it is. It asks for the next frame when one is sent."""

    kind = "video"

    def __init__(self, frames: Mailbox, sent: Callable[[VideoFrame], object]) -> None:
        super().__init__()
        self._frames, self._sent = frames, sent
        self._last: VideoFrame | None = None
        self._ticks = 0

    async def recv(self) -> "Packet[Any]":
        """The next frame, as soon as there is one."""
        if self._last is not None:
            self._sent(self._last)
        message = await self._frames.take()
        if not isinstance(message, bytes):
            raise MediaStreamError
        self._last = frame = unpack(message)
        self._ticks = max(self._ticks + 1, round(frame.captured_at * CLOCK_HZ))  # it never runs backwards
        packet = Packet(frame.data)
        packet.pts, packet.time_base = self._ticks, Fraction(1, CLOCK_HZ)
        return packet
