"""Whom the dog obeys: with a station's key, nobody else. No clock is trusted, neither the dog's nor the station's.

A command must echo a challenge that this dog said in this life, not long ago by its own steady clock: so it was
signed after that, for this dog, and cannot be older than its lifetime. It must echo a later challenge than the last
one, or bear a higher number: so it is taken once, though the station's clock, which numbers, be set back. A dog that
starts again has new challenges, and every earlier command is void; nothing has to be kept.
"""

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from edge.link.mqtt_session import Heard
from protocol.signature import COMMANDS, SIGNED, BadSeal, Seal, check_signature, key_id, read_seal
from protocol.topics import Topic

CHANGE_EVERY_S = 5.0  # as often as a state is said
LONGEST_LIFE_S = 120.0  # of a command, whatever its signer says
REMEMBERED = 32  # challenges; with CHANGE_EVERY_S they reach back further than the longest life


class BadKey(ValueError):
    """A key file that holds no Ed25519 public keys; the text names it."""


@dataclass(frozen=True, slots=True)
class _Said:
    at: float  # steady seconds


class CommandAuthentication:
    """Judges what is heard. ``now`` is steady seconds."""

    def __init__(self, keys: dict[str, Ed25519PublicKey]) -> None:
        self._keys = keys
        self._challenges: OrderedDict[str, _Said] = OrderedDict()
        self._last: dict[tuple[str, Topic], tuple[float, int]] = {}  # when its challenge was said, and its number

    def challenge(self, now: float) -> str:
        """The word to say beside the next state."""
        latest = next(reversed(self._challenges), "")
        if latest and now - self._challenges[latest].at < CHANGE_EVERY_S:
            return latest
        word = secrets.token_urlsafe(12)
        self._challenges[word] = _Said(now)
        while len(self._challenges) > REMEMBERED:
            self._challenges.popitem(last=False)
        return word

    def check(self, topic: Topic, heard: Heard, now: float) -> None:
        """Raise BadSeal unless ``heard`` is the station's own, for this dog, and, if a command, new."""
        if topic not in SIGNED:
            return
        sealed = read_seal(heard.properties)
        key = self._keys.get(sealed.key_id)
        if key is None:
            raise BadSeal(f"it is signed with the key {sealed.key_id!r}, which is not the station's")
        check_signature(key, heard.topic, heard.payload, sealed)
        if topic in COMMANDS:
            self._check_fresh(topic, sealed, now)

    def _check_fresh(self, topic: Topic, sealed: Seal, now: float) -> None:
        said = self._challenges.get(sealed.challenge)
        if said is None:
            raise BadSeal("it answers no challenge of this dog: it is old, or was never for it")
        if now - said.at > min(sealed.expires - sealed.issued, LONGEST_LIFE_S):
            raise BadSeal("it has expired")
        place = (said.at, sealed.number)
        if place <= self._last.get((sealed.key_id, topic), (-1.0, -1)):
            raise BadSeal("it was heard before")
        self._last[sealed.key_id, topic] = place


def read_authority(path: Path) -> CommandAuthentication:
    """The authority of the PEM public keys in ``path``, one or several; raises BadKey."""
    try:
        text = path.read_text()
    except OSError as error:
        raise BadKey(f"{path}: {error.strerror}") from error
    end = "-----END PUBLIC KEY-----"
    keys = [_key(part + end, path) for part in text.split(end)[:-1]]
    if not keys:
        raise BadKey(f"{path}: no public key in it")
    return CommandAuthentication({key_id(key): key for key in keys})


def _key(text: str, path: Path) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(text.strip().encode())
    except ValueError as error:
        raise BadKey(f"{path}: {error}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise BadKey(f"{path}: a key of another kind than Ed25519")
    return key
