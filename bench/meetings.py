"""Seeded meetings in the simulated world, in lock-step: dogs, runners, and cars that look out for nobody.

MEETINGS, FIRST_SEED and KIND choose them. A line a bad one on standard error; the same seed gives the same meeting.
"""

import math
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench._random_trips import RAISED, usual_ground
from edge.navigation.planning import Plan, plan
from sim.engine.simulation import Make
from xiaotian.direct.trial import Happened, Place, Trial
from xiaotian.direct.trial_site import names, site

COUNT = int(os.environ.get("MEETINGS", "36"))
FIRST = int(os.environ.get("FIRST_SEED", "0"))
ONLY = os.environ.get("KIND", "")
SECONDS = 90.0
ROOM = 1.6  # m from anything mapped to the dogs' straight lines
LONG = 4.5  # m from the middle to where a dog begins and ends
OPEN = (
    "residential_compound",
    "station_yard",
)  # sites of level ground: the park's lawns are free on its map, kerbs and all
CAR_LONG = 4.3  # m
Random = np.random.Generator
Spot = NDArray[np.float64]


@dataclass
class Meeting:
    """Who goes where, as which make, and what else happens."""

    site: str
    dogs: dict[str, tuple[Place, Spot, Make]] = field(default_factory=dict)
    script: list[dict[str, Any]] = field(default_factory=list)
    unavoidable: bool = False  # whether a contact while standing is no failure


@dataclass(frozen=True)
class Outcome:
    """What came of one, by dog."""

    happened: dict[str, Happened]
    seconds: float

    @property
    def wrong(self) -> list[str]:
        """What must not be, in words."""
        said = []
        for name, one in self.happened.items():
            said += [f"{name} {'OWN' if c.own else 'other'} contact with {c.thing} at {c.t}" for c in one.contacts]
            said += [f"{name} fell"] * one.account.falls
            said += [] if one.arrived else [f"{name} {one.reason}"]
        return said


class _Ground:
    """A place in some site with room for a meeting."""

    def __init__(self, random: Random, lines: Callable[[float], list[tuple[Spot, Spot]]], room: float = ROOM) -> None:
        for _ in range(20_000):
            self.site = str(random.choice(OPEN))
            terrain = site(self.site).ground.terrain
            frame = terrain.grid.frame
            size = np.array([frame.width, frame.height]) * frame.resolution
            self.middle = np.array([frame.x, frame.y]) + random.uniform(0, 1, 2) * size
            self.angle = float(random.uniform(-math.pi, math.pi))
            ways = [np.linspace(*map(self.at, line), 40) for line in lines(self.angle)]
            if all(self._is_free(terrain, way, room) for way in ways) and self._is_reached(ways[0][0]):
                return
        raise RuntimeError("no room anywhere")

    def at(self, local: Spot) -> Spot:
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        return self.middle + local @ np.array([[cos, sin], [-sin, cos]])

    def _is_reached(self, spot: Spot) -> bool:
        """Whether a dog gets there from its dock: the top of a walled bed is free, and nobody is there."""
        dock = site(self.site).file.docks[0].pose
        way = plan(usual_ground(self.site), (dock.x, dock.y), (float(spot[0]), float(spot[1])))
        return isinstance(way, Plan)

    def _is_free(self, terrain: Any, way: Spot, room: float) -> bool:
        for x, y in way:
            if terrain.clearance_at(x, y) < room or terrain.speed_limit_at(x, y) < 1.0:
                return False
            if any(a - 1 < x < c + 1 and b - 1 < y < d + 1 for a, b, c, d in RAISED.get(self.site, ())):
                return False
        return True


def _line(angle: float, across: float = 0.0, far: float = LONG) -> tuple[Spot, Spot]:
    """From ``far`` before the middle, at ``angle``, to as far beyond."""
    way, left = np.array([math.cos(angle), math.sin(angle)]), np.array([-math.sin(angle), math.cos(angle)])
    return -far * way + across * left, far * way + across * left


def _of_dogs(random: Random, lines: list[tuple[Spot, Spot]], makes: list[Make], room: float = ROOM) -> Meeting:
    ground = _Ground(random, lambda _: lines, room)
    meeting = Meeting(ground.site)
    for number, (line, make) in enumerate(zip(lines, makes, strict=True)):
        begin, end = map(ground.at, line)
        theta = math.atan2(*(end - begin)[::-1])
        meeting.dogs[f"dog{number + 1}"] = (float(begin[0]), float(begin[1]), theta), end, make
    return meeting


