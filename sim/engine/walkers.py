"""People on their ways: along stops, doing at each what they came for, halting for a dog that is close ahead."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sim.engine.dog_bodies import LOOK_FROM
from sim.engine.people import STRIDE, Dress, Posture, Stance
from sim.engine.script import Act, Clothes, Gait, Point, Then
from sim.engine.sdf import Model, Plugin
from sim.engine.transforms import numbers

TURN_RATE = 3.0  # rad/s
HALT_AHEAD_M, HALT_BESIDE_M = 1.5, 0.75  # from centre to centre: about a metre between a body and a dog's nose
PATIENCE_S = 5.0  # then one who is kept waiting gives way, so that two polite ones do not wait for ever
SIDESTEP_M = 1.2
SPEED = {Gait.WALK: 1.2, Gait.RUN: 3.0}  # m/s
RUN_STRIDE, RUN_SWING = 2.6, 1.5  # metres of a double step; how much wider than a walk's its swing is
LOITER_M, LOITER_SPEED, LOITER_REST_S = 0.8, 0.6, 2.5  # about a place, to and fro
STEP_UP, FLOOR_EVERY = 0.4, 0.1
"""Metres up which somebody climbs at once, and that he goes until the ground under him is looked for anew."""
POSTURES = {Act.SIT: Posture.SITTING, Act.LIE: Posture.LYING}


@dataclass(frozen=True)
class Stop:
    """Where to go at what speed (m/s), what to do there, for how long (seconds), facing where (radians)."""

    x: float
    y: float
    speed: float = 1.0
    act: Act = Act.STAND
    seconds: float = 0.0
    theta: float | None = None
    run: bool = False


@dataclass(frozen=True)
class Ground:
    """Where the ground was found, and how high it is; metres."""

    x: float
    y: float
    z: float


@dataclass(frozen=True)
class Way:
    """What a person walks. ``first`` is the stop that he goes to first."""

    stops: tuple[Stop, ...]
    then: Then = Then.REPEAT
    yields: bool = True
    first: int = 1


def read_way(plugin: Plugin) -> Way:
    """The way in Gazebo's trajectory follower plugin; ``speed`` and ``pause`` are read by this engine alone."""
    points = [numbers(e.text, 2, (0.0, 0.0)) for e in plugin.xml.findall("waypoints/waypoint")]
    if not points:
        raise ValueError("a trajectory follower without waypoints")
    speed, pause = (float(plugin.xml.findtext(key) or default) for key, default in (("speed", 1.0), ("pause", 0.0)))
    return Way(tuple(Stop(x, y, speed, seconds=pause) for x, y in points))


def scripted_way(points: Sequence[Point], then: Then, yields: bool, first: int) -> Way:
    """The way that a script tells."""
    return Way(
        tuple(Stop(p.x, p.y, p.speed or SPEED[p.go], p.act, p.seconds, p.theta, p.go is Gait.RUN) for p in points),
        then,
        yields,
        first,
    )


def read_dress(plugin: Plugin) -> Dress:
    """The clothes that the plugin names, by role."""
    worn: dict[str, Any] = {
        role: numbers(plugin.xml.findtext(role), 3, (0.0, 0.0, 0.0))
        for role in ("skin", "top", "trousers", "shoes", "hair")
        if plugin.xml.find(role) is not None
    }
    return Dress(**worn)


def scripted_dress(clothes: Clothes | None) -> Dress:
    """The clothes that a script tells; what it leaves out is as it comes."""
    if clothes is None:
        return Dress()
    worn = {key: getattr(clothes, key) for key in clothes.__struct_fields__}
    return Dress(**{key: value for key, value in worn.items() if value is not None})


def follower(model: Model) -> Plugin | None:
    """The plugin that makes a model a person who walks."""
    return next((p for p in model.plugins if "trajectory-follower" in p.filename), None)


