"""A dog's camera, live: what goes over the dog's WebSocket to the station, and on from there to who watches.

A binary message is a frame: a header, then one access unit of H.264 as Annex B has it, a key frame with its parameter
sets. It reaches who watches as the dog sent it: in that message, or by WebRTC, which they offer over the same
WebSocket. A text message is one of the structs below, as JSON.
"""

import math
import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from protocol.header import UInt, Unit, Wire

START_STREAM, STOP_STREAM = (
    "startCameraStream",
    "stopCameraStream",
)  # instant actions of our dogs', beside the standard's
TOKEN_HEADER = "Camera-Stream-Token"  # noqa: S105 - a header's name
LEASE_S = 12.0
"""A dog to which ``startCameraStream`` is not said again for so long stops by itself."""
RENEW_S = 3.0
MOST_FPS = 15.0
MOST_KBPS = 4000.0
MOST_MESSAGE = 256 * 1024
"""Bytes; a key frame of 640 x 480 has 20 to 40 thousand."""
MOST_UNITS = 64  # NAL units of a frame
MOST_SEEN = 30  # things drawn over a frame
MOST_OFFER = 12_000  # characters; a browser that offers H.264 alone takes two thousand
_HEADER = struct.Struct("!BId")  # 1: a key frame, 0: another; the how-manieth of its stream; when it was taken
_START_CODE = b"\0\0\1"
_SLICE, _KEY_SLICE, _SEI, _SPS, _PPS, _DELIMITER = 1, 5, 6, 7, 8, 9
_KNOWN = {_SLICE, _KEY_SLICE, _SEI, _SPS, _PPS, _DELIMITER}


class MalformedFrame(ValueError):
    """Bytes that are no frame of a camera's stream; the text says what is wrong."""


class StreamEnd(StrEnum):
    """Why a stream is over."""

    UNWATCHED = "UNWATCHED"  # nobody watches any more
    STOPPED = "STOPPED"  # by who watched, or the station ends
    BATTERY_LOW = "BATTERY_LOW"
    NO_PICTURES = "NO_PICTURES"  # the camera sends none
    NO_CAMERA = "NO_CAMERA"
    NO_MASKING = "NO_MASKING"  # no detector of this dog is to be trusted with finding heads in real pictures
    REFUSED = "REFUSED"  # the dog does not do it, or the station does not take it
    UNREACHABLE = "UNREACHABLE"  # the dog does not get through to the station
    NO_ANSWER = "NO_ANSWER"  # the station hears nothing of the dog's
    REPLACED = "REPLACED"  # another stream was asked for
    NOT_VIDEO = "NOT_VIDEO"  # what came was none


class Withheld(StrEnum):
    """Why pictures are taken and not sent."""

    PRIVACY = "PRIVACY"  # in a privacy zone, or unsure of not being in one


@dataclass(frozen=True, slots=True)
class VideoFrame:
    """``captured_at``: seconds since the epoch by the station's clock; ``data``: H.264, Annex B."""

    key: bool
    number: int
    captured_at: float
    data: bytes

    def pack(self) -> bytes:
        """The message."""
        return _HEADER.pack(self.key, self.number, self.captured_at) + self.data


class SeenThing(Wire, frozen=True, kw_only=True):
    """What the dog's detector found in a frame, where it is surer than its threshold. ``box``: left, top, right and
    bottom, parts of the picture's width and height."""

    label: Annotated[str, Meta(max_length=20)]
    score: Unit
    box: tuple[Unit, Unit, Unit, Unit]


class CameraPlace(Wire, frozen=True, kw_only=True):
    """Where the camera was on the map: metres, ``z`` above the ground; ``rotation``, by rows, turns what is forward,
    left and up of the camera into the map's x, y and up. ``fx`` to ``cy``: its pinhole, parts of the picture's width
    and height."""

    x: float
    y: float
    z: float
    rotation: Annotated[list[float], Meta(min_length=9, max_length=9)]
    fx: float
    fy: float
    cx: float
    cy: float