def _head_on(*makes: Make) -> Callable[[Random], Meeting]:
    def make(random: Random) -> Meeting:
        off = random.choice([0.0, random.uniform(-0.6, 0.6)])
        return _of_dogs(random, [_line(0.0), _line(math.pi, off)], list(makes))

    return make


def _some(random: Random) -> Make:
    return Make.LEGGED if random.random() < 0.3 else Make.LIGHT


def _crossing(random: Random) -> Meeting:
    turn = random.uniform(0.5, 2.7) * random.choice([-1, 1])
    far = LONG + random.choice([0.0, random.uniform(-1.0, 1.0)])
    return _of_dogs(random, [_line(0.0), _line(turn, 0.0, far)], [_some(random), _some(random)])


def _three(random: Random) -> Meeting:
    apart = 2 * math.pi / 3 if random.random() < 0.5 else math.pi / 2
    lines = [_line(n * apart, 0.0, LONG + random.choice([0.0, random.uniform(-0.8, 0.8)])) for n in range(3)]
    return _of_dogs(random, lines, [_some(random) for _ in range(3)])


def _parked(ground: _Ground, name: str, spot: Spot, turn: float) -> dict[str, Any]:
    x, y = (round(float(value), 2) for value in ground.at(spot))
    theta = round(math.remainder(ground.angle + turn, math.tau), 2)
    return {"at": 0.0, "do": "vehicle", "name": name, "theta": theta, "way": [{"x": x, "y": y}]}


def _doorway(random: Random) -> Meeting:
    """Two parked cars with a gap between them, and a dog from either side."""
    lines = [_line(0.0, random.uniform(-1, 1)), _line(math.pi, random.uniform(-1, 1))]
    gap, turn = random.uniform(1.2, 1.7), random.choice([0.0, math.pi / 2])
    half = (CAR_LONG if turn else 1.8) / 2
    spots = [np.array([0.0, side * (gap / 2 + half)]) for side in (-1, 1)]
    ground = _Ground(random, lambda _: [*lines, (spots[0], spots[1])], 2.0)
    meeting = Meeting(ground.site)
    for number, line in enumerate(lines):
        begin, end = map(ground.at, line)
        theta = math.atan2(*(end - begin)[::-1])
        meeting.dogs[f"dog{number + 1}"] = (float(begin[0]), float(begin[1]), theta), end, _some(random)
    meeting.script = [_parked(ground, f"car{n}", spot, turn) for n, spot in enumerate(spots)]
    return meeting


def _docks(random: Random) -> Meeting:
    """Three dogs leave their docks in a row, another comes to a dock between them."""
    docks = site("logistics_park").file.docks[:12]
    first = int(random.integers(0, 9))
    meeting = Meeting("logistics_park")
    chosen = [docks[first + n].pose for n in range(4)]
    order = random.permutation(4)
    out = [float(chosen[0].x), float(chosen[3].x)]
    for number, index in enumerate(order[:3]):
        pose = chosen[index]
        end = np.array([random.uniform(min(out) - 3, max(out) + 3), pose.y + random.uniform(4.0, 8.0)])
        meeting.dogs[f"dog{number + 1}"] = (pose.x, pose.y, pose.theta), end, _some(random)
    home = chosen[order[3]]
    start = (random.uniform(min(out) - 3, max(out) + 3), home.y + 9.5, -math.pi / 2)
    meeting.dogs["dog4"] = start, np.array([home.x, home.y]), Make.LIGHT
    return meeting


def _passer(kind: str, fastest: tuple[float, float]) -> Callable[[Random], Meeting]:
    """Somebody whose course meets the dog's when it is there, and who looks out for nobody."""

    def make(random: Random) -> Meeting:
        speed = float(random.uniform(*fastest))
        meets, far = random.uniform(-3.0, 3.5), 14.0 if kind == "vehicle" else 9.0
        turn = random.choice([math.pi, random.uniform(-math.pi, math.pi), math.pi + random.uniform(-0.5, 0.5)])
        way = np.array([math.cos(turn), math.sin(turn)])
        place = np.array([meets, random.choice([0.0, random.uniform(-0.5, 0.5)])])
        course = (place - far * way, place + far * way)
        ground = _Ground(random, lambda _: [_line(0.0, 0.0, 8.0), course], 2.2 if kind == "vehicle" else ROOM)
        begin, end = map(ground.at, _line(0.0, 0.0, 8.0))
        meeting = Meeting(ground.site, unavoidable=True)
        meeting.dogs["dog1"] = (float(begin[0]), float(begin[1]), ground.angle), end, _some(random)
        at = max(0.0, (8.0 + meets) / 0.8 - far / speed + random.uniform(-1.0, 1.0))
        points = [dict(zip("xy", map(float, ground.at(spot)), strict=True)) for spot in course]
        points[1] |= {"speed": speed} | ({"go": "run"} if kind == "person" else {})
        entry = {"at": at, "do": kind, "name": "passer", "way": points, "then": "leave", "yields": False}
        meeting.script = [entry]
        return meeting

    return make


