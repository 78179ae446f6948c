"""What of a site cannot be is found, with the place; what can be is let be."""

import io
import math
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from fleet_server.sites.site_check import check_site, crossing
from fleet_server.sites.tables import Site
from fleet_server.sites.walkable_ground import Place

NAME = {"zh": "名", "en": "Name"}
SQUARE = [(2.0, 2.0), (4.0, 2.0), (4.0, 4.0), (2.0, 4.0)]


def site(**drawn: list[dict[str, Any]]) -> Site:
    """20 x 10 m, walled off at x = 15, unknown beyond x = 18."""
    picture = Image.new("L", (200, 100), 254)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((150, 0, 152, 99), fill=0)
    draw.rectangle((180, 0, 199, 99), fill=205)
    png = io.BytesIO()
    picture.save(png, "PNG")
    made = Site(zones=[], checkpoints=[], docks=[dock(1, 1)], sentences=[])
    made.map_png, made.map_resolution, made.map_origin = png.getvalue(), 0.1, {"x": 0.0, "y": 0.0, "theta": 0.0}
    made.map_width, made.map_height = picture.size
    for kind, things in drawn.items():
        setattr(made, kind, things)
    return made


def zone(polygon: list[Place], kind: str = "no_go", **more: Any) -> dict[str, Any]:
    return {"zoneId": "z", "kind": kind, "name": NAME, "polygon": [{"x": x, "y": y} for x, y in polygon]} | more


def checkpoint(x: float, y: float, name: str = "c") -> dict[str, Any]:
    return {"checkpointId": name, "name": NAME, "pose": {"x": x, "y": y, "theta": 0.0}}


def dock(x: float, y: float) -> dict[str, Any]:
    return {"dockId": "d", "name": NAME, "pose": {"x": x, "y": y, "theta": 0.0}}


WATCH = {"crowd": {"people": 3}}
ZONES: list[tuple[dict[str, Any], str, str]] = [
    (zone([(0, 0), (4, 4), (4, 0), (0, 4)]), "/zones/0/polygon", "meets itself at x 2.00, y 2.00"),
    (zone([(0, 0), (1, 1), (2, 2)]), "/zones/0/polygon", "meets itself"),
    (zone([(3, 3)] * 3), "/zones/0/polygon", "one place"),
    (zone([(0, 0), (1, 1)]), "/zones/0/polygon", "length >= 3"),
    (zone([(0, 0), (20.2, 0), (20, 10)]), "/zones/0/polygon/1", "outside the map"),
    (zone([(0, 0), (1e308, 0), (20, 10)]), "/zones/0/polygon/1", "outside the map"),
    (zone(SQUARE, "slow"), "/zones/0/maxSpeed", "needs a speed"),
    (zone(SQUARE, "slow", maxSpeed=0), "/zones/0/maxSpeed", "needs a speed"),
    (zone(SQUARE, "slow", maxSpeed=-1.0), "/zones/0/maxSpeed", ">= 0"),
    (zone(SQUARE, "watched"), "/zones/0", "watched needs rules"),
    (zone(SQUARE, "privacy", rules=WATCH), "/zones/0", "no other kind takes them"),
    (zone(SQUARE, "watched", rules={"croud": {}}), "/zones/0/rules", "'croud' is none"),
    (zone(SQUARE, "watched", rules={"crowd": {"people": 1}}), "/zones/0/rules/crowd/people", ">= 2"),
    (zone(SQUARE, hours=[{"start": "08:00", "end": "08:00"}]), "/zones/0/hours/0", "same time"),
    (zone(SQUARE, hours=[{"start": "25:00", "end": "08:00"}]), "/zones/0/hours/0/start", "regex"),
]


@pytest.mark.parametrize(("drawn", "pointer", "said"), ZONES)
def test_a_zone_that_cannot_be_is_named_with_what_is_wrong(drawn: dict[str, Any], pointer: str, said: str) -> None:
    (found,) = check_site(site(zones=[drawn]))
    assert found.pointer == pointer
    assert said in found.detail
    assert (found.place is not None) is ("polygon" in pointer and "length" not in said)


PLACES = [
    (15.1, 5.0, "it lies in a wall"),
    (14.8, 5.0, "within 0.3 m"),
    (16.5, 5.0, "no way leads there"),
    (19.0, 5.0, "the map knows nothing of it"),
    (20.5, 5.0, "outside the map"),
    (-0.1, 5.0, "outside the map"),
    (3.0, 3.0, "in the no-go zone 'Name'"),
]


@pytest.mark.parametrize(("x", "y", "said"), PLACES)
def test_a_checkpoint_to_which_no_dog_can_go_is_named_with_its_place(x: float, y: float, said: str) -> None:
    drawn = site(zones=[zone(SQUARE)], checkpoints=[checkpoint(8, 5, "good"), checkpoint(x, y)])
    (found,) = check_site(drawn)
    assert (found.pointer, found.place) == ("/checkpoints/1/pose", (x, y))
    assert said in found.detail


