"""`xiaotian demo`: a station at work, with dogs on their rounds, its server and its console, until Ctrl-C."""

import json
import math
import random
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.panel import Panel

from xiaotian.api_client import ApiProblem, Client
from xiaotian.api_client import operation as op
from xiaotian.api_client.models import DogView
from xiaotian.child_processes import Family, interruptible
from xiaotian.demo_events import DemoEvents
from xiaotian.demo_patrols import FULL, LOW, DemoPatrols, Seen, Want
from xiaotian.demo_plan import DemoPlan, Variant, battery_entry, read_plan, write_script
from xiaotian.local_stack import SIMULATOR, YARD, LocalStack, Plan, fresh

LOOK_S = 1.0
APART_M = 3.0  # nothing appears nearer to a dog
OPEN = ("SENT", "ACTIVE")

console = Console()


def prepare(
    folder: Path,
    site: Path | None,
    dogs: int,
    seed: int,
    rate: float,
    detector: str,
    port: int = 0,
    mqtt_port: int = 0,
    live: bool = False,
) -> tuple[Plan, DemoPlan]:
    """What to stage in ``folder``, which is made anew, and the plan of it. Raises ValueError."""
    where = _site_folder(site)
    demo = read_plan(where, dogs)
    fresh(folder)
    script = folder / "script.json"
    script.write_text(json.dumps(script_of(demo, seed)[0], ensure_ascii=False), encoding="utf-8")
    plan = Plan(
        folder,
        where,
        berths=demo.berths,
        port=port,
        mqtt_port=mqtt_port,
        rate=rate,
        seed=seed,
        detector=detector,
        begins=demo.begins,
        script=script,
        live=live,
    )
    return plan, demo


def run(plan: Plan, demo: DemoPlan, patrol: bool) -> None:
    """Run the demo; without ``patrol`` no dog is sent, and nothing happens."""
    interruptible()
    with Family(plan.folder / "logs") as family:
        try:
            stage = LocalStack(plan, family, lambda part: console.print(f"[dim]starting[/] {part}"))
            stage.start()
            _greet(stage, plan.folder)
            if patrol:
                with stage.client() as client:
                    Life(stage, demo, client, _say).live()
            while True:
                family.check()
                time.sleep(0.5)
        except KeyboardInterrupt:
            console.print("\n[dim]stopping[/]")


def script_of(demo: DemoPlan, seed: int) -> tuple[list[dict[str, Any]], list[Variant]]:
    """All that the simulator must know beforehand: the happenings, then each dog's battery, low and full."""
    entries, variants = write_script(demo, random.Random(seed))
    batteries = [battery_entry(dog.name, charge) for dog in demo.dogs for charge in (LOW, FULL)]
    return [*entries, *batteries], variants


def appears_apart(entry: dict[str, Any], dogs: Iterable[tuple[float, float]]) -> bool:
    """Whether what ``entry`` brings would not appear on top of a dog: else it waits until they have gone on."""
    at = entry["way"][0] if "way" in entry else entry
    return "x" not in at or all(math.dist((at["x"], at["y"]), dog) > APART_M for dog in dogs)


class Life:
    """Keeps the station at work: sends the dogs on their rounds and makes things happen, as an operator and chance do.

    Its seconds are the wall's, times the chosen rate.
    """

    def __init__(self, stage: LocalStack, demo: DemoPlan, client: Client, say: Callable[[str], None]) -> None:
        self._stage, self._client, self._say, self._demo = stage, client, say, demo
        seed = stage.plan.seed
        entries, variants = script_of(demo, seed)
        self._batteries = len(entries) - 2 * len(demo.dogs)  # the number of the first dog's
        self._happenings = DemoEvents(variants, random.Random(seed))
        self._began = time.monotonic()
        self._refused: dict[str, str] = {}
        self._entries = entries
        self._due: list[int] = []
        self._places: dict[str, tuple[float, float]] = {}

    def live(self) -> None:
        """Until interrupted, or until a process ends."""
        sent = {patrol.dog for patrol in self._demo.patrols if self._send(patrol.dog, patrol.route)}
        rounds = {dog.name: DemoPatrols(self._demo.rounds[dog.name], 0.0, dog.name in sent) for dog in self._demo.dogs}
        told = False
        while True:
            self._stage.family.check()
            now = (time.monotonic() - self._began) * self._stage.plan.rate
            try:
                dogs = {dog.dog_id: dog for dog in self._client.ask(op.DOGS)}
                self._places = {name: (dog.position.x, dog.position.y) for name, dog in dogs.items() if dog.position}
                for name, each in rounds.items():
                    self._keep(name, each, dogs[name], now)
                if not told and self._client.ask(op.INCIDENTS):
                    told = True
                    for name in self._happenings.begin_first(now):
                        self._say(name)
            except ApiProblem as problem:  # a busy computer; the server is still there, or `check` says so
                self._say(f"[yellow]the server did not answer: {problem}[/]")
            entries, begins = self._happenings.update(now)
            self._due += entries
            for entry in [each for each in self._due if appears_apart(self._entries[each], self._places.values())]:
                self._due.remove(entry)
                self._cue(entry)
            if begins:
                self._say(begins)
            time.sleep(LOOK_S)

    def _keep(self, name: str, rounds: DemoPatrols, dog: DogView, now: float) -> None:
        match rounds.update(Seen(dog.patrol_id is not None, bool(dog.charging)), now):
            case Want.PATROL:
                if self._send(name, rounds.route):
                    rounds.sent(now)
                else:
                    rounds.refused(now)
            case Want.EMPTY:
                self._say(f"{name}: its battery is low, it goes to charge")
                self._cue(self._battery_of(name))
            case Want.FILL:
                self._cue(self._battery_of(name) + 1)

    def _send(self, dog: str, route: str) -> bool:
        try:
            self._client.assign_patrol(route, dog)
        except ApiProblem as problem:
            if problem.status is None:
                raise
            if self._refused.get(dog) != problem.detail:
                self._say(f"[yellow]{dog} stays: {problem.detail}[/]")
            self._refused[dog] = problem.detail
            return False
        self._refused.pop(dog, None)
        self._say(f"{dog} walks {route}")
        return True

    def _battery_of(self, dog: str) -> int:
        return self._batteries + 2 * [each.name for each in self._demo.dogs].index(dog)

    def _cue(self, entry: int) -> None:
        self._stage.family.tell(SIMULATOR, json.dumps({"entry": entry}))


def _site_folder(site: Path | None) -> Path:
    """The folder that is meant: a path, or the name of one of our own sites."""
    if site is None:
        return YARD
    own = YARD.parent / site
    return own if len(site.parts) == 1 and not site.exists() and own.exists() else site


def _say(text: str) -> None:
    console.print(f"[dim]{time.strftime('%H:%M:%S')}[/] {text}")


def _greet(stage: LocalStack, folder: Path) -> None:
    console.print(
        Panel(
            f"[bold]哮天 Xiaotian[/]\n\nopen        [bold cyan]{stage.url}[/]\nuser        [bold]admin[/]\n"
            f"password    [bold]{stage.password}[/]\n\n[dim]MQTT 127.0.0.1:{stage.mqtt_port}, "
            f"ROS_DOMAIN_ID {stage.ros['ROS_DOMAIN_ID']}, logs in {folder / 'logs'}\nCtrl-C ends it[/]",
            expand=False,
        )
    )
