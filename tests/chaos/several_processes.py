"""A storm over a station of several processes: two that take in, two that serve, PostgreSQL; and what must hold after.

Beside anomalies and their pictures, rounds fall due that two walking dogs are given, and an operator assigns the same
dog at both APIs at once: no round is begun twice, and no dog has two patrols at a time.
"""

import random
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import psycopg

from tests.answers import answer_of
from tests.chaos import storm as storm_of_one
from tests.chaos.storm import DOGS, Sky, UnderWay, blow, compare, wait
from tests.chaos.walker import Walker
from tests.fleet_server.world import API, PASSWORD
from tests.mosquitto import Mosquitto, mosquitto
from tests.postgresql import Cluster
from xiaotian.local_stack import free_port

INGEST, APIS = ("ingest1", "ingest2"), ("api1", "api2")
WALKERS = ("walker1", "walker2")
KINDS = ("leader stopped", "leader", "ingest", "broker", "dog", "api")  # first what both APIs have to be there for
ROUNDS = 6
STORM_S = 22.0
START_S = 300.0  # of eight processes, on a machine that does much else
CALM_S = 300.0
TAKEN_OVER_S = 10.0
PAUSE_S = 9.0  # a process that is stopped so long has lost its lease when it wakes
ASSIGN_EVERY_S = 1.5
LEAD_S = 10.0  # before the first round falls due: of one that is asked for after its time there is none


@dataclass
class Outcome(storm_of_one.Outcome):
    """``takeovers_s`` is how long nobody led after a leader was killed or stopped."""

    patrols: int = 0
    rounds: int = 0
    wrong_rounds: list[str] = field(default_factory=list)
    overlapping: list[str] = field(default_factory=list)
    takeovers_s: list[float] = field(default_factory=list)

    @property
    def right(self) -> bool:
        """Whether nothing was lost, doubled or done twice either."""
        return super().right and not (self.wrong_rounds or self.overlapping)


class SeveralProcesses(Sky):
    """The processes of one station; dogs upload to one of the two APIs each."""

    def __init__(self, folder: Path, seed: int, count: int, database: str, stack: ExitStack) -> None:
        self.database = database
        self.ports = {name: free_port() for name in (*INGEST, *APIS)}
        super().__init__(folder, seed, count, stack)

    def servers(self) -> tuple[str, ...]:
        """The station's processes; dogs are started when they stand."""
        return (*INGEST, *APIS)

    def open_broker(self, stack: ExitStack) -> Mosquitto:
        """Mosquitto: rumqttd goes on giving a share to a process that was killed (seen with iotcore 0.4)."""
        return stack.enter_context(mosquitto(self.folder))

    def door(self, dog: str) -> int:
        """One API for half of the dogs, the other for the rest."""
        return self.ports[APIS[DOGS.index(dog) % 2]]

    def environment(self) -> dict[str, str]:
        """Where their rows are."""
        return {"XIAOTIAN_DATABASE": self.database}

    def _server(self, name: str) -> list[str]:
        options = ["--port", str(self.ports[name]), "--mqtt-port", str(self.broker.port)]
        options += ["--data-dir", str(self.station)]
        return ["xiaotian.cli", "server", name[:-1], *options, *self._site(name)]

    def _site(self, name: str) -> list[str]:
        return ["--site", str(self.folder / "yard")] if name in APIS else []

    def get(self, name: str, path: str) -> httpx.Response | None:
        """What a process answers; None where it does not."""
        return answer_of(f"http://127.0.0.1:{self.ports[name]}{API}{path}", timeout_s=1.0)

    def well(self) -> bool:
        """Whether all processes answer, and one leads."""
        answers = [self.get(name, "/health") for name in self.ports]
        return all(each is not None and each.is_success for each in answers) and self.leader() is not None

    def answers(self, name: str) -> bool:
        """Whether a process is up."""
        answer = self.get(name, "/health")
        return answer is not None and answer.is_success

    def leader(self) -> str | None:
        """The process that leads."""
        for name in APIS:
            answer = self.get(name, "/health/leads")
            if answer is not None and answer.is_success:
                return name
        return None


