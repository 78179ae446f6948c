"""The head of every person in simulated pictures is pixelated, whichever detector is at work."""

import math

import numpy as np
import pytest

from edge.perception.detector import FLOOR, Detector
from edge.perception.person_sim import PersonSim
from edge.perception.pipeline import Perception
from edge.perception.yolox import Yolox
from sim.engine.labelled_pictures import LabelledRenderer, Light, Posture, Stance
from sim.engine.opengl_backend import NoPictures
from tests.shared import SHARED

WEIGHTS = SHARED / "models/yolox_nano.onnx"
HEAD_PART = 0.13
"""A person's head, as part of the height that is seen."""


@pytest.fixture(params=["person_sim", "yolox_nano"])
def detector(request: pytest.FixtureRequest) -> Detector:
    if request.param == "person_sim":
        return PersonSim()
    if not WEIGHTS.is_file():
        pytest.skip("needs ../shared/models/yolox_nano.onnx beside the checkout")
    return Yolox(WEIGHTS)


def test_every_head_within_ten_metres_is_pixelated(detector: Detector) -> None:
    try:
        studio = LabelledRenderer(people=2)
    except NoPictures as error:
        pytest.skip(str(error))
    heads = left_bare = 0
    with studio:
        studio.light(Light.DAY)
        for number in range(24):
            studio.look(-1.0, -17.0, 0.46, math.pi / 2)
            for person, side in enumerate((-1, 1)):
                away = 2.5 + 7.5 * number / 24
                posture = Posture.WALKING if number % 2 else Posture.STANDING
                studio.place(
                    person, Stance(-1.0 + side * away * 0.3, -17.0 + away, number * 0.9, posture, number * 0.7)
                )
            shot = studio.shoot()
            seen_now = Perception(detector).update(shot.rgb, None, None, wanted=True, now=float(number))
            assert all(d.score >= FLOOR for d in seen_now.detections)
            assert seen_now.picture is not None
            changed = (seen_now.picture.pixels != shot.rgb).any(axis=2)
            for seen in shot.people:
                if seen.visible < 0.5:
                    continue
                low = seen.top + max(round(HEAD_PART * (seen.bottom - seen.top)), 2)
                middle = (seen.left + seen.right) // 2
                half = max((seen.bottom - seen.top) // 16, 1)
                part = changed[seen.top : low, middle - half : middle + half]
                heads += 1
                left_bare += bool(np.mean(part) < 0.4)
    assert heads >= 40
    assert left_bare == 0
