import math

from hypothesis import assume, given
from hypothesis import strategies as st

from edge.perception.detector import Box
from edge.perception.person_location import locate
from tests.edge.perception.scene import person, view

lean = st.floats(-0.15, 0.15)


@given(st.floats(-30, 30), st.floats(-30, 30), st.floats(-4, 4), lean, lean, st.floats(2.5, 15), st.floats(-0.5, 0.5))
def test_a_person_is_found_where_it_stands_however_the_dog_leans(
    x: float, y: float, theta: float, roll: float, pitch: float, away: float, bearing: float
) -> None:
    seen = view(x, y, theta, roll, pitch)
    eye = seen.place()
    at = eye[0] + away * math.cos(theta + bearing), eye[1] + away * math.sin(theta + bearing)
    box = person(seen, *at).box
    assume(box.bottom < 470 and box.top > 10 and box.left > 10 and box.right < 630)
    found = locate(box, seen)
    assert found is not None
    # A leaning picture's upright box is not quite the person's: half its width times the lean.
    assert math.hypot(found.x - at[0], found.y - at[1]) < 0.1 + 0.05 * away + 0.6 * abs(roll) * away


@given(st.floats(2.5, 14), st.floats(-0.02, 0.02), st.floats(1.5, 1.95), st.floats(-3, 3), st.floats(-3, 3))
def test_the_error_stays_within_three_and_a_half_of_the_deviation_that_is_told(
    away: float, wrong_pitch: float, tall: float, head_error: float, foot_error: float
) -> None:
    true = view(pitch=wrong_pitch)
    box = person(true, 0.33 + away, 0.0, tall).box
    assume(box.top > 10)
    found = locate(Box(box.left, box.top + head_error, box.right, box.bottom + foot_error), view())
    if found is not None:
        assert abs(found.x - 0.33 - away) < 3.5 * found.deviation


def test_the_deviation_grows_with_distance() -> None:
    told = [locate(person(view(), 0.33 + away, 0.0).box, view()) for away in (3, 6, 12)]
    deviations = [found.deviation for found in told if found]
    assert deviations == sorted(deviations)
    assert len(deviations) == 3
    assert deviations[0] < 0.3
    assert deviations[2] < 1.5


def test_a_person_cut_off_below_is_located_by_the_head() -> None:
    whole = person(view(), 4.33, 0.0).box
    hidden = Box(whole.left, whole.top, whole.right, 479.5)
    close = Box(whole.left, whole.top, whole.right, 480.0)
    for box in (hidden, close):
        found = locate(box, view())
        assert found is not None
        assert abs(found.x - 4.33) < 0.1


def test_a_person_cut_off_above_is_located_by_the_foot() -> None:
    seen = view(pitch=0.3)
    box = person(seen, 2.5, 0.0).box
    assert box.top == 0
    found = locate(box, seen)
    assert found is not None
    assert abs(found.x - 2.5) < 0.1


def test_a_box_that_fills_the_picture_from_top_to_bottom_is_not_located() -> None:
    assert locate(Box(100, 0, 400, 480), view()) is None


def test_a_box_above_the_horizon_is_not_located_surely() -> None:
    found = locate(Box(300, 20, 330, 90), view())
    assert found is None or found.deviation > 0.5


def test_head_and_foot_that_contradict_each_other_widen_the_deviation() -> None:
    standing = person(view(), 6.33, 0.0).box
    crouching = person(view(), 6.33, 0.0, tall=0.9).box
    sure, unsure = locate(standing, view()), locate(crouching, view())
    assert sure is not None
    assert unsure is None or unsure.deviation > 2 * sure.deviation
