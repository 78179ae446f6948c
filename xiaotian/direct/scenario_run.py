"""Runs one scenario with the dogs' minds in this process, in lock-step with the world; judged as any other."""

import random
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge.dog.dog import Dog
from edge.dog.mission_core import MissionCore
from edge.dog.perception_core import PerceptionCore
from edge.mission.events import Event, LinkHeard
from edge.perception.camera_geometry import Intrinsics
from edge.perception.detector_selection import choose, places
from edge.types import Pose2D
from protocol.topics import PREFIX, Address
from sim.engine.lighting import Light
from sim.engine.script import check
from sim.engine.simulation import DogPlan, Make, Simulation
from xiaotian.direct.lockstep import Lockstep, Wish
from xiaotian.direct.parameters import configured
from xiaotian.direct.server_stand_in import Station
from xiaotian.direct.trial_site import site
from xiaotian.scenarios.end_condition import LINGER_S, Awaited
from xiaotian.scenarios.event_record import Entry, Kind, timed
from xiaotian.scenarios.run_log import RunLog
from xiaotian.scenarios.scenario import Cancel, Happening, Scenario
from xiaotian.scenarios.scenario_run import Options, Outcome, Stopped, by_the_world
from xiaotian.scenarios.simulator_handle import NEVER
from xiaotian.scenarios.triggers import Triggers

READY_S = 30.0  # simulated, until every dog knows where it is
LINK_S = 5.0  # how often a dog hears that the station can be reached
LOOK_S = 0.1  # how often it is looked what is due


def unfit(scenario: Scenario) -> str:
    """Why a scenario needs the ROS wiring; empty where it does not."""
    needs = [
        f"{each.id} ({each.do})" for each in scenario.happenings if each.fault and not isinstance(each.fault, Cancel)
    ]
    if needs:
        return f"needs --wiring ros: {', '.join(needs)} is done to processes, network or server, and here are none"
    return ""


def run(
    scenario: Scenario, folder: Path, options: Options, say: Callable[[str], None], stop: threading.Event
) -> Outcome:
    """Run ``scenario`` with its pictures in ``folder``, which exists and is empty. The wall's time is the simulated."""
    outcome = Outcome(scenario, folder, scenario.seed if options.seed is None else options.seed)
    began = time.monotonic()
    try:
        why = unfit(scenario)
        if why:
            raise ValueError(why)
        _Run(outcome, options, say, stop).go()
    except (RuntimeError, LookupError, ValueError, OSError) as error:
        outcome.error = f"{type(error).__name__}: {error}"
    outcome.wall_s = time.monotonic() - began
    return outcome


