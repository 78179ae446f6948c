"""What is sealed to the evidence officer's key opens with that key alone, as it was, and under its own label."""

import random
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from protocol.sealed_original import (
    MAGIC,
    BadEvidenceKey,
    BadSealedOriginal,
    evidence_key_id,
    evidence_key_text,
    open_original,
    read_evidence_key,
    read_label,
    seal_original,
)

KEY = X25519PrivateKey.from_private_bytes(bytes(range(32)))
PICTURE = random.Random(0).randbytes(3000)


def sealed(key: X25519PrivateKey = KEY, **fields: Any) -> bytes:
    said: dict[str, Any] = {
        "evidence_id": str(uuid4()),
        "anomaly_id": str(uuid4()),
        "manufacturer": "xiaotian",
        "serial_number": "dog1",
        "masked_sha256": "ab" * 32,
        "captured_at": datetime(2026, 6, 15, tzinfo=UTC),
    }
    return seal_original(key.public_key(), PICTURE, **said | fields)


def test_what_is_sealed_opens_with_the_key_and_says_of_which_picture_it_is_the_original() -> None:
    data = sealed(masked_sha256="cd" * 32)
    label, picture = open_original(KEY, data)
    assert picture == PICTURE
    assert (label.masked_sha256, label.serial_number) == ("cd" * 32, "dog1")
    assert read_label(data) == label
    assert label.key_id == evidence_key_id(KEY.public_key())
    assert PICTURE[:64] not in data
    assert data != sealed(masked_sha256="cd" * 32)


def test_no_other_key_opens_it() -> None:
    with pytest.raises(BadSealedOriginal, match="sealed to the key"):
        open_original(X25519PrivateKey.generate(), sealed())


def test_who_writes_his_own_key_upon_the_label_opens_nothing() -> None:
    thief = X25519PrivateKey.generate()
    data = sealed().replace(evidence_key_id(KEY.public_key()).encode(), evidence_key_id(thief.public_key()).encode())
    with pytest.raises(BadSealedOriginal, match="altered"):
        open_original(thief, data)


def test_a_single_altered_byte_anywhere_or_a_cut_keeps_it_shut() -> None:
    data = sealed()
    chance = random.Random(1)
    places = [*range(len(data) - len(PICTURE)), *(chance.randrange(len(data)) for _ in range(200)), len(data) - 1]
    for place in places:
        spoilt = bytearray(data)
        spoilt[place] ^= 1 << chance.randrange(8)
        with pytest.raises(BadSealedOriginal):
            open_original(KEY, bytes(spoilt))
    for length in (0, 5, len(MAGIC) + 1, 60, len(data) - 1):
        with pytest.raises(BadSealedOriginal):
            open_original(KEY, data[:length])


@pytest.mark.parametrize("field", ["anomaly_id", "masked_sha256", "serial_number"])
def test_under_the_label_of_another_picture_it_does_not_open(field: str) -> None:
    one: dict[str, Any] = {
        "evidence_id": str(uuid4()),
        "anomaly_id": str(uuid4()),
        "serial_number": "dog1",
        "masked_sha256": "ab" * 32,
    }
    other: dict[str, str] = {"anomaly_id": str(uuid4()), "serial_number": "dog2", "masked_sha256": "cd" * 32}
    data = sealed(**one)
    moved = data.replace(one[field].encode(), other[field].encode())
    assert getattr(read_label(moved), field) == other[field]
    with pytest.raises(BadSealedOriginal, match="altered"):
        open_original(KEY, moved)


def test_another_version_of_the_format_is_named_and_not_guessed_at() -> None:
    data = sealed()
    with pytest.raises(BadSealedOriginal, match="this format"):
        read_label(MAGIC[:-1] + b"\x02" + data[len(MAGIC) :])


def test_a_key_goes_through_text_and_what_is_none_is_refused() -> None:
    text = evidence_key_text(KEY.public_key())
    assert read_evidence_key(text).public_bytes_raw() == KEY.public_key().public_bytes_raw()
    zero, short = "A" * 43 + "=", text[:-5] + "="
    for wrong in ("", "ключ", text + "\n", short, zero, text * 2):
        with pytest.raises(BadEvidenceKey):
            read_evidence_key(wrong)
