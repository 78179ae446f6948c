"""A scenario's file becomes a Scenario: each part decoded, and every name in it looked up in its site."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import structs

from protocol.anomaly import AnomalyKind
from protocol.site_folder import MalformedSite, SiteFile, read_site
from sim.engine import script
from xiaotian.local_time import NOON, epoch
from xiaotian.robot_processes import PROCESSES, ROOT
from xiaotian.scenarios.event_record import Kind
from xiaotian.scenarios.scenario import (
    FAULTS,
    Dog,
    Expect,
    Happening,
    Part,
    Patrol,
    Scenario,
    Seconds,
    Stop,
    Text,
    When,
)
from xiaotian.scenarios.strict_yaml import Document, Path_, read

WORLDS = ROOT / "sim/worlds"
OWN = ("id", "at", "when")  # what a happening's entry says to the runner
KINDS_OF_INCIDENT = [str(kind) for kind in AnomalyKind]
LABELS = tuple(kind for kind in Kind if kind is not Kind.LINK)


class _File(Part, frozen=True, kw_only=True):
    """The file as it stands. ``route`` or ``stops`` at the top are the first dog's patrol."""

    name: Text
    site: str
    about: str = ""
    marks: list[str] = []
    seed: int = 0
    begins: str = NOON
    light: Literal["day", "dusk", "night"] = "day"
    detector: str = "auto"
    dogs: list[Dog] = msgspec.field(default_factory=lambda: [Dog()])
    route: str = ""
    stops: list[str | Stop] = []
    patrols: list[Patrol] = []
    events: list[dict[str, Any]] = []
    faults: list[dict[str, Any]] = []
    expect: Expect = Expect()
    time_limit_s: Seconds = 120.0


def read_scenario(file: Path) -> Scenario:
    """The scenario in ``file``; raises MalformedScenario."""
    document = read(file)
    said = document.decode((), _File)
    folder = _site_folder(document, said.site)
    try:
        site = read_site(folder)[0]
    except MalformedSite as error:
        raise document.wrong(("site",), f"a site that cannot be read ({error})", "a sound site folder") from error
    happenings = [
        _happening(document, (part, n), said.dogs[0].name)
        for part in ("events", "faults")
        for n in range(len(getattr(said, part)))
    ]
    scenario = Scenario(
        file=file,
        name=said.name,
        site=folder,
        about=said.about,
        marks=said.marks,
        seed=said.seed,
        begins=_begins(document, said.begins, site),
        light=said.light,
        detector=said.detector,
        dogs=_docked(document, said.dogs, site),
        patrols=_patrols(document, said),
        happenings=_named(document, happenings, len(said.events)),
        expect=said.expect,
        time_limit_s=said.time_limit_s,
    )
    _Names(document, scenario, site, len(said.events)).check()
    return scenario


def _site_folder(document: Document, site: str) -> Path:
    for folder in (WORLDS / site, document.file.parent / site):
        if (folder / "site.yaml").is_file():
            return folder.resolve()
    known = ", ".join(sorted(p.parent.name for p in WORLDS.glob("*/site.yaml")))
    raise document.wrong(("site",), repr(site), f"one of: {known}; or a site folder's path from here")


def _begins(document: Document, begins: str, site: SiteFile) -> str:
    try:
        epoch(begins, site.timezone)
    except ValueError as error:
        raise document.wrong(("begins",), repr(begins), f'date and hour at the site, as "{NOON}"') from error
    return begins


def _docked(document: Document, dogs: list[Dog], site: SiteFile) -> list[Dog]:
    """The dogs, each with a dock where it has no other place to start."""
    taken = {dog.dock for dog in dogs}
    free = [dock.dock_id for dock in site.docks if dock.dock_id not in taken]
    docked = []
    for n, dog in enumerate(dogs):
        if dog.start is not None:
            if dog.dock:
                raise document.wrong(("dogs", n, "start"), "both 'dock' and 'start'", "one of them")
            docked.append(dog)
            continue
        if not dog.dock and not free:
            raise document.wrong(("dogs", n), f"{len(dogs)} dogs", f"no more than the site's {len(site.docks)} docks")
        docked.append(dog if dog.dock else structs.replace(dog, dock=free.pop(0)))
    return docked