class _Run:
    """One run, step by step."""

    def __init__(self, outcome: Outcome, options: Options, say: Callable[[str], None], stop: threading.Event) -> None:
        self._outcome, self._options, self._said, self._stop = outcome, options, say, stop
        self._scenario, self._record = outcome.scenario, outcome.record
        self._diary = RunLog(outcome.folder)
        self._diary.open(self._scenario)
        random_ids = random.Random(outcome.seed)
        self._new_id = lambda: str(uuid.UUID(int=random_ids.getrandbits(128), version=4))
        self._site = site(self._scenario.site)
        self._sim = self._simulation()
        self._minds = {name: self._mind(n, name) for n, name in enumerate(self._sim.dogs)}
        self._lockstep = Lockstep(self._sim, self._minds)
        self._station = Station(self._site.file, self._site.ground.message.map_id, outcome.folder, self._new_id)
        self._events: dict[str, list[Event]] = {name: [] for name in self._minds}
        self._begun: dict[str, float] = {}

    def _simulation(self) -> Simulation:
        scenario, docks = self._scenario, {d.dock_id: d.pose for d in self._site.file.docks}
        plans = []
        for dog in scenario.dogs:
            pose = docks.get(dog.dock)
            start = dog.start or ((pose.x, pose.y, pose.theta) if pose else None)
            assert start is not None, f"{dog.name} starts nowhere"
            plans.append(DogPlan(dog.name, *start, Make(dog.body)))
        script = check([each.entry | {"at": NEVER} for each in scenario.happenings if each.entry is not None])
        world, light = self._site.world, Light(scenario.light)
        return Simulation(world, plans, self._outcome.seed, scenario.start, light=light, script=script)

    def _mind(self, number: int, name: str) -> Dog:
        file, ground = self._site.file, self._site.ground
        settings, mission_settings = configured()
        mission = MissionCore(Address("xiaotian", name, PREFIX), mission_settings)
        mission.take_site(ground.message, 0, file.docks, file.zones)
        detector = choose(self._options.detector or self._scenario.detector, places([])).detector
        perception = PerceptionCore(detector, self._new_id)
        perception.take_site(file.zones, file.timezone, 0, ground.message)
        lens = self._sim.dogs[name].camera
        perception.take_intrinsics(
            Intrinsics(lens.focal, lens.focal, lens.width / 2, lens.height / 2, lens.width, lens.height)
        )
        mission.latest.detector = detector.name
        plan = self._sim.dogs[name].plan
        start, seed = Pose2D(plan.x, plan.y, plan.theta), self._outcome.seed + 1000 * number
        return Dog(ground, start, settings, seed, self._site.field, mission, perception)

    def go(self) -> None:
        """Wait for the dogs, live through it, and say what came of it."""
        began = time.monotonic()
        try:
            self._wait()
            self._live()
        finally:
            spent = time.monotonic() - began
            self._sim.close()
        self._outcome.pictures = self._station.pictures
        self._outcome.report = self._report(spent)
        self._outcome.zero = self._outcome.zero_wall
        entries = [*timed(self._record.entries, self._outcome.time_of), *by_the_world(self._outcome)]
        self._outcome.timeline = sorted(entries, key=lambda entry: entry.t)

    def _wait(self) -> None:
        self._say("the dogs find themselves")
        while not all(map(self._station.is_ready, self._minds)):
            if self._sim.elapsed > READY_S:
                raise RuntimeError(f"not all dogs knew where they are after {READY_S:g} s")
            self._step()

    def _live(self) -> None:
        """From the first assignment to the end."""
        self._outcome.zero_wall = self._sim.now
        self._diary.begin(self._sim.elapsed)
        cues, patrols = Triggers(self._scenario), list(self._scenario.patrols)
        over_at: float | None = None
        awaited = Awaited(self._scenario, self._record, self._begun)
        while self._now() <= self._scenario.time_limit_s:
            now = self._now()
            for patrol in [p for p in patrols if p.at <= now]:
                patrols.remove(patrol)
                dog = patrol.dog or next(iter(self._minds))
                events, said = self._station.assign(dog, self._mission(dog), patrol, self._sim.now)
                self._events[dog] += events
                self._take(said)
            for what in cues.due(now, self._record):
                self._do(what)
            over = not patrols and not cues.waiting and awaited.over(now)
            over_at = over_at if over_at is not None else (now if over else None)
            if over_at is not None and now >= over_at + LINGER_S:
                break
            for _ in range(round(LOOK_S / 0.02)):
                self._step()
        self._outcome.duration_s = round(self._now(), 2)

    def _now(self) -> float:
        return self._sim.now - self._outcome.zero_wall

    def _mission(self, dog: str) -> MissionCore:
        mission = self._minds[dog].mission
        assert mission is not None
        return mission

    def _step(self) -> None:
        if self._sim.steps % round(LINK_S / 0.02) == 0:
            for events in self._events.values():
                events.append(LinkHeard(True))
        wishes: dict[str, Wish] = {name: {"events": tuple(events)} for name, events in self._events.items() if events}
        self._events = {name: [] for name in self._minds}
        for name, out in self._lockstep.step(wishes).items():
            self._take(self._station.hear(name, out, self._sim.now))

    def _take(self, said: list[Any]) -> None:
        """What is told from the first assignment on."""
        if not self._outcome.zero_wall:
            return
        before = len(self._record.entries)
        for kind, data in said:
            self._record.take(kind, data, self._sim.now)
        for entry in self._record.entries[before:]:
            self._tell(entry)

    def _do(self, happening: Happening) -> None:
        dog = (happening.entry or {}).get("dog", "") or getattr(happening.fault, "dog", "")
        self._begun[happening.id] = self._now()
        self._tell(self._record.add(self._sim.now, Kind.EVENT, happening.id, dog, happening.do))
        if happening.entry is not None:
            entries = [each.id for each in self._scenario.happenings if each.entry is not None]
            self._sim.story.cue(entries.index(happening.id), self._sim.elapsed)
        if isinstance(happening.fault, Cancel):
            called = dog or next(iter(self._minds))
            self._events[called] += self._station.cancel(called, self._mission(called), self._sim.now)

    def _tell(self, entry: Entry) -> None:
        dog = entry.dog if entry.dog != entry.name else ""
        self._say(" ".join(word for word in (f"{self._now():6.1f}", entry.label, dog, entry.text) if word))
        self._diary.tell(entry, self._now())

    def _say(self, text: str) -> None:
        if self._stop.is_set():
            raise Stopped("called off")
        self._said(text)

    def _report(self, spent: float) -> dict[str, Any]:
        sim = self._sim
        return {
            "dogs": sim.report(),
            "clock": [[sim.start, sim.start], [sim.now, sim.now]],
            "events": sim.events(),
            "truth": sim.truths,
            "start": sim.start,
            "simulated_s": round(sim.elapsed, 2),
            "real_time_factor": round(sim.elapsed / spent, 2) if spent else 0.0,
            "camera_backend": sim.camera_backend,
            "trace": sim.trace,
            "digest": self._lockstep.digest,
        }
