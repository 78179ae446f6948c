"""A building to be mapped: two corridors round a block of rooms, seen by rays on a fine grid, without a simulator."""

import math

import numpy as np

from edge.mapping.bag_reading import Recording
from edge.navigation.likelihood_field import cast
from edge.navigation.maps import Frame, OccupancyGrid, occupancy_grid
from edge.types import Imu, Odometry, Pose2D, Scan, Twist2D

SIZE = (34.0, 22.0)  # m
BLOCKS = [  # x0, y0, x1, y1
    (6.0, 6.0, 13.0, 15.5), (16.0, 6.0, 27.0, 9.0), (16.0, 12.0, 27.0, 16.0), (0.2, 18.0, 4.0, 21.8),
    (30.5, 3.0, 31.2, 3.7), (9.0, 2.0, 9.4, 2.4), (20.0, 19.5, 20.4, 19.9), (29.8, 14.0, 33.8, 14.6),
]  # fmt: skip
ROUND = [(3.0, 3.0), (28.7, 3.0), (28.7, 17.5), (14.5, 17.5), (14.5, 4.0), (3.0, 3.6), (3.6, 9.0)]
WALL = 0.2  # m


def building(resolution: float = 0.05) -> OccupancyGrid:
    """The truth."""
    frame = Frame(resolution, -1.0, -1.0, round((SIZE[1] + 2) / resolution), round((SIZE[0] + 2) / resolution))
    y = frame.y + (np.arange(frame.height) + 0.5) * resolution
    x = frame.x + (np.arange(frame.width) + 0.5) * resolution
    inside = (x > WALL) & (x < SIZE[0] - WALL) & (y[:, None] > WALL) & (y[:, None] < SIZE[1] - WALL)
    occupied = ~inside
    for x0, y0, x1, y1 in BLOCKS:
        occupied |= (x > x0) & (x < x1) & (y[:, None] > y0) & (y[:, None] < y1)
    return occupancy_grid("building", frame, occupied, np.zeros_like(occupied))


class Walker:
    """Leads a dog round and notes what its drivers say: 10 scans a second, legs that slip, a gyroscope that drifts."""

    def __init__(self, seed: int, slip: float = 0.10, people: int = 3, speed: float = 1.0) -> None:
        self.random = np.random.default_rng(seed)
        self.true = building()
        self.slip, self.people, self.speed = slip, people, speed
        self.recording = Recording("walk.mcap")
        self.truth: list[Pose2D] = []

    def walk(self, way: list[tuple[float, float]], every: float = 0.2) -> "Walker":
        """Walk along ``way``; a scan each ``every`` seconds."""
        bias, scale = self.random.normal(0.0, 0.0005), 1.0 + self.slip + self.random.normal(0.0, 0.01)
        pose = Pose2D(*way[0], math.atan2(way[1][1] - way[0][1], way[1][0] - way[0][0]))
        believed, now, dt = Pose2D(0.0, 0.0, 0.0), 100.0, 0.05
        left = list(way[1:])
        step = 0
        while left:
            off = math.remainder(math.atan2(left[0][1] - pose.y, left[0][0] - pose.x) - pose.theta, math.tau)
            omega = max(-1.2, min(1.2, 3.0 * off))
            ahead = self.speed * max(0.0, math.cos(off)) ** 4
            moved = Pose2D(ahead * dt, 0.0, omega * dt)
            self._say(pose, believed, now, omega + bias, step % round(every / dt) == 0)
            pose = pose.compose(moved)
            noise = self.random.normal(0.0, 0.003, 2)
            believed = believed.compose(
                Pose2D(moved.x * scale + noise[0], noise[1], moved.theta + bias * dt + 0.001 * self.random.normal())
            )
            now, step = now + dt, step + 1
            if math.hypot(left[0][0] - pose.x, left[0][1] - pose.y) < 0.3:
                left.pop(0)
        for _ in range(4):
            self._say(pose, believed, now, 0.0, scan=False)
            now += dt
        return self

    def _say(self, pose: Pose2D, believed: Pose2D, now: float, omega: float, scan: bool) -> None:
        rate = omega + self.random.normal(0.0, 0.003)
        self.recording.imu.append(Imu(0.0, 0.0, rate, now))
        self.recording.imu.append(Imu(0.0, 0.0, rate, now + 0.02))
        self.recording.odometry.append(Odometry(believed, Twist2D(self.speed, 0.0, omega), now))
        if scan:
            self.recording.scans.append(self._scan(pose, now))
            self.truth.append(pose)

    def _scan(self, pose: Pose2D, now: float) -> Scan:
        angles = np.linspace(-math.pi, math.pi, 360, endpoint=False)
        ranges = cast(self.true, pose, angles + pose.theta, 25.0)
        for number in range(self.people):
            ranges = np.minimum(ranges, _person(self._at(number, now, pose), pose, angles))
        ranges = ranges + self.random.normal(0.0, 0.01, len(ranges))
        return Scan(
            -math.pi, math.tau / 360, 0.15, 25.0, np.where(ranges > 24.5, np.inf, ranges).astype(np.float32), now
        )

    @staticmethod
    def _at(number: int, now: float, pose: Pose2D) -> tuple[float, float]:
        """People walk to and fro along the corridors; the first follows the dog, who leads it."""
        if number == 0:
            return pose.x - 1.2 * math.cos(pose.theta - 0.3), pose.y - 1.2 * math.sin(pose.theta - 0.3)
        along = abs((1.1 * now + 17.0 * number) % 40.0 - 20.0)
        return (5.0 + along, 4.2) if number % 2 else (14.3, 1.0 + along)


def _person(at: tuple[float, float], pose: Pose2D, angles: np.ndarray) -> np.ndarray:
    """Metres by beam to a body of 0.22 m; infinite beside it."""
    dx, dy = at[0] - pose.x, at[1] - pose.y
    away = math.hypot(dx, dy)
    off = np.abs(np.remainder(angles + pose.theta - math.atan2(dy, dx) + math.pi, math.tau) - math.pi)
    hit = off < math.atan2(0.22, max(away, 0.3))
    return np.where(hit, max(away - 0.22, 0.2), np.inf)
