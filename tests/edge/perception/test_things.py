"""Things on the map over frames at 5 Hz, seen from a dog that walks by."""

import io
import math

import numpy as np
import pytest
from PIL import Image

from edge.perception.camera_geometry import View
from edge.perception.detector import Box, Detection
from edge.perception.mapped import Mapped
from edge.perception.thing_place import Echoes, located
from edge.perception.things import LEAST_LOOKS, Thing, Things
from protocol.site import GridMap, Pose
from tests.edge.perception.scene import view
from tests.edge.perception.yard import LIMITS, thing

THRESHOLDS = {label: each.threshold for label, each in LIMITS.items()}
DEPTHS = {"vehicle": 1.4, "bag": 0.15, "fire": 0.2, "smoke": 0.8}


def look(
    things: Things,
    label: str,
    x: float,
    y: float,
    frames: int,
    score: float = 0.8,
    start: float = 0.0,
    walk: float = 0.14,
) -> list[Thing]:
    """What is told in the last of so many frames; the dog walks along y = -4 towards x."""
    told: list[Thing] = []
    for n in range(frames):
        dog = view(walk * n, -4.0, math.atan2(y + 4, x - walk * n))
        told = things.update([thing(label, dog, x, y, score, DEPTHS[label])], dog, start + 0.2 * n)
    return told


@pytest.mark.parametrize("label", list(DEPTHS))
def test_what_stands_is_one_thing_however_the_dog_walks_by(label: str) -> None:
    (told,) = look(Things(THRESHOLDS), label, 9.0, 0.0, 40)
    assert told.since == 0.0
    assert told.track.looks == 40
    assert math.hypot(told.place.x - 9.0, told.place.y) < 3 * told.place.deviation + 0.3


def test_a_few_looks_are_not_told() -> None:
    assert look(Things(THRESHOLDS), "bag", 8.0, 0.0, LEAST_LOOKS - 1) == []


def test_weak_boxes_never_make_a_thing() -> None:
    assert look(Things(THRESHOLDS), "bag", 8.0, 0.0, 100, score=0.25) == []


def test_weak_boxes_do_not_keep_one_and_drag_its_score_down() -> None:
    things = Things(THRESHOLDS)
    (first,) = look(things, "bag", 8.0, 0.0, 10)
    assert look(things, "bag", 8.0, 0.0, 30, score=0.2, start=2.0) == []
    (again,) = look(things, "bag", 8.0, 0.0, 1, start=8.0)
    assert again.track.track_id == first.track.track_id
    assert again.track.score < 0.4 < first.track.score


def test_what_was_seen_for_a_moment_and_then_only_weakly_is_forgotten() -> None:
    things = Things(THRESHOLDS)
    look(things, "bag", 8.0, 0.0, LEAST_LOOKS - 1)
    look(things, "bag", 8.0, 0.0, 60, score=0.2, start=1.0)
    assert look(things, "bag", 8.0, 0.0, 1, start=13.0) == []


def burning(rng: np.random.Generator, dog: View, x: float, y: float, size: float, low: float = 0.0) -> list[Detection]:
    """A fire as person_sim boxes it: the flames, the lit ground with them, or both, their edges some pixels off, and
    the lower one ``low`` pixels in each frame."""
    seen = []
    for wide, high, near in ((0.35 * size, size, 0.0), (1.6 * size, 0.9 * size, 1.6 * size)):
        eye_x, eye_y, _ = dog.place()
        away = math.hypot(x - eye_x, y - eye_y)
        cos, sin = (x - eye_x) / away, (y - eye_y) / away
        foot = dog.project(x - near * cos, y - near * sin, 0.0)
        ends = [dog.project(x - side * wide * sin, y + side * wide * cos, high) for side in (1, -1)]
        assert foot
        assert ends[0]
        assert ends[1]
        off = rng.normal(0, 4, 4)
        box = Box(ends[0][0] + off[0], ends[0][1] + off[1], ends[1][0] + off[2], max(foot[1] + low, 243.0) + off[3])
        seen.append(Detection(box, float(rng.uniform(0.45, 0.85)), "fire"))
    return seen if rng.random() < 0.5 else [seen[int(rng.random() < 0.5)]]


