"""What people wear, drawn as two fields of colour before a wall."""

import numpy as np

from edge.perception.clothing_colours import LEAST_LOOKS, Clothes, clothes
from edge.perception.detector import Box, Picture

RED, BLUE, GREY, BROWN = (190, 40, 40), (40, 60, 170), (120, 120, 125), (110, 80, 50)
Colour = tuple[int, int, int]


def scene(coat: Colour, trousers: Colour, light: float = 1.0) -> Picture:
    """Somebody 200 pixels tall, 60 wide, in the middle."""
    picture = np.full((480, 640, 3), 150, np.uint8)
    picture[140:240, 290:350], picture[240:340, 290:350] = coat, trousers
    return (picture * light).astype(np.uint8)


PERSON = Box(290, 140, 350, 340)


def worn(*pictures: Picture) -> Clothes:
    made = [clothes(picture, PERSON) for picture in pictures * LEAST_LOOKS]
    whole = made[0]
    assert whole is not None
    for look in made[1:]:
        assert look is not None
        whole = whole.joined(look)
    return whole


def test_a_red_coat_is_not_a_blue_one() -> None:
    assert worn(scene(RED, GREY)).differ(worn(scene(BLUE, GREY))) is True


def test_the_same_coat_with_other_trousers_is_another_dress() -> None:
    assert worn(scene(GREY, BLUE)).differ(worn(scene(GREY, BROWN))) is True


def test_the_same_dress_in_half_the_light_is_the_same() -> None:
    assert worn(scene(RED, BLUE)).differ(worn(scene(RED, BLUE, 0.8))) is False


def test_colours_are_told_apart_at_dusk_too() -> None:
    assert worn(scene(RED, GREY, 0.4)).differ(worn(scene(BLUE, GREY, 0.4))) is True


def test_in_the_dark_clothes_tell_nothing() -> None:
    assert clothes(scene(RED, BLUE, 0.1), PERSON) is None


def test_two_looks_are_too_few_to_tell() -> None:
    look = clothes(scene(RED, GREY), PERSON)
    assert look is not None
    assert look.joined(look).differ(worn(scene(BLUE, GREY))) is None


def test_who_is_cut_off_far_away_or_lies_shows_no_clothes() -> None:
    picture = scene(RED, BLUE)
    for box in (Box(290, 0, 350, 340), Box(290, 140, 350, 480), Box(310, 200, 322, 240), Box(200, 200, 400, 300)):
        assert clothes(picture, box) is None