def storm(folder: Path, seed: int, count: int, postgresql: Cluster, faults: int = 12) -> Outcome:
    """Let it blow for STORM_S, let it clear, and reckon. ``count`` anomalies for each dog that sees."""
    outcome = Outcome(seed)
    url = postgresql.url_for(folder)
    with ExitStack() as stack:
        sky = SeveralProcesses(folder, seed, count, url, stack)
        wait(sky.well, START_S, "the station's processes")
        walkers = [stack.enter_context(Walker(sky.broker.port, name)) for name in WALKERS]
        operators = [_signed_in(stack, sky.ports[name]) for name in APIS]
        wait(lambda: _live(operators) == {*WALKERS}, 60.0, "the walkers to be live")
        schedules = _schedule(operators[0], STORM_S)
        with ExitStack() as hands:
            under_way = UnderWay(random.Random(seed))
            people = Operators(operators, under_way.chance, hands)
            blow(sky, under_way, outcome, befall, KINDS, faults, people.update)
        calm = time.monotonic()
        wait(sky.idle, CALM_S, lambda: f"all to be delivered: {[sky.status(d) for d in DOGS]}, {outcome.faults}")
        wait(lambda: not _unsettled(url, schedules), CALM_S, lambda: f"{_unsettled(url, schedules)}, {outcome.faults}")
        outcome.caught_up_s = round(time.monotonic() - calm, 1)
        outcome.overlapping += [f"{walker.name} was given {each}" for walker in walkers for each in walker.meddled]
    reckon(folder, url, outcome)
    return outcome


def befall(sky: SeveralProcesses, kind: str, at: float, under_way: UnderWay, outcome: Outcome) -> bool:
    """One fault: a process is killed or stopped, the leader for choice; the broker, or a dog that sees, is killed."""
    chance, hit = under_way.chance, under_way.hit
    lasts = chance.uniform(0.5, 3.5)
    name = {
        "ingest": lambda: chance.choice(INGEST),
        "api": lambda: chance.choice(APIS),
        "leader": sky.leader,
        "leader stopped": sky.leader,
        "broker": lambda: "broker",
        "dog": lambda: chance.choice(DOGS),
    }[kind]()
    if name is None or name in hit or (name in APIS and hit & {*APIS}):
        return False
    if kind.startswith("leader") and not all(sky.answers(each) for each in APIS):
        return False  # who would take over is not up yet
    outcome.faults.append(f"{at:.1f} s: {kind} {name}")
    if kind == "broker":
        sky.broker.kill()
        under_way.begin(name, at + lasts, sky.broker.start)
    elif kind == "leader stopped":
        process = sky.running[name]
        process.send_signal(signal.SIGSTOP)
        under_way.begin(name, at + PAUSE_S, partial(process.send_signal, signal.SIGCONT))
    else:
        sky.kill(name)
        under_way.begin(name, at + (TAKEN_OVER_S if kind == "leader" else lasts), partial(sky.start, name))
    if kind.startswith("leader"):
        outcome.takeovers_s.append(_takeover(sky, name))
    return True


class Operators:
    """People who assign the same dog at both APIs at once, again and again."""

    def __init__(self, at: list[httpx.Client], chance: random.Random, stack: ExitStack) -> None:
        self._at, self._chance, self._since = at, chance, 0.0
        self._hands = stack.enter_context(ThreadPoolExecutor(len(at)))

    def update(self, now: float) -> None:
        """Assign, if it is time."""
        if now - self._since > ASSIGN_EVERY_S:
            self._since, dog = now, self._chance.choice(WALKERS)
            for operator in self._at:
                self._hands.submit(_assign, operator, dog)


def _takeover(sky: SeveralProcesses, gone: str) -> float:
    """How long until another process leads; nothing else befalls meanwhile."""
    began, (other,) = time.monotonic(), [name for name in APIS if name != gone]

    def leads() -> bool:
        answer = sky.get(other, "/health/leads")
        return answer is not None and answer.is_success

    wait(leads, 60.0, f"{other} to lead")
    return round(time.monotonic() - began, 1)