class Walker:
    """One person on a Way, which may be changed under way."""

    def __init__(self, way: Way) -> None:
        self.x, self.y = way.stops[0].x, way.stops[0].y
        self.ground: Ground | None = None
        self._theta: float | None = None
        self._phase = 0.0
        self.follow(way)

    def follow(self, way: Way) -> None:
        """Go ``way`` from here; who is not on his way to its first stop is there."""
        self._way = way
        self.gone = False
        self._direction = 1
        self._waited = 0.0
        self._stepping = Posture.STANDING
        self._gait = 1.0
        self._aside: Stop | None = None
        self._loitered, self._loiter_rest = 0, 0.0
        self._rest = 0.0
        self._next = min(way.first, len(way.stops))
        self._at: Stop | None = None
        if way.then is Then.REPEAT:
            self._next %= len(way.stops)
        elif self._next > 0:
            self._at, self._rest = way.stops[self._next - 1], way.stops[self._next - 1].seconds
            self._finish()
        if self._theta is None:
            given = way.stops[0].theta
            self._theta = self._bearing(self._goal()) if given is None else given

    @property
    def stance(self) -> Stance:
        """How it stands now."""
        z = self.ground.z if self.ground is not None else 0.0
        return Stance(self.x, self.y, self._heading(), self._stepping, self._phase, self._gait, z)

    def stand_on(self, floor: Callable[[float, float, float], float]) -> None:
        """Find the ground under its feet; ``floor`` tells the height of what is at (x, y) below a height, metres."""
        if self.ground is None:
            below = LOOK_FROM
        elif math.hypot(self.x - self.ground.x, self.y - self.ground.y) < FLOOR_EVERY:
            return
        else:
            below = self.ground.z + STEP_UP
        self.ground = Ground(self.x, self.y, round(floor(self.x, self.y, below), 3))

    @property
    def doing(self) -> str:
        """In a word, for the ground truth."""
        if self._stepping is Posture.WALKING:
            return "running" if self._gait > 1 else "walking"
        return self._stepping.value

    def update(self, dogs: list[tuple[float, float]], dt: float) -> None:
        """Go on for ``dt`` seconds; ``dogs`` are the places of their centres."""
        self._stepping = POSTURES.get(self._at.act, Posture.STANDING) if self._at else Posture.STANDING
        if self._rest > 0:
            self._rest -= dt
            self._stay(dogs, dt)
            return
        if self._at is not None and self._next >= len(self._way.stops):
            self.gone = self._way.then is Then.LEAVE
            return
        self._at = None
        self._loitered = 0
        goal = self._aside or self._goal()
        if self._go(goal, dogs, dt):
            if self._aside is not None:
                self._aside = None
            else:
                self._arrive(goal)

    def _goal(self) -> Stop:
        return self._way.stops[min(self._next, len(self._way.stops) - 1)]

    def _go(self, goal: Stop, dogs: list[tuple[float, float]], dt: float) -> bool:
        """Step towards ``goal``; whether it is reached."""
        step = goal.speed * dt
        self._stepping = Posture.STANDING
        if math.hypot(goal.x - self.x, goal.y - self.y) <= step:
            self.x, self.y = goal.x, goal.y
            return True
        bearing = self._bearing(goal)
        if self._way.yields and any(self._ahead(x, y, bearing) for x, y in dogs):
            self._wait(bearing, dt)
            return False
        self._waited = max(0.0, self._waited - dt)
        turn = self._turn_to(bearing, dt)
        self._stepping, self._gait = Posture.WALKING, RUN_SWING if goal.run else 1.0
        self._phase = (self._phase + math.tau * step / (RUN_STRIDE if goal.run else STRIDE)) % math.tau
        if abs(turn) < 0.8:
            self.x += step * math.cos(bearing)
            self.y += step * math.sin(bearing)
        return False

    def _turn_to(self, bearing: float, dt: float) -> float:
        turn = math.remainder(bearing - self._heading(), math.tau)
        self._theta = self._heading() + max(-TURN_RATE * dt, min(TURN_RATE * dt, turn))
        return turn

    def _stay(self, dogs: list[tuple[float, float]], dt: float) -> None:
        """What is done at a stop."""
        assert self._at is not None
        if self._at.act is Act.LOITER:
            self._loiter(self._at, dogs, dt)
        elif self._at.theta is not None:
            self._turn_to(self._at.theta, dt)

    def _loiter(self, about: Stop, dogs: list[tuple[float, float]], dt: float) -> None:
        """To and fro about the place: a few steps, a rest, by turns."""
        if self._loiter_rest > 0:
            self._loiter_rest -= dt
            return
        turned = 2.4 * self._loitered  # radians, about the golden angle: never the same place twice
        x, y = about.x + LOITER_M * math.cos(turned), about.y + LOITER_M * math.sin(turned)
        if self._go(Stop(x, y, LOITER_SPEED), dogs, dt):
            self._loitered, self._loiter_rest = self._loitered + 1, LOITER_REST_S

    def _arrive(self, at: Stop) -> None:
        self._at, self._rest = at, at.seconds
        self._next += self._direction
        if self._way.then is Then.REPEAT:
            self._next %= len(self._way.stops)
        else:
            self._finish()

    def _finish(self) -> None:
        if self._next >= len(self._way.stops) and self._way.then is Then.STAY:
            self._rest = math.inf

    def _wait(self, bearing: float, dt: float) -> None:
        self._waited += dt
        if self._waited <= PATIENCE_S:
            return
        self._waited = 0.0
        if self._way.then is Then.REPEAT:
            self._direction = -self._direction
            self._next = (self._next + self._direction) % len(self._way.stops)
            return
        left = bearing + math.pi / 2
        self._aside = Stop(self.x + SIDESTEP_M * math.cos(left), self.y + SIDESTEP_M * math.sin(left))

    def _heading(self) -> float:
        return 0.0 if self._theta is None else self._theta

    def _bearing(self, goal: Stop) -> float:
        return math.atan2(goal.y - self.y, goal.x - self.x)

    def _ahead(self, x: float, y: float, bearing: float) -> bool:
        dx, dy = x - self.x, y - self.y
        ahead = math.cos(bearing) * dx + math.sin(bearing) * dy
        beside = -math.sin(bearing) * dx + math.cos(bearing) * dy
        return -0.1 < ahead < HALT_AHEAD_M and abs(beside) < HALT_BESIDE_M
