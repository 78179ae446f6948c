"""The station's key: made at the first start, and put under everything that a dog obeys or believes."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from fleet_server.core.secret_file import FOR_ALL, make_secret
from protocol.signature import COMMANDS, DRIVING, SIGNED, Seal, key_id, seal
from protocol.topics import Address, Topic

PRIVATE_KEY, PUBLIC_KEY = "station_key.pem", "station_key.pub"
LIFE_S = 60.0
"""Of a command: longer than a slow link takes, and short enough that nothing old is obeyed."""


class BadKey(ValueError):
    """A key file that holds no Ed25519 private key, or not its public half; the text names it."""


class Signer:
    """Seals what is said. ``challenge_of`` tells the word that a vehicle said last, empty where it said none."""

    def __init__(self, key: Ed25519PrivateKey, challenge_of: Callable[[Address], str]) -> None:
        self._key = key
        self._key_id = key_id(key.public_key())
        self._challenge_of = challenge_of
        self._number = 0
        self._lock = threading.Lock()

    def properties(self, address: Address, topic: Topic, payload: bytes) -> list[tuple[str, str]]:
        """The user properties to say beside ``payload``; none on a topic that needs no seal.

        A command to a vehicle that said no challenge goes bare: one of ours would refuse it sealed or not, one of
        another make knows no seals, and rumqttd's MQTT 3.1.1 ends when a message with user properties goes that way.
        """
        if topic not in SIGNED or (topic in COMMANDS | DRIVING and not self._challenge_of(address)):
            return []
        issued = time.time()
        unsigned = Seal(
            key_id=self._key_id,
            number=self._next(),
            issued=issued,
            expires=issued + LIFE_S,
            challenge=self._challenge_of(address) if topic in COMMANDS else "",
        )
        return seal(self._key, address.topic(topic), payload, unsigned).properties()

    def _next(self) -> int:
        """Nanoseconds, so that a server that starts again goes on counting upwards."""
        with self._lock:
            self._number = max(self._number + 1, time.time_ns())
            return self._number


def station_key(private: Path, public: Path) -> Ed25519PrivateKey:
    """The key in ``private`` (PEM), made where there is none; its public half is written to ``public`` for the dogs.

    Raises BadKey.
    """
    if not private.exists():
        made = Ed25519PrivateKey.generate()
        text = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        make_secret(private, text)
    key = _read(private)
    half = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    if not public.exists():
        make_secret(public, half, FOR_ALL)
    if half.strip() not in public.read_bytes():
        raise BadKey(f"{public} lacks the public half of {private}: dogs that are given it would obey nothing")
    return key


def _read(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise BadKey(f"{path}: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadKey(f"{path}: a key of another kind than Ed25519")
    return key
