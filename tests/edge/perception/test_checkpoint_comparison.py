"""Comparing a checkpoint with what the dog remembers of it: told once, remembered, and nothing where it cannot tell."""

import math
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import shapely

from edge.perception.checkpoint_comparison import CheckpointComparison, Compared, Outcome
from edge.perception.checkpoint_references import MOST, References
from edge.perception.detector import PERSON, Box, Detection, Picture
from edge.perception.head_masking import mask
from edge.perception.reference_comparison import Change, Hindrance, Look, compare, look_of
from edge.types import Pose2D
from protocol.anomaly import AnomalyKind
from tests.edge.perception.scene import view

SEEDS = range(3)
THING = Box(280.0, 260.0, 380.0, 350.0)


def yard(seed: int, thing: Box | None = None, bright: float = 1.0, left: int = 0, up: int = 0) -> Picture:
    """Walls, windows and ground in colours of the seed, seen some pixels off, with the sensor's noise."""
    random = np.random.default_rng(seed)
    wide = np.full((560, 720, 3), 150, np.uint8)
    wide[300:] = 110
    for _ in range(60):
        x, y = random.integers(0, 660), random.integers(0, 280)
        w, h = random.integers(15, 90, 2)
        colour = tuple(int(v) for v in random.integers(70, 210) + random.integers(-15, 15, 3))
        cv2.rectangle(wide, (int(x), int(y)), (int(x + w), int(y + h)), colour, -1)
    if thing is not None:
        cv2.rectangle(wide, *_corners(thing), (60, 40, 30), -1)
        cv2.rectangle(
            wide, *_corners(Box(thing.left + 20, thing.top + 20, thing.right - 30, thing.bottom - 40)), (90, 80, 60), -1
        )
    seen = wide[40 + up : 520 + up, 40 + left : 680 + left].astype(float) * bright
    noise = np.random.default_rng([seed, left + 40, up + 40, round(100 * bright)]).normal(0, 2, seen.shape)
    return np.clip(seen + noise, 0, 255).astype(np.uint8)


def _corners(box: Box) -> tuple[tuple[int, int], tuple[int, int]]:
    return (round(box.left + 40), round(box.top + 40)), (round(box.right + 40), round(box.bottom + 40))


def look(picture: Picture, *people: Box, x: float = 0.0, theta: float = 0.0) -> Look:
    return Look(picture, view(x=x, theta=theta), people)


def again(comparison: CheckpointComparison, *looks: Look, at: float = 0.0, node: str = "gate") -> Compared:
    """The end of one comparison, of looks a second apart."""
    comparison.ask(f"a{at:g}", node, at)
    told = [comparison.update(each, at + n) for n, each in enumerate(looks) if comparison.wants(at + n)]
    assert told[-1] is not None
    assert told[-1].action_id == f"a{at:g}"
    return told[-1]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_as_it_was_is_not_told_from_some_pixels_off_a_little_darker_and_with_noise(seed: int) -> None:
    random = np.random.default_rng(seed)
    looks = [
        look(yard(seed, bright=0.8, left=int(random.integers(-8, 9)), up=int(random.integers(-4, 5)))) for _ in range(3)
    ]
    told = compare(look(yard(seed)), looks)
    assert (told.hindrance, told.differences) == (None, ())
    assert told.alike > 0.9


@pytest.mark.parametrize("seed", SEEDS)
def test_a_thing_that_is_there_or_is_there_no_more_is_told_where_it_is(seed: int) -> None:
    bare, with_it = look(yard(seed, left=3)), look(yard(seed, THING))
    for was, now, kind in ((bare, with_it, Change.ADDED), (with_it, bare, Change.MISSING)):
        told = compare(was, [now, now, now])
        assert told.differences, told
        assert told.differences[0].kind is kind
        assert told.differences[0].box.overlap(THING) > 0.3


def test_who_stands_before_it_in_one_look_hides_no_change_and_is_none() -> None:
    person = Box(300.0, 150.0, 360.0, 400.0)
    bare, with_one = yard(1), yard(1, person)
    assert compare(look(bare), [look(with_one, person), look(bare), look(bare)]).differences == ()
    assert compare(look(bare), [look(with_one, person)] * 3).differences == ()
    covered = look(yard(1, THING), person)
    assert compare(look(bare), [look(yard(1, THING)), covered, look(yard(1, THING))]).differences