def test_a_fire_whose_flames_and_lit_ground_are_boxed_apart_is_one_fire_and_where_it_burns() -> None:
    off, squared, split = [], [], 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        x, y, size = float(rng.uniform(7, 11)), float(rng.uniform(-4, 1)), float(rng.uniform(0.5, 1.3))
        low = float(rng.normal(0, 2))
        things, numbers, told = Things(THRESHOLDS), set(), list[Thing]()
        for n in range(25):
            dog = view(0.1 * min(n, 15), -4.0, math.atan2(y + 4, x))
            told = things.update(burning(rng, dog, x, y, size, low), dog, 0.2 * n)
            numbers |= {each.track.track_id for each in told}
        assert len(told) == 1
        split += len(numbers) > 1
        place = told[0].place
        error = np.array([place.x - x, place.y - y])
        off.append(float(np.hypot(*error)))
        squared.append(float(error @ np.linalg.solve([[place.xx, place.xy], [place.xy, place.yy]], error)))
    assert split <= 5  # a look at the horizon, 8 m behind it, is another fire's
    assert float(np.median(off)) < 0.6
    assert float(np.mean(np.array(squared) < 5.991)) >= 0.95  # of the chi-square distribution of 2 degrees of freedom


def test_two_fires_beside_each_other_are_two() -> None:
    things, told, rng = Things(THRESHOLDS), list[Thing](), np.random.default_rng(1)
    for n in range(15):
        dog = view(0.0, 0.0)
        told = things.update([*burning(rng, dog, 7, -2.5, 0.6), *burning(rng, dog, 8, 2.5, 0.6)], dog, 0.2 * n)
    left, right = sorted(told, key=lambda each: -each.place.y)
    assert (left.place.y, right.place.y) == (pytest.approx(2.5, abs=0.6), pytest.approx(-2.5, abs=0.6))


def test_a_car_that_drives_has_not_stood_since_it_was_first_seen() -> None:
    things, told, dog = Things(THRESHOLDS), [], view(0.0, 0.0)
    for n in range(60):
        y = -3.0 + 0.2 * min(n, 30)
        told = things.update([thing("vehicle", dog, 8.0, y, depth=1.4)], dog, 0.2 * n)
    assert told[0].since >= 4.0


@pytest.mark.parametrize("seed", range(20))
def test_two_bags_are_two_and_each_keeps_its_number(seed: int) -> None:
    rng = np.random.default_rng(seed)
    things, dog = Things(THRESHOLDS), view(0.0, 0.0)
    places = [(6.0, float(rng.uniform(-3, -1.5))), (6.0 + float(rng.uniform(-2, 2)), float(rng.uniform(1.5, 3)))]
    seen: list[tuple[int, ...]] = []
    for n in range(50):
        boxes: list[Detection] = [
            thing("bag", dog, x + float(rng.normal(0, 0.05)), y + float(rng.normal(0, 0.05)))
            for x, y in places
            if rng.random() < 0.7
        ]
        told = things.update([boxes[i] for i in rng.permutation(len(boxes))], dog, 0.2 * n)
        seen.append(tuple(t.track.track_id for t in told))
    assert len({number for frame in seen for number in frame}) == 2


def test_echoes_measure_how_far_a_bag_is() -> None:
    dog = view(0.0, 0.0)
    x, _, _ = dog.place()
    seen = thing("bag", dog, 9.0, 0.0, depth=0.15)
    echoes = np.array([[x + 8.52 - 0.15 + 0.01 * k, 0.02 * k, 0.2] for k in range(-3, 4)])
    things = Things(THRESHOLDS)
    told = [things.update([seen], dog, 0.2 * n, echoes) for n in range(10)][-1]
    assert told[0].place.x == pytest.approx(x + 8.5, abs=0.15)
    assert told[0].place.deviation < 0.3