def _patrols(document: Document, said: _File) -> list[Patrol]:
    own = [Patrol(route=said.route, stops=said.stops)] if said.route or said.stops else []
    if not own and not said.patrols:
        raise document.wrong((), "no way to walk", "`route`, `stops` or `patrols`")
    first = said.dogs[0].name
    return [p if p.dog else structs.replace(p, dog=first) for p in [*own, *said.patrols]]


def _happening(document: Document, path: Path_, first_dog: str) -> Happening:
    given = document.part(path)
    own = {key: given[key] for key in OWN if key in given}
    rest = {key: value for key, value in given.items() if key not in OWN}
    if "do" not in rest:
        raise document.wrong(
            path, "no 'do' here", f"the key 'do', one of: {', '.join(sorted([*FAULTS, *script.KINDS]))}"
        )
    if "at" in own and "when" in own:
        raise document.wrong((*path, "when"), "both 'at' and 'when'", "one of them")
    when = document.decode((*path, "when"), When) if "when" in own else None
    if when is not None and sum(map(bool, (when.checkpoint, when.after, when.incident, when.error))) != 1:
        raise document.wrong((*path, "when"), "not exactly one of them", "'checkpoint', 'after', 'incident' or 'error'")
    at = document.decode((*path, "at"), Seconds) if "at" in own else 0.0
    name = document.decode((*path, "id"), str) if "id" in own else ""
    do = rest["do"]
    if do in FAULTS:
        return Happening(id=name, do=do, at=at, when=when, fault=document.decode(path, FAULTS[do], rest))
    if do not in script.KINDS:
        raise document.wrong((*path, "do"), repr(do), f"one of: {', '.join(sorted([*FAULTS, *script.KINDS]))}")
    return Happening(id=name, do=do, at=at, when=when, entry=_entry(document, path, rest, name, first_dog))


def _entry(document: Document, path: Path_, rest: dict[str, Any], name: str, first_dog: str) -> dict[str, Any]:
    """What the simulator's script is to have; who is not named has the happening's id for a name."""
    kind = script.KINDS[rest["do"]]
    defaults = {"name": name, "dog": first_dog} if name else {"dog": first_dog}
    entry = {key: value for key, value in defaults.items() if key in kind.__struct_fields__} | rest
    document.decode(path, kind, {"at": 0.0} | entry)
    try:
        script.happening({"at": 0.0} | entry)
    except ValueError as error:
        raise document.wrong(path, "what cannot be", str(error)) from error
    return entry


def _named(document: Document, happenings: list[Happening], events: int) -> list[Happening]:
    """Each with an id of its own: the given one, or what it does, numbered from the second on."""
    count: Counter[str] = Counter()
    named: list[Happening] = []
    for n, happening in enumerate(happenings):
        count[happening.do] += 1
        own = happening.do if count[happening.do] == 1 else f"{happening.do}_{count[happening.do]}"
        name = happening.id or own
        if name in {other.id for other in named}:
            path = ("events", n) if n < events else ("faults", n - events)
            raise document.wrong((*path, "id"), f"the id {name!r} a second time", "an id of its own")
        named.append(structs.replace(happening, id=name))
    return named


