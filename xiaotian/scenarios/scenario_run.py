"""Runs one scenario: stages it, sends the dogs, makes happen what is to happen, and hears what comes of it."""

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET

from fleet_server.core.embedded_broker import configuration
from protocol.anomaly import AnomalyKind
from sim.engine.script import KINDS
from xiaotian.api_client import ApiProblem, Client
from xiaotian.api_client import operation as op
from xiaotian.api_client.models import ActionType, RouteBody, StopActionBody, StopBody, TextBody
from xiaotian.child_processes import Family, Process, ProcessDied, wait_for
from xiaotian.local_stack import Berth, LocalStack, Plan, Reach, free_port
from xiaotian.scenarios.end_condition import LINGER_S, Awaited
from xiaotian.scenarios.event_record import Clock, Entry, Kind, Record, timed
from xiaotian.scenarios.fault_injection import Faults
from xiaotian.scenarios.live_socket import LINK, LiveSocket
from xiaotian.scenarios.network_proxy import NetworkProxies
from xiaotian.scenarios.run_log import RunLog
from xiaotian.scenarios.scenario import Happening, Patrol, Scenario
from xiaotian.scenarios.simulator_handle import World, write_script
from xiaotian.scenarios.triggers import Triggers

SCRIPT = "script.json"
STEP_S = 0.05
BROKER = "import sys, iotcore; iotcore.Broker(config_path=sys.argv[1]).run_forever()"
SLOWEST = 8.0  # times slower than the chosen rate a machine may be ...
GRACE_WALL_S = 60.0  # ... and so much more of the wall's time, until a run is taken for stuck


class Stopped(RuntimeError):
    """The run was called off from outside."""


class Wiring(StrEnum):
    """How a dog is joined to the world: as on a robot, or in one process, in lock-step."""

    ROS = "ros"
    DIRECT = "direct"


@dataclass(frozen=True)
class Options:
    """How scenarios are run. ``rate`` in simulated seconds a second; ``seed`` None takes the scenario's own."""

    rate: float = 1.0
    seed: int | None = None
    detector: str = ""
    domain_id: int = 0
    wiring: Wiring = Wiring.ROS


THINGS: dict[str, tuple[str, ...]] = {  # of the truth, by the kind of incident that tells of them; fires smoke
    AnomalyKind.BAG_LEFT: ("bag",),
    AnomalyKind.FIRE: ("fire",),
    AnomalyKind.SMOKE: ("smoke", "fire"),
}


@dataclass
class Outcome:
    """What came of a run. ``zero`` is the scenario's time 0 on the simulator's clock; ``error`` why it did not run."""

    scenario: Scenario
    folder: Path
    seed: int
    record: Record = field(default_factory=Record)
    timeline: list[Entry] = field(default_factory=list)
    report: dict[str, Any] = field(default_factory=dict)
    zero: float = 0.0
    zero_wall: float = 0.0
    duration_s: float = 0.0
    wall_s: float = 0.0
    stuck: bool = False  # the machine was too slow to come to the end
    error: str = ""
    pictures: dict[str, Path] = field(default_factory=dict)  # by incident

    @property
    def clock(self) -> Clock:
        """Simulated time against the wall's."""
        return Clock(self.report["clock"], self.report["real_time_factor"])

    def time_of(self, wall: float) -> float:
        """The scenario's seconds at a wall's time."""
        return self.clock.simulated(wall) - self.zero

    def people_at(self, simulated: float) -> list[tuple[float, float]]:
        """Where people truly were, at the simulated time next to this one that the report has."""
        return [(x, y) for x, y, *_ in self._truth_at(simulated).get("people", {}).values()]

    def told_of_at(self, kind: str, simulated: float) -> list[tuple[float, float]]:
        """Likewise, where what an incident of this kind tells of truly was."""
        truth = self._truth_at(simulated)
        if kind == AnomalyKind.VEHICLE_PARKED:
            return [(x, y) for x, y, *_ in truth.get("vehicles", {}).values()]
        if kind in THINGS:
            return [(x, y) for x, y, _, what in truth.get("things", {}).values() if what in THINGS[kind]]
        return self.people_at(simulated)

    def _truth_at(self, simulated: float) -> dict[str, Any]:
        elapsed = simulated - self.report["start"]
        found: dict[str, Any] = min(self.report.get("truth", []), key=lambda e: abs(e["t"] - elapsed), default={})
        return found