def _tight(random: Random) -> Meeting:
    """A dog that starts nearer to something mapped than any plan goes, its outline just free of it."""
    place = str(random.choice(names()))
    terrain = site(place).ground.terrain
    ground, frame = usual_ground(place), terrain.grid.frame
    rows, columns = np.nonzero((terrain.clearance > 0.2) & (terrain.clearance < 0.31))
    outline = np.array([[x, y] for x in np.linspace(-0.32, 0.38, 9) for y in (-0.16, 0.0, 0.16)])
    for _ in range(5000):
        pick = int(random.integers(len(rows)))
        (spot,) = frame.centres(np.array([[rows[pick], columns[pick]]]))
        theta = float(random.uniform(-math.pi, math.pi))
        cos, sin = math.cos(theta), math.sin(theta)
        border = outline @ np.array([[cos, sin], [-sin, cos]]) + spot
        goal = spot + random.uniform(4.0, 8.0) * np.array(
            [math.cos(turn := random.uniform(-math.pi, math.pi)), math.sin(turn)]
        )
        way = plan(ground, (float(spot[0]), float(spot[1])), (float(goal[0]), float(goal[1])))
        raised = any(a - 1 < spot[0] < c + 1 and b - 1 < spot[1] < d + 1 for a, b, c, d in RAISED.get(place, ()))
        if terrain.grid.distance_at(border).min() > 0.06 and isinstance(way, Plan) and way.length < 15.0 and not raised:
            return Meeting(place, {"dog1": ((float(spot[0]), float(spot[1]), theta), goal, _some(random))})
    raise RuntimeError("no tight place")


KINDS: dict[str, Callable[[Random], Meeting]] = {
    "light_light": _head_on(Make.LIGHT, Make.LIGHT),
    "light_legged": _head_on(Make.LIGHT, Make.LEGGED),
    "legged_legged": _head_on(Make.LEGGED, Make.LEGGED),
    "crossing": _crossing,
    "three": _three,
    "doorway": _doorway,
    "docks": _docks,
    "tight": _tight,
    "runner": _passer("person", (2.5, 3.3)),
    "car": _passer("vehicle", (3.0, 5.0)),
}


def meeting(kind: str, seed: int) -> Meeting:
    """The meeting ``seed`` of a kind."""
    return KINDS[kind](np.random.default_rng([seed, sorted(KINDS).index(kind)]))


def trial(made: Meeting, seed: int) -> Trial:
    """Its world, with every dog sent on its way."""
    places = {name: place for name, (place, _, _) in made.dogs.items()}
    makes = {name: make for name, (_, _, make) in made.dogs.items()}
    world = Trial(made.site, places, made.script, seed, makes)
    for name, (_, goal, _) in made.dogs.items():
        world.go(name, float(goal[0]), float(goal[1]))
    return world


def play(kind: str, seed: int) -> Outcome:
    """One meeting to its end."""
    made = meeting(kind, seed)
    with trial(made, seed) as world:
        happened = world.run(SECONDS)
        return Outcome(happened, world.sim.elapsed)


def run() -> dict[str, Any]:
    """Counts by kind: how many, and in how many something was wrong."""
    kinds = [ONLY] if ONLY else list(KINDS)
    table: dict[str, Counter[str]] = {kind: Counter() for kind in kinds}
    began = time.monotonic()
    for number in range(COUNT):
        kind, seed = kinds[number % len(kinds)], FIRST + number // len(kinds)
        outcome = play(kind, seed)
        counted, walks = table[kind], outcome.happened.values()
        counted["meetings"] += 1
        counted["bad"] += bool(outcome.wrong)
        counted["own_contacts"] += sum(len(one.own_contacts) for one in walks)
        counted["other_contacts"] += sum(len(one.contacts) - len(one.own_contacts) for one in walks)
        counted["falls"] += sum(one.account.falls for one in walks)
        counted["not_arrived"] += sum(not one.arrived for one in walks)
        if outcome.wrong:
            print(f"{kind} {seed} {outcome.seconds:.0f} s: {'; '.join(outcome.wrong)}", file=sys.stderr, flush=True)
    return {
        "kinds": {kind: dict(counted) for kind, counted in table.items()},
        "wall_s": round(time.monotonic() - began),
    }
