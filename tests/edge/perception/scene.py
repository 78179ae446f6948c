"""Views and boxes for the tests: a person put on the map, and the box that a perfect detector would give."""

import math

from edge.perception.camera_geometry import Intrinsics, Mount, View
from edge.perception.detector import Box, Detection
from edge.types import Pose2D

FOCAL = 320 / math.tan(0.75)
CAMERA = Intrinsics(FOCAL, FOCAL, 320.0, 240.0, 640, 480)
MOUNT = Mount(x=0.33, z=0.08, pitch=0.0, body_height=0.38)


def view(x: float = 0.0, y: float = 0.0, theta: float = 0.0, roll: float = 0.0, pitch: float = 0.0) -> View:
    """The dog's camera with the dog at a pose on the map."""
    return View(CAMERA, MOUNT, Pose2D(x, y, theta), roll, pitch)


def person(seen_from: View, x: float, y: float, tall: float = 1.74, score: float = 0.8) -> Detection:
    """A person of no depth, half a metre wide, who faces the camera; clipped to the picture."""
    eye_x, eye_y, _ = seen_from.place()
    away = math.hypot(x - eye_x, y - eye_y)
    side = (-(y - eye_y) / away * 0.25, (x - eye_x) / away * 0.25)
    corners = [seen_from.project(x + s * side[0], y + s * side[1], z) for s in (-1, 1) for z in (0.0, tall)]
    us, vs = [c[0] for c in corners if c], [c[1] for c in corners if c]
    assert len(us) == 4
    box = Box(max(min(us), 0.0), max(min(vs), 0.0), min(max(us), 640.0), min(max(vs), 480.0))
    return Detection(box, score)