def run(
    scenario: Scenario, folder: Path, options: Options, say: Callable[[str], None], stop: threading.Event
) -> Outcome:
    """Run ``scenario`` with all its data in ``folder``, which exists and is empty."""
    outcome = Outcome(scenario, folder, scenario.seed if options.seed is None else options.seed)
    began = time.monotonic()
    try:
        _Run(outcome, options, say, stop).go()
    except (RuntimeError, LookupError, ValueError, OSError) as error:
        outcome.error = f"{type(error).__name__}: {error}" if not isinstance(error, ProcessDied) else str(error)
    outcome.wall_s = time.monotonic() - began
    return outcome


class _Run:
    """One run, step by step."""

    def __init__(self, outcome: Outcome, options: Options, say: Callable[[str], None], stop: threading.Event) -> None:
        self._outcome = outcome
        self._scenario = outcome.scenario
        self._record = outcome.record
        self._options = options
        self._said = say
        self._stop = stop
        self._diary = RunLog(outcome.folder)
        self._diary.open(outcome.scenario)
        self._begun: dict[str, float] = {}  # when each happening did
        self._zero = 0.0  # on the simulator's clock since its start

    def _say(self, text: str) -> None:
        if self._stop.is_set():
            raise Stopped("called off")
        self._said(text)

    def go(self) -> None:
        """Stage it, live through it, end it, and read what is left of it."""
        folder = self._outcome.folder
        with Family(folder / "logs") as family, NetworkProxies(self._outcome.seed) as wires:
            broker = _broker(folder)
            write_script(self._scenario, folder / SCRIPT)
            family.start(broker.process)
            self._stage = LocalStack(self._plan(broker.port), family, self._say, self._reach(wires, broker.port))
            self._faults = Faults(self._stage, family, wires, broker.process)
            self._world = World(self._scenario, self._stage.live_file, family, self._options.rate)
            self._stage.start()
            with LiveSocket(self._stage.url, self._stage.password) as self._ear:
                self._live()
            self._fetch_pictures()
            self._say("stopping")
            family.stop()
        self._outcome.report = self._stage.report()
        self._finish()

    def _plan(self, mqtt_port: int) -> Plan:
        scenario = self._scenario
        return Plan(
            self._outcome.folder,
            scenario.site,
            berths=tuple(Berth(dog.name, dog.body, dog.dock, dog.start) for dog in scenario.dogs),
            mqtt_port=mqtt_port,
            external_broker=True,
            rate=self._options.rate,
            seed=self._outcome.seed,
            detector=self._options.detector or scenario.detector,
            begins=scenario.begins,
            light=scenario.light,
            domain_id=self._options.domain_id,
            script=self._outcome.folder / SCRIPT,
            live=True,
        )

    def _reach(self, wires: NetworkProxies, mqtt_port: int) -> Callable[[str], Reach]:
        """Every dog reaches the station through proxies of its own, however often it is started."""
        laid: dict[str, Reach] = {}

        def reach(dog: str) -> Reach:
            if dog not in laid:
                url = f"http://127.0.0.1:{wires.lay(dog, self._stage.port)}"
                laid[dog] = Reach(wires.lay(dog, mqtt_port), url)
            return laid[dog]

        return reach

    def _live(self) -> None:
        """From the first assignment to the end."""
        wait_for(lambda: self._hear() and self._world.ready, 90.0, "the live socket", self._stage.family)
        self._cues = Triggers(self._scenario)
        self._patrols = list(self._scenario.patrols)
        self._outcome.zero_wall, self._zero = time.time(), self._world.now()
        self._diary.begin(self._zero)
        deadline = self._outcome.zero_wall + self._scenario.time_limit_s / self._options.rate * SLOWEST + GRACE_WALL_S
        over_at: float | None = None
        while True:
            now = self._now()
            self._hear()
            self._happen(now)
            self._stage.family.check()
            self._outcome.duration_s = round(now, 2)
            over_at = over_at if over_at is not None else (now if self._over() else None)
            if over_at is not None and now >= over_at + LINGER_S:
                return
            self._outcome.stuck = over_at is None and time.time() > deadline
            if now > self._scenario.time_limit_s or self._outcome.stuck:
                return
            if self._stop.wait(STEP_S):
                raise Stopped("called off")

    def _now(self) -> float:
        """The scenario's seconds, as well as they are known while it runs."""
        return self._world.now() - self._zero

    def _hear(self) -> bool:
        """Take in what came; True once anything did."""
        while not self._ear.heard.empty():
            heard = self._ear.heard.get()
            if heard.kind == LINK:
                self._record.add(heard.wall, Kind.LINK, "up" if heard.data else "down")
            else:
                before = len(self._record.entries)
                self._record.take(heard.kind, heard.data, heard.wall)
                for entry in self._record.entries[before:] if self._outcome.zero_wall else []:
                    self._tell(entry)
        return bool(self._record.dogs)

    def _happen(self, now: float) -> None:
        """Send the dogs that are due, and make happen what is due."""
        for patrol in [p for p in self._patrols if p.at <= now]:
            self._patrols.remove(patrol)
            self._assign(patrol)
        for what in self._cues.due(now, self._record):
            self._do(what)
        for name in self._faults.end_due(now):
            self._tell(self._record.add(time.time(), Kind.OVER, name))

    def _tell(self, entry: Entry) -> None:
        """Say and write down what has just come."""
        dog = entry.dog if entry.dog != entry.name else ""
        self._say(" ".join(word for word in (f"{self._now():6.1f}", entry.label, dog, entry.text) if word))
        newest = next(reversed(self._record.incidents.values()), None) if entry.kind is Kind.INCIDENT else None
        at = (newest["position"]["x"], newest["position"]["y"]) if newest else None
        self._diary.tell(entry, self._now(), at)

    def _do(self, happening: Happening) -> None:
        dog = (happening.entry or {}).get("dog", "") or getattr(happening.fault, "dog", "")
        self._begun[happening.id] = self._now()
        self._tell(self._record.add(time.time(), Kind.EVENT, happening.id, dog, happening.do))
        if happening.entry is not None:
            self._world.cue(happening.id)
        if happening.fault is not None:
            self._faults.begin(happening, self._now())

    def _assign(self, patrol: Patrol) -> None:
        with self._stage.client() as client:
            route_id = patrol.route or _make_route(client, self._stage.site.site_id, patrol)
            try:
                made = client.assign_patrol(route_id, patrol.dog)
            except ApiProblem as problem:
                if problem.status is None:
                    raise
                self._tell(self._record.add(time.time(), Kind.PATROL, "refused", patrol.dog, problem.detail))
                return
        self._record.take("patrol", msgspec.to_builtins(made), time.time())

    def _over(self) -> bool:
        """Whether nothing is awaited any more."""
        if self._patrols or self._cues.waiting or self._faults.under_way:
            return False
        return Awaited(self._scenario, self._record, self._begun).over(self._now())

    def _fetch_pictures(self) -> None:
        with self._stage.client() as client:
            for number, incident in enumerate(self._record.incidents.values(), 1):
                if not incident["pictureUrl"]:
                    continue
                try:
                    picture = client.content(incident["pictureUrl"])
                except ApiProblem as problem:
                    if problem.status is None:
                        raise
                    continue
                file = self._outcome.folder / f"incident-{number}.jpg"
                file.write_bytes(picture)
                self._outcome.pictures[incident["incidentId"]] = file

    def _finish(self) -> None:
        outcome = self._outcome
        outcome.zero = outcome.clock.simulated(outcome.zero_wall)
        outcome.timeline = sorted(
            [*timed(self._record.entries, outcome.time_of), *by_the_world(outcome)], key=lambda entry: entry.t
        )