def _signed_in(stack: ExitStack, port: int) -> httpx.Client:
    client = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}{API}", trust_env=False, timeout=30.0))
    client.post("/session", json={"username": "admin", "password": PASSWORD}).raise_for_status()
    return client


def _live(operators: list[httpx.Client]) -> set[str]:
    """The walkers that are live at every API."""
    seen = [{dog["dogId"] for dog in each.get("/dogs").json() if dog["live"] and dog["position"]} for each in operators]
    return {*WALKERS} & set.intersection(*seen)


def _schedule(operator: httpx.Client, seconds: float) -> list[str]:
    """Rounds that fall due in the next ``seconds``, each of a schedule of its own, for any walker, late or not."""
    made = []
    now = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")).replace(tzinfo=None, microsecond=0)
    for number in range(ROUNDS):
        due = now + timedelta(seconds=LEAD_S + number * seconds / ROUNDS)
        body = {
            "routeId": "demo_round",
            "name": {"zh": f"轮{number}", "en": f"round {number}"},
            "rule": "FREQ=DAILY;COUNT=1",
            "start": due.isoformat(),
            "missed": {"policy": "late", "minutes": 60},
            "dogs": list(WALKERS),
        }
        answer = operator.post("/schedules", json=body)
        assert answer.status_code == 201, answer.text
        assert answer.json()["nextAt"] is not None, f"asked for too late: {answer.json()}"
        made.append(str(answer.json()["scheduleId"]))
    return made


def _assign(operator: httpx.Client, dog: str) -> None:
    try:
        operator.post("/patrols", json={"routeId": "demo_round", "dogId": dog})
    except httpx.HTTPError:
        return  # the process is gone, or its answer; what it did stands in the database


def _unsettled(url: str, schedules: list[str]) -> list[str]:
    """The rounds that are not begun, and the patrols that are not at their end."""
    with psycopg.connect(url) as base:
        begun = {row[0] for row in base.execute("SELECT schedule_id FROM rounds WHERE status = 'BEGUN'")}
        told = dict(base.execute("SELECT schedule_id, status || coalesce(': ' || reason, '') FROM rounds").fetchall())
        patrols = list(base.execute("SELECT patrol_id, dog_id, status FROM patrols WHERE ended_at IS NULL"))
    rounds = [f"round {each}: {told.get(each, 'not due')}" for each in schedules if each not in begun]
    return rounds + [f"patrol {patrol} of {dog}: {status}" for patrol, dog, status in patrols]


def reckon(folder: Path, url: str, outcome: Outcome) -> None:
    """Hold what the dogs kept, and what was asked of the station, against its rows."""
    with psycopg.connect(url) as base:
        sightings = Counter(row[0] for row in base.execute("SELECT anomaly_id FROM sightings"))
        pictures = Counter(row[0] for row in base.execute("SELECT evidence_id FROM evidence"))
        whole = {row[0] for row in base.execute("SELECT evidence_id FROM evidence WHERE complete_at IS NOT NULL")}
        rounds = list(base.execute("SELECT schedule_id, status, patrol_id FROM rounds"))
        patrols = list(base.execute("SELECT dog_id, created_at, ended_at, patrol_id FROM patrols ORDER BY created_at"))
        assigned = Counter(
            row[0] for row in base.execute("SELECT target FROM audit_log WHERE action = 'patrol.assigned'")
        )
    compare(folder, sightings, pictures, whole, outcome)
    outcome.patrols, outcome.rounds = len(patrols), len(rounds)
    per_schedule = Counter(row[0] for row in rounds)
    outcome.wrong_rounds += [f"{row}" for row in rounds if row[1] != "BEGUN" or per_schedule[row[0]] != 1]
    of_rounds = Counter(row[2] for row in rounds)
    outcome.wrong_rounds += [f"patrol {key} of {n} rounds" for key, n in of_rounds.items() if n != 1]
    outcome.overlapping += [f"{key} was assigned {n} times" for key, n in assigned.items() if n != 1]
    for walker in WALKERS:
        mine = [row for row in patrols if row[0] == walker]
        for before, after in pairwise(mine):
            if before[2] is None or before[2] > after[1]:
                outcome.overlapping.append(f"{walker}: {after[3]} began before {before[3]} had ended")
