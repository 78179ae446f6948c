"""The evidence officer's key, kept by the officer under a passphrase; the station has its public half alone."""

from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from fleet_server.core.secret_file import make_secret

SHORTEST = 12  # characters of a passphrase: whoever steals the file guesses at leisure


class BadKeyFile(ValueError):
    """A file that holds no evidence key, or a passphrase that is not its own; the text says which."""


def make_evidence_key(file: Path, passphrase: str) -> X25519PrivateKey:
    """A new key in ``file`` (PKCS #8, encrypted; 0600), which must not be there. Raises BadKeyFile or OSError."""
    if len(passphrase) < SHORTEST:
        raise BadKeyFile(f"a passphrase has at least {SHORTEST} characters")
    if file.exists():
        raise BadKeyFile("it is there already, and what is sealed to it opens with nothing else")
    key = X25519PrivateKey.generate()
    hidden = BestAvailableEncryption(passphrase.encode())
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden)
    make_secret(file, text)
    if file.read_bytes() != text:
        raise BadKeyFile("another key was put there meanwhile")
    return key


def read_evidence_key_file(file: Path, passphrase: str) -> X25519PrivateKey:
    """The key in ``file``; raises BadKeyFile or OSError."""
    try:
        key = load_pem_private_key(file.read_bytes(), passphrase.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadKeyFile("another passphrase, or no key file of `xiaotian evidence key`") from error
    if not isinstance(key, X25519PrivateKey):
        raise BadKeyFile("a key of another kind: `xiaotian evidence key` makes X25519")
    return key
