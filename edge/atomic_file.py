"""Files that survive a power cut."""

import os
from pathlib import Path

PART = ".part"


def replace_file(path: Path, data: bytes) -> None:
    """``data`` in ``path``: after a power cut the file is the old one or the new one, whole. Raises OSError."""
    part = path.with_name(path.name + PART)
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
