"""Secrets that the database has to give back in the clear lie there sealed; the key lies in a file beside it."""

import base64
import binascii
import hashlib
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fleet_server.core.secret_file import make_secret

MARK = "sealed.1"  # version of the format: sealed.1.KEY ID.BASE64 of nonce and AES-256-GCM ciphertext
KEY_BYTES, NONCE_BYTES = 32, 12
KEY_ID_DIGITS = 8


class UnreadableSecret(ValueError):
    """A secret that cannot be sealed or opened; the text names whose it is, and the key file."""


class StoredSecrets:
    """Seals with the key in ``path``, which is made when it is first needed.

    The file is read each time: a key that is put back works at once. What is sealed for one owner opens for no other.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def seal(self, clear: str, owner: str) -> str:
        """``clear`` as the database may have it; raises UnreadableSecret where there is no key to do it with."""
        key = self._key(owner, make=True)
        nonce = secrets.token_bytes(NONCE_BYTES)
        text = base64.b64encode(nonce + AESGCM(key).encrypt(nonce, clear.encode(), owner.encode())).decode()
        return f"{MARK}.{_key_id(key)}.{text}"

    def open(self, kept: str, owner: str) -> str:
        """What was sealed for ``owner``; what never was, as it is. Raises UnreadableSecret."""
        if not is_sealed(kept):
            return kept
        key = self._key(owner)
        key_id, _, text = kept.removeprefix(f"{MARK}.").partition(".")
        if key_id != _key_id(key):
            raise self._unreadable(owner, f"it was sealed with key {key_id}, and the file has key {_key_id(key)}")
        try:
            sealed = base64.b64decode(text, validate=True)
            return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], owner.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise self._unreadable(owner, "it was altered in the database, or is another's") from error

    def _key(self, owner: str, make: bool = False) -> bytes:
        try:
            if make and not self._path.exists():
                make_secret(self._path, base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            key = base64.b64decode(self._path.read_text().strip(), validate=True)
        except OSError as error:
            raise self._unreadable(owner, error.strerror or str(error)) from error
        except (binascii.Error, ValueError) as error:
            raise self._unreadable(owner, "no key in base64") from error
        if len(key) != KEY_BYTES:
            raise self._unreadable(owner, f"a key of {len(key)} bytes, not {KEY_BYTES}")
        return key

    def _unreadable(self, owner: str, why: str) -> UnreadableSecret:
        return UnreadableSecret(f"the secret of {owner} cannot be read with {self._path}: {why}")


def is_sealed(kept: str) -> bool:
    """Whether the database has it sealed."""
    return kept.startswith(f"{MARK}.")


def _key_id(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()[:KEY_ID_DIGITS]
