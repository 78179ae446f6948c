"""Seeded encounters of dogs with dogs, and with walkers, runners and cars who look out for nobody."""

import math
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench._encounter_yard import Box, Dog, Passer, Tally, Yard
from edge.navigation.navigator import Goal, Status
from edge.navigation.planning import Plan, PlanningConfig, cost_map, plan
from edge.types import Pose2D

COUNT = int(os.environ.get("ENCOUNTERS", "120"))
FIRST = int(os.environ.get("FIRST_SEED", "0"))
ONLY = os.environ.get("KIND", "")
SECONDS = 90.0
SIZE = (30.0, 24.0)
MIDDLE = (15.0, 12.0)
WIDE, WIDE_MIDDLE = (70.0, 60.0), (35.0, 30.0)  # m: where a car is seen coming
Place = tuple[float, float]
Random = np.random.Generator


@dataclass(frozen=True)
class Outcome:
    """One encounter and what came of it."""

    kind: str
    seed: int
    tally: Tally
    arrived: tuple[bool, ...]
    told: tuple[str, ...]
    ratio: tuple[float, ...]
    seconds: float
    step_ms: float


def play(kind: str, seed: int) -> Outcome:
    """One encounter to its end."""
    random = np.random.default_rng([seed, sorted(KINDS).index(kind)])
    yard = KINDS[kind](random, seed)
    ground = cost_map(yard.terrain, PlanningConfig())
    best = []
    for dog in yard.dogs:
        way = plan(ground, (dog.pose.x, dog.pose.y), (dog.goal.pose.x, dog.goal.pose.y))
        best.append(way.length if isinstance(way, Plan) else math.nan)
    began = time.process_time()
    yard.run(SECONDS)
    took = time.process_time() - began
    arrived = tuple(dog.done is not None and dog.done.status is Status.REACHED for dog in yard.dogs)
    told = tuple(dog.done.reason if dog.done else f"not done: {dog.progress.reason}" for dog in yard.dogs)
    ratio = tuple(dog.walked / length for dog, length in zip(yard.dogs, best, strict=True))
    steps = max(1, round(yard.now / 0.05) * len(yard.dogs))
    return Outcome(kind, seed, yard.tally, arrived, told, ratio, yard.now, took / steps * 1e3)


