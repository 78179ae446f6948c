"""Makes the script happen: begins what is due, moves what moves, ends what is over, and keeps the account of it."""

import math
from typing import Any, Protocol

import msgspec
import structlog

from sim.engine import script
from sim.engine.dog import Carried, Dog
from sim.engine.dog_bodies import CONTROL_S, floor_under
from sim.engine.entities import Entities, smoke_of
from sim.engine.people import Figure
from sim.engine.props import Prop, between, yaw_of
from sim.engine.script import Act, Happening, Script, Then
from sim.engine.sensor_faults import Failing
from sim.engine.transforms import Matrix, pose
from sim.engine.vehicles import Driver
from sim.engine.walkers import Stop, Walker, Way, scripted_dress, scripted_way

import mujoco  # isort: skip

log = structlog.get_logger()
EPSILON = 1e-6  # seconds: less than any step


class Scene(Protocol):
    """What the story is played on: the running world."""

    model: "mujoco.MjModel"
    data: "mujoco.MjData"
    dogs: dict[str, Dog]

    def relight(self, light: script.Daylight | None, visibility: float | None) -> None:
        """Have this light, or what it has; and fog, or none."""


class Glide:
    """A prop on its way from one pose to another."""

    def __init__(self, prop: Prop, to: Matrix, began: float, seconds: float) -> None:
        self.prop, self._to, self._began, self._seconds = prop, to, began, seconds
        self._from = to if prop.at is None else prop.at

    def update(self, data: "mujoco.MjData", now: float) -> bool:
        """Be where it is at ``now``; whether it has arrived."""
        share = 1.0 if self._seconds <= 0 else min(1.0, (now - self._began) / self._seconds)
        self.prop.put(data, between(self._from, self._to, share))
        return share >= 1.0


