import itertools
import math
import random
from collections import Counter

import numpy as np
import pytest

from fleet_server.ledger.heat import GAP_S, LEAP_M, STEP_M, walked_cells
from fleet_server.ledger.track import LEAST_M, LEAST_S, SPARSER, STANDS_S, Track, decode, encode, loaded


def walk(seed: int, seconds: int, speed: float = 0.7) -> list[tuple[float, float, float, float]]:
    """Once a second, with turns and stops."""
    rng = random.Random(seed)
    x = y = heading = 0.0
    found = []
    stands = 0
    for second in range(seconds):
        stands = stands - 1 if stands else (rng.randrange(120) if rng.random() < 0.01 else 0)
        if not stands:
            heading += rng.gauss(0, 0.2)
            x, y = x + speed * math.cos(heading), y + speed * math.sin(heading)
        found.append((float(second), x, y, 90.0 - second * 0.01))
    return found


def thinned(points: list[tuple[float, float, float, float]]) -> Track:
    track = Track()
    for point in points:
        track.add(*point)
    return track


@pytest.mark.parametrize("seed", range(20))
def test_a_thinned_track_is_near_every_place_that_was_walked_and_nearly_as_long(seed: int) -> None:
    walked = walk(seed, 1500)
    track = thinned(walked)
    kept = [point[1:3] for point in track.points]
    assert max(min(math.dist(place[1:3], each) for each in kept) for place in walked) < 2.5
    length = sum(math.dist(a[1:3], b[1:3]) for a, b in itertools.pairwise(walked))
    assert track.walked_m == pytest.approx(length, rel=0.05)
    for a, b in zip(track.points, track.points[1:], strict=False):
        assert b[0] - a[0] >= LEAST_S
        assert math.dist(a[1:3], b[1:3]) >= LEAST_M or b[0] - a[0] >= STANDS_S


def test_a_track_of_a_day_stays_small_and_one_of_a_dog_that_stands_smaller() -> None:
    assert len(thinned(walk(1, 86_400)).points) < 7 * SPARSER
    assert len(thinned([(float(s), 1.0, 1.0, 80.0) for s in range(3600)]).points) == 120


def test_a_track_comes_back_from_the_database_and_is_gone_on_with() -> None:
    whole = thinned(walk(3, 900))
    half = loaded(encode(thinned(walk(3, 900)[:450])))
    for point in walk(3, 900)[450:]:
        half.add(*point)
    assert len(half.points) == len(whole.points)
    assert half.walked_m == pytest.approx(whole.walked_m or 0, rel=1e-4)
    assert decode(encode(whole)).shape == (len(whole.points), 4)


@pytest.mark.parametrize(
    ("charges", "used"),
    [
        ([90, 85, 80], 10),
        ([90, 85, 80, 95, 90], 15),  # charged on the way
        ([90, 89.7, 90, 89.6, 89.9], 0.4),  # the gauge's noise is not counted again and again
        ([50, 70, 70], 0),
    ],
)
def test_the_charge_used_counts_what_went_out_and_not_what_came_in(charges: list[float], used: float) -> None:
    track = Track([(float(i), float(i), 0.0, charge) for i, charge in enumerate(charges)])
    assert track.charge_used_pct == pytest.approx(used)


def test_of_one_point_nothing_is_said() -> None:
    track = Track([(0.0, 1.0, 1.0, 80.0)])
    assert (track.walked_m, track.charge_used_pct) == (None, None)


def test_each_patrol_counts_once_in_a_cell_and_what_was_not_heard_is_not_coloured() -> None:
    there_and_back = Track([(0, 0.5, 0.5, 9), (10, 3.5, 0.5, 9), (20, 0.5, 0.5, 9)])
    lost = Track([(0, 0.5, 0.5, 9), (600, 0.5, 9.5, 9)])
    cells = {(x, y): n for x, y, n in walked_cells([there_and_back.array(), lost.array()])}
    assert cells == {(0, 0): 2, (1, 0): 1, (2, 0): 1, (3, 0): 1, (0, 9): 1}
    assert walked_cells([]) == []


def plainly(tracks: list[np.ndarray]) -> dict[tuple[int, int], int]:
    """The same, one point after another."""
    passed: Counter[tuple[int, int]] = Counter()
    for track in tracks:
        cells = {(math.floor(x), math.floor(y)) for _, x, y, _ in track.astype(float)}
        for (t, x, y, _), (after, u, v, _) in itertools.pairwise(track.astype(float)):
            if after - t < GAP_S and math.hypot(u - x, v - y) < LEAP_M:
                count = math.ceil(math.hypot(u - x, v - y) / STEP_M)
                ways = [(x + (u - x) * n / count, y + (v - y) * n / count) for n in range(count)]
                cells |= {(math.floor(a), math.floor(b)) for a, b in ways}
        passed.update(cells)
    return dict(passed)


@pytest.mark.parametrize("seed", range(5))
def test_all_tracks_at_once_are_as_one_after_another(seed: int) -> None:
    chance = np.random.default_rng(seed)
    tracks = []
    for _ in range(20):
        rows = int(chance.integers(0, 60))
        places = np.cumsum(chance.normal(0, 2, (rows, 2)), axis=0) + chance.uniform(-30, 30, 2)
        seconds = np.cumsum(chance.choice([2.0, 5.0, 100.0], rows, p=[0.6, 0.3, 0.1]))
        tracks.append(np.column_stack([seconds, places, np.full(rows, 50.0)]).astype(np.float32))
    assert {(x, y): n for x, y, n in walked_cells(tracks)} == plainly(tracks)


def test_a_dog_that_says_it_is_elsewhere_at_once_has_not_walked_there() -> None:
    leap = np.array([[0, 0.5, 0.5, 90], [5, 1.5, 0.5, 90], [7, 1e30, -1e30, 90]], np.float32)
    cells = walked_cells([leap])
    assert {(0, 0, 1), (1, 0, 1)} < set(cells)
    assert len(cells) == 3
