import cv2
import numpy as np
import pytest
import shapely

from edge.perception.detector import Box, Detection, Picture
from edge.perception.head_masking import LEAST_BLOCK, encode_jpeg, head, mask
from tests.edge.perception.scene import view


def noise() -> Picture:
    return np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8)


def test_the_head_is_pixelated_and_the_feet_are_not() -> None:
    picture = noise()
    masked = mask(picture, [Detection(Box(300, 100, 360, 300), 0.9)]).pixels
    block = masked[104:108, 304:308]
    assert (block == block[0, 0]).all()
    assert (masked[200:300, 300:360] == picture[200:300, 300:360]).all()


def test_the_picture_that_came_in_is_left_as_it_was() -> None:
    picture = noise()
    mask(picture, [Detection(Box(300, 100, 360, 300), 0.9)])
    assert (picture == noise()).all()


def test_a_detection_too_weak_to_count_is_pixelated_as_well() -> None:
    picture = noise()
    masked = mask(picture, [Detection(Box(300, 100, 360, 300), 0.1)]).pixels
    assert (masked[100:130, 300:360] != picture[100:130, 300:360]).any()


def test_somebody_who_lies_is_pixelated_as_a_whole() -> None:
    box = Box(100, 300, 300, 360)
    assert head(box).bottom == box.bottom


def test_who_is_known_to_lie_is_pixelated_whole_however_the_box_stands() -> None:
    box = Box(100, 100, 140, 180)
    assert head(box).bottom < box.bottom
    assert head(box, lies=True).bottom == box.bottom


def test_a_head_keeps_a_few_colours_only() -> None:
    masked = mask(noise(), [Detection(Box(200, 50, 400, 470), 0.9)]).pixels
    part = masked[50:170, 200:400].reshape(-1, 3)
    assert len(np.unique(part, axis=0)) <= 6 * 5
    assert LEAST_BLOCK >= 8


def test_a_box_beyond_the_pictures_edge_is_no_trouble() -> None:
    masked = mask(noise(), [Detection(Box(-20, -20, 5, 30), 0.9), Detection(Box(700, 500, 720, 520), 0.9)])
    assert masked.pixels.shape == (480, 640, 3)


def test_only_masked_pictures_become_jpeg() -> None:
    with pytest.raises(TypeError, match="MaskedPicture"):
        encode_jpeg(noise())  # type: ignore[arg-type]
    data = encode_jpeg(mask(noise(), []))
    assert data[:2] == b"\xff\xd8"
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert decoded.shape == (480, 640, 3)


def test_colours_are_not_swapped_on_the_way_out() -> None:
    red = np.zeros((64, 64, 3), np.uint8)
    red[:, :, 0] = 255
    bgr = cv2.imdecode(np.frombuffer(encode_jpeg(mask(red, [])), np.uint8), cv2.IMREAD_COLOR)
    assert bgr is not None
    assert bgr[32, 32, 2] > 200
    assert bgr[32, 32, 0] < 50


def test_a_privacy_zone_ahead_is_taken_out_and_the_rest_is_not() -> None:
    picture = noise()
    zone = shapely.box(6, 1, 12, 8)  # ahead, to the left
    masked = mask(picture, [], (zone,), view()).pixels
    spot = view().project(7, 3, 1.0)
    assert spot is not None
    assert (masked[int(spot[1]), int(spot[0])] == 127).all()
    assert (masked[:, 400:] == picture[:, 400:]).all()


def test_a_privacy_zone_behind_the_dog_takes_nothing_out() -> None:
    picture = noise()
    assert (mask(picture, [], (shapely.box(-12, -3, -6, 3),), view()).pixels == picture).all()


def test_an_intruder_before_a_privacy_zone_stays_in_the_picture_without_the_head() -> None:
    picture, zone = noise(), shapely.box(6, -8, 12, 8)
    box = Box(300, 200, 340, 300)
    masked = mask(picture, [Detection(box, 0.9)], (zone,), view(), (box,)).pixels
    assert (masked[260:300, 300:340] == picture[260:300, 300:340]).all()
    assert (masked[202:210, 302:310] != picture[202:210, 302:310]).any()
    assert (masked[230:250, 400:440] == 127).all()


def test_all_that_masking_has_changed_is_said_to_be_hidden_and_little_else() -> None:
    for seed in range(20):
        random = np.random.default_rng(seed)
        corners = random.uniform((-60, -60, 20, 20), (620, 460, 200, 200), (4, 4))
        people = [Detection(Box(x, y, x + w, y + h), 0.5) for x, y, w, h in corners]
        zones = tuple(shapely.box(x, y, x + 3, y + 2) for x, y in random.uniform((1, -6), (9, 6), (2, 2)))
        picture = noise()
        masked = mask(picture, people, zones, view(), (people[0].box,))
        assert masked.hidden is not None
        changed = (masked.pixels != picture).any(axis=2)
        assert not (changed & ~masked.hidden).any()
        assert changed[masked.hidden].mean() > 0.98
