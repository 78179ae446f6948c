"""What `xiaotian demo` and `xiaotian smoke` stage at a site: ``sim/demo/SITE.yaml``, a plan that reads as a story."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, structs

from protocol.site_folder import SiteFile, read_site
from sim.engine import script
from xiaotian.local_stack import Berth
from xiaotian.local_time import NOON
from xiaotian.robot_processes import ROOT

PLANS = ROOT / "sim/demo"
VARIANTS = 4  # of each happening, so that it is not the same each time
NEVER = 1.0e8  # seconds: an entry of the script waits for its cue
Seconds = Annotated[float, Meta(ge=0)]


class MalformedPlan(ValueError):
    """A plan that cannot be staged; the text says what is wrong where."""


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a plan; a key that it does not know is a mistake."""


class Dog(Part, frozen=True, kw_only=True):
    """A dog, its body, and the dock where it starts."""

    name: str
    body: Literal["legged", "light"]
    dock: str


class Patrol(Part, frozen=True, kw_only=True):
    """A dog that walks a starter route."""

    dog: str
    route: str


class Happening(Part, frozen=True, kw_only=True):
    """What may happen: entries of the simulator's script, ``at`` seconds after it begins."""

    name: str
    events: list[dict[str, Any]]
    after: Seconds = 0.0  # of the demo, before which it does not happen
    by: Annotated[float, Meta(ge=0)] = 0.0  # metres by which its places are moved at random
    first: bool = False  # it happens once, before the others: when the first incident has been told


class DemoPlan(Part, frozen=True, kw_only=True):
    """The whole plan. ``patrols`` are walked first; ``rounds`` by each dog from then on."""

    dogs: list[Dog]
    patrols: list[Patrol]
    incidents: int = 0  # that the first patrols bring
    begins: str = NOON
    rounds: dict[str, list[str]] = {}
    happenings: list[Happening] = []

    @property
    def berths(self) -> tuple[Berth, ...]:
        """The dogs, as the stage wants them."""
        return tuple(Berth(dog.name, dog.body, dog.dock) for dog in self.dogs)

    def with_dogs(self, count: int, site: SiteFile) -> "DemoPlan":
        """The plan of its first ``count`` dogs; more of them are light, and walk all starter routes by turns."""
        dogs = self.dogs[:count]
        taken = {dog.dock for dog in dogs}
        free = [dock.dock_id for dock in site.docks if dock.dock_id not in taken]
        if len(dogs) + len(free) < count:
            raise MalformedPlan(f"{site.site_id}: {len(site.docks)} docks are too few for {count} dogs")
        more = range(len(dogs) + 1, count + 1)
        dogs = [*dogs, *(Dog(name=f"dog{n}", body="light", dock=dock) for n, dock in zip(more, free, strict=False))]
        routes = [route.route_id for route in site.routes]
        return structs.replace(
            self,
            dogs=dogs,
            patrols=[patrol for patrol in self.patrols if patrol.dog in {dog.name for dog in dogs}],
            rounds={dog.name: self.rounds.get(dog.name, routes) for dog in dogs},
        )


@dataclass(frozen=True)
class Cue:
    """The script's entry ``entry`` is due ``at`` seconds after its happening began."""

    at: float
    entry: int


@dataclass(frozen=True)
class Variant:
    """One way in which a happening may happen."""

    of: Happening
    cues: tuple[Cue, ...]


def read_plan(site_folder: Path, dogs: int) -> DemoPlan:
    """The plan for ``dogs`` dogs at the site in ``site_folder``; raises MalformedPlan.

    It is the site's own, else one made of its docks and starter routes.
    """
    site = read_site(site_folder)[0]
    file = PLANS / f"{site.site_id}.yaml"
    plan = _read(file) if file.exists() else _made_of(site, dogs)
    _check(plan, site, str(file))
    return plan.with_dogs(dogs, site)


def write_script(plan: DemoPlan, rng: random.Random) -> tuple[list[dict[str, Any]], list[Variant]]:
    """The simulator's script, every entry of which waits for its cue, and which entries make which happening."""
    entries: list[dict[str, Any]] = []
    variants = []
    for happening in plan.happenings:
        for _ in range(1 if happening.first else VARIANTS):
            dx, dy = (rng.uniform(-happening.by, happening.by) for _ in range(2))
            cues = []
            for event in happening.events:
                cues.append(Cue(float(event.get("at", 0.0)), len(entries)))
                entries.append(_moved(event, dx, dy) | {"at": NEVER})
            variants.append(Variant(happening, tuple(cues)))
    return entries, variants


def battery_entry(dog: str, charge: float) -> dict[str, Any]:
    """The entry of a script by which a dog's battery has this ``charge``, 0..1."""
    return {"at": NEVER, "do": "battery", "dog": dog, "charge": charge}


def _read(file: Path) -> DemoPlan:
    try:
        return msgspec.yaml.decode(file.read_bytes(), type=DemoPlan)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise MalformedPlan(f"{file}: {error}") from error


def _made_of(site: SiteFile, count: int) -> DemoPlan:
    """Of a site that nobody wrote a plan for: as many dogs as docks and routes allow, each on a route of its own."""
    pairs = list(zip(site.docks, site.routes, strict=False))[:count]
    dogs = [
        Dog(name=f"dog{n}", body="light" if n > 1 else "legged", dock=dock.dock_id)
        for n, (dock, _) in enumerate(pairs, 1)
    ]
    patrols = [Patrol(dog=dog.name, route=route.route_id) for dog, (_, route) in zip(dogs, pairs, strict=True)]
    return DemoPlan(dogs=dogs, patrols=patrols, rounds={dog.name: [r.route_id for r in site.routes] for dog in dogs})


def _check(plan: DemoPlan, site: SiteFile, where: str) -> None:
    """Every name is one of the site's, and every entry one that the simulator knows."""
    docks, routes = {dock.dock_id for dock in site.docks}, {route.route_id for route in site.routes}
    dogs = {dog.name for dog in plan.dogs}
    _known(where, "dock", [dog.dock for dog in plan.dogs], docks)
    _known(where, "route", [p.route for p in plan.patrols] + [r for each in plan.rounds.values() for r in each], routes)
    _known(where, "dog", [patrol.dog for patrol in plan.patrols] + list(plan.rounds), dogs)
    if not plan.dogs or not plan.patrols:
        raise MalformedPlan(f"{where}: no dog and no patrol, for {site.site_id} has no docks or no starter routes")
    for happening in plan.happenings:
        for event in happening.events:
            try:
                script.happening(event | {"at": NEVER})
            except ValueError as error:
                raise MalformedPlan(f"{where}: {happening.name}: {error}") from error


def _known(where: str, what: str, names: Sequence[str], known: set[str]) -> None:
    for name in names:
        if name not in known:
            raise MalformedPlan(f"{where}: no {what} {name!r}; there are {', '.join(sorted(known))}")


def _moved(part: Any, dx: float, dy: float) -> Any:
    """``part`` with each of its places moved, but for the first and last point of a way: gates are narrow."""
    if not isinstance(part, dict):
        return part
    made = dict(part)
    if "way" in made:
        inner = range(1, len(made["way"]) - 1) if len(made["way"]) > 2 else range(len(made["way"]))
        made["way"] = [_moved(p, dx, dy) if n in inner else p for n, p in enumerate(made["way"])]
    if "x" in made and "y" in made and math.hypot(dx, dy) > 0:
        made["x"], made["y"] = round(made["x"] + dx, 2), round(made["y"] + dy, 2)
    return made
