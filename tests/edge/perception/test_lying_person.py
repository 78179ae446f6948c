"""People on the ground before a dog, as boxes that a detector would give: told once, and nothing else is."""

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from edge.perception.alert import Alert
from edge.perception.camera_geometry import View
from edge.perception.detector import Box, Detection, Limits, Picture, Posture
from edge.perception.lying_person import LOOKS, Lying
from edge.perception.rotated_detection import LEFT, RIGHT, RotatedDetection, turned_back
from protocol.anomaly import AnomalyKind
from tests.edge.perception.scene import view


def body(seen_from: View, x: float, y: float, turn: float = 1.57, high: float = 0.3, score: float = 0.8) -> Detection:
    """Somebody of 1.7 m who lies with the middle at x, y, turned by ``turn``; clipped to the picture."""
    ends = [(x + s * 0.85 * math.cos(turn), y + s * 0.85 * math.sin(turn)) for s in (-1, 0, 1)]
    sides = [
        (ex - t * 0.22 * math.sin(turn), ey + t * 0.22 * math.cos(turn), z)
        for ex, ey in ends
        for t in (-1, 1)
        for z in (0.04, high)
    ]
    corners = [seen_from.project(*corner) for corner in sides]
    us, vs = [c[0] for c in corners if c], [c[1] for c in corners if c]
    box = Box(max(min(us), 0.0), max(min(vs), 0.0), min(max(us), 640.0), min(max(vs), 480.0))
    return Detection(box, score, posture=Posture.LYING)


class Story:
    """Frames in a row, five a second."""

    def __init__(self) -> None:
        self.rule, self.now = Lying(0.5), 1000.0

    def frames(self, count: int, seen_from: View, *seen: Detection) -> list[Alert]:
        found = []
        for _ in range(count):
            self.now += 0.2
            found += self.rule.update(list(seen), seen_from, self.now)
        return found


@settings(deadline=None, max_examples=40)  # a busy computer is no fault of the rule
@given(st.floats(2.0, 7.5), st.floats(-0.5, 0.5), st.floats(0, math.pi))
def test_somebody_who_lies_is_told_once_within_four_seconds_and_placed(away: float, off: float, turn: float) -> None:
    seen_from = view()
    x, y = 0.33 + away, off * away * 0.8
    lying = body(seen_from, x, y, turn)
    assume(lying.box.left > 10 and lying.box.right < 630 and lying.box.bottom < 470)
    story = Story()
    (alert,) = story.frames(20, seen_from, lying)
    assert alert.kind is AnomalyKind.PERSON_LYING
    assert math.hypot(alert.place.x - x, alert.place.y - y) < max(0.8, 3 * alert.place.deviation)
    assert story.frames(300, seen_from, lying) == []


def test_two_looks_are_not_enough() -> None:
    assert Story().frames(LOOKS - 1, view(), body(view(), 3, 0)) == []


def test_weak_looks_are_not_enough() -> None:
    assert Story().frames(100, view(), body(view(), 3, 0, score=0.3)) == []


def test_scattered_looks_that_never_agree_are_not_enough() -> None:
    story = Story()
    for n in range(40):
        assert story.frames(1, view(), body(view(), 3, (-2, 2)[n % 2] if n % 20 < 2 else 50)) == []
        story.now += 5


def test_the_same_body_is_told_once_a_patrol_when_the_dog_comes_by_again_from_another_side() -> None:
    story = Story()
    assert len(story.frames(10, view(0, 0), body(view(0, 0), 4, 0))) == 1
    story.now += 400
    behind = view(8, 0, math.pi)
    assert story.frames(50, behind, body(behind, 4, 0)) == []


def test_a_body_that_seems_far_away_and_then_nearer_is_one() -> None:
    story = Story()
    seen_from = view(0, 0)
    assert len(story.frames(20, seen_from, body(seen_from, 8.5, 0.3))) == 1
    assert story.frames(50, seen_from, body(seen_from, 5.0, -0.2)) == []


def test_whom_two_looks_placed_elsewhere_is_told_once() -> None:
    story, seen_from = Story(), view(0, 0)
    assert len(story.frames(10, seen_from, body(seen_from, 4.2, 0.0))) == 1
    for beside in (2.3, 2.2, 1.9, 1.9, 1.9):
        assert story.frames(1, seen_from, body(seen_from, 4.2, beside)) == []


