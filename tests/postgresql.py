"""A PostgreSQL server of the tests' own: its cluster is made in a folder, it listens on the loopback alone."""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from xiaotian.local_stack import free_port

PASSWORD = "a-password-of-the-tests"
# No power is cut here: a cluster that syncs nothing is several times faster.
SETTINGS = ("fsync=off", "full_page_writes=off", "listen_addresses=127.0.0.1", "unix_socket_directories=")


class Cluster:
    """A running server."""

    def __init__(self, port: int, restart: Callable[[], None]) -> None:
        self._port = port
        self.restart = restart
        """End it as a crash does, and start it again; returns when it answers."""

    def url(self, name: str) -> str:
        """The address of database ``name``, which is made where it is not there yet."""
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if known is None:
                connection.execute(f'CREATE DATABASE "{name}"')
        return self._address(name)

    def url_for(self, folder: Path) -> str:
        """The address of a database that belongs to ``folder``."""
        return self.url("t" + hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16])

    def _address(self, name: str) -> str:
        return f"postgresql://station:{PASSWORD}@127.0.0.1:{self._port}/{name}"


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A server as long as the block runs; skips the test where none is installed."""
    programs = _programs()
    if programs is None:
        pytest.skip("needs PostgreSQL's server (Debian: apt-get install postgresql)")
    user = _user()
    folder = Path(tempfile.mkdtemp(prefix="xiaotian-postgresql-"))
    data, password, port = folder / "data", folder / "password", free_port()
    password.write_text(PASSWORD)
    if user is not None:
        for path in (folder, password):
            os.chown(path, user, user)
    try:
        made = ["--auth=scram-sha-256", "--username=station", f"--pwfile={password}", "--no-sync", "--encoding=UTF8"]
        _run([programs / "initdb", "-D", data, "--locale=C.UTF-8", *made], user)
        options = " ".join(f"-c {setting}" for setting in (*SETTINGS, f"port={port}"))

        def control(*words: str) -> None:
            _run([programs / "pg_ctl", *words, "-w", "-D", data, "-l", folder / "log", "-o", options], user)

        control("start")
        try:
            yield Cluster(port, lambda: control("restart", "-m", "immediate"))
        finally:
            control("stop", "-m", "immediate")
    finally:
        shutil.rmtree(folder)


def _run(command: list[str | Path], user: int | None) -> None:
    # Into a file: the server that pg_ctl leaves behind inherits its output, and a pipe would never end.
    with tempfile.TemporaryFile() as said:
        ended = subprocess.run(command, stdout=said, stderr=said, user=user, group=user, cwd="/", check=False)
        said.seek(0)
        assert ended.returncode == 0, said.read().decode(errors="replace")


def _programs() -> Path | None:
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(found, key=lambda path: int(path.parent.name), default=None)


def _user() -> int | None:
    """Whom to run it as: PostgreSQL refuses to be root."""
    return pwd.getpwnam("postgres").pw_uid if os.geteuid() == 0 else None
