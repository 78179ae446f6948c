"""The middle of a vehicle, any way round: by the sides that a lidar meets, and honest where half of them are hidden."""

import math

import numpy as np
import pytest

from edge.perception.detector import Box, Detection
from edge.perception.lidar_ranging import Points
from edge.perception.thing_place import Echoes, located
from tests.edge.perception.scene import view

HERE = view()
EYE = HERE.place()[:2]
SIZES = ((4.5, 1.8), (4.5, 1.8), (5.4, 2.1))  # m: cars and a van
HIGH = 1.4


def corners(x: float, y: float, theta: float, size: tuple[float, float]) -> list[tuple[float, float]]:
    c, s, a, b = math.cos(theta), math.sin(theta), size[0] / 2, size[1] / 2
    return [(x + u * c - v * s, y + u * s + v * c) for u, v in ((a, b), (a, -b), (-a, -b), (-a, b))]


def box_of(around: list[tuple[float, float]], random: np.random.Generator) -> Box:
    """As a detector gives it: its edges off by some hundredths of its size."""
    seen = [pixel for x, y in around for z in (0.0, HIGH) if (pixel := HERE.project(x, y, z)) is not None]
    us, vs = [u for u, _ in seen], [v for _, v in seen]
    wide, high = max(us) - min(us), max(vs) - min(vs)
    left, right, top, bottom = random.normal(0, 0.03, 4) * (wide, wide, high, high)
    return Box(
        max(min(us) + left, 0.0),
        max(min(vs) + top, 0.0),
        min(max(us) + right, 640.0),
        min(max(vs) + bottom, 480.0),
    )


def echoes_of(around: list[tuple[float, float]], random: np.random.Generator) -> Points:
    """A turn in three planes, a beam a degree."""
    found = []
    for angle in np.radians(np.arange(-60, 60) + random.uniform()):
        far = min(
            (f for a, b in zip(around, around[1:] + around[:1], strict=True) if (f := meets(angle, a, b))), default=0
        )
        if far:
            far += random.normal(0, 0.01)
            found += [(EYE[0] + far * math.cos(angle), EYE[1] + far * math.sin(angle), z) for z in (0.25, 0.5, 0.7)]
    return np.array(found).reshape(-1, 3)


def meets(angle: float, a: tuple[float, float], b: tuple[float, float]) -> float:
    """How far off a beam meets a side; 0 where it does not."""
    ahead, side = np.array([math.cos(angle), math.sin(angle)]), np.subtract(b, a)
    try:
        far, along = np.linalg.solve(np.stack([ahead, -side], axis=1), np.subtract(a, EYE))
    except np.linalg.LinAlgError:
        return 0.0
    return float(far) if far > 0 and 0 <= along <= 1 else 0.0


def hidden(points: Points, x: float, y: float, random: np.random.Generator) -> Points:
    """Half of the time a part of it is behind something, and a post stands before it and a wall behind."""
    if len(points) and random.random() < 0.5:
        azimuth = np.arctan2(points[:, 1] - EYE[1], points[:, 0] - EYE[0])
        points = points[azimuth > np.quantile(azimuth, random.uniform(0.2, 0.5))]
    if random.random() < 0.5:
        away = np.hypot(x - EYE[0], y - EYE[1])
        ahead = np.array([x - EYE[0], y - EYE[1]]) / away
        post = np.array(EYE) + ahead * (away - 2.7) + random.uniform(-0.3, 0.3, 2) + np.arange(3)[:, None] * 0.02
        wall = np.array([x, y]) + 3.5 * ahead + np.linspace(-3, 3, 20)[:, None] * np.array([-ahead[1], ahead[0]])
        more = np.concatenate([post, wall])
        points = np.concatenate([points, np.column_stack([more, np.full(len(more), 0.5)])])
    return points


@pytest.mark.parametrize(("covered", "median", "half"), [(False, 0.1, 0.9), (True, 0.6, 0.55)])
def test_its_middle_is_found_any_way_round_and_its_covariance_is_honest(
    covered: bool, median: float, half: float
) -> None:
    random = np.random.default_rng(8)
    off, squared = [], []
    for _ in range(150):
        away, angle, theta = random.uniform(5, 11), random.uniform(-0.35, 0.35), random.uniform(-math.pi, math.pi)
        x, y = EYE[0] + away * math.cos(angle), EYE[1] + away * math.sin(angle)
        around = corners(x, y, theta, SIZES[random.integers(3)])
        points = echoes_of(around, random)
        points = hidden(points, x, y, random) if covered else points
        place = located(Detection(box_of(around, random), 0.8, "vehicle"), HERE, Echoes.of(points, HERE))
        if place is not None:
            error = np.array([place.x - x, place.y - y])
            off.append(float(np.hypot(*error)))
            squared.append(float(error @ np.linalg.solve([[place.xx, place.xy], [place.xy, place.yy]], error)))
    assert len(off) > 140
    assert np.median(off) < median
    assert np.mean(np.array(off) < 0.5) > half
    assert np.mean(squared) < 2.5  # chi-square of 2: a mean of 2; of 150, three deviations more
    assert np.mean(np.array(squared) < 5.99) > 0.9
