"""Whom a dog with a station's key obeys."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edge.link.command_authentication import LONGEST_LIFE_S, BadKey, CommandAuthentication, read_authority
from edge.link.mqtt_session import Heard
from protocol.signature import BadSeal, Seal, key_id, seal
from protocol.topics import Topic
from tests.protocol import samples

STATION = Ed25519PrivateKey.generate()
ORDER = samples.ADDRESS.topic(Topic.ORDER)
SITE = samples.ADDRESS.topic(Topic.SITE)


def authority() -> CommandAuthentication:
    return CommandAuthentication({key_id(STATION.public_key()): STATION.public_key()})


def sealed(
    challenge: str,
    number: int = 1,
    topic: str = ORDER,
    payload: bytes = b"{}",
    life: float = 60.0,
    key: Ed25519PrivateKey = STATION,
    issued: float = 0.0,
) -> Heard:
    unsigned = Seal(key_id(key.public_key()), number, issued, issued + life, challenge)
    return Heard(topic, payload, False, dict(seal(key, topic, payload, unsigned).properties()))


def test_a_fresh_order_of_the_station_is_obeyed_whatever_the_clocks_say() -> None:
    dog = authority()
    dog.check(Topic.ORDER, sealed(dog.challenge(5.0), issued=-1e9), 6.0)


def test_an_unsigned_order_is_refused() -> None:
    with pytest.raises(BadSeal, match="not signed"):
        authority().check(Topic.ORDER, Heard(ORDER, b"{}", False), 0.0)


def test_another_key_is_refused_even_under_the_stations_name() -> None:
    dog, thief = authority(), Ed25519PrivateKey.generate()
    with pytest.raises(BadSeal, match="not the station's"):
        dog.check(Topic.ORDER, sealed(dog.challenge(0.0), key=thief), 0.0)
    forged = sealed(dog.challenge(0.0), key=thief)
    named = Heard(forged.topic, b"{}", False, {**forged.properties, "sig-key": key_id(STATION.public_key())})
    with pytest.raises(BadSeal, match="signature"):
        dog.check(Topic.ORDER, named, 0.0)


def test_a_changed_payload_or_topic_is_refused() -> None:
    dog = authority()
    honest = sealed(dog.challenge(0.0))
    with pytest.raises(BadSeal, match="signature"):
        dog.check(Topic.ORDER, Heard(ORDER, b"{ }", False, honest.properties), 0.0)
    other = ORDER.replace(samples.ADDRESS.serial_number, "other")
    with pytest.raises(BadSeal, match="signature"):
        dog.check(Topic.ORDER, Heard(other, b"{}", False, honest.properties), 0.0)


@pytest.mark.parametrize("name", ["sig-id", "sig-time", "sig-expiry", "sig-challenge"])
def test_a_changed_part_of_the_seal_is_refused(name: str) -> None:
    dog = authority()
    properties = dict(sealed(dog.challenge(0.0)).properties)
    properties[name] = properties[name] + "1"
    with pytest.raises(BadSeal):
        dog.check(Topic.ORDER, Heard(ORDER, b"{}", False, properties), 0.0)


def test_the_same_order_is_taken_once() -> None:
    dog = authority()
    heard = sealed(dog.challenge(0.0))
    dog.check(Topic.ORDER, heard, 0.0)
    with pytest.raises(BadSeal, match="heard before"):
        dog.check(Topic.ORDER, heard, 0.1)


def test_an_order_held_back_for_longer_than_its_life_is_refused() -> None:
    dog = authority()
    heard = sealed(dog.challenge(0.0), life=60.0)
    with pytest.raises(BadSeal, match="expired"):
        dog.check(Topic.ORDER, heard, 60.5)


def test_no_signer_can_make_an_order_that_lives_for_ever() -> None:
    dog = authority()
    heard = sealed(dog.challenge(0.0), life=1e9)
    with pytest.raises(BadSeal, match="expired"):
        dog.check(Topic.ORDER, heard, LONGEST_LIFE_S + 1)


def test_a_recording_of_an_earlier_life_is_refused() -> None:
    heard = sealed(authority().challenge(0.0))
    with pytest.raises(BadSeal, match="challenge"):
        authority().check(Topic.ORDER, heard, 0.0)


def test_a_site_needs_a_signature_but_no_freshness() -> None:
    authority().check(Topic.SITE, sealed("", topic=SITE), 1e9)
    with pytest.raises(BadSeal):
        authority().check(Topic.SITE, Heard(SITE, b"{}", True), 0.0)


def test_challenges_change_and_are_remembered_for_as_long_as_a_command_lives() -> None:
    dog = authority()
    first = dog.challenge(0.0)
    assert dog.challenge(1.0) == first
    words = {dog.challenge(5.0 * n) for n in range(1, 20)}
    assert len(words) == 19
    dog.check(Topic.ORDER, sealed(first, life=LONGEST_LIFE_S), 100.0)


def test_a_file_of_two_keys_lets_a_station_change_its_key(tmp_path: Path) -> None:
    new, file = Ed25519PrivateKey.generate(), tmp_path / "station_key.pub"
    keys = [k.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo) for k in (STATION, new)]
    file.write_bytes(b"".join(keys))
    dog = read_authority(file)
    dog.check(Topic.ORDER, sealed(dog.challenge(0.0), key=new), 0.0)
    dog.check(Topic.ORDER, sealed(dog.challenge(0.0)), 0.0)


def test_a_file_without_a_key_is_named(tmp_path: Path) -> None:
    file = tmp_path / "station_key.pub"
    file.write_text("nothing")
    with pytest.raises(BadKey, match=r"station_key\.pub"):
        read_authority(file)
    with pytest.raises(BadKey, match="missing"):
        read_authority(tmp_path / "missing")


def test_a_station_whose_clock_was_set_back_is_obeyed_at_the_next_challenge_and_nothing_old_is() -> None:
    dog = authority()
    before = sealed(dog.challenge(0.0), number=1_000)
    dog.check(Topic.ORDER, before, 1.0)
    dog.check(Topic.ORDER, sealed(dog.challenge(10.0), number=5), 11.0)
    for old in (before, sealed(dog.challenge(10.0), number=5)):
        with pytest.raises(BadSeal, match="heard before"):
            dog.check(Topic.ORDER, old, 12.0)
