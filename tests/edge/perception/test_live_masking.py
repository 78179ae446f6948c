"""Frames for who watches: every head is pixelated in each of them, for two runs of the detector a frame."""

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np
import pytest

from edge.perception.detection_before_masking import CloserLook
from edge.perception.detector import Box, Detection, Limits, Picture, Posture
from edge.perception.head_masking import head
from edge.perception.live_masking import HOLD_S, LiveMasking
from edge.perception.person_sim import PersonSim
from edge.perception.pipeline import Perception
from edge.perception.yolox import Yolox
from sim.engine import people
from sim.engine.labelled_pictures import LabelledRenderer, Light, Stance
from sim.engine.opengl_backend import NoPictures
from tests.shared import shared

PERIOD = 0.1  # s between frames


class Once:
    """Finds somebody in an enlarged part of the picture, and counts how often it is asked."""

    name, threshold, sure, finds_lying = "once", 0.25, 0.45, True
    weights_sha256 = ""
    things: ClassVar[Mapping[str, Limits]] = {}

    def __init__(self) -> None:
        self.looks = 0

    def detect(self, picture: Picture) -> list[Detection]:
        self.looks += 1
        return []

    find = detect


def yard(shift: int = 0) -> Picture:
    """A wall of stains, ``shift`` pixels further to the left."""
    chance = np.random.default_rng(3)
    wide = cv2.resize(chance.integers(0, 255, (30, 80, 3)).astype(np.uint8), (1280, 480), interpolation=cv2.INTER_CUBIC)
    return np.ascontiguousarray(wide[:, shift : shift + 640])


def test_the_first_frame_and_one_after_a_gap_get_the_whole_closer_look_and_others_their_share() -> None:
    detector = Once()
    masking, picture = LiveMasking(detector), yard()
    kinds = CloserLook(detector).kinds
    spent = []
    for at in (0.0, *(0.1 * n for n in range(1, 21)), 4.0, 4.5, 3.0):
        before = detector.looks
        masking.update(picture, [], at)
        spent.append(detector.looks - before)
    assert spent[0] == kinds
    assert max(spent[1:21]) == 1
    assert spent[21:] == [kinds, kinds, kinds], "after gaps, and after a clock that was set back"
    assert sum(spent[1:21]) >= 4 * kinds, "each of the looks five times in two seconds, or nearly"


def test_somebody_found_once_stays_masked_where_the_turning_camera_sees_him_until_he_is_forgotten() -> None:
    masking = LiveMasking(Once())
    person = Detection(Box(400, 200, 440, 300), 0.2)
    masking.update(yard(), [person], 0.0)
    for n in range(1, 11):
        held = masking.update(yard(28 * n), [], PERIOD * n)
        (box,) = {head(each.box) for each in held}
        true = Box(400 - 28 * n, 200, 440 - 28 * n, 214)
        assert box.left <= true.left
        assert box.right >= true.right
        assert box.top <= true.top
        assert box.bottom >= true.bottom
    assert masking.update(yard(280), [], HOLD_S + 0.15) == []


def heads(studio: LabelledRenderer) -> list[np.ndarray]:
    """The pixels of each figure's head, by the renderer's own account of what it drew where."""
    studio._renderer.enable_segmentation_rendering()
    drawn = studio._render(everything=True)[..., 0].astype(int)
    studio._renderer.disable_segmentation_rendering()
    return [np.isin(drawn, [g for g in figure.geoms if figure.limb_of.get(g) == "head"]) for figure in studio.figures]


@pytest.fixture(scope="module")
def studio() -> Iterator[LabelledRenderer]:
    try:
        with LabelledRenderer(people=4) as it:
            it.light(Light.DAY)
            yield it
    except NoPictures as error:
        pytest.skip(str(error))


def test_a_dog_that_turns_among_people_shows_no_head_that_can_be_known_by(studio: LabelledRenderer) -> None:
    turning, seen, bare = -0.9, 0, []
    perception, heading = Perception(PersonSim()), math.pi / 2 - turning
    for n in range(18):
        at, heading = n * PERIOD, heading + turning * PERIOD
        studio.look(-1.0, -17.0 + 0.05 * n, 0.46, heading, pitch=0.04 * math.sin(17 * at))
        walked = 1.4 * at
        studio.place(0, Stance(-2.5 + walked, -13.0, 0.0, people.Posture.WALKING, 6.0 * at))
        studio.place(1, Stance(1.0, -11.0, 2.0, people.Posture.SITTING))
        studio.place(2, Stance(-3.0, -11.5, 0.7, people.Posture.LYING))
        studio.place(3, Stance(3.0 - walked, -9.5, math.pi, people.Posture.WALKING, 6.0 * at))
        shot = studio.shoot(truth=False).rgb
        live = perception.update(shot, None, None, wanted=False, now=at, live=True).live
        assert live is not None
        changed = (live.pixels != shot).any(axis=2)
        for person, pixels in enumerate(heads(studio)):
            rows, columns = np.nonzero(pixels)
            if len(rows) and rows.max() - rows.min() >= 8 and columns.min() > 12 and columns.max() < 627:
                seen += 1
                bare += [(n, person)] if changed[pixels].mean() < 0.9 else []
    assert seen >= 20
    assert bare == []


def test_faces_in_real_pictures_that_wander_through_the_frame_are_pixelated_in_each() -> None:
    detector = Yolox(shared("models/yolox_nano.onnx"))
    folder = shared("data/vision/mmpose_coco")
    labels = json.loads((folder / "test_coco.json").read_text())
    looked, bare = 0, []
    for image in labels["images"]:
        faces = [a for a in labels["annotations"] if a["image_id"] == image["id"]]
        masking = LiveMasking(detector)
        for n in range(6):
            frame, onto = wandering(folder / image["file_name"], n * PERIOD)
            found = masking.update(frame, detector.detect(frame), n * PERIOD)
            masked = [head(each.box, each.posture is Posture.LYING) for each in found]
            for face in faces:
                x, y = middle(face["keypoints"], onto)
                if 3 < x < frame.shape[1] - 3 and 3 < y < frame.shape[0] - 3:
                    looked += 1
                    inside = any(b.left <= x <= b.right and b.top <= y <= b.bottom for b in masked)
                    bare += [] if inside else [(image["file_name"], face["id"], n)]
    assert looked >= 30
    assert bare == []


def wandering(file: Path, at: float) -> tuple[Picture, np.ndarray]:
    """Three quarters of a picture, as a camera that wanders over it shows them, and how its pixels lie there."""
    picture = cv2.imread(str(file))[:, :, ::-1]
    height, width = picture.shape[:2]
    k = 640 / (0.75 * width)
    x, y = (0.125 + 0.125 * math.sin(1.6 * at)) * width, (0.125 + 0.125 * math.sin(1.1 * at + 1)) * height
    onto = np.array([[k, 0, -x * k], [0, k, -y * k]])
    return np.asarray(cv2.warpAffine(picture, onto, (640, round(0.75 * height * k))), np.uint8), onto


def middle(keypoints: list[float], onto: np.ndarray) -> tuple[float, float]:
    """Of nose, eyes and ears, where they are seen; beyond the frame where none is."""
    joints = np.array(keypoints).reshape(-1, 3)[:5]
    seen = joints[joints[:, 2] > 0, :2]
    if not len(seen):
        return -1.0, -1.0
    x, y = seen.mean(axis=0) @ onto[:, :2].T + onto[:, 2]
    return float(x), float(y)
