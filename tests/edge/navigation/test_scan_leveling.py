import math

import numpy as np
import pytest

from edge.navigation.scan_leveling import LevelScan, Mounting, lean_at, level, with_low_obstacles
from edge.types import Imu, Scan

MOUNTING = Mounting()
ANGLES = np.linspace(-math.pi, math.pi, 360, endpoint=False)


def turn(ranges: np.ndarray) -> Scan:
    return Scan(-math.pi, 2 * math.pi / 360, 0.15, 25.0, ranges.astype(np.float32), 1.0)


def leaning(roll: float, pitch: float) -> Imu:
    return Imu(roll, pitch, 0.0, 1.0)


def rays(roll: float, pitch: float, wall: float) -> np.ndarray:
    """Ranges of a leaning lidar, 0.5 m above flat ground, in the middle of a round room whose wall never ends."""
    falls = -math.sin(pitch) * np.cos(ANGLES) + math.cos(pitch) * math.sin(roll) * np.sin(ANGLES)
    flat = np.sqrt(1 - falls**2)
    with np.errstate(divide="ignore"):
        to_ground = np.where(falls < 0, 0.5 / -falls, np.inf)
    return np.minimum(to_ground, wall / flat)


def test_a_level_dog_sees_what_its_lidar_sees() -> None:
    seen = level(turn(rays(0, 0, 6.0)), leaning(0, 0), MOUNTING)
    assert np.hypot(*seen.points.T) == pytest.approx(np.full(360, 6.0), abs=1e-3)
    assert seen.free == pytest.approx(np.full(360, 6.0), abs=1e-3)


@pytest.mark.parametrize("degrees", [2, 5, 8, 11])
def test_the_ground_is_never_taken_for_a_wall(degrees: int) -> None:
    for roll, pitch in ((math.radians(degrees), 0.0), (0.0, math.radians(degrees)), (math.radians(-degrees), 0.1)):
        hits = level(turn(rays(roll, pitch, 15.0)), leaning(roll, pitch), MOUNTING).hits()
        assert len(hits) > 90
        assert np.hypot(*hits.T) == pytest.approx(np.full(len(hits), 15.0), abs=0.15)


def test_a_thing_nearer_than_the_ground_is_kept_however_the_dog_leans() -> None:
    seen = level(turn(rays(0.1, 0.1, 1.5)), leaning(0.1, 0.1), MOUNTING)
    assert len(seen.hits()) == 360
    assert np.hypot(*seen.hits().T) == pytest.approx(np.full(360, 1.5), abs=0.05)


def test_a_beam_that_met_the_ground_still_tells_that_nothing_stood_before_it() -> None:
    seen = level(turn(rays(0.0, 0.15, 20.0)), leaning(0.0, 0.15), MOUNTING)
    ahead = np.argmin(np.abs(seen.bearing))
    assert math.isnan(seen.points[ahead, 0])
    assert 1.5 < seen.free[ahead] < 3.4


def test_no_return_is_freedom_and_no_number_tells_nothing() -> None:
    ranges = np.full(360, np.inf)
    ranges[:3] = np.nan, 0.01, -1.0
    seen = level(turn(ranges), leaning(0, 0), MOUNTING)
    assert seen.free[:3].tolist() == [0.0, 0.0, 0.0]
    assert seen.free[10] == pytest.approx(25.0)
    assert len(seen.hits()) == 0


def test_an_unknown_lean_counts_as_level() -> None:
    seen = level(turn(np.full(360, 3.0)), leaning(math.nan, math.nan), MOUNTING)
    assert np.hypot(*seen.points.T) == pytest.approx(np.full(360, 3.0), abs=1e-6)


def test_the_lean_is_interpolated_and_an_old_one_is_none() -> None:
    history = [Imu(0.0, 0.0, 0.0, 1.00), Imu(0.2, 0.1, 1.0, 1.02)]
    between = lean_at(history, 1.01)
    assert between is not None
    assert between.roll == pytest.approx(0.1)
    assert lean_at(history, 1.05) == history[1]
    assert lean_at(history, 1.5) is None
    assert lean_at([], 1.0) is None


def merged(low: list[list[float]], wall: float = 6.0) -> LevelScan:
    return with_low_obstacles(level(turn(rays(0, 0, wall)), leaning(0, 0), MOUNTING), np.array(low).reshape(-1, 2))


@pytest.mark.parametrize("degrees", [0, 37, 90, 179.9, -179.9, -90])
def test_what_is_low_ends_the_beams_that_would_meet_it_and_no_others(degrees: float) -> None:
    bearing = math.radians(degrees)
    scan = merged([[2.0 * math.cos(bearing), 2.0 * math.sin(bearing)]])
    off = np.abs(np.remainder(scan.bearing - bearing + math.pi, math.tau) - math.pi)
    meets = off < 0.035 / 2.0
    assert meets.sum() in (2, 3)
    assert scan.free[meets] == pytest.approx(2.0)
    assert np.hypot(*scan.points[meets].T) == pytest.approx(2.0)
    assert scan.free[~meets] == pytest.approx(6.0, abs=1e-3)


def test_of_two_low_things_in_a_line_the_nearer_ends_the_beam_and_behind_a_wall_none_does() -> None:
    scan = merged([[3.0, 0.0], [1.5, 0.0], [0.0, 7.0]])
    assert scan.free[180] == pytest.approx(1.5)
    assert scan.free[270] == pytest.approx(6.0, abs=1e-3)


def test_a_drop_is_an_obstacle_where_the_scan_sees_none_and_nothing_low_changes_nothing() -> None:
    open_ground = level(turn(np.full(360, np.inf)), leaning(0, 0), MOUNTING)
    edge = np.stack([np.full(21, 1.2), np.linspace(-0.5, 0.5, 21)], axis=1)
    seen = with_low_obstacles(open_ground, edge)
    assert len(seen.hits()) >= 40
    assert seen.free[180] == pytest.approx(1.2)
    assert with_low_obstacles(open_ground, np.zeros((0, 2))) is open_ground
