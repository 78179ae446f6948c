"""Where evidence lies: ``evidence/ab/abcd....part`` while it comes in; whole, in the same folder or in a bucket."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from fleet_server.evidence.byte_range import Part


class PictureStore(Protocol):
    """Whole pictures by their ids. Two there are: a folder, and a bucket of S3 (``evidence.s3``)."""

    def put(self, evidence_id: str, file: Path, sha256: str) -> None:
        """Take over ``file``, whose hash is right: it is gone from there, and safe here. Raises OSError."""

    def content(self, evidence_id: str, part: Part | None = None) -> Path | Iterator[bytes]:
        """The file, or its bytes, of which ``part`` are asked for alone; None: all.

        Raises FileNotFoundError or, where it is out of reach, another OSError.
        """

    def digest(self, evidence_id: str) -> str | None:
        """The SHA-256 of what is there; None where there is nothing."""

    def remove(self, evidence_id: str) -> None:
        """Delete it, if it is there."""

    def trouble(self) -> str:
        """Why it is no use now; empty where it is."""


class FolderStore:
    """A folder of files, spread over 256 folders by the first byte of their id."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, evidence_id: str) -> Path:
        """Where the file lies."""
        return self.folder / evidence_id[:2] / evidence_id

    def put(self, evidence_id: str, file: Path, sha256: str) -> None:  # noqa: ARG002 - on one disk nothing can change
        """Give ``file``, on the same disk, its last name."""
        target = self.path(evidence_id)
        target.parent.mkdir(parents=True, exist_ok=True)
        file.rename(target)
        _sync_folder(target.parent)

    def content(self, evidence_id: str, part: Part | None = None) -> Path:  # noqa: ARG002 - who has a file can seek in it
        """The file."""
        if not self.path(evidence_id).exists():
            raise FileNotFoundError(evidence_id)
        return self.path(evidence_id)

    def digest(self, evidence_id: str) -> str | None:
        """The SHA-256 of what is there; None where there is nothing."""
        try:
            return file_digest(self.path(evidence_id))
        except FileNotFoundError:
            return None

    def remove(self, evidence_id: str) -> None:
        """Delete it, if it is there."""
        self.path(evidence_id).unlink(missing_ok=True)

    def trouble(self) -> str:
        """A folder's disk is looked at elsewhere."""
        return ""


class Unfit(ValueError):
    """Bytes that are as they were sent, and not what was announced; the text says why."""


class EvidenceFiles:
    """``folder`` has what comes in; what is whole goes to ``store``, which is the same folder where none is named."""

    def __init__(self, folder: Path, store: PictureStore | None = None) -> None:
        self.folder = folder
        self.store: PictureStore = store or FolderStore(folder)

    def part(self, evidence_id: str) -> Path:
        """Where the file lies while it comes in."""
        return self.folder / evidence_id[:2] / f"{evidence_id}.part"

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

    def seal(self, evidence_id: str, sha256: str, unfit: Callable[[Path], str] = lambda _: "") -> bool:
        """Make the file whole if its hash is right; otherwise forget its bytes. True when it is whole.

        Raises Unfit, and forgets them too, where ``unfit`` says why they are not to be kept.

        Raises OSError where the store does not take it: the bytes stay, to be sealed again. The caller notes it in the
        database after. A crash in between costs one more upload of the same bytes.
        """
        part = self.part(evidence_id)
        part.parent.mkdir(parents=True, exist_ok=True)
        with part.open("ab") as file:
            os.fsync(file.fileno())
        if file_digest(part) != sha256:
            part.unlink()
            return False
        if why := unfit(part):
            part.unlink()
            raise Unfit(why)
        self.store.put(evidence_id, part, sha256)
        return True

    def fetch(self, evidence_id: str, target: Path) -> None:
        """Copy a whole file to ``target``; raises FileNotFoundError or another OSError."""
        content = self.store.content(evidence_id)
        if isinstance(content, Path):
            shutil.copyfile(content, target)
            return
        with target.open("wb") as file:
            file.writelines(content)

    def take(self, evidence_id: str, source: Path, sha256: str) -> None:
        """Copy a whole file from ``source`` into the store."""
        part = self.part(evidence_id)
        part.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, part)
        self.store.put(evidence_id, part, sha256)

    def remove(self, evidence_id: str) -> None:
        """Delete what there is of it."""
        self.part(evidence_id).unlink(missing_ok=True)
        self.store.remove(evidence_id)


def file_digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