def by_the_world(outcome: Outcome) -> list[Entry]:
    """What came of it in the world, by the simulator's account."""
    made = []
    for event in outcome.report["events"]:
        if event["what"] in KINDS:
            continue  # it was called by us, and stands on the timeline
        t, wall = event["t"] + outcome.report["start"], 0.0
        who, text = event.get("dog", ""), str(event.get("with") or event.get("name") or "")
        made.append(Entry(wall, Kind.WORLD, event["what"], who, text, round(t - outcome.zero, 2)))
    return made


@dataclass(frozen=True)
class _Broker:
    port: int
    process: Process


def _broker(folder: Path) -> _Broker:
    """A broker of the run's own, that can be killed and started again."""
    port, file = free_port(), folder / "broker.toml"
    file.write_text(configuration(port, None))
    return _Broker(port, Process("broker", [sys.executable, "-c", BROKER, str(file)]))


def _make_route(client: Client, site_id: str, patrol: Patrol) -> str:
    stops = []
    for stop in patrol.own_stops():
        said = [
            StopActionBody(type=ActionType(a.type), seconds=UNSET if a.seconds is None else a.seconds)
            for a in stop.actions
        ]
        theta = UNSET if stop.theta is None else stop.theta
        stops.append(StopBody(checkpoint_id=stop.checkpoint, actions=said, theta=theta))
    body = RouteBody(site_id=site_id, name=TextBody(zh="场景", en="Scenario"), stops=stops)
    return client.ask(op.CREATE_ROUTE, body).route_id
