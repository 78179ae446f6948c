"""Vehicles on their ways: they speed up and slow down, turn as wheels let them, and halt for who is close ahead."""

import math

from sim.engine.script import Then, Waypoint

ACCELERATION = 2.0  # m/s2
TURN_RATE = 0.9  # rad/s
HALT_AHEAD_M, HALT_BESIDE_M = 5.5, 1.6  # from the vehicle's middle to whom it halts for
NEAR_M = 0.3  # a waypoint is passed within this


class Driver:
    """One vehicle. ``x``, ``y``, ``theta`` are its middle on the ground and its heading."""

    def __init__(self, way: tuple[Waypoint, ...], theta: float, then: Then, yields: bool) -> None:
        self._way, self._then, self._yields = way, then, yields
        self.x, self.y = way[0].x, way[0].y
        self.theta = theta if len(way) == 1 else math.atan2(way[1].y - self.y, way[1].x - self.x)
        self.speed = 0.0
        self.gone = False
        self._next = 1
        self._rest = way[0].seconds

    @property
    def doing(self) -> str:
        """In a word, for the ground truth."""
        if self._next >= len(self._way):
            return "parked"
        return "driving" if self.speed > 0 else "waiting"

    def update(self, others: list[tuple[float, float]], dt: float) -> None:
        """Go on for ``dt`` seconds; ``others`` are the places of dogs and people."""
        if self._rest > 0:
            self._rest -= dt
            return
        if self._next >= len(self._way):
            self._end()
            return
        goal = self._way[self._next]
        left = math.hypot(goal.x - self.x, goal.y - self.y)
        halted = self._yields and any(self._ahead(x, y) for x, y in others)
        wanted = 0.0 if halted else min(goal.speed, math.sqrt(2 * ACCELERATION * max(left, 0.05)))
        change = wanted - self.speed
        self.speed += max(-3 * ACCELERATION * dt, min(ACCELERATION * dt, change))
        self._move(goal, left, dt)

    def _move(self, goal: Waypoint, left: float, dt: float) -> None:
        step = min(self.speed * dt, left)
        if left - step < NEAR_M and (left < 0.02 or self._next < len(self._way) - 1):
            self._next, self._rest = self._next + 1, goal.seconds
            if self._rest > 0 or self._next >= len(self._way):
                self.speed = 0.0
            return
        bearing = math.atan2(goal.y - self.y, goal.x - self.x)
        turn = math.remainder(bearing - self.theta, math.tau)
        if left > 1.0:
            self.theta += max(-TURN_RATE * dt, min(TURN_RATE * dt, turn))
        self.x += step * math.cos(bearing)
        self.y += step * math.sin(bearing)

    def _end(self) -> None:
        if self._then is Then.REPEAT:
            self._next = 0
        self.gone = self._then is Then.LEAVE

    def _ahead(self, x: float, y: float) -> bool:
        dx, dy = x - self.x, y - self.y
        ahead = math.cos(self.theta) * dx + math.sin(self.theta) * dy
        beside = -math.sin(self.theta) * dx + math.cos(self.theta) * dy
        return 0.0 < ahead < HALT_AHEAD_M and abs(beside) < HALT_BESIDE_M
