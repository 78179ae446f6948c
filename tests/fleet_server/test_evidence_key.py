"""The officer's commands: a key under a passphrase, and an original that opens with it alone."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from typer.testing import CliRunner, Result

from fleet_server.evidence.evidence_key import read_evidence_key_file
from fleet_server.evidence_package.cli import app
from protocol.sealed_original import read_evidence_key
from tests.protocol.test_sealed_original import PICTURE, sealed

PASSPHRASE = "correct horse 电池"


def run(*words: Any, passphrase: str = PASSPHRASE) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], env={"XIAOTIAN_EVIDENCE_PASSPHRASE": passphrase})


def make(file: Path) -> str:
    """A key in ``file``; its public half."""
    result = run("key", file)
    assert result.exit_code == 0, result.output
    return result.output.rsplit("evidence_key: ", 1)[1].strip()


def test_the_private_key_lies_encrypted_for_its_owner_alone_and_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "officer.key"
    make(file)
    assert file.stat().st_mode & 0o777 == 0o600
    before = file.read_bytes()
    assert b"ENCRYPTED PRIVATE KEY" in before
    with pytest.raises(TypeError, match="encrypted"):
        load_pem_private_key(before, None)
    again = run("key", file)
    assert (again.exit_code, "there already" in again.output) == (1, True)
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


def test_a_short_passphrase_is_refused_and_the_prompt_asks_for_it_twice(tmp_path: Path) -> None:
    short = run("key", tmp_path / "short.key", passphrase="short")
    assert (short.exit_code, "at least 12" in short.output) == (1, True)
    typed = f"{PASSPHRASE}\n{PASSPHRASE}\n"
    prompted = CliRunner().invoke(app, ["key", str(tmp_path / "typed.key")], input=typed)
    assert prompted.exit_code == 0, prompted.output
    assert PASSPHRASE not in prompted.output
    assert [path.name for path in tmp_path.iterdir()] == ["typed.key"]


def test_an_original_opens_with_its_key_and_is_compared_with_its_masked_picture(tmp_path: Path) -> None:
    key, masked, file = tmp_path / "officer.key", tmp_path / "masked.jpg", tmp_path / "original.sealed"
    public = read_evidence_key(make(key))
    masked.write_bytes(b"masked")
    private = read_evidence_key_file(key, PASSPHRASE)
    assert private.public_key().public_bytes_raw() == public.public_bytes_raw()
    file.write_bytes(sealed(private, masked_sha256=hashlib.sha256(b"masked").hexdigest()))

    wrong = run("open", file, "--key", key, passphrase="another passphrase")
    assert (wrong.exit_code, "another passphrase" in wrong.output) == (1, True)
    (tmp_path / "other.jpg").write_bytes(b"another")
    of_another = run("open", file, "--key", key, "--picture", tmp_path / "other.jpg")
    assert (of_another.exit_code, "not the original of" in of_another.output) == (1, True)
    assert not (tmp_path / "original.jpg").exists()
    opened = run("open", file, "--key", key, "--picture", masked)
    assert opened.exit_code == 0, opened.output
    assert (tmp_path / "original.jpg").read_bytes() == PICTURE
    assert (tmp_path / "original.jpg").stat().st_mode & 0o777 == 0o600
    assert run("open", file, "--key", key).exit_code == 1


def test_what_is_altered_or_sealed_to_another_stays_shut_and_leaves_no_file(tmp_path: Path) -> None:
    key, other, file = tmp_path / "officer.key", tmp_path / "other.key", tmp_path / "original.sealed"
    make(key)
    make(other)
    data = sealed(read_evidence_key_file(key, PASSPHRASE))
    file.write_bytes(data)
    shut = run("open", file, "--key", other)
    assert (shut.exit_code, "sealed to the key" in shut.output) == (1, True)
    file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    altered = run("open", file, "--key", key)
    assert (altered.exit_code, "altered" in altered.output) == (1, True)
    assert run("open", file, "--key", file).exit_code == 1
    assert not (tmp_path / "original.jpg").exists()