@pytest.mark.parametrize("seed", SEEDS)
def test_what_masking_hides_is_no_scenery_in_either_picture_and_hides_no_change_beside_it(seed: int) -> None:
    """People who stand elsewhere in each picture, and a privacy zone that was drawn, or given up, meanwhile."""
    random = np.random.default_rng([seed, 7])
    zone = shapely.box(2.5, -6.0, 5.5, -1.2)  # on the right

    def masked(thing: Box | None, *privacy: shapely.Polygon) -> Look:
        people = [Detection(_on_the_left(random), 0.3, PERSON) for _ in range(random.integers(1, 4))]
        return look_of(
            mask(yard(seed, thing, left=int(random.integers(-6, 7))), people, privacy, view()), people, view()
        )

    for before, now in (((), (zone,)), ((zone,), ())):
        reference, bare = masked(None, *before), [masked(None, *now) for _ in range(3)]
        told = compare(reference, bare)
        assert (told.hindrance, told.differences) == (None, ())
        assert compare(replace(reference, hidden=None), [replace(each, hidden=None) for each in bare]).differences
        changed = compare(reference, [masked(THING, *now) for _ in range(3)])
        assert [each.box.overlap(THING) > 0.25 for each in changed.differences] == [True]


def _on_the_left(random: np.random.Generator) -> Box:
    left, top = float(random.uniform(0, 160)), float(random.uniform(60, 200))
    return Box(left, top, left + 40.0, top + 120.0)


@pytest.mark.parametrize(
    ("now", "why"),
    [
        (look(yard(1, bright=0.4)), Hindrance.OTHER_LIGHT),
        (look(yard(1), x=0.6), Hindrance.OTHER_PLACE),
        (look(yard(1), theta=math.radians(24)), Hindrance.OTHER_PLACE),
        (look(np.full((480, 640, 3), 120, np.uint8)), Hindrance.NOTHING_TO_SEE),
        (look(yard(2)), Hindrance.LITTLE_AGREES),
    ],
)
def test_what_cannot_be_compared_says_why_and_tells_nothing(now: Look, why: Hindrance) -> None:
    told = compare(look(yard(1)), [now] * 3)
    assert (told.hindrance, told.differences) == (why, ())


def test_the_first_visit_remembers_a_change_is_told_once_and_how_it_was_before_is_no_change_either() -> None:
    comparison = CheckpointComparison(References())
    bare, with_it = [look(yard(1))] * 3, [look(yard(1, THING))] * 3
    assert again(comparison, *bare, at=0).outcome is Outcome.KEPT
    assert again(comparison, *bare, at=100).outcome is Outcome.UNCHANGED
    told = again(comparison, *with_it, at=200)
    assert told.alert is not None
    assert (told.outcome, told.alert.kind) == (Outcome.CHANGED, AnomalyKind.CHECKPOINT_CHANGED)
    assert "added about" in told.text
    assert "新增" in told.alert.reason.zh
    assert again(comparison, *with_it, at=300).outcome is Outcome.UNCHANGED
    assert again(comparison, *bare, at=400).outcome is Outcome.UNCHANGED


def test_another_light_is_remembered_beside_and_a_covered_camera_never_is() -> None:
    references = References()
    comparison = CheckpointComparison(references)
    day, night, covered = look(yard(1)), look(yard(1, bright=0.35)), look(np.full((480, 640, 3), 40, np.uint8))
    outcomes = [
        again(comparison, *[each] * 3, at=n).outcome for n, each in enumerate((day, night, day, night, covered))
    ]
    assert outcomes == ["kept", "kept", "unchanged", "unchanged", "notComparable"]
    assert len(references.of("gate")) == 2


def test_a_dog_that_starts_again_remembers_its_last_states_and_no_file_makes_it_stumble(tmp_path: Path) -> None:
    person, hidden = Box(10.0, 20.0, 60.0, 200.0), np.random.default_rng(1).random((480, 640)) < 0.1
    for number in range(MOST + 2):
        kept = replace(look(yard(number), person), view=view(x=number * 0.1), hidden=hidden)
        References(tmp_path).keep("gate/../x", kept)
    found = References(tmp_path).of("gate/../x")
    assert [each.view.pose for each in found] == [Pose2D(n * 0.1, 0.0, 0.0) for n in range(2, MOST + 2)]
    assert found[0].people == (person,)
    assert [np.array_equal(each.hidden, hidden) for each in found if each.hidden is not None] == [True] * MOST
    assert np.abs(found[-1].picture.astype(int) - yard(MOST + 1)).mean() < 4
    for file in list(tmp_path.iterdir())[:2]:
        file.write_bytes(b"PK\x03\x04 torn")
    assert len(References(tmp_path).of("gate/../x")) == MOST - 2
    assert {file.parent for file in tmp_path.rglob("*")} == {tmp_path}