def test_two_bodies_side_by_side_are_two() -> None:
    story, seen_from = Story(), view(0, 0)
    assert len(story.frames(25, seen_from, body(seen_from, 5, 1.6), body(seen_from, 5, -1.6))) == 2


def test_another_body_ten_metres_on_is_another() -> None:
    story = Story()
    assert len(story.frames(10, view(0, 0), body(view(0, 0), 4, 0))) == 1
    assert len(story.frames(10, view(10, 0), body(view(10, 0), 14, 0))) == 1


@pytest.mark.parametrize(
    "box",
    [
        Box(300, 150, 340, 300),  # somebody upright
        Box(124, 148, 516, 285),  # a car 3.5 m away
        Box(100, 100, 300, 160),  # a banner on a wall
        Box(310, 290, 318, 296),  # a can
    ],
)
def test_what_is_tall_wide_high_or_small_does_not_lie(box: Box) -> None:
    assert Story().frames(100, view(), Detection(box, 0.9, posture=Posture.LYING)) == []


def test_who_stands_or_sits_does_not_lie() -> None:
    for posture in (None, Posture.UPRIGHT, Posture.SITTING):
        assert Story().frames(100, view(), Detection(body(view(), 3, 0).box, 0.9, posture=posture)) == []


class Bright:
    """Finds what is bright if it is taller than wide, as a detector does that never saw anybody lie."""

    name, threshold, sure, finds_lying = "bright", 0.25, 0.45, False
    weights_sha256 = ""
    things: ClassVar[Mapping[str, Limits]] = {}

    def __init__(self) -> None:
        self.looks = 0

    def find(self, picture: Picture) -> list[Detection]:
        return self.detect(picture)

    def detect(self, picture: Picture) -> list[Detection]:
        self.looks += 1
        ys, xs = np.nonzero(picture[:, :, 0] > 200)
        if not len(ys) or xs.max() - xs.min() > ys.max() - ys.min():
            return []
        return [Detection(Box(float(xs.min()), float(ys.min()), float(xs.max() + 1), float(ys.max() + 1)), 0.8)]


def bright(box: Box) -> Picture:
    picture = np.zeros((480, 640, 3), np.uint8)
    picture[int(box.top) : int(box.bottom), int(box.left) : int(box.right)] = 255
    return picture


def test_who_lies_is_found_by_the_turned_look_where_it_lies() -> None:
    box = Box(200, 300, 420, 360)
    for standing, seconds in ((False, 3.0), (True, 1.2)):
        look = RotatedDetection(Bright())
        frames = [look.update(bright(box), [], standing, 10 + 0.2 * n) for n in range(round(seconds / 0.2))]
        assert {(d.box, d.posture) for found in frames for d in found} == {(box, Posture.LYING)}


def test_once_found_every_frame_looks_again_until_nobody_lies_there() -> None:
    look = RotatedDetection(Bright())
    frames = [look.update(bright(Box(200, 300, 420, 360)), [], False, 10 + 0.2 * n) for n in range(25)]
    first = next(n for n, found in enumerate(frames) if found)
    assert all(frames[first:])


def test_on_a_walk_past_nobody_one_frame_in_seven_is_looked_at_again() -> None:
    detector = Bright()
    look = RotatedDetection(detector)
    for n in range(350):
        assert look.update(bright(Box(0, 0, 0, 0)), [], False, 10 + 0.2 * n) == []
    assert 40 <= detector.looks <= 50


def test_who_stands_is_not_taken_for_lying() -> None:
    detector = Bright()
    picture, look = bright(Box(300, 200, 340, 380)), RotatedDetection(detector)
    upright = detector.detect(picture)
    for n in range(50):
        assert look.update(picture, upright, True, 10 + 0.2 * n) == []


@settings(deadline=None)
@given(st.integers(0, 600), st.integers(0, 440), st.integers(1, 39), st.integers(1, 39), st.sampled_from([LEFT, RIGHT]))
def test_a_box_found_in_the_turned_picture_is_turned_back_to_where_it_was(
    left: int, top: int, wide: int, high: int, direction: int
) -> None:
    box = Box(left, top, left + wide, top + high)
    ys, xs = np.nonzero(np.rot90(bright(box), direction)[:, :, 0])
    turned = Box(float(xs.min()), float(ys.min()), float(xs.max() + 1), float(ys.max() + 1))
    assert turned_back(turned, (480, 640, 3), direction) == box
