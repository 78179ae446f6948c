"""The whole of Xiaotian on one machine: server, simulator and dogs, started in order and ended together."""

import json
import math
import os
import secrets
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fleet_server.core.signing import PRIVATE_KEY, PUBLIC_KEY, station_key
from protocol.site_folder import SiteFile, read_site
from xiaotian import robot_processes
from xiaotian.api_client import ApiProblem, Client
from xiaotian.api_client import operation as op
from xiaotian.child_processes import Family, Process, wait_for
from xiaotian.local_time import NOON, epoch
from xiaotian.ros_domain import free_domain

YARD = robot_processes.ROOT / "sim/worlds/station_yard"
MARK = ".xiaotian-run"
SIMULATOR = "simulator"  # the name of its process
SERVER_READY_S = 120.0  # on a computer with much else to do
DOGS_READY_S = 180.0
LAST_LINES = 100_000  # bytes of the live file, the longest line of it and more


Place = tuple[float, float, float]  # metres, metres, radians on the map


@dataclass(frozen=True)
class Berth:
    """A dog to be staged: its name, its body (``legged`` or ``light``), and where it starts.

    That is a dock of the site, or ``start``: metres, metres, radians on the map.
    """

    name: str
    body: str
    dock: str = ""
    start: Place | None = None


@dataclass(frozen=True)
class Plan:
    """What is to be staged. Port 0 takes a free one, as domain_id 0 does.

    ``script`` is what happens in the world (sim/engine/script.py), each entry when the simulator is told its cue;
    with ``live`` it writes the truth down while it runs, to ``LocalStack.live_file``.
    ``begins`` is the date and hour at the site when it begins, in the world and on the station's clock.
    ``bodies`` make dog1, dog2, ... at the site's docks in their order; ``berths``, where given, say it in full.
    """

    folder: Path
    site: Path = YARD
    bodies: tuple[str, ...] = ("legged",)
    berths: tuple[Berth, ...] = ()
    port: int = 0
    mqtt_port: int = 0
    external_broker: bool = False
    rate: float = 1.0
    seed: int = 0
    detector: str = "auto"
    light: str = "day"
    domain_id: int = 0
    script: Path | None = None
    live: bool = False
    begins: str = NOON


@dataclass(frozen=True)
class Reach:
    """How a dog reaches the station: the broker's port, and the server's address."""

    mqtt_port: int
    server_url: str


