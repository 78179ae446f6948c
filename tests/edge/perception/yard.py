"""A watched yard, x 10..20 and y -5..5, and things in it as a perfect detector would box them."""

import math

from edge.perception.camera_geometry import View
from edge.perception.detector import Box, Detection, Limits
from edge.perception.zones import Zones
from protocol.rules import ZoneRules
from protocol.site import Point, Text, Zone, ZoneKind
from tests.edge.perception.test_zones import SQUARE

LIMITS = {label: Limits(0.3, 0.4) for label in ("vehicle", "bag", "fire", "smoke")}
SIZES = {"vehicle": (2.8, 1.4), "bag": (0.4, 0.4), "fire": (0.8, 0.9), "smoke": (1.5, 4.0)}
"""Metres across and high."""


def watched(rules: ZoneRules) -> Zones:
    """The yard with these rules."""
    corners = [Point(x=x, y=y) for x, y in SQUARE]
    zone = Zone(zone_id="yard", kind=ZoneKind.WATCHED, name=Text(zh="院", en="yard"), polygon=corners, rules=rules)
    return Zones.of([zone], "Asia/Shanghai")


def thing(label: str, seen_from: View, x: float, y: float, score: float = 0.8, depth: float = 0.0) -> Detection:
    """A thing whose near side is ``depth`` before (x, y); clipped to the picture."""
    wide, high = SIZES[label]
    eye_x, eye_y, _ = seen_from.place()
    away = math.hypot(x - eye_x, y - eye_y)
    cos, sin = (x - eye_x) / away, (y - eye_y) / away
    near = (x - depth * cos, y - depth * sin)
    corners = [
        seen_from.project(near[0] - side * sin * wide / 2, near[1] + side * cos * wide / 2, z)
        for side in (-1, 1)
        for z in (0.0, high)
    ]
    us, vs = [c[0] for c in corners if c], [c[1] for c in corners if c]
    assert len(us) == 4
    k = seen_from.intrinsics
    box = Box(max(min(us), 0.0), max(min(vs), 0.0), min(max(us), k.width), min(max(vs), k.height))
    return Detection(box, score, label)
