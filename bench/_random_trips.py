"""Seeded trips over a site: from where to where, who and what is met on the way, and the shortest way there is."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.navigation.planning import CostMap, Path, Plan, PlanningConfig, cost_map, plan, with_obstacles
from xiaotian.direct.trial_site import names, site

WALK, DOG = 1.2, 0.65  # m/s: a person's, and a dog's on average
LENGTH = (8.0, 32.0)  # m of a trip
ROOM = 0.65  # m about the dog's start and goal
BODY_ROOM = 0.45  # m from walls to a person, a thing, or another dog's way
FREE_START, FREE_GOAL = 2.0, 1.6  # m about start and goal in which nothing stands
SITES = tuple(names())
RAISED = {  # rectangles (x, y, x, y) of ground with edges that one may fall off, ramps included
    "logistics_park": ((-36.0, -76.0, -28.0, -32.0), (-44.0, 30.0, -8.0, 37.0)),
    "residential_compound": ((12.0, -25.0, 31.0, -20.0),),
}


@dataclass(frozen=True)
class Trip:
    """What is to be tried. ``others`` are dogs with their goals; ``shortest`` is None where things close the way."""

    number: int
    seed: int
    site: str
    start: tuple[float, float, float]
    goal: tuple[float, float]
    others: dict[str, tuple[tuple[float, float, float], tuple[float, float]]]
    script: tuple[dict[str, Any], ...]
    kinds: tuple[str, ...]
    bare: float  # m of the shortest way on the map
    shortest: float | None  # m of the shortest way round all that stands
    legged: bool

    @property
    def patience_s(self) -> float:
        """After which the trip is over, arrived or not."""
        return 100.0 + 3.0 * self.bare / DOG


class Unmade(Exception):
    """There was no room for it here; try elsewhere."""


@lru_cache(maxsize=8)
def _shortest_ground(name: str) -> CostMap:
    """Ground on which every metre costs the same: the dog's own rules of where it may be, without its comfort."""
    return cost_map(site(name).ground.terrain, replace(PlanningConfig(), closeness=0.0))


@lru_cache(maxsize=8)
def usual_ground(name: str) -> CostMap:
    """Ground as a dog plans on it."""
    return cost_map(site(name).ground.terrain, PlanningConfig())


