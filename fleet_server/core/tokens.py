"""Tokens in files of the data folder, for programs that are no users."""

import contextlib
import os
import secrets
from pathlib import Path


def token_in(path: Path) -> str:
    """A token, made at the first start; only the server's user can read the file."""
    with contextlib.suppress(FileNotFoundError):
        return path.read_text().strip()
    token = secrets.token_urlsafe(32)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(token + "\n")
    return token
