"""A real fleet server in a process of its own, with its own broker and a fresh data folder."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import httpx

from tests.answers import is_well
from tests.shared import ROOT

SITE = ROOT / "sim" / "worlds" / "station_yard"
PASSWORD = "a-test-of-the-console"
START_S = 120
NOT_FOR_THE_SERVER = ("XIAOTIAN_",)


@dataclass
class RunningStation:
    """Where it is reached, and its process, which a test may stop and start again."""

    port: int
    mqtt_port: int
    data_dir: Path
    process: subprocess.Popen[bytes] | None = None
    clock_ahead_s: float = 0.0
    settings: Mapping[str, str] = field(default_factory=dict)
    """More of them, by the names of their environment variables."""
    sites: Sequence[Path] = (SITE,)

    @property
    def url(self) -> str:
        """The console's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def token(self) -> str:
        """The token by which dogs upload."""
        return (self.data_dir / "robot_token").read_text().strip()

    @contextmanager
    def client(self) -> Iterator[httpx.Client]:
        """The API, signed in as the administrator."""
        with httpx.Client(base_url=f"{self.url}/api/v1", timeout=30) as client:
            client.post("/session", json={"username": "admin", "password": PASSWORD}).raise_for_status()
            yield client

    def start(self) -> None:
        """Start the server and wait until it answers."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith(NOT_FOR_THE_SERVER)}
        self.data_dir.mkdir(parents=True, exist_ok=True)
        log = (self.data_dir / "server.log").open("ab")
        command = "from fleet_server.cli import app; app()"
        options = ["--port", str(self.port), "--mqtt-port", str(self.mqtt_port)]
        options += ["--data-dir", str(self.data_dir)]
        options += [word for folder in self.sites for word in ("--site", str(folder))]
        self.process = subprocess.Popen(
            [sys.executable, "-c", command, *options],
            cwd=ROOT,
            env={
                **environment,
                "XIAOTIAN_ADMIN_PASSWORD": PASSWORD,
                "XIAOTIAN_CLOCK_AHEAD_S": str(self.clock_ahead_s),
                **self.settings,
            },
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        self._wait_until_it_answers()

    def stop(self) -> None:
        """End it as an operator would, and wait."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)
        self.process = None

    def _wait_until_it_answers(self) -> None:
        assert self.process is not None
        patience = Event()
        for _ in range(START_S * 10):
            if self.process.poll() is not None:
                break
            if is_well(f"{self.url}/api/v1/health"):
                return
            patience.wait(0.1)
        raise RuntimeError((self.data_dir / "server.log").read_text())


@contextmanager
def running_station(
    data_dir: Path, port: int, mqtt_port: int, clock_ahead_s: float = 0.0, settings: Mapping[str, str] | None = None
) -> Iterator[RunningStation]:
    """A station from start to stop."""
    station = RunningStation(port, mqtt_port, data_dir, clock_ahead_s=clock_ahead_s, settings=settings or {})
    try:
        station.start()
        yield station
    finally:
        station.stop()
