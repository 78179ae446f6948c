"""What a backup says of itself: written last, so that a folder without it is no backup."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

NAME = "manifest.json"
FORMAT = 1


class BadBackup(ValueError):
    """A folder that is no whole backup, or does not fit here; the text says why."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """``rows`` by table and ``audit_head`` are of the moment that was copied; ``files`` are SHA-256 by path.

    The pictures' hashes stand in the database. ``gone`` were deleted by age while the backup ran.
    """

    xiaotian: str
    made_at: str
    database: str
    revision: str
    audit_head: str
    rows: dict[str, int]
    pictures: int
    picture_bytes: int
    gone: int
    fleet_dir: str = ""
    files: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        """Put it into ``folder``, whole or not at all."""
        part = folder / f"{NAME}.part"
        part.write_text(json.dumps(asdict(self), indent=2) + "\n")
        part.replace(folder / NAME)


def read_manifest(folder: Path) -> Manifest:
    """The manifest in ``folder``, all of whose files are there and unchanged; raises BadBackup."""
    try:
        told = json.loads((folder / NAME).read_text())
        if told["format"] != FORMAT:
            raise BadBackup(f"{folder}: of format {told['format']}, and {FORMAT} is read here")
        manifest = Manifest(**told)
    except (OSError, ValueError, TypeError, KeyError) as error:
        if isinstance(error, BadBackup):
            raise
        raise BadBackup(f"{folder} holds no whole backup: {error}") from error
    for name, sha256 in manifest.files.items():
        try:
            found = digest(folder / name)
        except OSError as error:
            raise BadBackup(f"{folder / name}: {error.strerror}") from error
        if found != sha256:
            raise BadBackup(f"{folder / name} was changed since the backup was made")
    return manifest


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