@pytest.mark.parametrize(("x", "y", "said"), [each for each in PLACES if each[0] not in (14.8, 16.5)])
def test_a_dock_in_which_nothing_can_stand_is_named_with_its_place(x: float, y: float, said: str) -> None:
    (found,) = check_site(site(zones=[zone(SQUARE)], docks=[dock(x, y)]))
    assert (found.pointer, found.place) == ("/docks/0/pose", (x, y))
    assert said in found.detail


def test_what_can_be_is_let_be() -> None:
    """A dock at the wall, a checkpoint behind the wall with a dock of its own, zones up to the map's edge."""
    edge = [(0.0, 0.0), (20.0, 0.0), (20.0, 10.0), (0.0, 10.0)]
    day = [{"start": "22:00", "end": "06:00"}, {"start": "00:00", "end": "24:00"}]
    watched = zone(edge, "watched", rules=WATCH, hours=day)
    zones = [watched, zone(SQUARE, "slow", maxSpeed=0.5) | {"zoneId": "y"}]
    docks = [dock(14.85, 5), dock(17, 5) | {"dockId": "e"}]
    assert check_site(site(zones=zones, docks=docks, checkpoints=[checkpoint(16.5, 5), checkpoint(3, 3, "k")])) == []
    assert check_site(site(docks=[], checkpoints=[checkpoint(16.5, 5), checkpoint(3, 3, "k")])) == []


def test_ids_are_there_once_and_all_faults_are_told_at_once() -> None:
    twice = [checkpoint(3, 3), checkpoint(15.1, 5)]
    zones = [zone(SQUARE, "restricted"), zone([(0, 0), (4, 4), (4, 0), (0, 4)])]
    found = check_site(site(zones=zones, checkpoints=twice))
    assert [each.pointer for each in found] == [
        "/zones/1/zoneId",
        "/checkpoints/1/checkpointId",
        "/zones/1/polygon",
        "/checkpoints/1/pose",
    ]


def on_segment(p: Place, a: Place, b: Place) -> bool:
    return (
        turn(a, b, p) == 0 and min(a[0], b[0]) <= p[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= p[1] <= max(a[1], b[1])
    )


def turn(a: Place, b: Place, c: Place) -> int:
    cross = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return (cross > 0) - (cross < 0)


def meet(a: Place, b: Place, c: Place, d: Place) -> bool:
    if turn(a, b, c) * turn(a, b, d) < 0 and turn(c, d, a) * turn(c, d, b) < 0:
        return True
    return on_segment(c, a, b) or on_segment(d, a, b) or on_segment(a, c, d) or on_segment(b, c, d)


def simple(corners: list[Place]) -> bool:
    """By each pair of sides: neighbours share their corner alone, others nothing. Whole numbers: exact."""
    corners = [corner for n, corner in enumerate(corners) if corner != corners[n - 1]]
    sides = list(zip(corners, corners[1:] + corners[:1], strict=True))
    if len(sides) < 3:
        return False
    for (i, (a, b)), (j, (c, d)) in combinations(enumerate(sides), 2):
        if j == i + 1 or (i == 0 and j == len(sides) - 1):
            if j == i + 1 and (on_segment(d, a, b) or on_segment(a, c, d)):
                return False
            if j != i + 1 and (on_segment(c, a, b) or on_segment(b, c, d)):
                return False
        elif meet(a, b, c, d):
            return False
    return True


GRID = st.tuples(st.integers(0, 6), st.integers(0, 6)).map(lambda p: (float(p[0]), float(p[1])))


@settings(max_examples=300, deadline=None)
@given(st.lists(GRID, min_size=3, max_size=9))
def test_a_polygon_is_refused_if_two_of_its_sides_meet_and_else_not(corners: list[Place]) -> None:
    found = crossing(corners)
    assert (found is None) is simple(corners)
    if found is not None:
        sides = list(zip(corners, corners[1:] + corners[:1], strict=True))
        x, y = found[1]
        assert min(distance((x, y), a, b) for a, b in sides) < 1e-6


def distance(p: Place, a: Place, b: Place) -> float:
    length = math.dist(a, b) ** 2
    share = ((p[0] - a[0]) * (b[0] - a[0]) + (p[1] - a[1]) * (b[1] - a[1])) / length if length else 0.0
    share = min(max(share, 0.0), 1.0)
    return math.dist(p, (a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])))


@settings(max_examples=100, deadline=None)
@given(st.sets(st.integers(0, 359), min_size=3, max_size=40), st.integers(1, 1000))
def test_corners_in_their_order_on_a_circle_make_a_simple_polygon(degrees: set[int], radius: int) -> None:
    round_it = [math.radians(each) for each in sorted(degrees)]
    assert crossing([(radius * math.cos(a), radius * math.sin(a)) for a in round_it]) is None
