"""Debian's Mosquitto for tests, without certificates: started, killed without warning, started again on its port."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from xiaotian.local_stack import free_port

READY_S = 60.0
CONFIGURATION = """\
listener {port} 127.0.0.1
allow_anonymous true
max_packet_size 2162688
max_inflight_messages 100
log_type error
"""


class Mosquitto:
    """It keeps nothing when it ends."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        program = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
        if program is None:
            pytest.skip("needs Mosquitto (Debian: mosquitto)")
        configuration = folder / f"mosquitto-{self.port}.conf"
        configuration.write_text(CONFIGURATION.format(port=self.port))
        self._command = [program, "-c", str(configuration)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it listens."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + READY_S
        while not self._listens():
            assert time.monotonic() < deadline, "Mosquitto does not listen"
            time.sleep(0.02)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def mosquitto(folder: Path) -> Iterator[Mosquitto]:
    """A broker that runs while the block does."""
    running = Mosquitto(folder)
    running.start()
    try:
        yield running
    finally:
        running.kill()
