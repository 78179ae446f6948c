"""A picture as it was before masking, sealed to the evidence officer's key: HPKE (RFC 9180), mode base.

A file is, in this order: ``MAGIC`` (its last byte is the version of this format), the length of the label (two bytes,
big endian), the label (JSON: whose key it is sealed to, and of which picture it is the original), and HPKE's
encapsulated key and ciphertext. The suite is DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305; its ``info``
is all that stands before the ciphertext: so with another label nothing opens. See docs/security.md.
"""

import base64
import binascii
import hashlib
from datetime import datetime
from typing import Annotated

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from protocol.header import Sha256, Timestamp, Wire

MAGIC = b"\x89XTORIG\x01"
MOST_LABEL = 2048  # bytes; an honest one has about 400
KEY_BYTES = 32
OVERHEAD = 48  # bytes of HPKE: the encapsulated key and the tag
KeyId = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$")]
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


class BadSealedOriginal(ValueError):
    """Bytes that are no sealed original, or that this key does not open; the text says which."""


class BadEvidenceKey(ValueError):
    """A text that is no public evidence key."""


class OriginalLabel(Wire, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands on a sealed original for all to read. ``masked_sha256`` is of the masked picture's file."""

    key_id: KeyId
    evidence_id: Annotated[str, msgspec.Meta(min_length=36, max_length=36)]
    anomaly_id: Annotated[str, msgspec.Meta(min_length=36, max_length=36)]
    manufacturer: Annotated[str, msgspec.Meta(max_length=128)]
    serial_number: Annotated[str, msgspec.Meta(max_length=128)]
    masked_sha256: Sha256
    captured_at: Timestamp


def read_evidence_key(text: str) -> X25519PublicKey:
    """The public key in ``text``: 32 bytes in base64. Raises BadEvidenceKey, also for the few that keep no secret."""
    try:
        raw = base64.b64decode(text, validate=True)
        if len(raw) != KEY_BYTES:
            raise BadEvidenceKey(f"an evidence key has {KEY_BYTES} bytes in base64, not {len(raw)}")
        key = X25519PublicKey.from_public_bytes(raw)
        X25519PrivateKey.generate().exchange(key)  # of a low order it gives zeros, and is refused
    except BadEvidenceKey:
        raise
    except (binascii.Error, ValueError) as error:
        raise BadEvidenceKey(
            "no evidence key: it is 32 bytes in base64, as `xiaotian evidence key` tells it"
        ) from error
    return key


def evidence_key_text(key: X25519PublicKey) -> str:
    """The key as a site names it."""
    return base64.b64encode(key.public_bytes_raw()).decode()


def evidence_key_id(key: X25519PublicKey) -> str:
    """By which a key is told from others: the first 64 bits of its SHA-256, in hexadecimal."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def seal_original(
    key: X25519PublicKey,
    content: bytes,
    *,
    evidence_id: str,
    anomaly_id: str,
    manufacturer: str,
    serial_number: str,
    masked_sha256: str,
    captured_at: datetime,
) -> bytes:
    """``content`` as a sealed file; nobody opens it without the private half of ``key``, its maker neither."""
    label = OriginalLabel(
        key_id=evidence_key_id(key),
        evidence_id=evidence_id,
        anomaly_id=anomaly_id,
        manufacturer=manufacturer,
        serial_number=serial_number,
        masked_sha256=masked_sha256,
        captured_at=captured_at,
    )
    said = msgspec.json.encode(label)
    if len(said) > MOST_LABEL:
        raise ValueError(f"a label of {len(said)} bytes, more than {MOST_LABEL}")
    before = MAGIC + len(said).to_bytes(2, "big") + said
    return before + _SUITE.encrypt(content, key, before)


def read_label(data: bytes) -> OriginalLabel:
    """The label of a sealed original, of which ``data`` is the beginning or all; raises BadSealedOriginal."""
    return _label(data)[0]


def open_original(key: X25519PrivateKey, data: bytes) -> tuple[OriginalLabel, bytes]:
    """The label and the picture; raises BadSealedOriginal where the key is another, or any byte was altered."""
    label, begin = _label(data)
    mine = evidence_key_id(key.public_key())
    if label.key_id != mine:
        raise BadSealedOriginal(f"it is sealed to the key {label.key_id}, and this one is {mine}")
    try:
        return label, _SUITE.decrypt(data[begin:], key, data[:begin])
    except (InvalidTag, ValueError) as error:
        raise BadSealedOriginal("it was altered since the dog sealed it") from error


def _label(data: bytes) -> tuple[OriginalLabel, int]:
    """And where the ciphertext begins."""
    if data[: len(MAGIC)] != MAGIC:
        raise BadSealedOriginal("it is no sealed original of this format")
    begin = len(MAGIC) + 2
    end = begin + int.from_bytes(data[len(MAGIC) : begin], "big")
    if end - begin > MOST_LABEL or len(data) < end + OVERHEAD:
        raise BadSealedOriginal("it is cut off")
    try:
        return msgspec.json.decode(data[begin:end], type=OriginalLabel), end
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise BadSealedOriginal(f"its label cannot be read: {error}") from error
