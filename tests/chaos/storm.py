"""A storm over four dogs, a broker and a station, drawn from a seed; and the reckoning after it."""

import hashlib
import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from fleet_server.core.signing import PRIVATE_KEY, PUBLIC_KEY, station_key
from tests.answers import is_well
from tests.broker import TestBroker, broker
from tests.chaos.dog import read_ledger
from tests.fleet_server.world import PASSWORD, write_site
from tests.mosquitto import Mosquitto
from xiaotian.local_stack import free_port
from xiaotian.scenarios.network_proxy import NetworkProxies
from xiaotian.scenarios.scenario import Network, Way

DOGS = ("dog1", "dog2", "dog3", "dog4")
KINDS = ("cut", "slow", "lossy", "broker", "server", "dog", "dog disk", "server disk")
FAULTS = 14
STORM_S = 22.0
LONGEST_S = 300.0  # until every kind of fault has had its turn
AGAIN_S = 1.0  # after which a kind that could not befall yet is tried again
CATCH_UP_S = 180.0
FREE = resource.RLIM_INFINITY
FULL = 4096  # bytes: beyond this no file of the process can grow


@dataclass
class Outcome:
    """What the storm was, and what it left. ``kinds`` counts the faults that really befell; ``caught_up_s`` is from its
    end until nothing waits any more."""

    seed: int
    faults: list[str] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)
    anomalies: int = 0
    pictures: int = 0
    sacrificed: int = 0
    missing: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    spoilt: list[str] = field(default_factory=list)
    caught_up_s: float = 0.0
    wall_s: float = 0.0

    @property
    def right(self) -> bool:
        """Whether nothing was lost, doubled or spoilt."""
        return not (self.missing or self.doubled or self.spoilt)


