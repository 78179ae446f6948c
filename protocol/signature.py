"""A seal on what the server says: Ed25519 over topic, payload and freshness, in MQTT 5 user properties (RFC 8032).

Who owns the broker can then neither forge a command nor send an old one again, to the same dog or to another. A seal
is fresh by the dog's own ``challenge``, a word that the dog says beside its state and changes often: what carries it
was signed after the dog said it, whatever any clock shows. See docs/security.md.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from protocol.topics import Topic

CHALLENGE = "challenge"
"""The user property beside a dog's ``state`` with its challenge."""
KEY, NUMBER, ISSUED, EXPIRES, ECHO, SIGNATURE = "sig-key", "sig-id", "sig-time", "sig-expiry", "sig-challenge", "sig"
COMMANDS = frozenset({Topic.ORDER, Topic.INSTANT_ACTIONS})
"""Must be fresh: a command of an hour ago is none."""
DRIVING = frozenset({Topic.DRIVE_COMMAND})
"""Fresh by the words of ``driveState``, which are younger than a challenge; else as the commands."""
TRUTHS = frozenset({Topic.RECEIVED, Topic.SITE})
"""Stay true: that an id is stored, and what a version of the site is. They need a signature, and no freshness."""
SIGNED = COMMANDS | TRUTHS | DRIVING
_FIRST_LINE = "xiaotian-seal-1"
_MOST = 200  # characters of a property; no honest one has as many


class BadSeal(ValueError):
    """A message whose seal is absent or broken; the text says which part."""


@dataclass(frozen=True, slots=True)
class Seal:
    """``number`` names the message and grows with each; ``issued`` and ``expires`` are the signer's UTC seconds."""

    key_id: str
    number: int
    issued: float
    expires: float
    challenge: str
    signature: bytes = b""

    def properties(self) -> list[tuple[str, str]]:
        """The seal as user properties."""
        return [
            (KEY, self.key_id),
            (NUMBER, str(self.number)),
            (ISSUED, repr(self.issued)),
            (EXPIRES, repr(self.expires)),
            (ECHO, self.challenge),
            (SIGNATURE, base64.b64encode(self.signature).decode()),
        ]

    def text(self, topic: str, payload: bytes) -> bytes:
        """What is signed: every part on a line of its own, the payload by its SHA-256."""
        digest = hashlib.sha256(payload).hexdigest()
        parts = (_FIRST_LINE, topic, self.key_id, self.number, repr(self.issued), repr(self.expires), self.challenge)
        return "\n".join([*map(str, parts), digest]).encode()


def read_seal(properties: Mapping[str, str]) -> Seal:
    """The seal among the user properties; raises BadSeal."""
    if SIGNATURE not in properties:
        raise BadSeal("it is not signed")
    given = {name: properties.get(name, "") for name in (KEY, NUMBER, ISSUED, EXPIRES, ECHO, SIGNATURE)}
    long = [name for name, value in given.items() if len(value) > _MOST or "\n" in value]
    if long:
        raise BadSeal(f"property {long[0]!r} is no part of a seal")
    try:
        signature = base64.b64decode(given[SIGNATURE], validate=True)
        number, issued, expires = int(given[NUMBER]), float(given[ISSUED]), float(given[EXPIRES])
    except (ValueError, binascii.Error) as error:
        raise BadSeal(f"its seal cannot be read: {error}") from error
    return Seal(given[KEY], number, issued, expires, given[ECHO], signature)


def key_id(public: Ed25519PublicKey) -> str:
    """A short name of the key: the first 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def seal(key: Ed25519PrivateKey, topic: str, payload: bytes, unsigned: Seal) -> Seal:
    """``unsigned`` with the signature of ``key``."""
    signature = key.sign(unsigned.text(topic, payload))
    return Seal(
        unsigned.key_id, unsigned.number, unsigned.issued, unsigned.expires, unsigned.challenge, signature=signature
    )


def check_signature(key: Ed25519PublicKey, topic: str, payload: bytes, sealed: Seal) -> None:
    """Raise BadSeal unless ``key`` signed exactly this, for this topic."""
    try:
        key.verify(sealed.signature, sealed.text(topic, payload))
    except InvalidSignature as error:
        raise BadSeal("its signature is not that of the station's key") from error