def test_a_change_that_no_disk_takes_is_told_all_the_same_and_again_until_it_is_remembered(tmp_path: Path) -> None:
    comparison = CheckpointComparison(References(tmp_path))
    bare, with_it = [look(yard(1))] * 3, [look(yard(1, THING))] * 3
    assert again(comparison, *bare, at=0).outcome is Outcome.KEPT
    (first,) = tmp_path.iterdir()
    in_its_place = tmp_path / (first.name.replace("-000000", "-000001") + ".part")
    in_its_place.mkdir()  # where the next would be written
    for at in (100, 200):
        told = again(comparison, *with_it, at=at)
        assert told.outcome is Outcome.CHANGED
        assert told.alert is not None
        assert told.text == told.alert.reason.en
        assert "added about" in told.text
        assert "the reference cannot be kept: Is a directory" in told.text
        assert "参照无法保存" in told.alert.reason.zh
    in_its_place.rmdir()
    assert again(comparison, *with_it, at=300).outcome is Outcome.CHANGED
    assert again(comparison, *with_it, at=400).outcome is Outcome.UNCHANGED


def test_a_first_picture_that_no_disk_takes_is_no_reference(tmp_path: Path) -> None:
    (tmp_path / "references").write_text("a file where the folder should be")
    comparison = CheckpointComparison(References(tmp_path / "references"))
    for at in (0, 100):
        told = again(comparison, *[look(yard(1))] * 3, at=at)
        assert told.outcome is Outcome.FAILED
        assert "cannot be kept" in told.text


@pytest.mark.parametrize("walked", [{"x": 0.4}, {"theta": math.radians(21)}])
def test_looks_of_a_dog_that_walks_on_are_no_comparison_and_put_no_reference_out(walked: dict[str, float]) -> None:
    references = References()
    comparison = CheckpointComparison(references)
    for number in range(MOST):
        references.keep("gate", look(yard(number), x=number))
    before = references.of("gate")
    picture = yard(1)
    on = look(picture, x=walked.get("x", 0.0) - 9.0, theta=walked.get("theta", 0.0))
    told = again(comparison, look(picture, x=-9.0), look(picture, x=-9.0), on)
    assert (told.outcome, told.text) == (Outcome.FAILED, "the dog walked on")
    assert references.of("gate") == before


def test_a_dog_that_still_turns_when_it_has_arrived_is_compared_from_where_it_comes_to_stand() -> None:
    references = References()
    references.keep("gate", look(yard(1)))
    comparison = CheckpointComparison(references)
    turning = look(yard(2), theta=math.radians(10))
    told = again(comparison, turning, turning, *[look(yard(1, THING))] * 3)
    assert told.alert is not None
    assert "added about" in told.text


def test_a_second_comparison_is_refused_while_one_is_under_way_and_does_not_wait_for_one_that_no_camera_ends() -> None:
    comparison = CheckpointComparison(References())
    assert comparison.ask("a", "gate", 0.0) == ""
    assert comparison.update(look(yard(1)), 0.0) is None
    assert comparison.ask("b", "shed", 1.0) == "another comparison is under way"
    ended = [comparison.update(look(yard(1)), at) for at in (1.0, 2.0)][-1]
    assert ended is not None
    assert (ended.action_id, ended.outcome) == ("a", Outcome.KEPT)
    assert comparison.ask("c", "gate", 3.0) == ""
    assert comparison.ask("d", "shed", 30.0) == ""
    last = comparison.update(None, 30.0)
    assert last is not None
    assert last.action_id == "d"


def test_where_no_picture_may_be_kept_or_none_comes_the_action_fails() -> None:
    comparison = CheckpointComparison(References())
    comparison.ask("a", "gate", 0.0)
    told = comparison.update(None, 0.0)
    assert told is not None
    assert (told.outcome, told.success) == (Outcome.FAILED, False)
    comparison.ask("b", "gate", 100.0)
    late = comparison.update(look(yard(1)), 120.0)
    assert late is not None
    assert "too few pictures" in late.text
