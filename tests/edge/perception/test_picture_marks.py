"""Box, foot point and zone of an anomaly lie in its picture's file, where they were seen, and change no pixel."""

import math
import random

import cv2
import numpy as np

from edge.perception.alert import Alert
from edge.perception.camera_geometry import Intrinsics, Mount, View
from edge.perception.detector import Box, Detection
from edge.perception.head_masking import MaskedPicture, encode_jpeg
from edge.perception.person_location import Located
from edge.perception.picture_marks import PictureMarks, marks_of, read_marks, with_marks
from edge.perception.tracking import Track
from edge.perception.zones import Zones
from edge.types import Pose2D
from protocol.anomaly import AnomalyKind
from protocol.site_folder import read_site
from sim.engine.labelled_pictures import YARD

SIZE = 640, 480
CAMERA = Intrinsics(320.0, 320.0, 320.0, 240.0, *SIZE)
MOUNT = Mount(x=0.33, z=0.08, pitch=0.0, body_height=0.38)


def alert(x: float, y: float, kind: AnomalyKind = AnomalyKind.PERSON_IN_RESTRICTED_ZONE) -> Alert:
    place = Located(x, y, 0.01, 0.0, 0.01)
    return Alert("armory_yard", Track(1, Detection(Box(10.4, 20.6, 30.0, 90.0), 0.9), 0.9, 5, place), place, 1.0, kind)


def test_they_change_no_pixel_and_come_back_as_they_were() -> None:
    marks = PictureMarks(SIZE, (10, 21, 30, 90), (20, 88), (((1, 2), (3, -4)),))
    plain = encode_jpeg(MaskedPicture(np.random.default_rng(1).integers(0, 255, (48, 64, 3)).astype(np.uint8)))
    marked = with_marks(plain, marks)
    assert read_marks(marked) == marks
    assert read_marks(plain) is None
    shown = [cv2.imdecode(np.frombuffer(each, np.uint8), cv2.IMREAD_COLOR) for each in (plain, marked)]
    assert np.array_equal(*shown)


def test_wherever_the_dog_stands_they_lie_where_the_camera_sees_them_and_fit_into_the_file() -> None:
    site, _ = read_site(YARD.parent)
    zones, chance = Zones.of(list(site.zones), site.timezone), random.Random(4)
    shape = next(shape for zone, shape in zones.restricted if zone.zone_id == "armory_yard")
    drawn = 0
    for _ in range(300):
        pose = Pose2D(chance.uniform(5, 30), chance.uniform(0, 20), chance.uniform(-math.pi, math.pi))
        view = View(CAMERA, MOUNT, pose, chance.uniform(-0.2, 0.2), chance.uniform(-0.2, 0.2))
        ahead = pose.compose(Pose2D(chance.uniform(2, 9), chance.uniform(-1, 1), 0.0))
        marks = marks_of(alert(ahead.x, ahead.y), view, zones, SIZE)
        assert marks is not None
        assert marks.foot is not None
        expected = view.project(ahead.x, ahead.y, 0.0)
        assert expected is not None
        assert math.dist(marks.foot, expected) < 1.0
        assert read_marks(with_marks(b"\xff\xd8\xff\xd9", marks)) == marks
        for x, y in shape.exterior.coords:  # a corner that is in the picture is on the outline
            corner = view.project(x, y, 0.0)
            if corner is not None and 0 <= corner[0] < SIZE[0] and 0 <= corner[1] < SIZE[1]:
                drawn += 1
                assert any(math.dist(corner, point) < 1.0 for piece in marks.zone for point in piece)
    assert drawn > 50


def test_a_camera_that_sees_nothing_has_nothing_marked() -> None:
    assert marks_of(alert(1.0, 2.0, AnomalyKind.CAMERA_IMPAIRED), None, None, SIZE) is None