class ScriptExecution:
    """``people`` and ``vehicles`` are those that are there now; ``events`` is what has happened, in order."""

    def __init__(self, told: Script, cast: Entities, scene: Scene, people: list[tuple[Figure, Walker]]) -> None:
        self.people = people
        self.vehicles: dict[str, tuple[Prop, Driver]] = {}
        self.events: list[dict[str, Any]] = []
        self._cast, self._scene = cast, scene
        self._told = tuple(told)
        self._to_come = list(told)
        self._endings: list[tuple[float, int, Happening]] = []
        self._glides: list[Glide] = []
        for prop in cast.props.values():
            if prop.home is not None:
                prop.put(scene.data, prop.home)
        for name in cast.figures.keys() - {figure.name for figure, _ in people}:
            cast.figures[name].vanish(scene.data)

    def update(self, now: float) -> None:
        """Go on to ``now``, seconds since the start; one control step at a time."""
        while self._to_come and self._to_come[0].at <= now + EPSILON:
            self._begin(self._to_come.pop(0), now)
        for ending in sorted(e for e in self._endings if e[0] <= now + EPSILON):
            self._endings.remove(ending)
            self._end(ending[2], now)
        self._glides = [glide for glide in self._glides if not glide.update(self._scene.data, now)]
        self._walk(now)
        self._drive(now)

    def cue(self, number: int, now: float) -> None:
        """The script's entry ``number``, counted from 0, is due now, whenever it was to be; and again if it was."""
        entry = self._told[number]
        if entry in self._to_come:
            self._to_come.remove(entry)
        self._to_come.insert(0, msgspec.structs.replace(entry, at=now))

    def tell(self, now: float, what: str, **fields: Any) -> None:
        """Add to the account."""
        self.events.append({"t": round(now, 2), "what": what, **fields})
        log.info("happened", t=round(now, 2), what=what, **{k: v for k, v in fields.items() if k in ("name", "dog")})

    def draw(self, now: float) -> None:
        """Pose what only pictures show: limbs, smoke, flames."""
        for figure, walker in self.people:
            figure.stand(self._scene.data, walker.stance)
        for plume in self._cast.plumes.values():
            plume.draw(self._scene.model, self._scene.data, now)
        for blaze in self._cast.blazes.values():
            blaze.draw(self._scene.model, self._scene.data, now)

    def truth(self) -> dict[str, Any]:
        """Where people, vehicles and things are: metres, radians."""
        people = {f.name: [*_place(w.stance.x, w.stance.y, w.stance.theta), w.doing] for f, w in self.people}
        vehicles = {n: [*_place(d.x, d.y, d.theta), d.doing] for n, (_, d) in self.vehicles.items()}
        props = [p for n, p in self._cast.props.items() if p.at is not None and n not in self.vehicles]
        things = {p.name: [*_place(p.at[0, 3], p.at[1, 3], yaw_of(p.at)), p.kind] for p in props if p.at is not None}
        for kind, puffs in (("smoke", self._cast.plumes), ("fire", self._cast.blazes)):
            things |= {n: [*_place(p.x, p.y, 0.0), kind] for n, p in puffs.items() if p.since is not None}
        return {"people": people, "vehicles": vehicles, "things": things}

    def _walk(self, now: float) -> None:
        dogs = [dog.place(self._scene.data)[:2] for dog in self._scene.dogs.values()]
        for figure, walker in list(self.people):
            walker.update(dogs, CONTROL_S)
            if walker.gone:
                self._leave(figure.name)
                self.tell(now, "left", name=figure.name)
            else:
                walker.stand_on(self._floor)
                figure.occupy(self._scene.data, walker.stance)

    def _floor(self, x: float, y: float, below: float) -> float:
        return floor_under(self._scene.model, self._scene.data, x, y, below)

    def _drive(self, now: float) -> None:
        if not self.vehicles:
            return
        others = [dog.place(self._scene.data)[:2] for dog in self._scene.dogs.values()]
        others += [(walker.stance.x, walker.stance.y) for _, walker in self.people]
        for name, (prop, driver) in list(self.vehicles.items()):
            was = driver.doing
            driver.update(others, CONTROL_S)
            if driver.gone:
                self._leave(name)
                self.tell(now, "left", name=name)
                continue
            prop.put(self._scene.data, pose(driver.x, driver.y, 0.0, yaw=driver.theta))
            if driver.doing == "parked" != was:
                self.tell(now, "parked", name=name, x=round(driver.x, 2), y=round(driver.y, 2))

    def _begin(self, entry: Happening, now: float) -> None:
        fields = msgspec.to_builtins(entry)
        what = fields.pop("do")
        fields.pop("at")
        self.tell(now, what, **{key: value for key, value in fields.items() if value is not None})
        seconds = getattr(entry, "seconds", None)
        if seconds is not None and isinstance(entry, LASTING):
            self._endings.append((now + seconds, len(self.events), entry))
        match entry:
            case script.Person() | script.Gather():
                self._bring(entry)
            case script.Vehicle():
                self._start(entry)
            case script.Thing() | script.Block() | script.Move() | script.Door() | script.Remove():
                self._handle(entry, now)
            case script.Smoke() | script.Fire():
                self._kindle(entry, now)
            case script.LightChange():
                self._scene.relight(entry.light, self._visibility())
            case script.Fog():
                self._fog = entry.visibility
                self._scene.relight(None, entry.visibility)
            case _:
                self._happen_to(self._scene.dogs[entry.dog], entry)  # type: ignore[attr-defined]

    _fog: float | None = None

    def _visibility(self) -> float | None:
        return self._fog

    def _bring(self, entry: script.Person | script.Gather) -> None:
        if isinstance(entry, script.Gather):
            for n in range(entry.count):
                self._send(f"{entry.name}_{n + 1}", _to_gather(entry, n), script.Clothes(top=_shade(n)))
            return
        here = any(figure.name == entry.name for figure, _ in self.people)
        self._send(entry.name, scripted_way(entry.way, entry.then, entry.yields, 0 if here else 1), entry.dress)

    def _send(self, name: str, way: Way, dress: script.Clothes | None) -> None:
        figure = self._cast.figures[name]
        if dress is not None:
            figure.dress(self._scene.model, scripted_dress(dress))
        for here, walker in self.people:
            if here is figure:
                walker.follow(way)
                return
        if dress is None:
            figure.dress(self._scene.model, scripted_dress(None))
        self.people.append((figure, Walker(way)))

    def _start(self, entry: script.Vehicle) -> None:
        way = entry.way
        if entry.name in self.vehicles:
            driver = self.vehicles[entry.name][1]
            way = (script.Waypoint(x=driver.x, y=driver.y), *way)
        self.vehicles[entry.name] = (
            self._cast.props[entry.name],
            Driver(way, entry.theta, entry.then, entry.yields),
        )

    def _handle(
        self, entry: script.Thing | script.Block | script.Move | script.Door | script.Remove, now: float
    ) -> None:
        if isinstance(entry, script.Remove):
            self._leave(entry.name)
            return
        prop = self._cast.props[entry.name]
        match entry:
            case script.Thing() | script.Move():
                to, seconds = pose(entry.x, entry.y, entry.z, yaw=entry.theta), 0.0
                if isinstance(entry, script.Move):
                    seconds = entry.seconds
            case script.Block():
                to, seconds = pose(entry.x, entry.y, 0.0, yaw=entry.theta), 0.0
            case script.Door():
                assert prop.home is not None
                angle = entry.angle if entry.state == "open" else 0.0
                to, seconds = prop.home @ pose(0.0, 0.0, 0.0, yaw=angle), entry.seconds
        self._glides = [glide for glide in self._glides if glide.prop is not prop]
        self._glides.append(Glide(prop, to, now, seconds))

    def _kindle(self, entry: script.Smoke | script.Fire, now: float) -> None:
        name, size = entry.name, entry.radius if isinstance(entry, script.Smoke) else entry.size
        if isinstance(entry, script.Fire):
            blaze = self._cast.blazes[name]
            blaze.x, blaze.y, blaze.z, blaze.size, blaze.since = entry.x, entry.y, entry.z, entry.size, now
            if not entry.smoke:
                return
            name = smoke_of(name)
        plume = self._cast.plumes[name]
        above = entry.z if isinstance(entry, script.Smoke) else entry.z + entry.size
        plume.x, plume.y, plume.z, plume.since = entry.x, entry.y, above, now
        plume.radius = size if isinstance(entry, script.Smoke) else 0.7 * size
        plume.density = entry.density if isinstance(entry, script.Smoke) else 0.55
        if isinstance(entry, script.Fire):
            plume.colour = (0.2, 0.2, 0.21)

    def _happen_to(self, dog: Dog, entry: Happening) -> None:
        match entry:
            case script.Push():
                dog.push(entry.forward, entry.left)
            case script.Topple():
                dog.body.topple(self._scene.data)
            case script.SensorFault():
                dog.faults.fail(entry.sensor, Failing(entry.fault, entry.strength))
            case script.Mend():
                dog.faults.mend(entry.sensor)
            case script.Lift():
                dog.lift(Carried(entry.x, entry.y, entry.theta, entry.seconds))
            case script.BatteryChange():
                dog.battery.set(entry.charge, entry.drain)
            case script.ClockFault():
                dog.faults.clock_offset = entry.offset

    def _end(self, entry: Happening, now: float) -> None:
        names = {key: getattr(entry, key) for key in ("name", "dog", "sensor") if hasattr(entry, key)}
        self.tell(now, f"{type(entry).__struct_config__.tag}_ended", **names)
        match entry:
            case script.SensorFault():
                self._scene.dogs[entry.dog].faults.mend(entry.sensor)
            case script.ClockFault():
                self._scene.dogs[entry.dog].faults.clock_offset = 0.0
            case script.Smoke() | script.Fire() | script.Block():
                self._leave(entry.name)

    def _leave(self, name: str) -> None:
        """A person, a vehicle, a thing, smoke or a fire is no more; a crowd's name takes all of it."""
        cast, data = self._cast, self._scene.data
        for figure, walker in list(self.people):
            if figure.name == name or (figure.name.startswith(f"{name}_") and name not in cast.figures):
                figure.vanish(data)
                self.people.remove((figure, walker))
        self.vehicles.pop(name, None)
        if name in cast.props:
            self._glides = [glide for glide in self._glides if glide.prop.name != name]
            cast.props[name].vanish(data)
        for puffs in (cast.plumes.get(name), cast.plumes.get(smoke_of(name)), cast.blazes.get(name)):
            if puffs is not None:
                puffs.since = None


