"""A folder in which perception leaves clips, or sealed originals, for the link, whichever of the two starts anew."""

import hashlib
from pathlib import Path

import msgspec

from edge.atomic_file import PART, replace_file

SPOOL, ORIGINALS = "clips", "originals"
"""The folders, beside the outbox."""
MOST_BYTES = 64 * 1024 * 1024
"""While no link takes them; then the oldest go."""


class Note(msgspec.Struct, frozen=True):
    """What is said of a file. Times in UTC seconds of the dog's clock; ``sha256`` seals it since it was made;
    ``duration_s`` None: it is of one moment."""

    evidence_id: str
    media_type: str
    sha256: str
    captured_at: float
    duration_s: float | None
    anomaly_ids: list[str]
    order_id: str = ""


class Damaged(Exception):
    """A file that is not what its note says."""


class Spool:
    """``put`` in one process, ``take`` and ``done`` in another. A file is there whole, with its note, or not at all."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._folder, self._most_bytes = folder, most_bytes

    def put(self, note: Note, data: bytes) -> int:
        """Leave ``data``, the note last: with it the file is there. Returns how many older ones went for it.

        Raises OSError, leaving nothing.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        gone = self._make_room(len(data))
        try:
            replace_file(self._file(note.evidence_id), data)
            replace_file(self._note(note.evidence_id), msgspec.json.encode(note))
        except OSError:
            self.done(note.evidence_id)
            raise
        return gone

    def take(self) -> tuple[Note, bytes] | None:
        """The oldest; None where there is none. Raises Damaged for one that is not what its note says: it is gone."""
        for path in sorted(self._folder.glob("*.json"), key=_age):
            try:
                note = msgspec.json.decode(path.read_bytes(), type=Note)
                data = self._file(note.evidence_id).read_bytes()
            except FileNotFoundError:  # gone for room in this moment
                self.done(path.stem)
                continue
            except msgspec.DecodeError as error:
                self.done(path.stem)
                raise Damaged(f"{path.name}: {error}") from error
            if hashlib.sha256(data).hexdigest() != note.sha256:
                self.done(note.evidence_id)
                raise Damaged(f"{note.evidence_id}: its hash is not the one of its note")
            return note, data
        return None

    def done(self, evidence_id: str) -> None:
        """Forget a file that the link has kept."""
        self._note(evidence_id).unlink(missing_ok=True)
        self._file(evidence_id).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Forget what a power cut left half done; for who puts, at its start."""
        for leftover in (*self._folder.glob(f"*{PART}"), *self._folder.glob("*.bin")):
            if leftover.suffix == PART or not self._note(leftover.stem).exists():
                leftover.unlink(missing_ok=True)

    def _make_room(self, size: int) -> int:
        here = sorted(self._folder.glob("*.bin"), key=_age)
        sizes = {path: path.stat().st_size for path in here if path.exists()}
        gone = 0
        for path in here:
            if sum(sizes.values()) + size <= self._most_bytes:
                break
            sizes.pop(path, None)
            self.done(path.stem)
            gone += 1
        return gone

    def _file(self, evidence_id: str) -> Path:
        return self._folder / f"{evidence_id}.bin"

    def _note(self, evidence_id: str) -> Path:
        return self._folder / f"{evidence_id}.json"


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
