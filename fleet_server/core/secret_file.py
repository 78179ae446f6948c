"""Files with keys and passwords in them: for this user alone, and whole or not there, also after a power cut."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOR_US, FOR_ALL = 0o600, 0o644


def write_secret(path: Path, data: bytes) -> None:
    """``data`` in ``path``, in the place of what was there. Raises OSError, and leaves that as it was."""
    with _beside(path, data, FOR_US) as part:
        os.replace(part, path)


def make_secret(path: Path, data: bytes, mode: int = FOR_US) -> None:
    """``data`` in ``path`` where there is no file yet: of several that make one at once, all have the same one.

    ``mode``: FOR_ALL for what goes with a secret and is none. Raises OSError.
    """
    with _beside(path, data, mode) as part, contextlib.suppress(FileExistsError):
        os.link(part, path)


@contextmanager
def _beside(path: Path, data: bytes, mode: int) -> Iterator[Path]:
    """A file that has ``data`` on the disk, to be given its name; the name is on the disk at the end."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FOR_US), "wb") as file:
            os.fchmod(file.fileno(), mode)  # whatever the umask takes away
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield part
    finally:
        part.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
