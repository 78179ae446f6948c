import pytest

from edge.perception.frame_rate import FrameRate


def test_a_hole_in_the_cameras_rhythm_is_counted() -> None:
    meter = FrameRate()
    missed = [meter.add(stamp, 0.02) for stamp in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.6, 1.8)]
    assert missed == [0, 0, 0, 0, 0, 0, 2, 0]
    assert meter.missed == 2
    assert meter.frames == 8


def test_rate_and_latency_are_told_and_a_camera_that_stopped_has_no_rate() -> None:
    meter = FrameRate()
    for number in range(20):
        meter.add(0.2 * number, 0.03)
    assert meter.fps(3.9) == pytest.approx(5.0)
    assert meter.latency_ms() == pytest.approx(30.0)
    assert meter.fps(10.0) == 0.0


def test_time_that_is_set_back_misses_nothing() -> None:
    meter = FrameRate()
    for number in range(10):
        meter.add(100 + 0.2 * number, 0.02)
    assert meter.add(5.0, 0.02) == 0
