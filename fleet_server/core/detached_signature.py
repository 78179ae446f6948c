"""The station's Ed25519 signature under what leaves it, checked with its public key alone: no server, no database."""

import base64
import binascii
import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from fleet_server.core.signing import BadKey
from protocol.signature import key_id

PEM = re.compile(rb"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", re.DOTALL)


@dataclass(frozen=True)
class StationKey:
    """The key with which the station signs what leaves it."""

    private: Ed25519PrivateKey


class Signature(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """``key_id`` names the key, ``signature`` is in base64."""

    key_id: str
    signature: str


def sign(key: Ed25519PrivateKey, what: str, content: bytes) -> Signature:
    """The signature under ``content``; ``what`` names its kind, so that none passes for one of another kind."""
    made = key.sign(_text(what, content))
    return Signature(key_id=key_id(key.public_key()), signature=base64.b64encode(made).decode())


def is_signed(keys: Sequence[Ed25519PublicKey], what: str, content: bytes, signature: Signature) -> bool:
    """Whether one of ``keys`` signed exactly this, as that kind."""
    try:
        made = base64.b64decode(signature.signature, validate=True)
    except binascii.Error:
        return False
    for key in keys:
        try:
            key.verify(made, _text(what, content))
        except InvalidSignature:
            continue
        return True
    return False


def public_keys(path: Path) -> list[Ed25519PublicKey]:
    """All keys of a file of public keys (PEM): more than one while a station changes its own; raises BadKey."""
    try:
        found = keys_in(path.read_bytes())
    except OSError as error:
        raise BadKey(f"{path}: {error}") from error
    if not found:
        raise BadKey(f"{path}: no Ed25519 public key")
    return found


def keys_in(pem: bytes) -> list[Ed25519PublicKey]:
    """The Ed25519 keys among them; what is none is passed over."""
    found = []
    for each in PEM.findall(pem):
        with contextlib.suppress(ValueError, UnsupportedAlgorithm):
            found.append(load_pem_public_key(each))
    return [key for key in found if isinstance(key, Ed25519PublicKey)]


def _text(what: str, content: bytes) -> bytes:
    return what.encode() + b"\n" + content
