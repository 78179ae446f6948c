"""Perception of the whole dog, with a detector that always sees the same: what reaches whom, and when."""

import math
from collections.abc import Mapping
from itertools import count
from typing import ClassVar

import numpy as np
import pytest

from edge.dog.perception_core import Frame, Look, PerceptionCore, Sighted
from edge.perception.detector import PERSON, Box, Detection, Limits, Picture, Posture
from edge.types import Cloud, Imu, Pose2D, PoseEstimate, Scan
from protocol.anomaly import AnomalyKind
from tests.edge.perception.scene import CAMERA, person, view
from tests.edge.perception.test_zones import zone

AWAY = 8.0
"""Metres before the dog's camera; the detector's box is that of somebody a little nearer."""


class Same:
    """Sees what it is given."""

    name, threshold, sure = "same", 0.25, 0.45
    weights_sha256 = ""
    things: ClassVar[Mapping[str, Limits]] = {"bag": Limits(0.3, 0.4), "vehicle": Limits(0.3, 0.4)}

    def __init__(self, *seen: Detection, finds_lying: bool = True) -> None:
        self.seen, self.finds_lying, self.looks = list(seen), finds_lying, 0

    def find(self, picture: Picture) -> list[Detection]:
        self.looks += 1
        return self.seen if picture.shape[1] > picture.shape[0] else []

    def detect(self, picture: Picture) -> list[Detection]:
        return [seen for seen in self.find(picture) if seen.label == PERSON]


def core(detector: Same) -> PerceptionCore:
    """A dog that stands at x 5 before a yard that is restricted from x 10 on, and looks east."""
    ids = count()
    made = PerceptionCore(detector, lambda: str(next(ids)))
    made.take_site([zone()], "Asia/Shanghai", 1)
    made.take_intrinsics(CAMERA)
    return made


def frames(made: PerceptionCore, n: int, scan: Scan | None = None, cloud: Cloud | None = None) -> list[Look]:
    looks = []
    for k in range(n):
        at = 1000.0 + 0.2 * k
        made.take_imu(Imu(0.0, 0.0, 0.0, at))
        if scan is not None:
            made.take_scan(Scan(scan.angle_min, scan.angle_increment, 0.1, 25.0, scan.ranges, at))
        if cloud is not None:
            made.take_cloud(Cloud(cloud.points, at))
        looks += made.take_frame(Frame(np.zeros((480, 640, 3), np.uint8), at))
        look = made.take_pose(PoseEstimate(Pose2D(5.0, 0.0, 0.0), np.zeros((3, 3)), 1.0, at))
        looks += [look] if look is not None else []
    return looks


def told(looks: list[Look]) -> list[Sighted]:
    return [each for look in looks for each in look.sighted]


def upright() -> Detection:
    return person(view(5.0), 5.33 + 0.9 * AWAY, 0.0)


def test_the_scan_measures_how_far_a_person_is() -> None:
    ahead = np.full(360, math.inf, np.float32)
    ahead[[0, 1, 359]] = AWAY + 0.33 - 0.17
    (sighted,) = told(frames(core(Same(upright())), 8, Scan(0.0, math.radians(1), 0.1, 25.0, ahead, 0.0)))
    assert sighted.alert.place.x == pytest.approx(5.33 + AWAY, abs=0.1)


def test_a_cloud_measures_it_too() -> None:
    points = np.array([[AWAY + 0.01 - 0.17, y, z] for y in (-0.1, 0.0, 0.1) for z in (-0.3, 0.0, 0.5)], np.float32)
    (sighted,) = told(frames(core(Same(upright())), 8, cloud=Cloud(points, 0.0)))
    assert sighted.alert.place.x == pytest.approx(5.33 + AWAY, abs=0.1)


def test_without_a_lidar_the_camera_alone_tells() -> None:
    (sighted,) = told(frames(core(Same(upright())), 8))
    assert sighted.alert.place.x == pytest.approx(5.33 + 0.9 * AWAY, abs=0.3)


def test_somebody_who_lies_is_told_by_a_detector_that_finds_who_lies() -> None:
    lying = Detection(Box(250, 275, 390, 300), 0.8, posture=Posture.LYING)
    (sighted,) = told(frames(core(Same(lying)), 20))
    assert (sighted.alert.kind, sighted.alert.zone_id) == (AnomalyKind.PERSON_LYING, "")
    assert sighted.picture is not None


def test_another_detector_is_asked_again_only_when_the_frames_own_alerts_are_out() -> None:
    detector = Same(finds_lying=False)
    made = core(detector)
    frames(made, 1)
    assert detector.looks == 1
    assert made.look_again() == ()
    assert detector.looks == 2
    assert made.look_again() == ()
    assert detector.looks == 2
