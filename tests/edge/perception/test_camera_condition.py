"""Pictures of a camera that is well, covered, in the dark, blurred or frozen, from a dog that walks or stands."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from edge.perception.camera_condition import CameraCondition
from edge.perception.detector import Picture
from protocol.anomaly import AnomalyKind
from tests.edge.perception.scene import view

Spoil = Callable[[Picture, np.random.Generator], Picture]


def scene(rng: np.random.Generator, light: float = 1.0) -> Picture:
    """Sky, ground and a dozen things with sharp edges, and the noise of a sensor."""
    picture = np.full((240, 320, 3), (135, 170, 210), np.float32)
    picture[120:] = (110, 112, 115)
    for _ in range(12):
        left, top = rng.integers(0, 300), rng.integers(60, 150)
        picture[top : top + rng.integers(5, 80), left : left + rng.integers(4, 60)] = rng.uniform(20, 230, 3)
    return noisy(picture * light, rng)


def noisy(picture: np.ndarray, rng: np.random.Generator) -> Picture:
    return np.clip(picture + rng.normal(0, 2, picture.shape), 0, 255).astype(np.uint8)


def covered(picture: Picture, rng: np.random.Generator) -> Picture:
    return noisy(np.full(picture.shape, 90.0), rng)


def dark(picture: Picture, rng: np.random.Generator) -> Picture:
    return noisy(picture * 0.01, rng)


def blurred(picture: Picture, rng: np.random.Generator) -> Picture:
    return noisy(cv2.GaussianBlur(picture, (0, 0), 5).astype(np.float32), rng)


def walk(
    condition: CameraCondition, rng: np.random.Generator, spoil: Spoil | None = None, seconds: float = 12.0,
    speed: float = 0.7, start: float = 0.0, light: float = 1.0,
) -> list[str]:  # fmt: skip
    """What was told in so many seconds of frames at 5 Hz; a new scene each two seconds."""
    told, picture = [], scene(rng, light)
    for n in range(round(seconds * 5)):
        if n % 10 == 0:
            picture = scene(rng, light)
        seen = spoil(picture, rng) if spoil else noisy(picture.astype(np.float32), rng)
        alerts = condition.update(seen, view(speed * n / 5, 0.0), start + n / 5)
        assert all(alert.kind is AnomalyKind.CAMERA_IMPAIRED for alert in alerts)
        told += [alert.reason.en for alert in alerts]
    return told


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("light", [1.0, 0.15])
def test_a_camera_that_is_well_says_nothing(seed: int, light: float) -> None:
    assert walk(CameraCondition(), np.random.default_rng(seed), seconds=6, light=light) == []


@pytest.mark.parametrize(("spoil", "word"), [(covered, "without any detail"), (dark, "black"), (blurred, "blurred")])
@pytest.mark.parametrize("seed", range(3))
def test_each_trouble_is_told_once_by_its_name(spoil: Spoil, word: str, seed: int) -> None:
    (said,) = walk(CameraCondition(), np.random.default_rng(seed), spoil)
    assert word in said


def test_the_same_picture_again_and_again_is_frozen_for_a_dog_that_walks_and_nothing_for_one_that_stands() -> None:
    rng = np.random.default_rng(0)
    still = scene(rng)
    (said,) = walk(CameraCondition(), rng, lambda *_: still)
    assert "frozen" in said
    assert walk(CameraCondition(), rng, lambda *_: still, speed=0.0) == []


def test_a_dog_that_stands_before_a_blank_wall_says_nothing() -> None:
    assert walk(CameraCondition(), np.random.default_rng(0), covered, seconds=20, speed=0.0) == []


def test_a_hand_before_the_lens_for_three_seconds_is_nothing() -> None:
    condition, rng = CameraCondition(), np.random.default_rng(0)
    assert walk(condition, rng, covered, seconds=3) + walk(condition, rng, seconds=6, start=3) == []


def test_what_is_well_again_and_fails_again_is_told_again() -> None:
    condition, rng = CameraCondition(), np.random.default_rng(0)
    told = walk(condition, rng, covered, seconds=10)
    told += walk(condition, rng, seconds=8, start=10)
    told += walk(condition, rng, dark, seconds=10, start=18)
    assert len(told) == 2