class _Names:
    """Looks up every name that a scenario uses."""

    def __init__(self, document: Document, scenario: Scenario, site: SiteFile, events: int) -> None:
        self._document = document
        self._scenario = scenario
        self._site = site
        self._events = events
        self._dogs = [dog.name for dog in scenario.dogs]
        self._checkpoints = [c.checkpoint_id for c in site.checkpoints]
        self._zones = [zone.zone_id for zone in site.zones]
        self._ids = [happening.id for happening in scenario.happenings]

    def check(self) -> None:
        """Raise MalformedScenario at the first name that nothing has."""
        self._check_dogs()
        self._check_patrols()
        self._check_happenings()
        self._check_expectations()

    def _one_of(self, path: Path_, name: str, known: Iterable[str], what: str) -> None:
        known = list(known)
        if name and name not in known:
            raise self._document.wrong(path, f"{name!r}", f"{what}: {', '.join(known) or 'there is none'}")

    def _check_dogs(self) -> None:
        docks = [dock.dock_id for dock in self._site.docks]
        for n, dog in enumerate(self._scenario.dogs):
            self._one_of(("dogs", n, "dock"), dog.dock, docks, "a dock of the site")
        for part, values in (("name", self._dogs), ("dock", [dog.dock for dog in self._scenario.dogs])):
            twice = next((n for n, value in enumerate(values) if value and value in values[:n]), None)
            if twice is not None:
                raise self._document.wrong(("dogs", twice, part), f"{values[twice]!r} a second time", "one of its own")

    def _check_patrols(self) -> None:
        top = "patrols" not in self._document.data or "route" in self._document.data or "stops" in self._document.data
        routes = [route.route_id for route in self._site.routes]
        for n, patrol in enumerate(self._scenario.patrols):
            path: Path_ = () if top and n == 0 else ("patrols", n - (1 if top else 0))
            self._one_of((*path, "dog"), patrol.dog, self._dogs, "a dog of the scenario")
            self._one_of((*path, "route"), patrol.route, routes, "a route of the site")
            if bool(patrol.route) == bool(patrol.stops):
                raise self._document.wrong(path, "not exactly one of them", "'route' or 'stops'")
            for m, stop in enumerate(patrol.own_stops()):
                self._one_of((*path, "stops", m), stop.checkpoint, self._checkpoints, "a checkpoint of the site")

    def _check_happenings(self) -> None:
        for n, happening in enumerate(self._scenario.happenings):
            path: Path_ = ("events", n) if n < self._events else ("faults", n - self._events)
            if happening.when is not None:
                when = (*path, "when")
                self._one_of((*when, "checkpoint"), happening.when.checkpoint, self._checkpoints, "a checkpoint")
                self._one_of((*when, "after"), happening.when.after, self._ids, "the id of a happening")
                self._one_of((*when, "incident"), happening.when.incident, [*self._zones, *KINDS_OF_INCIDENT], "a zone")
            dog = (happening.entry or {}).get("dog", "") or getattr(happening.fault, "dog", "")
            self._one_of((*path, "dog"), dog, self._dogs, "a dog of the scenario")
            for m, name in enumerate(getattr(happening.fault, "processes", [])):
                self._one_of((*path, "processes", m), name, PROCESSES, "a process of a dog")

    def _check_expectations(self) -> None:
        expect = self._scenario.expect
        for n, incident in enumerate(expect.incidents):
            self._one_of(("expect", "incidents", n, "zone"), incident.zone, self._zones, "a zone of the site")
            self._one_of(("expect", "incidents", n, "kind"), incident.kind, KINDS_OF_INCIDENT, "a kind of incident")
            if bool(incident.zone) == bool(incident.kind):
                raise self._document.wrong(("expect", "incidents", n), "not exactly one of them", "'zone' or 'kind'")
        for part in ("incidents", "errors", "walks"):
            for n, each in enumerate(getattr(expect, part)):
                self._one_of(("expect", part, n, "since"), each.since, self._ids, "the id of a happening")
                self._one_of(("expect", part, n, "dog"), each.dog, self._dogs, "a dog of the scenario")
        if isinstance(expect.patrol, dict):
            for name in expect.patrol:
                self._one_of(("expect", "patrol", name), name, self._dogs, "a dog of the scenario")
        for n, label in enumerate(expect.order):
            self._check_label(("expect", "order", n), label)

    def _check_label(self, path: Path_, label: str) -> None:
        kind, colon, name = label.partition(":")
        if kind not in LABELS or not colon:
            raise self._document.wrong(path, repr(label), f"KIND:NAME, with KIND one of: {', '.join(LABELS)}")
        known = {"event": self._ids, "over": self._ids, "checkpoint": self._checkpoints}
        told = [*self._zones, *KINDS_OF_INCIDENT]
        known |= {"incident": told, "picture": told, "lost": self._dogs, "live": self._dogs}
        if kind in known:
            self._one_of(path, name, known[kind], f"the name of what is meant by {kind!r}")