class _Making:
    """One trip in the making."""

    def __init__(self, name: str, random: np.random.Generator, raised: bool) -> None:
        self.name, self.random = name, random
        self.grid = site(name).ground.grid
        self.terrain = site(name).ground.terrain
        self.start, self.goal, self.path = self._ends(raised)
        self.standing: list[tuple[float, float]] = []  # points of what stays where it is
        self.script: list[dict[str, Any]] = []
        self.others: dict[str, tuple[tuple[float, float, float], tuple[float, float]]] = {}

    def _ends(self, raised: bool) -> tuple[NDArray[np.float64], NDArray[np.float64], Path]:
        for _ in range(300):
            start, goal = self._free_place(False), self._free_place(raised)
            if self.is_raised(start) or not LENGTH[0] * 0.6 < math.dist(start, goal) < LENGTH[1]:
                continue
            found = plan(usual_ground(self.name), (start[0], start[1]), (goal[0], goal[1]))
            if isinstance(found, Plan) and LENGTH[0] < found.length < LENGTH[1]:
                return start, goal, found.path
        raise Unmade("no two places")

    def is_raised(self, place: NDArray[np.float64]) -> bool:
        """Whether it is on raised ground: a simulated dog walks up there, and cannot be put there at the start."""
        return any(x0 <= place[0] <= x1 and y0 <= place[1] <= y1 for x0, y0, x1, y1 in RAISED.get(self.name, ()))

    def _free_place(self, raised: bool) -> NDArray[np.float64]:
        frame = self.grid.frame
        for _ in range(2000):
            if raised and self.name in RAISED:
                x0, y0, x1, y1 = self.random.choice(RAISED[self.name])
            else:
                x0, y0 = frame.x, frame.y
                x1, y1 = x0 + frame.width * frame.resolution, y0 + frame.height * frame.resolution
            place = np.array([self.random.uniform(x0, x1), self.random.uniform(y0, y1)])
            if self.terrain.clearance_at(*place) > ROOM:
                return place
        raise Unmade("no free place")

    def on_the_way(self) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
        """A point of the way, the direction there, and how far along it lies (m)."""
        at = int(self.random.integers(len(self.path) // 5, max(len(self.path) * 4 // 5, len(self.path) // 5 + 1)))
        ahead = self.path[min(at + 5, len(self.path) - 1)] - self.path[max(at - 5, 0)]
        return self.path[at].copy(), ahead / np.hypot(*ahead), at * 0.1

    def stands(self, place: NDArray[np.float64], reach: float = 0.3) -> None:
        """Whether there is room for something here that stays; raises Unmade."""
        roomy = self.grid.distance_at(place[None, :])[0] > BODY_ROOM
        far = np.hypot(*(place - self.start)) > FREE_START and np.hypot(*(place - self.goal)) > FREE_GOAL
        alone = all(math.dist(place, other) > 1.0 for other in self.standing)
        ends = [end for dog in self.others.values() for end in (dog[0][:2], dog[1])]
        if not (roomy and far and alone and all(math.dist(place, end) > FREE_START for end in ends)):
            raise Unmade("no room")
        angles = np.linspace(0.0, math.tau, 12, endpoint=False)
        rim = place + reach * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        self.standing += [tuple(point) for point in (place, *rim)]

    def stretch(self, place: NDArray[np.float64], way: NDArray[np.float64], most: float) -> NDArray[np.float64]:
        """As far from ``place`` along ``way`` as there is room for a person to walk, at most ``most`` metres."""
        for far in np.arange(most, 1.9, -0.5):
            points = place + np.linspace(0.0, far, 20)[:, None] * way
            if self.grid.distance_at(points).min() > BODY_ROOM and not (self._is_unknown(points)).any():
                return points[-1]
        raise Unmade("no room to walk")

    def _is_unknown(self, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        rows, columns, inside = self.grid.frame.cells(points)
        return ~inside | self.grid.unknown[rows, columns]

    def name_of(self, kind: str) -> str:
        """A name that nobody in the script has yet, and nothing in the world."""
        return f"trip_{kind}_{len(self.script) + 1}"


def _left(way: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([-way[1], way[0]])


def _point(place: NDArray[np.float64], **more: Any) -> dict[str, Any]:
    return {"x": round(float(place[0]), 2), "y": round(float(place[1]), 2), **more}


def _crosser(m: _Making, run: bool) -> None:
    """Somebody who crosses the way when the dog is about there, or comes along it."""
    place, way, along = m.on_the_way()
    turned = m.random.choice([-1.0, 1.0]) * _left(way)
    if m.random.random() < 0.3:
        turned = m.random.choice([-1.0, 1.0]) * way  # along the way, with the dog or against it
    lean = m.random.uniform(-0.5, 0.5)
    turned = np.array(
        [
            turned[0] * math.cos(lean) - turned[1] * math.sin(lean),
            turned[0] * math.sin(lean) + turned[1] * math.cos(lean),
        ]
    )
    begin, end = m.stretch(place, -turned, 14.0 if run else 9.0), m.stretch(place, turned, 14.0 if run else 9.0)
    if min(np.hypot(*(begin - m.start)), np.hypot(*(end - m.start))) < FREE_START:
        raise Unmade("too near")
    speed = m.random.uniform(2.4, 3.4) if run else m.random.uniform(0.7, 1.6)
    meets = along / DOG + m.random.uniform(-3.0, 3.0)
    at = max(0.0, meets - float(np.hypot(*(place - begin))) / speed)
    gait = {"go": "run" if run else "walk", "speed": round(speed, 2)}
    then = "repeat" if m.random.random() < 0.4 else "leave"
    yields = bool(m.random.random() < 0.7)
    points = [_point(begin), _point(end, **gait)]
    if then == "repeat":
        points[0] |= gait
    entry = {"at": round(at, 1), "do": "person", "name": m.name_of("runner" if run else "walker"), "way": points}
    m.script.append(entry | {"then": then, "yields": yields})


def _walker(m: _Making) -> None:
    _crosser(m, run=False)


def _runner(m: _Making) -> None:
    _crosser(m, run=True)


def _stayer(m: _Making, act: str) -> None:
    place, way, _ = m.on_the_way()
    place = place + m.random.uniform(-0.6, 0.6) * _left(way)
    theta = float(m.random.uniform(-math.pi, math.pi))
    if act == "lie":
        theta = math.atan2(*_left(way)[::-1]) + m.random.uniform(-0.6, 0.6)  # across the way
        for along in (-0.6, 0.6):
            body = place + along * np.array([math.cos(theta), math.sin(theta)])
            if m.grid.distance_at(body[None, :])[0] < BODY_ROOM:
                raise Unmade("no room to lie")
        m.stands(place, reach=0.3)
        m.standing += [
            tuple(place + along * np.array([math.cos(theta), math.sin(theta)])) for along in np.linspace(-0.85, 0.85, 9)
        ]
    else:
        m.stands(place)
    seconds = 900.0
    way_point = _point(place, act=act, seconds=seconds, theta=round(theta, 2))
    m.script.append({"at": 0.0, "do": "person", "name": m.name_of(act), "way": [way_point]})


def _stander(m: _Making) -> None:
    _stayer(m, "stand")


def _sitter(m: _Making) -> None:
    _stayer(m, "sit")


def _lier(m: _Making) -> None:
    _stayer(m, "lie")


def _thing(m: _Making, model: str) -> None:
    place, way, _ = m.on_the_way()
    place = place + m.random.uniform(-0.4, 0.4) * _left(way)
    m.stands(place, reach=0.35)
    theta = round(float(m.random.uniform(-math.pi, math.pi)), 2)
    m.script.append(
        {"at": 0.0, "do": "thing", "name": m.name_of(model), "model": model, "theta": theta, **_point(place)}
    )


def _block(m: _Making) -> None:
    """A barrier across the way; it may close it."""
    place, way, along = m.on_the_way()
    width = float(m.random.uniform(1.5, 5.0))
    across = place + np.linspace(-width / 2, width / 2, 25)[:, None] * _left(way)
    far = min(np.hypot(*(across - m.start).T).min(), np.hypot(*(across - m.goal).T).min())
    if far < FREE_START or any(math.dist(p, q) < 0.8 for p in across for q in m.standing):
        raise Unmade("no room for a barrier")
    m.standing += [tuple(point) for point in across]
    at = 0.0 if m.random.random() < 0.6 else max(0.0, along / DOG - m.random.uniform(4.0, 9.0))
    theta = round(math.atan2(way[1], way[0]), 3)
    name = m.name_of("block")
    m.script.append(
        {"at": round(at, 1), "do": "block", "name": name, "theta": theta, "width": round(width, 2), **_point(place)}
    )


def _other_dog(m: _Making, crossing: bool) -> None:
    """Another dog of ours: the same way in the other direction, or across."""
    if crossing:
        place, way, along = m.on_the_way()
        turned = m.random.choice([-1.0, 1.0]) * _left(way)
        far = min(along, 10.0) + 1.0
        begin, end = m.stretch(place, -turned, far), m.stretch(place, turned, 8.0)
    else:
        begin, end = m.goal + m.random.uniform(-0.4, 0.4, 2), m.start + m.random.uniform(-0.4, 0.4, 2)
        way = m.path[max(len(m.path) - 8, 0)] - m.path[-1]
        begin = begin + 1.3 * way / max(float(np.hypot(*way)), 1e-6)
        end = end + 1.3 * (m.path[min(8, len(m.path) - 1)] - m.path[0]) / 0.7
    ends = [end for dog in m.others.values() for end in (dog[0][:2], dog[1])]
    near_me = [math.dist(begin, m.start), math.dist(end, m.goal)]
    if min([*near_me, *(math.dist(p, q) for p in (begin, end) for q in (*ends, *m.standing))], default=9.0) < 1.8:
        raise Unmade("no room for another dog")
    if min(m.terrain.clearance_at(*begin), m.terrain.clearance_at(*end)) < ROOM:
        raise Unmade("no room for another dog")
    if m.is_raised(begin):
        raise Unmade("no dog begins up there")
    heading = math.atan2(*(end - begin)[::-1])
    if not isinstance(plan(usual_ground(m.name), tuple(begin), tuple(end)), Plan):
        raise Unmade("no way for another dog")
    start = (float(begin[0]), float(begin[1]), heading)
    m.others[f"dog{len(m.others) + 2}"] = (start, (float(end[0]), float(end[1])))


KINDS: dict[str, tuple[float, Callable[[_Making], None]]] = {  # how often, and how it is made
    "walker": (3.0, _walker),
    "runner": (1.5, _runner),
    "stander": (1.5, _stander),
    "sitter": (1.0, _sitter),
    "lier": (1.5, _lier),
    "dog_opposite": (1.5, lambda m: _other_dog(m, crossing=False)),
    "dog_crossing": (1.5, lambda m: _other_dog(m, crossing=True)),
    "carton": (1.0, lambda m: _thing(m, "carton")),
    "crate": (0.8, lambda m: _thing(m, "crate")),
    "bag": (0.8, lambda m: _thing(m, "bag")),
    "bicycle": (0.6, lambda m: _thing(m, "bicycle")),
    "block": (1.2, _block),
}


def trip(number: int, seed: int, only: str = "") -> Trip:
    """The trip with this number of this seed; ``only`` takes all on one site."""
    random = np.random.default_rng([seed, number])
    name = only or SITES[number % len(SITES)]
    while True:
        try:
            return _made(number, seed, name, random)
        except Unmade:
            continue


def walk_plan(
    name: str, random: np.random.Generator
) -> tuple[tuple[float, float, float], list[tuple[float, float, float]], list[dict[str, Any]], int]:
    """A start, places to walk to (the last is for being put down there), people about, and how many those are."""
    m = _Making(name, random, raised=False)
    goals = [(float(m.goal[0]), float(m.goal[1]), 0.0)]
    for _ in range(3):
        place = m._free_place(False)
        goals.append((float(place[0]), float(place[1]), float(random.uniform(-math.pi, math.pi))))
    wanted = int(random.integers(2, 9))
    people = 0
    for _ in range(60):
        if people >= wanted:
            break
        kept = len(m.script), len(m.standing)
        try:
            KINDS[str(random.choice(["walker", "walker", "runner", "stander", "sitter"]))][1](m)
            people += 1
        except Unmade:
            del m.script[kept[0] :], m.standing[kept[1] :]
    if random.random() < 0.5:  # a crowd that comes to where the dog goes
        x, y = float(m.path[len(m.path) // 2][0]), float(m.path[len(m.path) // 2][1])
        sources = [[x + 5.0, y], [x - 5.0, y]]
        at = float(random.uniform(5.0, 20.0))
        crowd = {
            "at": at,
            "do": "gather",
            "name": "crowd",
            "x": x,
            "y": y,
            "sources": sources,
            "count": 8,
            "radius": 1.8,
        }
        m.script.append(crowd)
        people += 8
    start = (float(m.start[0]), float(m.start[1]), float(random.uniform(-math.pi, math.pi)))
    return start, goals, m.script, people


def _made(number: int, seed: int, name: str, random: np.random.Generator) -> Trip:
    raised = name in RAISED and random.random() < 0.3
    m = _Making(name, random, raised)
    kinds, weights = list(KINDS), np.array([weight for weight, _ in KINDS.values()])
    wanted = int(random.choice([1, 2, 3, 4], p=[0.3, 0.35, 0.25, 0.1]))
    met: list[str] = ["raised"] if raised else []
    for _ in range(40):
        if len(met) - raised >= wanted:
            break
        kind = str(random.choice(kinds, p=weights / weights.sum()))
        kept = len(m.script), len(m.standing)
        try:
            KINDS[kind][1](m)
            met.append(kind)
        except Unmade:
            del m.script[kept[0] :], m.standing[kept[1] :]
    if len(met) == raised:
        raise Unmade("nobody fits in")
    ends = (float(m.start[0]), float(m.start[1])), (float(m.goal[0]), float(m.goal[1]))
    bare = plan(_shortest_ground(name), *ends)
    round_it = plan(with_obstacles(_shortest_ground(name), np.array(m.standing)), *ends) if m.standing else bare
    assert isinstance(bare, Plan)
    theta = float(random.uniform(-math.pi, math.pi))
    return Trip(
        number, seed, name, (*ends[0], theta), ends[1], m.others, tuple(m.script), tuple(met), bare.length,
        round_it.length if isinstance(round_it, Plan) else None, bool(random.random() < 0.15),
    )  # fmt: skip
