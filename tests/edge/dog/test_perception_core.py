"""Perception of the whole dog, with a detector that always sees the same: what reaches whom, and when."""

import math
from collections.abc import Mapping
from itertools import count
from typing import ClassVar

import numpy as np
import pytest
from msgspec.structs import replace

from edge.dog.perception_core import Frame, Look, PerceptionCore, Photo, Sighted, Wanted
from edge.perception.detector import PERSON, Box, Detection, Limits, Picture, Posture
from edge.types import Cloud, Imu, Pose2D, PoseEstimate, Scan
from protocol.anomaly import AnomalyKind
from protocol.site import Point, ZoneKind
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


def frames(
    made: PerceptionCore, n: int, scan: Scan | None = None, cloud: Cloud | None = None, picture: Picture | None = None
) -> list[Look]:
    looks = []
    shown = np.zeros((480, 640, 3), np.uint8) if picture is None else picture
    for k in range(n):
        at = 1000.0 + 0.2 * k
        made.take_imu(Imu(0.0, 0.0, 0.0, at))
        if scan is not None:
            made.take_scan(Scan(scan.angle_min, scan.angle_increment, 0.1, 25.0, scan.ranges, at))
        if cloud is not None:
            made.take_cloud(Cloud(cloud.points, at))
        looks += made.take_frame(Frame(shown, at))
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


def test_nobody_watches_and_no_frame_is_masked_for_it() -> None:
    detector = Same()
    looks = frames(core(detector), 10)
    assert [look.live for look in looks] == [None] * 10
    assert detector.looks == 10, "one look a frame"


def test_who_watches_gets_frames_as_often_as_wanted_and_each_was_looked_at_closely() -> None:
    detector = Same()
    made = core(detector)
    made.live_every = 0.4
    looks = frames(made, 10)
    shown = [look.live for look in looks if look.live is not None]
    assert [frame.stamp for frame in shown] == pytest.approx([1000.0, 1000.4, 1000.8, 1001.2, 1001.6])
    assert all(frame.picture is not None for frame in shown)
    assert detector.looks == 10 + 5 * 4


def test_where_a_frame_takes_long_fewer_are_shown_and_the_dog_keeps_its_watch() -> None:
    clock = count()
    made = PerceptionCore(Same(), lambda: "id", timer=lambda: next(clock) * 0.5)  # s a frame
    made.take_intrinsics(CAMERA)
    made.live_every = 0.2
    shown = [look.live for look in frames(made, 30) if look.live is not None]
    assert 7 <= len(shown) <= 11


def test_a_dog_in_a_privacy_zone_or_lost_near_one_shows_nothing_and_still_says_so() -> None:
    made = core(Same())
    round_it = [Point(x=x, y=y) for x, y in ((4.0, -2.0), (7.0, -2.0), (7.0, 2.0), (4.0, 2.0))]
    made.take_site([replace(zone(ZoneKind.PRIVACY), polygon=round_it)], "UTC", 2)
    made.live_every = 0.2
    looks = frames(made, 5)
    assert all(look.live is not None and look.live.picture is None for look in looks)


def test_a_privacy_zone_before_the_dog_is_taken_out_of_what_is_shown() -> None:
    made = core(Same())
    made.take_site([zone(ZoneKind.PRIVACY)], "UTC", 2)
    made.live_every = 0.2
    shown = [look.live.picture for look in frames(made, 3) if look.live is not None]
    assert len(shown) == 3
    assert all(picture is not None and (picture.pixels == 127).mean() > 0.05 for picture in shown)


def test_a_box_is_drawn_over_what_is_shown_but_not_of_whom_a_privacy_zone_hides() -> None:
    weak = Detection(upright().box, 0.2)
    made = core(Same(upright(), weak))
    made.live_every = 0.2
    assert [look.live.seen for look in frames(made, 2) if look.live is not None] == [(upright(),)] * 2
    hidden = core(Same(upright()))
    hidden.live_every = 0.2
    hidden.take_site([zone(ZoneKind.PRIVACY)], "UTC", 2)
    assert [look.live.seen for look in frames(hidden, 2) if look.live is not None] == [()] * 2


def beside_a_privacy_zone(standing_at: float, until: float) -> PerceptionCore:
    """A dog with a pose at 1000.0, the last that came, and with a camera that has gone on to ``until``."""
    made = core(Same())
    made.take_site([zone(ZoneKind.PRIVACY)], "UTC", 2)
    made.take_pose(PoseEstimate(Pose2D(standing_at, 0.0, 0.0), np.zeros((3, 3)), 1.0, 1000.0))
    assert blank(made, *np.arange(1000.0, until, 0.2)) == []
    return made


def blank(made: PerceptionCore, *stamps: float) -> list[Photo]:
    looks = [look for stamp in stamps for look in made.take_frame(Frame(np.zeros((480, 640, 3), np.uint8), stamp))]
    return [photo for look in looks for photo in look.photos]


def test_a_photo_waits_for_a_frame_whose_place_is_known() -> None:
    made = beside_a_privacy_zone(5.0, 1001.5)  # the newest pose is 1.5 s old: a busy computer
    assert isinstance(made.ask_photo("a1", "gate", 1001.5), Wanted)
    assert blank(made, 1001.6, 1001.8, 1002.0) == []
    look = made.take_pose(PoseEstimate(Pose2D(5.0, 0.0, 0.0), np.zeros((3, 3)), 1.0, 1002.0))
    assert look is not None
    (photo,) = look.photos
    assert (photo.wanted.action_id, photo.stamp) == ("a1", 1002.0)
    assert photo.picture is not None


def test_a_photo_whose_place_does_not_come_to_be_known_is_not_kept() -> None:
    made = beside_a_privacy_zone(5.0, 1001.0)
    assert isinstance(made.ask_photo("a1", "gate", 1001.0), Wanted)
    (photo,) = blank(made, *np.arange(1001.0, 1005.0, 0.2))
    assert photo.picture is None


@pytest.mark.parametrize(("place", "now"), [(15.0, 1000.9), (15.0, 1001.5), (5.0, 1004.0)])
def test_a_photo_is_refused_inside_a_privacy_zone_and_where_the_pose_is_old(place: float, now: float) -> None:
    made = beside_a_privacy_zone(place, now)
    assert "privacy zone" in str(made.ask_photo("a1", "gate", now))
