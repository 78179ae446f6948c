"""Pictures of which the truth is known."""

import math
from collections.abc import Iterator

import numpy as np
import pytest

from sim.engine.labelled_pictures import Dress, LabelledRenderer, Light, Posture, Stance
from sim.engine.people import PARENTS, Figure, limb_poses
from sim.engine.sdf import read_model


@pytest.fixture(scope="module")
def studio() -> Iterator[LabelledRenderer]:
    from sim.engine import opengl_backend

    if opengl_backend.BACKEND == "disabled":
        pytest.skip(str(opengl_backend.explain()))
    with LabelledRenderer(people=2) as opened:
        yield opened


@pytest.fixture(autouse=True)
def anew(studio: LabelledRenderer) -> None:
    for person in range(2):
        studio.place(person, None)
        studio.dress(person, Dress())
    studio.light(Light.DAY)
    studio.look(0.0, 5.0, 0.5, 0.0)


def test_a_person_is_boxed_where_he_stands(studio: LabelledRenderer) -> None:
    studio.place(0, Stance(6.0, 5.0, math.pi))
    (seen,) = studio.shoot().people
    focal = 320 / math.tan(0.75)
    assert seen.person == "person_0"
    assert (seen.left + seen.right) / 2 == pytest.approx(320, abs=4)
    assert seen.bottom == pytest.approx(240 + focal * 0.5 / 6, abs=5)
    assert seen.top == pytest.approx(240 - focal * 1.26 / 6, abs=5)
    assert seen.visible == pytest.approx(1.0)


def test_who_is_hidden_is_less_visible_and_who_is_behind_is_not_seen(studio: LabelledRenderer) -> None:
    studio.place(0, Stance(5.0, 5.0, 0.0))
    studio.place(1, Stance(-5.0, 5.0, 0.0))
    assert [seen.person for seen in studio.shoot().people] == ["person_0"]
    studio.look(4.0, -5.5, 0.5, -math.pi / 2)
    studio.place(0, Stance(4.0, -9.8, 0.0))
    (behind_a_bench,) = studio.shoot().people
    assert 0.3 < behind_a_bench.visible < 0.9
    studio.look(13.5, -13.0, 0.5, -math.pi / 2)
    studio.place(0, Stance(13.5, -23.5, 0.0))
    assert all(seen.visible < 0.1 for seen in studio.shoot().people), "a police car hides all but his feet"


@pytest.mark.parametrize("posture", list(Posture))
def test_every_posture_is_to_be_seen_and_on_the_ground(studio: LabelledRenderer, posture: Posture) -> None:
    studio.place(0, Stance(5.0, 5.0, 1.0, posture, phase=0.7))
    (seen,) = studio.shoot().people
    upright = posture in (Posture.STANDING, Posture.WALKING)
    assert (seen.bottom - seen.top > 80) == upright
    assert 255 < seen.bottom < 310


def test_a_walking_foot_is_on_the_ground_in_every_phase() -> None:
    model = read_model("person")
    pivots = {limb: model.frames[limb] for limb in PARENTS}
    for phase in np.linspace(0, math.tau, 24):
        limbs = limb_poses(Stance(0, 0, 0, Posture.WALKING, float(phase)), pivots)
        soles = [(limbs[f"{side}_shin"] @ [0.0, 0.0, -0.5, 1.0])[2] for side in ("left", "right")]
        assert -0.02 < min(soles) < 0.03


def test_clothes_and_size_change_the_picture(studio: LabelledRenderer) -> None:
    studio.place(0, Stance(5.0, 5.0, math.pi))
    plain = studio.shoot()
    studio.dress(0, Dress(top=(0.9, 0.1, 0.1), scale=0.8))
    studio.place(0, Stance(5.0, 5.0, math.pi))
    red = studio.shoot()
    assert red.people[0].top > plain.people[0].top + 10
    box = red.people[0]
    chest = red.rgb[box.top + 25 : box.top + 40, 310:330].mean(axis=(0, 1))
    assert chest[0] > 2 * chest[2]


def test_night_is_darker_than_dusk_and_dusk_than_day(studio: LabelledRenderer) -> None:
    means = []
    for light in (Light.DAY, Light.DUSK, Light.NIGHT):
        studio.light(light)
        means.append(studio.shoot(truth=False).rgb.mean())
    assert means[0] > 1.5 * means[1] > 2 * means[2]
    studio.light(Light.DAY)
    assert studio.shoot(truth=False).rgb.mean() == pytest.approx(means[0], abs=0.5)


def test_the_same_scene_gives_the_same_picture(studio: LabelledRenderer) -> None:
    studio.place(0, Stance(5.0, 5.0, 1.0, Posture.WALKING, 2.0))
    first = studio.shoot()
    again = studio.shoot()
    assert np.array_equal(first.rgb, again.rgb)
    assert first.people == again.people
    assert isinstance(studio.figures[0], Figure)
