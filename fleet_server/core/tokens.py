"""Tokens in files of the data folder, for programs that are no users."""

import secrets
from pathlib import Path

from fleet_server.core.secret_file import make_secret


def token_in(path: Path) -> str:
    """A token, made at the first start; only the server's user can read the file."""
    if not path.exists():
        make_secret(path, secrets.token_urlsafe(32).encode() + b"\n")
    return path.read_text().strip()