class UnderWay:
    """The faults that have begun and are not over; nothing is hit twice at a time."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.hit: set[str] = set()
        self._over: list[tuple[float, str, Callable[[], object]]] = []

    @property
    def calm(self) -> bool:
        """Whether all are over."""
        return not self._over

    def begin(self, target: str, until: float, heal: Callable[[], object]) -> None:
        """``target`` is hit, and healed when the storm is ``until`` seconds old."""
        self.hit.add(target)
        self._over.append((until, target, heal))

    def update(self, now: float) -> None:
        """Heal those whose time has come."""
        for entry in [entry for entry in self._over if entry[0] <= now]:
            self._over.remove(entry)
            self.hit.discard(entry[1])
            entry[2]()


class Sky:
    """All processes, and what can befall them."""

    def __init__(self, folder: Path, seed: int, count: int, stack: ExitStack) -> None:
        self.folder, self.seed, self.count = folder, seed, count
        self.station = folder / "station"
        self.station.mkdir(parents=True)
        station_key(self.station / PRIVATE_KEY, self.station / PUBLIC_KEY)
        write_site(folder / "yard")
        self.port = free_port()
        self.broker = self.open_broker(stack)
        self.wires = stack.enter_context(NetworkProxies(seed))
        self.ways = {dog: (self.wires.lay(dog, self.broker.port), self.wires.lay(dog, self.door(dog))) for dog in DOGS}
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.full: set[str] = set()
        stack.callback(self.end)
        for name in (*self.servers(), *DOGS):
            self.start(name)

    def start(self, name: str) -> None:
        """Start the server or a dog."""
        command = [sys.executable, "-m", *(self._dog(name) if name in DOGS else self._server(name))]
        environment = os.environ | {"XIAOTIAN_ADMIN_PASSWORD": PASSWORD} | self.environment()
        # Logs go through a pipe to a process of their own, whose disk is never full.
        with (self.folder / f"{name}.log").open("ab") as file:
            sink = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=file)
        self.running[name] = subprocess.Popen(command, stdout=sink.stdin, stderr=sink.stdin, env=environment)
        assert sink.stdin is not None
        sink.stdin.close()  # ours; it ends with what it listens to

    def kill(self, name: str) -> None:
        """As a power cut does."""
        process = self.running.pop(name)
        process.kill()
        process.wait()

    def fill(self, name: str, full: bool) -> None:
        """Let no file of the process grow any more, or let them again."""
        (self.full.add if full else self.full.discard)(name)
        if self.running[name].poll() is None:
            resource.prlimit(self.running[name].pid, resource.RLIMIT_FSIZE, (FULL if full else FREE, FREE))

    def supervise(self) -> None:
        """Start again what has ended by itself, as a computer's supervisor does: a disk full at a start ends it."""
        for name in [name for name, process in self.running.items() if process.poll() is not None]:
            if name not in self.full:
                self.start(name)

    def end(self) -> None:
        """End all that runs."""
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        for process in self.running.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running.clear()

    def servers(self) -> tuple[str, ...]:
        """The station's processes."""
        return ("server",)

    def open_broker(self, stack: ExitStack) -> TestBroker | Mosquitto:
        """A broker that runs, and that can be killed."""
        return stack.enter_context(broker(self.folder))

    def door(self, _dog: str) -> int:
        """The port of the station by which a dog uploads."""
        return self.port

    def environment(self) -> dict[str, str]:
        """What they are told beside their options."""
        return {}

    def _server(self, _name: str) -> list[str]:
        options = ["--port", str(self.port), "--mqtt-port", str(self.broker.port), "--broker", "external"]
        return [
            "xiaotian.cli",
            "server",
            *options,
            "--data-dir",
            str(self.station),
            "--site",
            str(self.folder / "yard"),
        ]

    def _dog(self, name: str) -> list[str]:
        mqtt, http = self.ways[name]
        options = ["--name", name, "--port", str(mqtt), "--url", f"http://127.0.0.1:{http}", "--seed", str(self.seed)]
        options += ["--data", str(self.folder / name), "--count", str(self.count)]
        options += ["--token", str(self.station / "robot_token"), "--key", str(self.station / PUBLIC_KEY)]
        return ["tests.chaos.dog", *options]

    def healthy(self) -> bool:
        """Whether the server answers."""
        return is_well(f"http://127.0.0.1:{self.port}/api/v1/health", timeout_s=1.0)

    def idle(self) -> bool:
        """Whether every dog has seen all, and nothing of it waits."""
        self.supervise()
        return all(s["kept"] == self.count and not s["rows"] and not s["late"] for s in map(self.status, DOGS))

    def status(self, dog: str) -> dict[str, int]:
        """How a dog says it is."""
        try:
            told: dict[str, int] = json.loads((self.folder / dog / "status.json").read_text())
        except (OSError, ValueError):
            return {"kept": 0, "rows": 1, "lost": 0, "late": 0}
        return told


def storm(folder: Path, seed: int, count: int) -> Outcome:
    """Let it blow for STORM_S, let it clear, and reckon. ``count`` anomalies for each dog."""
    outcome, began = Outcome(seed), time.monotonic()
    with ExitStack() as stack:
        sky = Sky(folder, seed, count, stack)
        wait(sky.healthy, 90.0, "the server")
        blow(sky, UnderWay(random.Random(seed)), outcome, befall, KINDS, FAULTS)
        calm = time.monotonic()
        wait(sky.idle, CATCH_UP_S, lambda: f"all to be delivered: {[sky.status(d) for d in DOGS]}, {outcome.faults}")
        outcome.caught_up_s = round(time.monotonic() - calm, 1)
    reckon(folder, outcome)
    outcome.wall_s = round(time.monotonic() - began, 1)
    return outcome


Befall = Callable[[Any, str, float, UnderWay, Any], bool]
"""Begins a fault of a kind at a time of the storm, in a sky; False where it cannot be now."""


def blow(
    sky: Sky,
    under_way: UnderWay,
    outcome: Outcome,
    befall: Befall,
    kinds: Sequence[str],
    count: int,
    beside: Callable[[float], None] = lambda _: None,
) -> None:
    """``count`` faults, of every kind one and then of any; all are over at the end. ``beside`` is what people do."""
    chance = under_way.chance
    drawn = [*kinds, *chance.choices(kinds, k=count - len(kinds))]
    due = list(zip(sorted(chance.uniform(0.5, STORM_S - 4.0) for _ in drawn), drawn, strict=True))
    began = time.monotonic()
    while (now := time.monotonic() - began) < STORM_S or due or not under_way.calm:
        if now > LONGEST_S:
            raise TimeoutError(f"{due} did not befall in {LONGEST_S:.0f} s: {outcome.faults}")
        under_way.update(now)
        sky.supervise()
        if due and due[0][0] <= now:
            _, kind = due.pop(0)
            if befall(sky, kind, now, under_way, outcome):
                outcome.kinds[kind] = outcome.kinds.get(kind, 0) + 1
            elif kind not in outcome.kinds:
                due = sorted([*due, (now + AGAIN_S, kind)])
        beside(now)
        time.sleep(0.02)


