"""A flat yard for thousands of encounters: walls, dogs, and walkers, runners and cars who look out for nobody.

Each dog has its navigator and gate, and knows its place but for a few centimetres: how it moves among others is tried.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edge.navigation.maps import Frame, OccupancyGrid, Terrain, occupancy_grid, terrain
from edge.navigation.navigator import Goal, Navigator, Progress, Sight, Status
from edge.navigation.safety_gate import Inputs, SafetyConfig, SafetyGate
from edge.navigation.scan_leveling import LevelScan
from edge.types import STILL, Cloud, Imu, Odometry, Pose2D, PoseEstimate, Scan, Twist2D

Array = NDArray[np.float64]
Corners = tuple[float, float, float, float]  # x from, x to, y from, y to, m
Box = tuple[float, float, float, float]  # x, y, width, height from the south-west, m

BEAMS, REACH = 360, 25.0
DT = 0.05  # s: control; the lidar turns at half of that rate
FRONT, BACK, HALF_WIDTH = 0.38, 0.32, 0.16  # m: the dog's outline about base_link
LAG = 0.15  # s: the legs'
ANGLES = np.linspace(-math.pi, math.pi, BEAMS, endpoint=False)


@dataclass
class Passer:
    """Somebody or something on a fixed course of points at a speed, a rectangle of ``length`` x ``width``."""

    course: list[tuple[float, float]]
    speed: float
    length: float = 0.45
    width: float = 0.45
    wait: float = 0.0  # s before it sets out
    person: bool = True
    walked: float = 0.0

    def step(self, now: float, dt: float) -> None:
        if now >= self.wait:
            self.walked += self.speed * dt

    def pose(self) -> Pose2D:
        points = np.array(self.course)
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
        at = min(self.walked, float(along[-1]))
        x, y = np.interp(at, along, points[:, 0]), np.interp(at, along, points[:, 1])
        leg = min(int(np.searchsorted(along, at, side="right")) - 1, len(points) - 2) if len(points) > 1 else 0
        way = points[min(leg + 1, len(points) - 1)] - points[leg]
        return Pose2D(float(x), float(y), math.atan2(way[1], way[0]))

    def velocity(self, now: float) -> tuple[float, float]:
        points = np.array(self.course)
        done = self.walked >= float(np.hypot(*np.diff(points, axis=0).T).sum()) if len(points) > 1 else True
        theta = self.pose().theta
        speed = 0.0 if done or now < self.wait else self.speed
        return speed * math.cos(theta), speed * math.sin(theta)

    def corners(self) -> Corners:
        return -self.length / 2, self.length / 2, -self.width / 2, self.width / 2


class Dog:
    """A body with its navigator and gate."""

    def __init__(self, name: int, pose: Pose2D, goal: Goal, ground: Terrain, seed: int) -> None:
        self.pose, self.goal = pose, goal
        self.twist = STILL
        self.navigator = Navigator(ground, seed=(0.37 * name + 0.11 * seed) % 1.0)
        self.navigator.start(goal, 0.0)
        self.gate = SafetyGate(SafetyConfig(has_points=True))
        self.ground = ground
        self.random = np.random.default_rng([seed, name])
        self.progress = Progress(Status.IDLE)
        self.done: Progress | None = None
        self.walked = 0.0
        self.finished = math.inf
        self._scan: Scan | None = None
        self._level: LevelScan | None = None
        self._command = STILL
        self.cut = 0

    def sense(self, ranges: Array, now: float) -> None:
        ranges = ranges + 0.02 * self.random.standard_normal(BEAMS)
        shown = np.where(ranges < REACH - 0.1, ranges, np.inf)
        self._scan = Scan(-math.pi, 2 * math.pi / BEAMS, 0.15, REACH, shown.astype(np.float32), now)
        hit = np.isfinite(shown)
        ended = np.where(hit, shown, np.nan)
        points = np.stack([ended * np.cos(ANGLES), ended * np.sin(ANGLES)], axis=1)
        self._level = LevelScan(points, ANGLES, np.where(hit, shown, REACH), now)
        self.navigator.look(self._level, self._believed(), now)

    def think(self, now: float) -> None:
        estimate = PoseEstimate(self._believed(), np.eye(3) * 1e-3, 0.9, now)
        self.progress = self.navigator.update(Sight(estimate, twist=self.twist), now)
        if self.done is None and self.progress.status in (Status.REACHED, Status.FAILED):
            self.done, self.finished = self.progress, now
        lean, odometry = Imu(0.0, 0.0, 0.0, now), Odometry(self.pose, self.twist, now)
        limit = self.ground.speed_limit_at(self.pose.x, self.pose.y)
        asked = self.progress.command
        seen = Cloud(self.random.random((8, 3)).astype(np.float32), now)  # of low things there are none here
        sensed = (self._scan, self._level, lean, odometry, estimate)
        inputs = Inputs(asked, now, *sensed, limit, now, cloud=seen, usable=10_000)
        self._command = self.gate.update(inputs, now).command
        self.cut += math.hypot(asked.vx, asked.vy) > math.hypot(self._command.vx, self._command.vy) + 0.3

    def move(self, dt: float) -> None:
        share = 1 - math.exp(-dt / LAG)
        wanted = self._command
        self.twist = Twist2D(
            self.twist.vx + share * (max(-1.2, min(1.2, wanted.vx)) - self.twist.vx),
            self.twist.vy + share * (max(-0.4, min(0.4, wanted.vy)) - self.twist.vy),
            self.twist.omega + share * (wanted.omega - self.twist.omega),
        )
        self.pose = self.pose.compose(Pose2D(self.twist.vx * dt, self.twist.vy * dt, self.twist.omega * dt))
        self.walked += math.hypot(self.twist.vx, self.twist.vy) * dt

    def corners(self) -> Corners:
        return -BACK, FRONT, -HALF_WIDTH, HALF_WIDTH

    def velocity(self) -> tuple[float, float]:
        cos, sin = math.cos(self.pose.theta), math.sin(self.pose.theta)
        return cos * self.twist.vx - sin * self.twist.vy, sin * self.twist.vx + cos * self.twist.vy

    def _believed(self) -> Pose2D:
        off = self.random.standard_normal(3) * (0.015, 0.015, 0.004)
        return Pose2D(self.pose.x + off[0], self.pose.y + off[1], self.pose.theta + off[2])


@dataclass
class Tally:
    """What is counted of one encounter."""

    own_contacts: int = 0
    other_contacts: int = 0
    wall_contacts: int = 0
    least_gap: float = math.inf  # m to anybody, whoever moved
    own_gap: float = math.inf  # m to a person, while the dog moved towards him
    notes: list[str] = field(default_factory=list)


class Yard:
    """Steps everything by DT; walls are boxes."""

    def __init__(self, walls: list[Box], hidden: list[Box], size: tuple[float, float]) -> None:
        self.grid = grid_of(walls, *size)
        self.terrain = terrain(self.grid, [])
        rim = [(-1.0, -1.0, size[0] + 2, 1.3), (-1.0, size[1] - 0.3, size[0] + 2, 1.3)]
        rim += [(-1.0, -1.0, 1.3, size[1] + 2), (size[0] - 0.3, -1.0, 1.3, size[1] + 2)]
        self.hidden = bool(hidden)
        self.boxes = [*walls, *hidden, *rim]
        self.dogs: list[Dog] = []
        self.passers: list[Passer] = []
        self.now = 0.0
        self.tally = Tally()
        self._touching: set[tuple[int, int]] = set()

    def run(self, seconds: float) -> Tally:
        """Until every dog is done, or the time is up."""
        ticks = 0
        while self.now < seconds and any(dog.done is None for dog in self.dogs):
            if ticks % 2 == 0:
                for dog in self.dogs:
                    dog.sense(self._ranges(dog), self.now)
            for dog in self.dogs:
                dog.think(self.now)
            for _ in range(2):
                for dog in self.dogs:
                    dog.move(DT / 2)
                for passer in self.passers:
                    passer.step(self.now, DT / 2)
            self.now += DT
            ticks += 1
            self._count()
        return self.tally

    def _others(self, dog: Dog) -> list[tuple[Pose2D, Corners, tuple[float, float], bool]]:
        others = [(o.pose, o.corners(), o.velocity(), False) for o in self.dogs if o is not dog]
        return others + [(p.pose(), p.corners(), p.velocity(self.now), p.person) for p in self.passers]

    def _ranges(self, dog: Dog) -> Array:
        ranges = np.full(BEAMS, REACH)
        for x, y, wide, deep in self.boxes:
            ranges = np.minimum(ranges, _to_box(dog.pose, Pose2D(x, y, 0.0), (0.0, wide, 0.0, deep)))
        for pose, corners, _, _ in self._others(dog):
            if dog.pose.distance(pose) < REACH:
                ranges = np.minimum(ranges, _to_box(dog.pose, pose, corners))
        return ranges

    def _count(self) -> None:
        for number, dog in enumerate(self.dogs):
            for index, (pose, corners, velocity, person) in enumerate(self._others(dog)):
                away = dog.pose.distance(pose)
                if away > 1.5 + max(corners[1] - corners[0], corners[3] - corners[2]) / 2:
                    continue
                gap, towards = _between(dog, pose, corners)
                own = towards[0] * dog.velocity()[0] + towards[1] * dog.velocity()[1]
                self.tally.least_gap = min(self.tally.least_gap, gap)
                if person and own > 0.05:
                    self.tally.own_gap = min(self.tally.own_gap, gap)
                self._touch((number, index), gap <= 0.0, own > 0.05, f"dog {number} {velocity}")
            near = float(self.grid.distance_at(np.array([[dog.pose.x, dog.pose.y]]))[0]) < 1.0 or self.hidden
            walls = (
                math.inf
                if not near
                else min(_between(dog, Pose2D(x, y, 0.0), (0.0, w, 0.0, h))[0] for x, y, w, h in self.boxes)
            )
            self._touch((number, -1), walls <= 0.0, None, f"dog {number} a wall")

    def _touch(self, pair: tuple[int, int], touching: bool, own: bool | None, who: str) -> None:
        if not touching:
            self._touching.discard(pair)
            return
        if pair in self._touching:  # one contact is one, and whose it is, its first moment says
            return
        self._touching.add(pair)
        self.tally.own_contacts += own is True
        self.tally.other_contacts += own is False
        self.tally.wall_contacts += own is None
        self.tally.notes.append(f"{self.now:.1f} s: {who} own={own}")


def grid_of(walls: list[Box], width: float, height: float) -> OccupancyGrid:
    """A walled map at 0.05 m."""
    cell = 0.05
    frame = Frame(cell, 0.0, 0.0, round(height / cell), round(width / cell))
    occupied = np.zeros((frame.height, frame.width), np.bool_)
    occupied[:6], occupied[-6:], occupied[:, :6], occupied[:, -6:] = True, True, True, True
    for x, y, wide, deep in walls:
        rows = slice(max(round(y / cell), 0), round((y + deep) / cell))
        occupied[rows, max(round(x / cell), 0) : round((x + wide) / cell)] = True
    return occupancy_grid("yard", frame, occupied, np.zeros_like(occupied))


def _to_box(eye: Pose2D, pose: Pose2D, corners: Corners) -> Array:
    """Ranges to a box (x from, x to, y from, y to in the frame of ``pose``), by the slab method; infinite beside it."""
    seen = pose.between(eye)
    dx, dy = np.cos(ANGLES + seen.theta), np.sin(ANGLES + seen.theta)
    with np.errstate(divide="ignore", invalid="ignore"):
        x1, x2 = (corners[0] - seen.x) / dx, (corners[1] - seen.x) / dx
        y1, y2 = (corners[2] - seen.y) / dy, (corners[3] - seen.y) / dy
    enter = np.maximum(np.minimum(x1, x2), np.minimum(y1, y2))
    leave = np.minimum(np.maximum(x1, x2), np.maximum(y1, y2))
    return np.where((leave >= enter) & (enter > 0), enter, np.inf)


def _border(corners: Corners) -> Array:
    share = np.linspace(0.0, 1.0, 9)
    low_x, high_x, low_y, high_y = corners
    x, y = low_x + share * (high_x - low_x), low_y + share * (high_y - low_y)
    sides = [(x, np.full(9, low_y)), (x, np.full(9, high_y)), (np.full(9, low_x), y), (np.full(9, high_x), y)]
    return np.concatenate([np.stack(side, axis=1) for side in sides])


def _nearest(points: Array, frame: Pose2D, corners: Corners) -> tuple[float, Array, Array]:
    """The least distance of points to a box, and where both ends of it lie."""
    cos, sin = math.cos(frame.theta), math.sin(frame.theta)
    off = (points - (frame.x, frame.y)) @ np.array([[cos, -sin], [sin, cos]])
    held = np.clip(off, (corners[0], corners[2]), (corners[1], corners[3]))
    gaps = np.hypot(*(off - held).T)
    best = int(np.argmin(gaps))
    there = held[best] @ np.array([[cos, sin], [-sin, cos]]) + (frame.x, frame.y)
    return float(gaps[best]), points[best], there


def _between(dog: Dog, pose: Pose2D, corners: Corners) -> tuple[float, tuple[float, float]]:
    """Metres between the dog's outline and a box (0 where they overlap), and the direction from the one to it."""
    mine = _placed(_border(dog.corners()), dog.pose)
    gap, here, there = _nearest(mine, pose, corners)
    other, from_there, on_me = _nearest(_placed(_border(corners), pose), dog.pose, dog.corners())
    if other < gap:
        gap, here, there = other, on_me, from_there
    way = there - here if gap > 1e-6 else np.array([pose.x - dog.pose.x, pose.y - dog.pose.y])
    size = max(float(np.hypot(*way)), 1e-9)
    return gap, (float(way[0]) / size, float(way[1]) / size)


def _placed(points: Array, pose: Pose2D) -> Array:
    cos, sin = math.cos(pose.theta), math.sin(pose.theta)
    return points @ np.array([[cos, sin], [-sin, cos]]) + (pose.x, pose.y)
