"""Key files: for one user alone, whole or not there, and written in one way."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from fleet_server.core.secret_file import make_secret, write_secret
from fleet_server.core.signing import PRIVATE_KEY, PUBLIC_KEY, station_key
from fleet_server.core.stored_secrets import StoredSecrets
from fleet_server.core.tokens import token_in
from tests.fleet_server.world import eventually
from tests.shared import ROOT

WRITES_FOR_EVER = """
import secrets, sys
from pathlib import Path
from fleet_server.core.secret_file import write_secret
while True:
    write_secret(Path(sys.argv[1]), secrets.token_bytes(1) * 100_000)
"""
Write = Callable[[Path, bytes], None]


@pytest.mark.parametrize("write", [write_secret, make_secret])
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_only_this_user_can_read_it_whatever_the_umask_is(tmp_path: Path, write: Write, umask: int) -> None:
    before = os.umask(umask)
    try:
        write(tmp_path / "key", b"secret")
    finally:
        os.umask(before)
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [tmp_path / "key"]


def test_one_that_lay_open_is_closed_and_one_that_is_there_is_never_made_anew(tmp_path: Path) -> None:
    key, elsewhere = tmp_path / "key", tmp_path / "elsewhere"
    elsewhere.write_bytes(b"of another")
    key.symlink_to(elsewhere)
    write_secret(key, b"new")
    assert (key.read_bytes(), elsewhere.read_bytes()) == (b"new", b"of another")
    key.chmod(0o644)
    write_secret(key, b"newer")
    assert key.stat().st_mode & 0o777 == 0o600
    make_secret(key, b"newest")
    assert key.read_bytes() == b"newer"


def test_a_full_disk_leaves_the_old_one_whole_and_nothing_beside_it(tmp_path: Path) -> None:
    key = tmp_path / "key"
    write_secret(key, b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))  # bytes: the rest is refused, as by a disk that is full
    try:
        with pytest.raises(OSError, match="File too large"):
            write_secret(key, b"x" * 200)
        with pytest.raises(OSError, match="File too large"):
            make_secret(tmp_path / "other", b"x" * 200)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert key.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [key]


@pytest.mark.parametrize(("write", "named"), [(write_secret, "replace"), (make_secret, "link")])
def test_it_is_on_the_disk_before_it_has_its_name_and_the_name_before_it_is_relied_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Write, named: str
) -> None:
    done: list[str] = []
    fsync, give_name = os.fsync, getattr(os, named)

    def synced(handle: int) -> None:
        what = Path(os.readlink(f"/proc/self/fd/{handle}"))
        done.append("folder" if what == tmp_path else what.read_text())
        fsync(handle)

    def name(*paths: Any) -> None:
        done.append(named)
        give_name(*paths)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, named, name)
    write(tmp_path / "key", b"secret")
    assert done == ["secret", named, "folder"]


def test_of_many_that_make_one_at_once_all_have_the_same(tmp_path: Path) -> None:
    many = 8
    start = Barrier(many)

    def make(number: int) -> tuple[bytes, str, str]:
        folder = tmp_path / str(number // many)
        start.wait()
        seal = StoredSecrets(folder / "secrets.key").seal("clear", "somebody")
        key = station_key(folder / PRIVATE_KEY, folder / PUBLIC_KEY).private_bytes_raw()
        assert (folder / PUBLIC_KEY).stat().st_mode & 0o777 == 0o644
        return key, token_in(folder / "token"), StoredSecrets(folder / "secrets.key").open(seal, "somebody")

    for number in range(20):
        (tmp_path / str(number)).mkdir()
    with ThreadPoolExecutor(many) as pool:
        made = list(pool.map(make, range(20 * many)))
    for number in range(20):
        assert len(set(made[number * many : (number + 1) * many])) == 1
    assert len({each[0] for each in made}) == 20


def test_a_writer_that_dies_leaves_nothing_under_the_name(tmp_path: Path) -> None:
    for number in range(3):
        key = tmp_path / str(number)
        with subprocess.Popen([sys.executable, "-c", WRITES_FOR_EVER, key], cwd=ROOT) as writer:
            try:
                eventually(key.exists)
            finally:
                writer.kill()
        found = key.read_bytes()
        assert len(found) == 100_000
        assert len(set(found)) == 1


def test_the_server_writes_its_secrets_in_no_other_way() -> None:
    sources = {path: path.read_text(encoding="utf-8") for path in (ROOT / "fleet_server").rglob("*.py")}
    assert [path.name for path, text in sources.items() if "0o600" in text or "O_EXCL" in text] == ["secret_file.py"]
