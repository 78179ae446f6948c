"""A flat yard for tests: a map, things the map lacks, people who walk, and a dog that drifts."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edge.navigation.likelihood_field import cast
from edge.navigation.maps import Frame, OccupancyGrid, occupancy_grid
from edge.types import Imu, Odometry, Pose2D, Scan, Twist2D

BEAMS = 360
REACH = 25.0


def grid_of(boxes: list[tuple[float, float, float, float]], width: float = 60.0, height: float = 50.0) -> OccupancyGrid:
    """A walled map at 0.1 m with ``boxes`` (x, y, width, height from the south-west) on it."""
    frame = Frame(0.1, 0.0, 0.0, round(height / 0.1), round(width / 0.1))
    occupied = np.zeros((frame.height, frame.width), np.bool_)
    occupied[:3], occupied[-3:], occupied[:, :3], occupied[:, -3:] = True, True, True, True
    for x, y, wide, deep in boxes:
        occupied[round(y * 10) : round((y + deep) * 10), round(x * 10) : round((x + wide) * 10)] = True
    return occupancy_grid("yard", frame, occupied, np.zeros_like(occupied))


YARD = [
    (12.0, 10.0, 14.0, 9.0),  # the station house
    (34.0, 8.0, 8.0, 14.0),
    (10.0, 28.0, 6.0, 12.0),
    (24.0, 30.0, 16.0, 6.0),
    (48.0, 30.0, 4.5, 1.8),  # cars
    (48.0, 34.0, 4.5, 1.8),
    (30.0, 24.0, 2.0, 2.0),
    (5.0, 5.0, 1.0, 3.0),
    (47.0, 12.0, 0.4, 10.0),  # a wall
    (20.0, 42.0, 0.4, 5.0),
]


def yard() -> OccupancyGrid:
    return grid_of(YARD)


@dataclass
class Person:
    """Walks to and fro between two points at ``speed``; a cylinder of 0.25 m radius.

    Like anyone, stops before walking into a dog: within ``manners`` metres of it nobody goes nearer.
    """

    start: tuple[float, float]
    end: tuple[float, float]
    speed: float = 1.2
    radius: float = 0.25
    manners: float = 0.8
    walked: float = 0.0

    def step(self, dt: float, dog: Pose2D) -> None:
        before, then = self.walked, self.place()
        self.walked = before + self.speed * dt
        gap = math.dist(self.place(), (dog.x, dog.y))
        if gap < self.manners and gap < math.dist(then, (dog.x, dog.y)):
            self.walked = before

    def place(self) -> tuple[float, float]:
        way = math.dist(self.start, self.end)
        if way == 0:
            return self.start
        share = (self.walked / way) % 2
        share = 2 - share if share > 1 else share
        return (
            self.start[0] + share * (self.end[0] - self.start[0]),
            self.start[1] + share * (self.end[1] - self.start[1]),
        )


@dataclass
class World:
    """Steps by ``move``; ``contacts`` counts the steps in which the dog's outline touched something."""

    truth: OccupancyGrid
    pose: Pose2D
    people: list[Person] = field(default_factory=list)
    seed: int = 0
    stride: float = 1.04  # what the legs believe of a metre: the drift
    veer: float = 0.01  # rad of false turning a metre
    tilt: float = 0.0  # rad of rolling and pitching while walking
    range_noise: float = 0.02

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.seed)
        self.odom = Pose2D(0.0, 0.0, 0.0)
        self.twist = Twist2D(0.0, 0.0, 0.0)
        self.now = 0.0
        self.contacts = 0
        self.walked = 0.0

    def move(self, command: Twist2D, dt: float) -> None:
        """The dog follows a command with a lag of 0.2 s and 3 % of noise."""
        share = 1 - math.exp(-dt / 0.2)
        noise = 1 + 0.03 * self.random.standard_normal()
        self.twist = Twist2D(
            self.twist.vx + share * (command.vx * noise - self.twist.vx),
            self.twist.vy + share * (max(-0.4, min(0.4, command.vy)) * noise - self.twist.vy),
            self.twist.omega + share * (command.omega * noise - self.twist.omega),
        )
        step = Pose2D(self.twist.vx * dt, self.twist.vy * dt, self.twist.omega * dt)
        cos, sin = math.cos(step.theta / 2), math.sin(step.theta / 2)
        moved = Pose2D(step.x * cos - step.y * sin, step.x * sin + step.y * cos, step.theta)
        walked = math.hypot(step.x, step.y)
        believed = Pose2D(moved.x * self.stride, moved.y * self.stride, step.theta + self.veer * walked)
        self.pose, self.odom = self.pose.compose(moved), self.odom.compose(believed)
        self.walked += walked
        self.now += dt
        for person in self.people:
            person.step(dt, self.pose)
        self.contacts += self.clearance() <= 0.0

    def clearance(self) -> float:
        """Metres between the dog's outline (0.6 x 0.28 m) and the nearest thing."""
        along = np.linspace(-0.3, 0.3, 7)
        facing = np.array([math.cos(self.pose.theta), math.sin(self.pose.theta)])
        spine = along[:, None] * facing + (self.pose.x, self.pose.y)
        nearest = float(self.truth.distance_at(spine).min()) - 0.05
        for person in self.people:
            nearest = min(nearest, float(np.hypot(*(spine - person.place()).T).min()) - person.radius)
        return nearest - 0.14

    def lean(self) -> Imu:
        moving = min(1.0, abs(self.twist.vx) / 0.3)
        phase = 2 * math.pi * self.now / 0.36
        roll, pitch = moving * self.tilt * math.sin(phase), moving * self.tilt * math.cos(1.3 * phase)
        return Imu(roll, pitch, self.twist.omega + 0.01 * self.random.standard_normal() + 0.002, self.now)

    def odometry(self) -> Odometry:
        return Odometry(self.odom, self.twist, self.now)

    def scan(self) -> Scan:
        """What the lidar sees; walls have no top here, the ground is where the lean says."""
        angles = np.linspace(-math.pi, math.pi, BEAMS, endpoint=False)
        lean = self.lean()
        ranges = cast(self.truth, self.pose, angles + self.pose.theta, REACH)
        for person in self.people:
            ranges = np.minimum(ranges, self._to_circle(angles, person.place(), person.radius))
        fall = -math.sin(lean.pitch) * np.cos(angles) + math.cos(lean.pitch) * math.sin(lean.roll) * np.sin(angles)
        with np.errstate(divide="ignore"):
            ranges = np.minimum(ranges, np.where(fall < -1e-3, 0.5 / -fall, np.inf))
        ranges = ranges + self.range_noise * self.random.standard_normal(BEAMS)
        ranges = np.where(ranges < REACH - 0.1, ranges, np.inf).astype(np.float32)
        return Scan(-math.pi, 2 * math.pi / BEAMS, 0.15, REACH, ranges, self.now)

    def _to_circle(
        self, angles: NDArray[np.float64], centre: tuple[float, float], radius: float
    ) -> NDArray[np.float64]:
        away = self.pose.between(Pose2D(*centre, 0.0))
        along = away.x * np.cos(angles) + away.y * np.sin(angles)
        across = away.x * np.sin(angles) - away.y * np.cos(angles)
        with np.errstate(invalid="ignore"):
            return np.where((along > 0) & (np.abs(across) < radius), along - np.sqrt(radius**2 - across**2), np.inf)
