"""People who walk scripted ways: along waypoints, resting at each, halting for a dog that is close ahead."""

import math
from dataclasses import dataclass
from typing import Any

from sim.engine.frames import numbers
from sim.engine.people import STRIDE, Dress, Posture, Stance
from sim.engine.sdf import Model, Plugin

TURN_RATE = 3.0  # rad/s
HALT_AHEAD_M, HALT_BESIDE_M = 1.5, 0.75  # from centre to centre: about a metre between a body and a dog's nose
PATIENCE_S = 5.0  # then one who is kept waiting turns round, so that two polite ones do not wait for ever


@dataclass(frozen=True)
class Way:
    """Where a person walks. Metres, m/s, and the seconds of rest at each waypoint. It is walked round and round."""

    points: tuple[tuple[float, float], ...]
    speed: float = 1.0
    pause: float = 0.0


def read_way(plugin: Plugin) -> Way:
    """The way in Gazebo's trajectory follower plugin; ``speed`` and ``pause`` are read by this engine alone."""
    points = [numbers(e.text, 2, (0.0, 0.0)) for e in plugin.xml.findall("waypoints/waypoint")]
    if not points:
        raise ValueError("a trajectory follower without waypoints")
    return Way(
        tuple((x, y) for x, y in points),
        float(plugin.xml.findtext("speed") or 1.0),
        float(plugin.xml.findtext("pause") or 0.0),
    )


def read_dress(plugin: Plugin) -> Dress:
    """The clothes that the plugin names, by role."""
    worn: dict[str, Any] = {
        role: numbers(plugin.xml.findtext(role), 3, (0.0, 0.0, 0.0))
        for role in ("skin", "top", "trousers", "shoes", "hair")
        if plugin.xml.find(role) is not None
    }
    return Dress(**worn)


def follower(model: Model) -> Plugin | None:
    """The plugin that makes a model a person who walks."""
    return next((p for p in model.plugins if "trajectory-follower" in p.filename), None)


class Walker:
    """One person on a Way."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._x, self._y = way.points[0]
        self._next = 1 % len(way.points)
        self._direction = 1
        self._theta = self._bearing()
        self._rest = 0.0
        self._waited = 0.0
        self._phase = 0.0
        self._walking = False

    @property
    def stance(self) -> Stance:
        """How it stands now."""
        posture = Posture.WALKING if self._walking else Posture.STANDING
        return Stance(self._x, self._y, self._theta, posture, self._phase)

    def update(self, dogs: list[tuple[float, float]], dt: float) -> None:
        """Go on for ``dt`` seconds; ``dogs`` are the places of their centres."""
        self._walking = False
        if self._rest > 0:
            self._rest -= dt
            return
        goal_x, goal_y = self._way.points[self._next]
        left = math.hypot(goal_x - self._x, goal_y - self._y)
        step = self._way.speed * dt
        if left <= step:
            self._arrive(goal_x, goal_y)
            return
        bearing = self._bearing()
        if any(self._ahead(x, y, bearing) for x, y in dogs):
            self._wait(dt)
            return
        self._waited = max(0.0, self._waited - dt)
        turn = math.remainder(bearing - self._theta, math.tau)
        self._theta += max(-TURN_RATE * dt, min(TURN_RATE * dt, turn))
        self._walking = True
        self._phase = (self._phase + math.tau * step / STRIDE) % math.tau
        if abs(turn) < 0.8:
            self._x += step * math.cos(bearing)
            self._y += step * math.sin(bearing)

    def _arrive(self, x: float, y: float) -> None:
        self._x, self._y = x, y
        self._next = (self._next + self._direction) % len(self._way.points)
        self._rest = self._way.pause

    def _wait(self, dt: float) -> None:
        self._waited += dt
        if self._waited > PATIENCE_S:
            self._waited = 0.0
            self._direction = -self._direction
            self._next = (self._next + self._direction) % len(self._way.points)

    def _bearing(self) -> float:
        x, y = self._way.points[self._next]
        return math.atan2(y - self._y, x - self._x)

    def _ahead(self, x: float, y: float, bearing: float) -> bool:
        dx, dy = x - self._x, y - self._y
        ahead = math.cos(bearing) * dx + math.sin(bearing) * dy
        beside = -math.sin(bearing) * dx + math.cos(bearing) * dy
        return -0.1 < ahead < HALT_AHEAD_M and abs(beside) < HALT_BESIDE_M
