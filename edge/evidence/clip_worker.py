"""Masks, encodes and seals clips in a thread of its own: a frame that comes meanwhile waits for none of it."""

import contextlib
import hashlib
import os
import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from enum import StrEnum

from edge.evidence.clip_masking import GivenUp, masked_frames
from edge.evidence.clip_recorder import Cut
from edge.evidence.spool import Note, Spool
from edge.perception.detector import Detector
from protocol.evidence import CLIP, RECORDING

BITS_PER_S = 500_000  # 1.25 MB for 20 s at most; a quiet yard has a fifth of it
MOST_WAITING = 4  # cuts, of up to 10 MB of JPEGs each
NICENESS = 10  # of the thread: what sees and walks goes first


class Trouble(StrEnum):
    """Why an anomaly goes with its picture alone."""

    NO_ENCODER = "no PyAV on this dog: no clips"
    NO_RECORDER = "no mcap on this dog: no recordings"
    NO_FRAMES = "no frame may be kept"
    TOO_MANY = "more clips than the dog can make"
    DISK = "the disk takes no clip"
    FAULT = "a clip could not be made"
    NO_ROOM = "the link takes no clips: the oldest went"


class ClipWorker:
    """``offer`` may be called from any thread and never waits. ``trouble`` is the last since a cut was begun, or empty.

    ``detector`` makes one of its own, when the first clip comes: the one that looks at frames is not to be waited for.
    """

    def __init__(self, detector: Callable[[], Detector], spool: Spool, new_id: Callable[[], str]) -> None:
        self._make_detector, self._spool, self._new_id = detector, spool, new_id
        self._detector: Detector | None = None
        self._waiting: queue.Queue[tuple[Cut, str] | None] = queue.Queue(MOST_WAITING)
        self.lost: Counter[Trouble] = Counter()
        self.made = 0
        self.trouble = ""
        self._ended = threading.Event()
        self._told: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="clips", daemon=True)
        self._thread.start()

    def offer(self, cut: Cut, order_id: str) -> None:
        """Have a cut made into a clip and a recording."""
        try:
            self._waiting.put_nowait((cut, order_id))
        except queue.Full:
            self._lose(Trouble.TOO_MANY)

    def notes(self) -> list[str]:
        """What went wrong since the last time, for the log."""
        told = []
        with contextlib.suppress(queue.Empty):
            while True:
                told.append(self._told.get_nowait())
        return told

    def end(self, patience_s: float = 5.0) -> None:
        """Give up what is not made yet."""
        self._ended.set()
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait(None)
        self._thread.join(patience_s)

    def _work(self) -> None:
        with contextlib.suppress(OSError, AttributeError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        self._spool.sweep()
        while (offered := self._waiting.get()) is not None and not self._ended.is_set():
            self.trouble = ""
            try:
                for made in self._files(*offered):
                    self._leave(*made)
            except GivenUp:
                break
            except Exception as error:  # noqa: BLE001 - no clip, whatever is in it, ends what sees
                self._lose(Trouble.FAULT, repr(error))

    def _files(self, cut: Cut, order_id: str) -> Iterator[tuple[Note, bytes]]:
        """The clip, then the recording."""
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

    def _leave(self, note: Note, data: bytes) -> None:
        try:
            gone = self._spool.put(note, data)
        except OSError as error:
            self._lose(Trouble.DISK, error.strerror or "")
            return
        self.made += 1
        if gone:
            self._lose(Trouble.NO_ROOM)

    def _lose(self, why: Trouble, detail: str = "") -> None:
        self.lost[why] += 1
        self.trouble = f"{why}: {detail}" if detail else str(why)
        self._told.put(self.trouble)
