"""Where evidence lies: ``evidence/ab/abcd....part`` while it comes in, without the suffix when it is whole."""

import hashlib
import os
from pathlib import Path


class EvidenceFiles:
    """A folder of files, spread over 256 folders by the first byte of their id."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, evidence_id: str) -> Path:
        """Where the whole file lies."""
        return self.folder / evidence_id[:2] / evidence_id

    def part(self, evidence_id: str) -> Path:
        """Where the file lies while it comes in."""
        return self.path(evidence_id).with_suffix(".part")

    def offset(self, evidence_id: str) -> int:
        """Bytes stored so far of a file that is not whole."""
        part = self.part(evidence_id)
        return part.stat().st_size if part.exists() else 0

    def append(self, evidence_id: str, chunk: bytes) -> None:
        """Add bytes at the end."""
        part = self.part(evidence_id)
        part.parent.mkdir(parents=True, exist_ok=True)
        with part.open("ab") as file:
            file.write(chunk)

    def seal(self, evidence_id: str, sha256: str) -> bool:
        """Make the file whole if its hash is right; otherwise forget its bytes. True when it is whole.

        The caller notes it in the database after. A crash in between costs one more upload of the same bytes.
        """
        part = self.part(evidence_id)
        part.parent.mkdir(parents=True, exist_ok=True)
        with part.open("ab") as file:
            os.fsync(file.fileno())
        with part.open("rb") as file:
            right = hashlib.file_digest(file, "sha256").hexdigest() == sha256
        if not right:
            part.unlink()
            return False
        part.rename(self.path(evidence_id))
        _sync_folder(part.parent)
        return True

    def remove(self, evidence_id: str) -> None:
        """Delete what there is of it."""
        self.part(evidence_id).unlink(missing_ok=True)
        self.path(evidence_id).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
