"""Seals the originals of an anomaly's pictures to the evidence officer's key, in memory, in a thread of its own."""

import contextlib
import hashlib
import queue
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from edge.dog.perception_core import Sighted
from edge.evidence.spool import Note, Spool
from edge.evidence.spool_worker import Losses, SpoolWorker
from edge.perception.original import Original, original_jpeg
from protocol.codec import timestamp
from protocol.evidence import ORIGINAL
from protocol.sealed_original import seal_original

MOST_BYTES = 16 * 1024 * 1024  # in the folder, while no link takes them


class Trouble(StrEnum):
    """Why a picture goes without its original."""

    TOO_MANY = "more originals than the dog can seal"
    DISK = "the disk takes no original"
    FAULT = "an original could not be sealed"
    NO_ROOM = "the link takes no originals: the oldest went"


@dataclass(frozen=True, slots=True)
class _Offered:
    sighted: Sighted
    original: Original
    key: X25519PublicKey
    order_id: str


LOSSES = Losses(Trouble.TOO_MANY, Trouble.DISK, Trouble.FAULT, Trouble.NO_ROOM)


class OriginalSealing(SpoolWorker[_Offered]):
    """``offer`` never waits. What lies in ``spool`` is sealed: before that an original is in this process's memory."""

    def __init__(self, manufacturer: str, serial_number: str, spool: Spool, new_id: Callable[[], str]) -> None:
        self._manufacturer, self._serial_number, self._new_id = manufacturer, serial_number, new_id
        super().__init__("originals", spool, LOSSES)

    def offer(self, sighted: Sighted, key: X25519PublicKey, order_id: str) -> None:
        """Have the original of an anomaly's picture sealed, where there is one."""
        if sighted.original is not None and sighted.picture is not None:
            self._put(_Offered(sighted, sighted.original, key, order_id))

    def end(self, patience_s: float = 2.0) -> None:
        """Seal what waits, if there is time."""
        with contextlib.suppress(queue.Full):
            self._waiting.put(None, timeout=patience_s)
        self._thread.join(patience_s)

    def _files(self, offered: _Offered) -> Iterator[tuple[Note, bytes]]:
        yield self._sealed(offered)

    def _told_of(self, error: Exception) -> str:
        """Without its words: they may be of the picture."""
        return type(error).__name__

    def _sealed(self, offered: _Offered) -> tuple[Note, bytes]:
        sighted = offered.sighted
        evidence_id = self._new_id()
        sealed = seal_original(
            offered.key,
            original_jpeg(offered.original),
            evidence_id=evidence_id,
            anomaly_id=sighted.anomaly_id,
            manufacturer=self._manufacturer,
            serial_number=self._serial_number,
            masked_sha256=hashlib.sha256(sighted.jpeg()).hexdigest(),
            captured_at=timestamp(sighted.stamp),
        )
        note = Note(
            evidence_id=evidence_id,
            media_type=ORIGINAL,
            sha256=hashlib.sha256(sealed).hexdigest(),
            captured_at=sighted.stamp,
            duration_s=None,
            anomaly_ids=[sighted.anomaly_id],
            order_id=offered.order_id,
        )
        return note, sealed
