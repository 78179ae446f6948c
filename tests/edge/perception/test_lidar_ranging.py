"""People of 0.22 m radius on the map, seen by a camera that errs, and by a lidar that does not."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from edge.perception.camera_geometry import View
from edge.perception.detector import Box, Detection, Posture
from edge.perception.lidar_ranging import Echoes, Points, Seat, ranged
from edge.perception.person_location import Located, locate
from edge.perception.pose_buffer import PoseBuffer
from edge.types import Cloud, Imu, Pose2D, PoseEstimate, Scan
from tests.edge.perception.scene import person, view

RADIUS, HEIGHT = 0.22, 0.5


def column(x: float, y: float, seen_from: View, radius: float = RADIUS, height: float = HEIGHT) -> Points:
    """Echoes of a turn of one plane, a degree apart, from an upright cylinder."""
    eye = seen_from.pose
    away, azimuth = math.hypot(x - eye.x, y - eye.y), math.atan2(y - eye.y, x - eye.x)
    found = []
    for beam in np.radians(np.arange(360)):
        off = math.remainder(beam - azimuth, math.tau)
        if abs(off) < math.pi / 2 and away * abs(math.sin(off)) < radius:
            far = away * math.cos(off) - math.sqrt(radius**2 - (away * math.sin(off)) ** 2)
            found.append([eye.x + far * math.cos(beam), eye.y + far * math.sin(beam), height])
    return np.array(found, float).reshape(-1, 3)


def wall(x: float, oblique: float = 0.0) -> Points:
    """Through (x, 0); square to the view, or turned by so many radians."""
    along = np.arange(-15, 15, 0.1)
    return np.stack([x - along * math.sin(oblique), along * math.cos(oblique), np.full_like(along, HEIGHT)], axis=1)


def somebody(seen_from: View, x: float, y: float, pixels: float = 0.0, tall: float = 1.74) -> Detection:
    """Seen with a box that is so many pixels too high and too low."""
    box = person(seen_from, x, y, tall).box
    return Detection(Box(box.left, box.top - pixels, box.right, box.bottom + pixels), 0.8)


def placed(seen: Detection, seen_from: View, echoes: Points) -> Located:
    guess = locate(seen.whole or seen.box, seen_from, seen.posture)
    assert guess is not None
    return ranged(guess, seen, seen_from, echoes)


@settings(deadline=None)
@given(
    st.floats(-20, 20),
    st.floats(-20, 20),
    st.floats(-3.1, 3.1),
    st.floats(2.5, 12),
    st.floats(-0.4, 0.4),
    st.floats(-2, 3),
    st.floats(1.6, 1.9),
)
def test_a_person_in_the_open_is_placed_to_a_hands_breadth(
    x: float, y: float, theta: float, away: float, bearing: float, pixels: float, tall: float
) -> None:
    seen_from = view(x, y, theta)
    at = x + away * math.cos(theta + bearing), y + away * math.sin(theta + bearing)
    seen = somebody(seen_from, *at, pixels, tall)
    assume(seen.box.top > 10 and seen.box.bottom < 470 and seen.box.left > 10 and seen.box.right < 630)
    echoes = column(*at, seen_from)
    assume(len(echoes) > 0)
    found = placed(seen, seen_from, echoes)
    assert math.hypot(found.x - at[0], found.y - at[1]) < 0.3
    assert found.deviation < 0.4


@pytest.mark.parametrize("away", [5.0, 8.0, 11.0])
@pytest.mark.parametrize("before", [1.0, 2.0, 4.0])
@pytest.mark.parametrize("oblique", [0.0, 0.8, -1.0])
def test_the_fence_before_somebody_is_not_the_person(away: float, before: float, oblique: float) -> None:
    seen_from = view()
    seen = somebody(seen_from, away, 0.0, pixels=2.0)
    by_camera = placed(seen, seen_from, np.zeros((0, 3)))
    assert placed(seen, seen_from, wall(away - before, oblique)) == by_camera
    through_the_bars = np.vstack([wall(away - before, oblique), column(away, 0.0, seen_from)])
    found = placed(seen, seen_from, through_the_bars)
    assert abs(found.x - away) < 0.3 or found == by_camera


def parapet(ahead: float, end: float, slope: float) -> Points:
    """From (ahead, end) on to the right of the view, nearer by ``slope`` for each metre."""
    along = np.arange(0.0, 6.0, 0.1)
    return np.stack([ahead - slope * along, end - along, np.full_like(along, HEIGHT)], axis=1)


@pytest.mark.parametrize("slope", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("before", [1.0, 2.0])
def test_the_end_of_a_wall_that_hides_half_of_somebody_is_not_the_person(before: float, slope: float) -> None:
    seen_from = view()
    seen = somebody(seen_from, 10.0, 0.0)
    end = parapet(10.0 - before, -0.02, slope)
    found = placed(seen, seen_from, np.concatenate([end, column(10.0, 0.0, seen_from)]))
    assert abs(found.x - 10.0) < 0.3
    alone = placed(seen, seen_from, end)  # no echo of the person came back: then it may be the person, and may not
    assert abs(alone.x - 10.0) < 2.5 * alone.deviation


def test_of_a_post_and_somebody_behind_it_neither_is_surely_the_person() -> None:
    seen_from = view()
    seen = somebody(seen_from, 10.0, 0.0)
    found = placed(seen, seen_from, np.concatenate([column(8.8, 0.0, seen_from, 0.1), column(10.0, 0.0, seen_from)]))
    assert abs(found.x - 10.0) < 2 * found.deviation
    assert found.deviation > 0.3


def test_the_wall_behind_is_not_the_person() -> None:
    seen_from = view()
    echoes = np.concatenate([column(8, 0, seen_from), wall(9.0)])
    assert abs(placed(somebody(seen_from, 8, 0, 2), seen_from, echoes).x - 8) < 0.2


def test_what_stands_beside_or_far_before_the_person_is_not_the_person() -> None:
    seen_from = view()
    for echoes in (column(8, 1.0, seen_from), column(3, 0, seen_from, 0.05)):
        seen = somebody(seen_from, 8, 0)
        assert placed(seen, seen_from, echoes) == locate(seen.box, seen_from)


def test_where_no_beam_meets_anybody_the_camera_alone_tells() -> None:
    seen_from = view()
    seen = somebody(seen_from, 8, 0, 3)
    assert placed(seen, seen_from, np.empty((0, 3))) == locate(seen.box, seen_from)


def test_a_car_that_hides_the_legs_is_not_the_person() -> None:
    seen_from = view()
    whole = person(seen_from, 8, 0).box
    seen = Detection(
        Box(whole.left, whole.top, whole.right, whole.bottom - 20), 0.8, posture=Posture.UPRIGHT, whole=whole
    )
    assert placed(seen, seen_from, wall(7.0)) == locate(whole, seen_from)


def test_the_ground_is_not_the_person() -> None:
    seen_from = view()
    seen = somebody(seen_from, 8, 0)
    ground = np.array([[x, y, 0.02] for x in np.arange(6, 8, 0.1) for y in np.arange(-0.3, 0.3, 0.1)])
    assert placed(seen, seen_from, ground) == locate(seen.box, seen_from)


def stood(theta: float = 0.0, roll: float = 0.0, pitch: float = 0.0) -> PoseBuffer:
    poses = PoseBuffer()
    for stamp in (9.9, 10.0, 10.1):
        poses.add_pose(PoseEstimate(Pose2D(3.0, -2.0, theta), np.zeros((3, 3)), 1.0, stamp))
        poses.add_lean(Imu(roll, pitch, 0.0, stamp))
    return poses


def scan(ranges: list[float], stamp: float = 10.0) -> Scan:
    return Scan(0.0, math.pi / 2, 0.1, 30.0, np.array(ranges, np.float32), stamp)


def test_a_turn_lies_on_the_map_where_the_dog_was_when_it_was_made() -> None:
    echoes = Echoes(Seat(), Seat(), 0.38)
    echoes.add_scan(scan([5.0, math.inf, math.nan, 2.0]))
    found = echoes.at(10.05, stood(theta=math.pi / 2))
    assert found is not None
    assert found == pytest.approx(np.array([[3.0, 3.0, 0.5], [5.0, -2.0, 0.5]]))


def test_a_cloud_of_a_tilted_sensor_on_a_leaning_dog_is_made_level() -> None:
    echoes = Echoes(Seat(), Seat(x=0.3, z=0.1, pitch=0.2), 0.38)
    echoes.add_cloud(Cloud(np.array([[2.0, 0.0, 0.0], [math.nan, 0.0, 0.0]], np.float32), 10.0))
    found = echoes.at(10.0, stood(pitch=-0.2))
    assert found is not None
    lifted = 0.38 + 0.1 * math.cos(0.2) + 0.3 * math.sin(0.2)
    assert found == pytest.approx(np.array([[5.0 + 0.3 * math.cos(0.2) - 0.1 * math.sin(0.2), -2.0, lifted]]), abs=1e-5)


def test_a_turn_that_is_old_or_made_nobody_knows_where_is_none() -> None:
    echoes = Echoes(Seat(), Seat(), 0.38)
    assert echoes.at(10.0, stood()) is None
    echoes.add_scan(scan([5.0], stamp=9.0))
    assert echoes.at(10.0, stood()) is None
    echoes.add_scan(scan([5.0]))
    assert echoes.at(10.0, PoseBuffer()) is None
