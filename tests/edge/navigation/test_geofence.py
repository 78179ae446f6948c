import math

import numpy as np
import pytest

from edge.navigation.geofence import Geofence
from edge.navigation.maps import Frame
from edge.types import Pose2D
from protocol.site import Point, Text, Zone, ZoneKind

FRAME = Frame(0.1, 0.0, 0.0, 200, 300)  # 30 x 20 m
POOL = Zone(
    zone_id="pool",
    name=Text(zh="池", en="Pool"),
    kind=ZoneKind.NO_GO,
    polygon=[Point(x=10.0, y=5.0), Point(x=14.0, y=5.0), Point(x=14.0, y=9.0), Point(x=10.0, y=9.0)],
)


def nearest(x: float, y: float, theta: float = 0.0) -> np.ndarray:
    points = Geofence([POOL], FRAME).near(Pose2D(x, y, theta))
    return points[np.argmin(np.hypot(*points.T))] if len(points) else np.array([math.inf, math.inf])


def test_a_no_go_zone_is_fenced_as_seen_from_the_dog() -> None:
    assert nearest(8.0, 7.0) == pytest.approx([2.0, 0.0], abs=0.06)
    assert nearest(8.0, 7.0, math.pi / 2) == pytest.approx([0.0, -2.0], abs=0.06)


def test_in_the_middle_of_the_map_there_is_no_fence_and_at_its_edge_there_is() -> None:
    assert math.isinf(nearest(20.0, 15.0)[0])
    assert nearest(29.0, 15.0) == pytest.approx([1.0, 0.0], abs=0.06)


def test_who_is_in_a_no_go_zone_or_off_the_map_may_leave() -> None:
    assert math.isinf(nearest(12.0, 7.0)[0])
    assert math.isinf(nearest(31.0, 15.0)[0])