class LocalStack:
    """A running station. Its processes' logs, data and the simulator's report lie in ``plan.folder``.

    ``reach`` says for each dog how it reaches the station; without it, straight.
    """

    def __init__(
        self, plan: Plan, family: Family, say: Callable[[str], None], reach: Callable[[str], Reach] | None = None
    ) -> None:
        self.plan = plan
        self.say = say
        self.family = family
        self.port = plan.port or free_port()
        self.mqtt_port = plan.mqtt_port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.password = secrets.token_urlsafe(9)
        self.report_file = plan.folder / "simulation.json"
        self.live_file = plan.folder / "truth.jsonl"
        self.site: SiteFile = read_site(plan.site)[0]
        # One number for all who tell the time, in a server that is started again too.
        self.clock_ahead_s = epoch(plan.begins, self.site.timezone) - time.time()
        self.dogs = self._berths()
        domain = plan.domain_id or int(os.environ.get("ROS_DOMAIN_ID", 0)) or free_domain()
        self.ros = robot_processes.ros_environment(domain)
        self._reach = reach or self._straight
        self._station = plan.folder / "station"

    def start(self) -> None:
        """Start everything at once; returns when the server answers and every dog has said that it is there."""
        self.start_server()
        self.start_world()
        with Client.at(self.url, patience_s=2.0) as nobody:  # one for all times: each reads the world's certificates
            wait_for(lambda: _well(nobody), SERVER_READY_S, "the fleet server", self.family)
        with self.client() as client:
            wait_for(lambda: self._all_ready(client), DOGS_READY_S, "the dogs to report", self.family)

    def start_world(self) -> None:
        """Start the simulator and the dogs in it."""
        self.say("simulator")
        self.family.start(self._simulator())
        for name in self.dogs:
            self.start_dog(name)

    def start_dog(self, name: str, found: bool = True) -> None:
        """Start the processes of a dog that stands where it started; with ``found`` False it is to look where it is."""
        self.say(name)
        for process in self.dog_processes(name, found):
            self.family.start(process)

    def dog_processes(self, name: str, found: bool = True) -> list[Process]:
        """The processes of a dog."""
        made = robot_processes.processes(self._dog(name, self.dogs[name][1], found))
        return [Process(each.name, each.command, {**each.env, **self.ros}, tier=2) for each in made]

    def start_server(self) -> None:
        """Start the fleet server; it answers some seconds later. From now on dogs obey what its key signed alone."""
        self.say("fleet server")
        self._station.mkdir(mode=0o700, parents=True, exist_ok=True)
        station_key(self._station / PRIVATE_KEY, self._station / PUBLIC_KEY)
        self.family.start(self._server())

    def _straight(self, _dog: str) -> Reach:
        return Reach(self.mqtt_port, self.url)

    def _berths(self) -> dict[str, tuple[str, Place]]:
        docks = {d.dock_id: (d.pose.x, d.pose.y, d.pose.theta) for d in self.site.docks}
        berths = self.plan.berths
        if not berths:
            if len(docks) < len(self.plan.bodies):
                raise ValueError(f"{self.plan.site}: {len(docks)} docks are too few for {len(self.plan.bodies)} dogs")
            pairs = zip(self.plan.bodies, docks, strict=False)
            berths = tuple(Berth(f"dog{n}", body, dock) for n, (body, dock) in enumerate(pairs, 1))
        return {berth.name: (berth.body, berth.start or docks[berth.dock]) for berth in berths}

    @contextmanager
    def client(self) -> Iterator[Client]:
        """A signed-in client of the server's API."""
        with Client.signed_in(self.url, "admin", self.password) as client:
            yield client

    def report(self) -> dict[str, Any]:
        """What the simulator saw, once it has ended."""
        loaded: dict[str, Any] = json.loads(self.report_file.read_text())
        return loaded

    def simulated_s(self) -> float:
        """How long the world has run, by its own clock; for a plan with ``live``."""
        if not self.live_file.exists():
            return 0.0
        with self.live_file.open("rb") as stream:
            stream.seek(max(0, self.live_file.stat().st_size - LAST_LINES))
            whole = stream.read().split(b"\n")[:-1]  # what follows the last line's end is a line in the making
        return float(json.loads(whole[-1])["t"]) if whole else 0.0

    def _all_ready(self, client: Client) -> bool:
        """Whether every dog is live, has told its state, knows where it is, and has nothing to complain of."""
        told = [dog for dog in client.ask(op.DOGS) if dog.live and dog.activity]
        return set(self.dogs) <= {dog.dog_id for dog in told if dog.position and not dog.errors}

    def _server(self) -> Process:
        command = [sys.executable, "-m", "xiaotian.cli", "server", "--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--mqtt-port", str(self.mqtt_port), "--data-dir", str(self._station)]
        command += ["--broker", "external" if self.plan.external_broker else "embedded", "--site", str(self.plan.site)]
        env = {"XIAOTIAN_ADMIN_PASSWORD": self.password, "PYTHONUNBUFFERED": "1"}
        env["XIAOTIAN_CLOCK_AHEAD_S"] = f"{self.clock_ahead_s:.3f}"
        return Process("server", command, env, tier=1)

    def _simulator(self) -> Process:
        command = [sys.executable, "-m", "xiaotian.cli", "sim", "serve", "--world", str(self.plan.site / "world.sdf")]
        for name, (body, (x, y, theta)) in self.dogs.items():
            command += ["--dog", f"{name}:{x},{y},{theta}:{body}"]
        command += ["--rate", str(self.plan.rate), "--seed", str(self.plan.seed), "--light", self.plan.light]
        command += ["--report", str(self.report_file), "--clock-ahead", f"{self.clock_ahead_s:.3f}"]
        if self.plan.script is not None:
            command += ["--script", str(self.plan.script), "--cues"]
        if self.plan.live:
            command += ["--live", str(self.live_file)]
        return Process(SIMULATOR, command, self.ros, tier=2, told=self.plan.script is not None)

    def _dog(self, name: str, start: Place, found: bool) -> robot_processes.Dog:
        reach, key = self._reach(name), self._station / PUBLIC_KEY
        return robot_processes.Dog(
            name=name,
            site=self.plan.site,
            data=self.plan.folder / name,
            start=start if found else (math.nan, math.nan, math.nan),
            mqtt_host="127.0.0.1",
            mqtt_port=reach.mqtt_port,
            server_url=reach.server_url,
            upload_token_file=self._station / "robot_token",
            station_key_file=key if key.exists() else None,
            detector=self.plan.detector,
        )


def fresh(folder: Path) -> Path:
    """``folder``, empty: made, or made anew where an earlier run left its mark; raises ValueError on any other."""
    mark = folder / MARK
    if folder.exists() and any(folder.iterdir()) and not mark.exists():
        raise ValueError(f"{folder} is not empty, and not of an earlier run: name another --folder")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    mark.touch()
    return folder


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _well(client: Client) -> bool:
    """Whether the fleet server answers."""
    try:
        return client.ask(op.HEALTH).status == "ok"
    except ApiProblem:
        return False
