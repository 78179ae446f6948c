"""Scenarios that nobody chose: a dog's way between two checkpoints, and on it whoever a seed puts there."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from edge.navigation.planning import CostMap, Plan, PlanningConfig, cost_map, plan
from edge.navigation.site_map import SiteMap, site_map_in
from protocol.site_folder import SiteFile, read_site
from xiaotian.robot_processes import ROOT

WORLDS = ROOT / "sim/worlds"
LENGTH_M = (10.0, 35.0)  # of a way
SPEED = 0.7  # m/s: a dog's, about
APART_M = 2.5  # between two meetings on a way, and from its ends
ROOM_M = 0.5  # between a wall and who walks or what stands
ACROSS_M = (3.0, 9.0)  # that somebody walks from either side before he is on the dog's way
CAR_WAY_M, CAR_ROOM_M = 9.0, 1.5  # that it drives to the dog's way and from there, and to walls
PER_DOG_S, SLACK_S = 3.0, 60.0  # how many times as long as it should take a round may take, and so much more
SITES = tuple(sorted(path.parent.name for path in WORLDS.glob("*/site.yaml")))
Point = NDArray[np.float64]


class NoRoom(Exception):
    """It cannot be put there; another place may do."""


def write_random(folder: Path, count: int, seed: int, site: str = "") -> list[Path]:
    """Write ``count`` scenarios into ``folder``: the same for the same seed, whatever the count. All sites in turn."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for number in range(count):
        file = folder / f"random_{seed}_{number:03}.yaml"
        made = make(number, seed, site or SITES[number % len(SITES)])
        file.write_text(yaml.safe_dump(made, allow_unicode=True, sort_keys=False), encoding="utf-8")
        files.append(file)
    return files


def make(number: int, seed: int, site: str) -> dict[str, Any]:
    """The scenario ``number`` of ``seed`` at a shipped site, as its file has it; raises ValueError for another."""
    if site not in SITES:
        raise ValueError(f"no site {site!r} to make scenarios for; there are {', '.join(SITES)}")
    making = _Making(WORLDS / site, np.random.default_rng([seed, number]))
    met = ", ".join(making.fill()) or "nothing"
    night = bool(making.rng.random() < 0.3)
    return {
        "name": {
            "zh": f"随机场景 {seed}-{number}",
            "en": f"By chance, {seed}-{number}: {met}",
        },
        "about": f"{site}, seed {seed}, number {number}: {making.length:.0f} m.",
        "site": site,
        "marks": ["random"],
        "seed": int(making.rng.integers(10_000)),
        "begins": "2026-06-15 21:30" if night else "2026-06-15 12:00",
        "light": "night" if night else "day",
        "dogs": making.dogs,
        "patrols": making.patrols,
        "events": making.events,
        "expect": {
            "checkpoints": "all",
            "no_other_incidents": False,  # who lies or trespasses is told, and may be
            "no_other_errors": False,  # so is a way that was blocked for a while
        },
        "time_limit_s": round(SLACK_S + PER_DOG_S * making.length / SPEED),
    }


