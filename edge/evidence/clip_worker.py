"""Masks, encodes and seals clips in a thread of its own: a frame that comes meanwhile waits for none of it."""

import contextlib
import hashlib
import queue
from collections.abc import Callable, Iterator
from enum import StrEnum

from edge.evidence.clip_masking import masked_frames
from edge.evidence.clip_recorder import Cut
from edge.evidence.spool import Note, Spool
from edge.evidence.spool_worker import Losses, SpoolWorker
from edge.perception.detector import Detector
from protocol.evidence import CLIP, RECORDING

BITS_PER_S = 500_000  # 1.25 MB for 20 s at most; a quiet yard has a fifth of it


class Trouble(StrEnum):
    """Why an anomaly goes with its picture alone."""

    NO_ENCODER = "no PyAV on this dog: no clips"
    NO_RECORDER = "no mcap on this dog: no recordings"
    NO_FRAMES = "no frame may be kept"
    TOO_MANY = "more clips than the dog can make"
    DISK = "the disk takes no clip"
    FAULT = "a clip could not be made"
    NO_ROOM = "the link takes no clips: the oldest went"


LOSSES = Losses(Trouble.TOO_MANY, Trouble.DISK, Trouble.FAULT, Trouble.NO_ROOM)


class ClipWorker(SpoolWorker[tuple[Cut, str]]):
    """``offer`` may be called from any thread and never waits.

    ``detector`` makes one of its own, when the first clip comes: the one that looks at frames is not to be waited for.
    """

    def __init__(self, detector: Callable[[], Detector], spool: Spool, new_id: Callable[[], str]) -> None:
        self._make_detector, self._new_id = detector, new_id
        self._detector: Detector | None = None
        super().__init__("clips", spool, LOSSES)

    def offer(self, cut: Cut, order_id: str) -> None:
        """Have a cut made into a clip and a recording."""
        self._put((cut, order_id))

    def end(self, patience_s: float = 5.0) -> None:
        """Give up what is not made yet."""
        self._ended.set()
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait(None)
        self._thread.join(patience_s)

    def _files(self, offered: tuple[Cut, str]) -> Iterator[tuple[Note, bytes]]:
        """The clip, then the recording."""
        cut, order_id = offered
        if not any(frame.jpeg for frame in cut.frames):
            self._lose(Trouble.NO_FRAMES)
        elif (clip := self._clip(cut)) is not None:
            yield self._sealed(CLIP, clip, cut.frames[0].stamp, cut.frames[-1].stamp, cut, order_id), clip
        if (recording := self._recording(cut)) is not None:
            yield self._sealed(RECORDING, recording, cut.span.begin, cut.span.end, cut, order_id), recording

    def _clip(self, cut: Cut) -> bytes | None:
        try:
            from edge.evidence.mp4 import encode_mp4  # PyAV has 28 MB, for a dog that sees something
        except ImportError:
            self._lose(Trouble.NO_ENCODER)
            return None
        self._detector = self._detector or self._make_detector()
        return encode_mp4(masked_frames(cut.frames, self._detector, self._ended.is_set), len(cut.frames), BITS_PER_S)

    def _recording(self, cut: Cut) -> bytes | None:
        try:
            from edge.evidence.mcap_recording import record
        except ImportError:
            self._lose(Trouble.NO_RECORDER)
            return None
        return record(cut)

    def _sealed(self, kind: str, data: bytes, begin: float, end: float, cut: Cut, order_id: str) -> Note:
        return Note(
            evidence_id=self._new_id(),
            media_type=kind,
            sha256=hashlib.sha256(data).hexdigest(),
            captured_at=begin,
            duration_s=round(max(end - begin, 0.0), 3),
            anomaly_ids=list(cut.span.anomaly_ids),
            order_id=order_id,
        )