def befall(sky: Sky, kind: str, at: float, under_way: UnderWay, outcome: Outcome) -> bool:
    """One fault, and when it is over."""
    dog, lasts = under_way.chance.choice(DOGS), under_way.chance.uniform(0.5, 3.5)
    whom = {"broker": "broker", "server": "server", "server disk": "server"}.get(kind, dog)
    target = f"wire {dog}" if kind in ("cut", "slow", "lossy") else whom
    if target in under_way.hit:
        return False
    outcome.faults.append(f"{at:.1f} s: {kind} {'' if target == whom != dog else dog} for {lasts:.1f} s")
    heal: Callable[[], object]
    match kind:
        case "cut" | "slow" | "lossy":
            weather = Network(way=Way(kind), seconds=lasts, delay_s=0.3, loss=0.2, dog=dog)
            sky.wires.set_weather(dog, weather)
            heal = partial(sky.wires.set_weather, dog, None)
        case "broker":
            sky.broker.kill()
            heal = sky.broker.start
        case "server" | "dog":
            sky.kill(whom)
            heal = partial(sky.start, whom)
        case _:
            sky.fill(whom, True)
            heal = partial(sky.fill, whom, False)
    under_way.begin(target, at + lasts, heal)
    return True


def reckon(folder: Path, outcome: Outcome) -> None:
    """Hold what the dogs kept against what the station has."""
    with database(folder / "station/xiaotian.sqlite3") as base:
        rows = Counter(row[0] for row in base.execute("SELECT anomaly_id FROM sightings"))
        pictures = Counter(row[0] for row in base.execute("SELECT evidence_id FROM evidence"))
        whole = {row[0] for row in base.execute("SELECT evidence_id FROM evidence WHERE complete_at IS NOT NULL")}
    compare(folder, rows, pictures, whole, outcome)


def compare(folder: Path, rows: Counter[str], pictures: Counter[str], whole: set[str], outcome: Outcome) -> None:
    """Of every dog's ledger: anomalies and pictures by id, each once, and the bytes of those that are ``whole``."""
    for dog in DOGS:
        for entry in read_ledger(folder / dog):
            outcome.anomalies += 1
            judge(entry["anomaly"], rows, outcome)
            if not entry["evidence"]:
                outcome.sacrificed += 1
                continue
            outcome.pictures += 1
            judge(entry["evidence"], pictures, outcome)
            if entry["evidence"] not in whole or digest(folder, entry["evidence"]) != entry["sha256"]:
                outcome.spoilt.append(entry["evidence"])
    outcome.doubled += [key for key, times in (rows + pictures).items() if times > 1]


def judge(key: str, rows: Counter[str], outcome: Outcome) -> None:
    """Once, and not twice."""
    if rows[key] == 0:
        outcome.missing.append(key)


def digest(folder: Path, evidence_id: str) -> str:
    """The hash of the bytes that the station has."""
    found = [path for path in (folder / "station/evidence").rglob(f"{evidence_id}*") if path.is_file()]
    return hashlib.sha256(found[0].read_bytes()).hexdigest() if len(found) == 1 else ""


@contextmanager
def database(path: Path) -> Iterator[sqlite3.Connection]:
    """The station's database, for reading."""
    base = sqlite3.connect(path)
    try:
        yield base
    finally:
        base.close()


def wait(holds: Callable[[], Any], patience_s: float, what: str | Callable[[], str]) -> None:
    """Until something holds; raises TimeoutError."""
    end = time.monotonic() + patience_s
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {patience_s:.0f} s for {what if isinstance(what, str) else what()}")
        time.sleep(0.1)