def run() -> dict[str, Any]:
    """Counts over ENCOUNTERS seeded encounters from FIRST_SEED on (KIND: of one kind alone)."""
    kinds = [ONLY] if ONLY else sorted(KINDS)
    outcomes = []
    for number in range(COUNT):
        outcome = play(kinds[number % len(kinds)], FIRST + number // len(kinds))
        outcomes.append(outcome)
        bad = not all(outcome.arrived) or outcome.tally.notes or outcome.tally.own_gap < 0.5
        if bad:
            print(
                outcome.kind,
                outcome.seed,
                outcome.tally.notes[:3],
                outcome.told,
                outcome.tally.own_gap,
                file=sys.stderr,
                flush=True,
            )
    arrived = [value for outcome in outcomes for value in outcome.arrived]
    ratio = [value for o in outcomes for value, there in zip(o.ratio, o.arrived, strict=True) if there]
    gaps = sorted(o.tally.own_gap for o in outcomes if math.isfinite(o.tally.own_gap))
    return {
        "encounters": len(outcomes),
        "own_contacts": sum(o.tally.own_contacts for o in outcomes),
        "other_contacts": sum(o.tally.other_contacts for o in outcomes),
        "wall_contacts": sum(o.tally.wall_contacts for o in outcomes),
        "arrived": round(sum(arrived) / len(arrived), 4),
        "path_ratio_median": round(statistics.median(ratio), 3) if ratio else None,
        "person_gap_least": round(gaps[0], 2) if gaps else None,
        "person_gap_under_half": sum(gap < 0.5 for gap in gaps),
        "ms_per_dog_step": round(statistics.median(o.step_ms for o in outcomes), 2),
        "bad": sorted({o.kind for o in outcomes if not all(o.arrived) or o.tally.notes}),
    }


def _yard(walls: list[Box] | None = None, hidden: list[Box] | None = None) -> Yard:
    return Yard(walls or [], hidden or [], SIZE)


def _add_dog(yard: Yard, start: Place, end: Place, seed: int, speed: float = math.inf) -> None:
    theta = math.atan2(end[1] - start[1], end[0] - start[0])
    goal = Goal(Pose2D(*end, math.nan), speed)
    yard.dogs.append(Dog(len(yard.dogs), Pose2D(*start, theta), goal, yard.terrain, seed))


def _about(angle: float, far: float, across: float = 0.0, middle: Place = MIDDLE) -> Place:
    """A point ``far`` from the middle at an angle, and ``across`` to the left of that line."""
    return (
        middle[0] + far * math.cos(angle) - across * math.sin(angle),
        middle[1] + far * math.sin(angle) + across * math.cos(angle),
    )


def _head_on(random: Random, seed: int) -> Yard:
    yard, angle = _yard(), random.uniform(-math.pi, math.pi)
    off = random.choice([0.0, random.uniform(-0.6, 0.6)])
    _add_dog(yard, _about(angle, 7.0), _about(angle, -7.0), seed)
    _add_dog(yard, _about(angle, -7.0, off), _about(angle, 7.0, off), seed)
    return yard


def _crossing(random: Random, seed: int) -> Yard:
    yard, angle = _yard(), random.uniform(-math.pi, math.pi)
    other = angle + random.uniform(0.35, 2.8) * random.choice([-1, 1])
    shift = random.choice([0.0, random.uniform(-1.5, 1.5)])
    _add_dog(yard, _about(angle, 6.5), _about(angle, -7.0), seed)
    _add_dog(yard, _about(other, 6.5 + shift), _about(other, -7.0), seed)
    return yard


def _overtaking(random: Random, seed: int) -> Yard:
    yard, angle = _yard(), random.uniform(-math.pi, math.pi)
    off = random.uniform(-0.4, 0.4)
    _add_dog(yard, _about(angle, 9.0), _about(angle, -8.0), seed)
    _add_dog(
        yard, _about(angle, 6.0, off), _about(angle, -4.0 - 2 * random.random(), off), seed, random.uniform(0.25, 0.45)
    )
    return yard


def _doorway(random: Random, seed: int) -> Yard:
    gap, deep = random.uniform(1.1, 1.6), random.uniform(0.3, 2.5)
    walls = [(15.0 - deep / 2, 0.0, deep, 12.0 - gap / 2), (15.0 - deep / 2, 12.0 + gap / 2, deep, 12.0)]
    yard = _yard(walls)
    y1, y2, y3, y4 = random.uniform(9.0, 15.0, 4)
    _add_dog(yard, (15.0 - random.uniform(4, 7), y1), (21.0, y2), seed)
    _add_dog(yard, (15.0 + random.uniform(4, 7), y3), (9.0, y4), seed)
    return yard


def _corridor(random: Random, seed: int) -> Yard:
    wide = random.uniform(1.7, 2.4)
    walls = [(8.0, 0.0, 14.0, 12.0 - wide / 2), (8.0, 12.0 + wide / 2, 14.0, 12.0)]
    yard = _yard(walls)
    _add_dog(yard, (random.uniform(4, 6), 12.0 + random.uniform(-2, 2)), (25.5, 12.0), seed)
    _add_dog(yard, (random.uniform(24, 26), 12.0 + random.uniform(-2, 2)), (4.5, 12.0), seed)
    return yard


def _three(random: Random, seed: int) -> Yard:
    yard, angle = _yard(), random.uniform(-math.pi, math.pi)
    for index in range(3):
        at = angle + index * (2 * math.pi / 3 if random.random() < 0.5 else math.pi / 2)
        far = 6.5 + random.choice([0.0, random.uniform(-1, 1)])
        _add_dog(yard, _about(at, far), _about(at, -6.5), seed)
    return yard


def _walkers(random: Random, seed: int) -> Yard:
    yard, angle = _yard(), random.uniform(-math.pi, math.pi)
    _add_dog(yard, _about(angle, 7.5), _about(angle, -7.5), seed)
    for _ in range(random.integers(1, 4)):
        yard.passers.append(_aimed(random, angle, random.uniform(0.8, 1.6), 0.45, 0.45, True))
    return yard


def _runner(random: Random, seed: int) -> Yard:
    yard, angle = _yard(), random.uniform(-math.pi, math.pi)
    _add_dog(yard, _about(angle, 7.5), _about(angle, -7.5), seed)
    yard.passers.append(_aimed(random, angle, random.uniform(2.5, 3.5), 0.45, 0.45, True))
    return yard


def _car(random: Random, seed: int) -> Yard:
    yard, angle = Yard([], [], WIDE), random.uniform(-math.pi, math.pi)
    _add_dog(yard, _about(angle, 7.0, 0.0, WIDE_MIDDLE), _about(angle, -7.0, 0.0, WIDE_MIDDLE), seed)
    yard.passers.append(_aimed(random, angle, random.uniform(2.0, 5.5), 4.5, 1.8, False, WIDE_MIDDLE, WIDE))
    return yard


def _standing(random: Random, seed: int) -> Yard:
    angle = random.uniform(-math.pi, math.pi)
    yard = _yard()
    _add_dog(yard, _about(angle, 7.5), _about(angle, -7.5), seed)
    for far in (3.0, -2.0):
        x, y = _about(angle, far + random.uniform(-1, 1), random.uniform(-0.5, 0.5))
        turn = random.uniform(-math.pi, math.pi)
        long = random.choice([0.45, 1.7])
        course = [(x, y), (x + 0.01 * math.cos(turn), y + 0.01 * math.sin(turn))]
        yard.passers.append(Passer(course, 0.01, long, 0.45))
    yard.passers.append(_aimed(random, angle, random.uniform(0.8, 1.4), 0.45, 0.45, True))
    return yard


def _docks(random: Random, seed: int) -> Yard:
    yard = _yard([(10.0, 5.0, 10.0, 0.5)])
    places = [11.5, 13.3, 15.1, 16.9, 18.5]
    for place in random.choice(places, 3, replace=False):
        _add_dog(yard, (place, 6.3), (random.uniform(8, 22), random.uniform(10, 15)), seed)
        yard.dogs[-1].pose = Pose2D(place, 6.3, -math.pi / 2 if random.random() < 0.5 else math.pi / 2)
    x, y = random.choice(places), 6.4
    _add_dog(yard, (random.uniform(8, 22), 15.5), (float(x), y), seed)
    return yard


def _aimed(
    random: Random,
    dog: float,
    speed: float,
    length: float,
    width: float,
    person: bool,
    middle: Place = MIDDLE,
    size: Place = SIZE,
) -> Passer:
    """A passer whose course meets that of a dog (from 7 m at angle ``dog`` through the middle) when it is there."""
    meet = random.uniform(-1.5, 4.0)  # m from the middle on the dog's way
    when = (7.0 - meet) / 0.75 + random.uniform(-0.8, 0.8)
    turn = random.choice([0.0, random.uniform(-math.pi, math.pi), random.uniform(-0.5, 0.5)])
    way = dog + turn  # 0: against the dog
    there = _about(dog, meet, random.choice([0.0, random.uniform(-0.5, 0.5)]), middle)
    back = min(speed * when, _room(there, way + math.pi, size))
    start = (there[0] - back * math.cos(way), there[1] - back * math.sin(way))
    on = _room(there, way, size)
    end = (there[0] + on * math.cos(way), there[1] + on * math.sin(way))
    return Passer([start, end], speed, length, width, max(0.0, when - back / speed), person)


def _room(at: Place, way: float, size: Place) -> float:
    """Metres to the rim of the yard."""
    far = np.arange(0.0, 60.0, 0.25)
    x, y = at[0] + far * math.cos(way), at[1] + far * math.sin(way)
    inside = (x > 1.0) & (x < size[0] - 1.0) & (y > 1.0) & (y < size[1] - 1.0)
    return float(far[np.argmin(inside)]) if not inside.all() else 60.0


KINDS: dict[str, Callable[[Random, int], Yard]] = {
    "head_on": _head_on,
    "crossing": _crossing,
    "overtaking": _overtaking,
    "doorway": _doorway,
    "corridor": _corridor,
    "three": _three,
    "walkers": _walkers,
    "runner": _runner,
    "car": _car,
    "standing": _standing,
    "docks": _docks,
}