LASTING = (script.SensorFault, script.ClockFault, script.Smoke, script.Fire, script.Block)
TOPS = ((0.5, 0.1, 0.1), (0.1, 0.3, 0.15), (0.2, 0.2, 0.5), (0.6, 0.5, 0.2), (0.3, 0.3, 0.32))


def _to_gather(entry: script.Gather, n: int) -> Way:
    """From a source to one's place in the ring, facing its middle; and back."""
    source, round_ = entry.sources[n % len(entry.sources)], math.tau * n / entry.count
    aside = 0.6 * (n // len(entry.sources))  # who comes from the same place comes side by side
    start = Stop(source[0] + aside, source[1], 1.2)
    x, y = entry.x + entry.radius * math.cos(round_), entry.y + entry.radius * math.sin(round_)
    ring = Stop(x, y, 1.2, Act.STAND, entry.seconds or 0.0, round_ + math.pi)
    if entry.seconds is None:
        return Way((start, ring), Then.STAY)
    return Way((start, ring, start), Then.LEAVE)


def _shade(n: int) -> tuple[float, float, float]:
    return TOPS[n % len(TOPS)]


def _place(x: float, y: float, theta: float) -> list[float]:
    return [round(float(x), 3), round(float(y), 3), round(math.remainder(float(theta), math.tau), 3)]