class FrameNote(Wire, frozen=True, kw_only=True):
    """What is drawn over the frame of that ``number``; it is said before it. Without ``camera`` the dog does not know
    where it is."""

    number: UInt
    seen: Annotated[list[SeenThing], Meta(max_length=MOST_SEEN)]
    camera: CameraPlace | UnsetType = UNSET


class FromDog(Wire, frozen=True, kw_only=True):
    """What a dog says beside its frames: that it keeps pictures back and why (null: no more), what it sees in the next
    one, or that it ends."""

    withheld: Withheld | UnsetType | None = UNSET
    note: FrameNote | UnsetType = UNSET
    ended: StreamEnd | UnsetType = UNSET


class ToDog(Wire, frozen=True, kw_only=True):
    """What the station answers: the time there, ``seen``: the number of the frame that has come, or a wish."""

    at: float
    seen: int | UnsetType = UNSET
    key_frame: bool | UnsetType = UNSET
    ended: StreamEnd | UnsetType = UNSET


class PicturesBy(StrEnum):
    """The way that pictures take to who watches."""

    WEBRTC = "WEBRTC"
    WEBSOCKET = "WEBSOCKET"


class SentFrame(Wire, frozen=True, kw_only=True):
    """Which frame went out by WebRTC under that RTP timestamp (RFC 3550, 5.1), and when it was taken."""

    number: UInt
    captured_at: float
    rtp_timestamp: UInt


class ToViewer(Wire, frozen=True, kw_only=True):
    """What who watches is told: the time at the station when they ask for it, what the dog says, the answer (SDP) to
    their offer of WebRTC (null: the station does not take it), and what was sent that way."""

    at: float | UnsetType = UNSET
    asked: float | UnsetType = UNSET
    withheld: Withheld | UnsetType | None = UNSET
    note: FrameNote | UnsetType = UNSET
    ended: StreamEnd | UnsetType = UNSET
    answer: str | UnsetType | None = UNSET
    sent: SentFrame | UnsetType = UNSET


class FromViewer(Wire, frozen=True, kw_only=True):
    """What who watches says: what time it is, they ask (``asked`` is given back with the answer); that they would
    have the pictures by WebRTC (``offer``, SDP); or by which way they have them from now on."""

    asked: float | UnsetType = UNSET
    offer: Annotated[str, Meta(max_length=MOST_OFFER)] | UnsetType = UNSET
    pictures_by: PicturesBy | UnsetType = UNSET


def unpack(message: bytes) -> VideoFrame:
    """The frame in ``message``; raises MalformedFrame for what is none, or no H.264."""
    if len(message) > MOST_MESSAGE:
        raise MalformedFrame(f"{len(message)} bytes, more than {MOST_MESSAGE}")
    if len(message) <= _HEADER.size:
        raise MalformedFrame(f"{len(message)} bytes, less than a header and a picture")
    key, number, captured_at = _HEADER.unpack_from(message)
    if key not in (0, 1) or not math.isfinite(captured_at):
        raise MalformedFrame("the header is none")
    data = message[_HEADER.size :]
    units = unit_types(data)
    if not units or not units <= _KNOWN:
        raise MalformedFrame(f"no H.264: its units are of the kinds {sorted(units)}")
    pictures = units & {_SLICE, _KEY_SLICE}
    if pictures != {_KEY_SLICE if key else _SLICE} or (key and not units >= {_SPS, _PPS}):
        raise MalformedFrame(f"units of the kinds {sorted(units)} are no {'key frame' if key else 'frame'}")
    return VideoFrame(bool(key), number, captured_at, data)


def unit_types(data: bytes) -> set[int]:
    """The kinds of NAL units in an Annex B stream (H.264, table 7-1); none where it does not begin as one."""
    found: set[int] = set()
    if not data.startswith((_START_CODE, b"\0" + _START_CODE)):
        return found
    at = data.find(_START_CODE)
    for _ in range(MOST_UNITS):
        if at < 0 or at + 3 >= len(data):
            return found
        found.add(data[at + 3] & 0x1F if not data[at + 3] & 0x80 else -1)
        at = data.find(_START_CODE, at + 3)
    return {-1}