@pytest.mark.parametrize("posts", [0, 1])
@pytest.mark.parametrize("seed", range(12))
def test_a_car_is_placed_at_the_car_however_it_stands_and_wherever_a_post_stands_before_it(
    seed: int, posts: int
) -> None:
    rng = np.random.default_rng(seed)
    dog = view(0.0, 0.0)
    eye_x, eye_y, _ = dog.place()
    x, y, yaw = rng.uniform(6.5, 13.0), rng.uniform(-1.5, 1.5), rng.uniform(0, math.tau)
    along, across = np.array([math.cos(yaw), math.sin(yaw)]), np.array([-math.sin(yaw), math.cos(yaw)])
    corners = [np.array([x, y]) + i * 2.25 * along + j * 0.9 * across for i, j in ((1, 1), (1, -1), (-1, -1), (-1, 1))]
    sides = [corners[i] + t * (corners[i - 1] - corners[i]) for i in range(4) for t in np.linspace(0, 1, 900)]
    rounds = np.array([[math.cos(a), math.sin(a)] for a in np.linspace(0, math.tau, 400)]) * 0.17
    stand = [
        np.array([eye_x, eye_y]) + rng.uniform(0.3, 0.6) * (np.array([x, y]) - [eye_x, eye_y]) for _ in range(posts)
    ]
    solid = np.concatenate([sides, *[rounds + post + [0.0, rng.uniform(-0.4, 0.4)] for post in stand]])
    pixels = np.array([dog.project(*corner, z) for corner in corners for z in (0.0, 1.45)])
    box = Box(*np.clip([*pixels.min(axis=0), *pixels.max(axis=0)], 0, [640, 480, 640, 480]))
    points = nearest_by_beam(solid, eye_x, eye_y)
    place = located(Detection(box, 0.8, "vehicle"), dog, Echoes.of(points, dog))
    assert place is not None
    assert math.hypot(place.x - x, place.y - y) < 1.6


def nearest_by_beam(points: np.ndarray, x: float, y: float) -> np.ndarray:
    """What a lidar at (x, y), of a beam a degree and 0.5 m high, meets of these points: n x 3."""
    off = points - [x, y]
    beams = np.rint(np.degrees(np.arctan2(off[:, 1], off[:, 0])))
    order = np.lexsort((np.hypot(off[:, 0], off[:, 1]), beams))
    _, first = np.unique(beams[order], return_index=True)
    return np.column_stack([points[order[first]], np.full(len(first), 0.5)])


def test_smoke_above_a_wall_is_placed_where_the_lines_of_sight_meet() -> None:
    things, told = Things(THRESHOLDS), []
    for n in range(60):
        dog = view(0.0, -4.0 + 0.14 * n, 0.0)
        whole = thing("smoke", dog, 7.0, 0.0)
        box = whole.box.__class__(whole.box.left, whole.box.top, whole.box.right, 210.0)
        told = things.update([Detection(box, 0.8, "smoke")], dog, 0.2 * n)
    assert math.hypot(told[0].place.x - 7.0, told[0].place.y) < 3.5
    assert told[0].place.deviation < 4.0


def test_what_the_map_shows_is_no_news_and_beside_it_a_bag_is() -> None:
    cells = np.full((200, 200), 254, np.uint8)
    cells[95:106, 85:96] = 0  # a block of 1.1 m about (9.0, 0.0), 0.1 m a cell
    buffer = io.BytesIO()
    Image.fromarray(cells[::-1]).save(buffer, "PNG")
    grid = GridMap(map_id="yard", resolution=0.1, origin=Pose(x=0.0, y=-10.0, theta=0.0), image=buffer.getvalue())
    assert look(Things(THRESHOLDS, Mapped(grid)), "bag", 9.0, 0.0, 30) == []
    assert len(look(Things(THRESHOLDS, Mapped(grid)), "bag", 9.0, 2.0, 30)) == 1
