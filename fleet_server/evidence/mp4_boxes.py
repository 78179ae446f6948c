"""Whether a file is a clip as dogs make them, by its MP4 boxes (ISO/IEC 14496-12): nothing of it is decoded."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

MOST_BOXES = 64  # on one level; ours have five at most
MOST_MOOV = 1024 * 1024  # bytes; that of a minute has 10 KB
MOST_FRAMES = 60 * 30
MOST_PIXELS = 1920  # a side
TOP = frozenset({b"ftyp", b"moov", b"free", b"mdat"})


class NotAClip(ValueError):
    """The text says what it is not."""


@dataclass(frozen=True, slots=True)
class Clip:
    """What its boxes say: ``duration_s`` is the sum of its frames' durations."""

    duration_s: float


def read_clip(file: IO[bytes], size: int, longest_s: float) -> Clip:
    """What the boxes of ``file`` say; raises NotAClip for all but one track of H.264, its index before its pictures."""
    seen: list[bytes] = []
    moov = b""
    for kind, start, length in _top_level(file, size):
        if not seen and kind != b"ftyp":
            raise NotAClip("it does not begin as an MP4 file does")
        if kind not in TOP or (kind != b"free" and kind in seen):
            raise NotAClip(f"a box {kind!r} has no place in it")
        if kind == b"moov":
            if length > MOST_MOOV:
                raise NotAClip(f"its index has {length} bytes")
            file.seek(start)
            moov = file.read(length)
        if kind == b"mdat" and not moov:
            raise NotAClip("its index does not come before its pictures")
        seen.append(kind)
    if b"mdat" not in seen:
        raise NotAClip("it has no pictures")
    clip = _index(moov)
    if clip.duration_s > longest_s:
        raise NotAClip(f"it lasts {clip.duration_s:.0f} s, more than {longest_s:.0f}")
    return clip


def _top_level(file: IO[bytes], size: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and length of each box's content."""
    place = 0
    for _ in range(MOST_BOXES):
        if place == size:
            return
        file.seek(place)
        head = file.read(8)
        length = int.from_bytes(head[:4], "big")
        if len(head) < 8 or length < 8 or place + length > size:
            raise NotAClip(f"its boxes are broken at byte {place}")
        yield head[4:8], place + 8, length - 8
        place += length
    raise NotAClip("it has too many boxes")


def _index(moov: bytes) -> Clip:
    tracks = _children(moov, b"trak")
    if len(tracks) != 1:
        raise NotAClip(f"it has {len(tracks)} tracks, not one of video")
    media = _only(tracks[0], b"mdia")
    handler, header = _only(media, b"hdlr"), _only(media, b"mdhd")
    if handler[8:12] != b"vide":
        raise NotAClip("its track is no video")
    table = _only(_only(media, b"minf"), b"stbl")
    try:
        (per_second,) = struct.unpack_from(">I", header, 20 if header[0] else 12)
        return _frames(_only(table, b"stsd"), _only(table, b"stts"), per_second)
    except (struct.error, IndexError, ZeroDivisionError) as error:
        raise NotAClip("its index is broken") from error


def _frames(kinds: bytes, times: bytes, per_second: int) -> Clip:
    """By the sample descriptions and the time-to-sample table."""
    (described,) = struct.unpack_from(">I", kinds, 4)
    if described != 1 or kinds[12:16] != b"avc1":
        raise NotAClip("its video is no H.264")
    width, height = struct.unpack_from(">HH", kinds, 40)
    if not 0 < width <= MOST_PIXELS or not 0 < height <= MOST_PIXELS:
        raise NotAClip(f"its pictures are {width} x {height}")
    (runs,) = struct.unpack_from(">I", times, 4)
    if not 0 < runs <= MOST_FRAMES:
        raise NotAClip("its frames cannot be counted")
    frames = ticks = 0
    for run in range(runs):
        count, each = struct.unpack_from(">II", times, 8 + 8 * run)
        frames, ticks = frames + count, ticks + count * each
    if not 0 < frames <= MOST_FRAMES:
        raise NotAClip(f"it has {frames} frames")
    return Clip(ticks / per_second)


def _only(content: bytes, kind: bytes) -> bytes:
    found = _children(content, kind)
    if len(found) != 1:
        raise NotAClip(f"its index has {len(found)} {kind!r}")
    return found[0]


def _children(content: bytes, kind: bytes) -> list[bytes]:
    found: list[bytes] = []
    place = 0
    for _ in range(MOST_BOXES):
        if place == len(content):
            return found
        length = int.from_bytes(content[place : place + 4], "big")
        if length < 8 or place + length > len(content):
            raise NotAClip("its index is broken")
        if content[place + 4 : place + 8] == kind:
            found.append(content[place + 8 : place + length])
        place += length
    raise NotAClip("its index has too many boxes")