class _Making:
    """One in the making: first the dog's way, then what is met on it."""

    def __init__(self, folder: Path, rng: np.random.Generator) -> None:
        self.rng = rng
        self.site, self.ground, self.costs = _known(folder)
        self.start, self.goal, self.path = self._way()
        self.length = len(self.path) * self.costs.config.spacing
        self.dogs = [self._dog("dog1", self.path, rng.random() < 0.4)]
        self.patrols: list[dict[str, Any]] = [{"dog": "dog1", "stops": [self.goal]}]
        self.events: list[dict[str, Any]] = []
        self._taken: list[float] = []  # metres along the way at which something is met

    def fill(self) -> list[str]:
        """Put one to three meetings on the way; what they are."""
        kinds: dict[str, Callable[[], None]] = {
            "lying": lambda: self._stay("lie"),
            "standing": lambda: self._stay("stand"),
            "sitting": lambda: self._stay("sit"),
            "loiterer": lambda: self._stay("loiter"),
            "walker across": lambda: self._across(1.2),
            "runner across": lambda: self._across(3.0),
            "walker ahead": lambda: self._towards(1.2),
            "runner ahead": lambda: self._towards(3.0),
            "thing": self._thing,
            "car": self._car,
            "dog head on": self._dog_towards,
        }
        done = []
        for _ in range(int(self.rng.integers(1, 4))):
            kind = str(self.rng.choice(list(kinds)))
            for _ in range(12):
                try:
                    kinds[kind]()
                except NoRoom:
                    continue
                done.append(kind)
                break
        return done

    def _way(self) -> tuple[str, str, Point]:
        places = {c.checkpoint_id: (c.pose.x, c.pose.y) for c in self.site.checkpoints}
        for _ in range(300):
            start, goal = self.rng.choice(sorted(places), 2, replace=False)
            found = plan(self.costs, places[start], places[goal])
            if isinstance(found, Plan) and LENGTH_M[0] < found.length < LENGTH_M[1]:
                return str(start), str(goal), np.asarray(found.path, np.float64)
        raise ValueError(f"{self.site.site_id}: no two checkpoints {LENGTH_M[0]:g} to {LENGTH_M[1]:g} m apart")

    def _dog(self, name: str, path: Point, legged: bool) -> dict[str, Any]:
        ahead = path[min(8, len(path) - 1)] - path[0]
        x, y = (round(float(value), 2) for value in path[0])
        theta = round(float(np.arctan2(ahead[1], ahead[0])), 2)
        return {"name": name, "body": "legged" if legged else "light", "start": [x, y, theta]}

    def _meeting(self) -> tuple[Point, Point, float]:
        """A place on the way, the direction there, and how far along it is (m); raises NoRoom."""
        along = float(self.rng.uniform(APART_M, self.length - APART_M))
        if any(abs(along - other) < APART_M for other in self._taken):
            raise NoRoom
        at = min(int(along / self.costs.config.spacing), len(self.path) - 1)
        ahead = self.path[min(at + 5, len(self.path) - 1)] - self.path[max(at - 5, 0)]
        return self.path[at], ahead / max(float(np.hypot(*ahead)), 1e-6), along

    def _room(self, points: Point, room: float = ROOM_M) -> None:
        """Raise NoRoom where anything of the map is nearer to ``points`` (n, 2) than ``room`` metres."""
        if float(self.ground.grid.distance_at(np.atleast_2d(points)).min()) < room:
            raise NoRoom

    def _met(self, along: float, **event: Any) -> None:
        self._taken.append(along)
        self.events.append({"id": f"{event['do']}_{len(self.events) + 1}", **event})

    def _stay(self, act: str) -> None:
        place, ahead, along = self._meeting()
        beside = float(self.rng.normal(0.0, 0.4)) * _left(ahead)
        self._room(place + beside)
        turned = float(self.rng.uniform(-math.pi, math.pi))
        point = _point(place + beside, act=act, seconds=900, theta=round(turned, 2))
        self._met(along, do="person", way=[point])

    def _across(self, speed: float) -> None:
        place, ahead, along = self._meeting()
        turn = float(self.rng.uniform(-0.6, 0.6))
        side = _turned(_left(ahead) * (1 if self.rng.random() < 0.5 else -1), turn)
        begin, end = (float(self.rng.uniform(*ACROSS_M)) for _ in range(2))
        ways = np.linspace(-begin, end, 40)[:, None] * side + place
        self._room(ways)
        at = along / SPEED - begin / speed + float(self.rng.normal(0.0, 1.0))
        way = [_point(ways[0]), _point(ways[-1], speed=speed)]
        yields = bool(self.rng.random() < 0.5)
        self._met(along, at=round(max(0.0, at), 1), do="person", yields=yields, way=way, then="leave")

    def _towards(self, speed: float) -> None:
        """Up the dog's own way, from where it goes to where it came from."""
        _, _, along = self._meeting()
        back = self.path[::-5]
        self._room(back, 0.3)
        at = max(0.0, along / SPEED - (self.length - along) / speed)
        way = [_point(back[0]), *(_point(place, speed=speed) for place in back[1:])]
        yields = bool(self.rng.random() < 0.5)
        self._met(along, at=round(at, 1), do="person", yields=yields, way=way, then="leave")

    def _thing(self) -> None:
        place, ahead, along = self._meeting()
        place = place + float(self.rng.normal(0.0, 0.3)) * _left(ahead)
        self._room(place)
        model = str(self.rng.choice(["bag", "carton", "crate", "bicycle"]))
        self._met(along, do="thing", model=model, theta=round(float(self.rng.uniform(-3.1, 3.1)), 2), **_point(place))

    def _car(self) -> None:
        place, ahead, along = self._meeting()
        speed = float(self.rng.uniform(2.0, 5.0))
        side = _left(ahead) * (1 if self.rng.random() < 0.5 else -1)
        ways = np.linspace(-CAR_WAY_M, CAR_WAY_M, 60)[:, None] * side + place
        self._room(ways, CAR_ROOM_M)
        at = round(max(0.0, along / SPEED - CAR_WAY_M / speed - 1.0 + float(self.rng.normal(0.0, 1.5))), 1)
        way = [_point(ways[0]), _point(ways[-1], speed=round(speed, 1))]
        self._met(along, at=at, do="vehicle", yields=bool(self.rng.random() < 0.5), way=way, then="leave")

    def _dog_towards(self) -> None:
        if len(self.dogs) > 1:
            raise NoRoom
        self.dogs.append(self._dog("dog2", self.path[::-1], False))
        self.patrols.append({"dog": "dog2", "stops": [self.start]})


_seen: dict[Path, tuple[SiteFile, SiteMap, CostMap]] = {}


def _known(folder: Path) -> tuple[SiteFile, SiteMap, CostMap]:
    """A site and its ground to plan on, made once."""
    if folder not in _seen:
        ground = site_map_in(folder)
        _seen[folder] = read_site(folder)[0], ground, cost_map(ground.terrain, PlanningConfig())
    return _seen[folder]


def _left(way: Point) -> Point:
    return np.array([-way[1], way[0]])


def _turned(way: Point, angle: float) -> Point:
    return math.cos(angle) * way + math.sin(angle) * _left(way)


def _point(place: Point, **more: Any) -> dict[str, Any]:
    return {"x": round(float(place[0]), 2), "y": round(float(place[1]), 2), **more}
