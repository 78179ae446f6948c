import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.perception.camera_geometry import View
from tests.edge.perception.scene import view

small = st.floats(-0.25, 0.25)
anywhere = st.floats(-40, 40)


@given(anywhere, anywhere, st.floats(-4, 4), small, small, st.floats(1, 20), st.floats(-0.6, 0.6), st.floats(0, 2.5))
def test_the_ray_of_the_pixel_of_a_point_leads_back_to_the_point(
    x: float, y: float, theta: float, roll: float, pitch: float, away: float, bearing: float, height: float
) -> None:
    seen = view(x, y, theta, roll, pitch)
    eye = seen.place()
    at = (eye[0] + away * math.cos(theta + bearing), eye[1] + away * math.sin(theta + bearing), height)
    pixel = seen.project(*at)
    assert pixel is not None
    ray = seen.ray(*pixel)
    assert math.remainder(ray.azimuth - (theta + bearing), math.tau) == pytest.approx(0, abs=1e-6)
    assert eye[2] + away * ray.slope == pytest.approx(height, abs=1e-6)


def test_the_middle_of_the_picture_looks_ahead_and_its_right_looks_right() -> None:
    ahead = view(theta=1.0).ray(320, 240)
    assert (ahead.azimuth, ahead.slope) == (pytest.approx(1.0), pytest.approx(0.0))
    assert view(theta=1.0).ray(600, 240).azimuth < 1.0
    assert view().ray(320, 400).slope < 0


def test_a_nose_that_goes_down_brings_the_horizon_up() -> None:
    level, bowed = (View(v.intrinsics, v.mount, v.pose, 0.0, p) for v, p in ((view(), 0.0), (view(), 0.2)))
    far_level, far_bowed = level.project(1000, 0, 0.46), bowed.project(1000, 0, 0.46)
    assert far_level is not None
    assert far_bowed is not None
    assert far_bowed[1] < far_level[1]


def test_what_lies_behind_the_camera_has_no_pixel() -> None:
    assert view().project(-5, 0, 1) is None
