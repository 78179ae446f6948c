"""The committed fallback: its size, its card's figures, and what it says to nonsense."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from edge.perception.person_sim import COMMITTED, PersonSim, prepare
from tests.shared import ROOT

MOST_BYTES = 4_000_000
TOLERANCE = 0.05
"""Another OpenGL draws edges a little differently."""


def card() -> dict[str, dict[str, float]]:
    """The figures in the card's JSON block."""
    text = COMMITTED.with_suffix(".md").read_text(encoding="utf-8")
    figures: dict[str, dict[str, float]] = json.loads(text.split("```json")[1].split("```")[0])
    return figures


def test_the_file_is_small_enough_to_be_committed() -> None:
    assert COMMITTED.stat().st_size == card()["bytes"]
    assert COMMITTED.stat().st_size <= MOST_BYTES


def test_the_cards_threshold_is_the_one_in_use() -> None:
    assert card()["threshold"] == PersonSim.threshold


def test_a_frame_of_nothing_holds_nobody() -> None:
    detector = PersonSim()
    for grey in (0, 127, 255):
        frame = np.full((480, 640, 3), grey, np.uint8)
        assert [d for d in detector.detect(frame) if d.score >= detector.threshold] == []


def test_a_picture_is_scaled_to_the_networks_size_and_range() -> None:
    tensor = prepare(np.full((480, 640, 3), 255, np.uint8))
    assert tensor.shape == (1, 3, 240, 320)
    assert tensor.dtype == np.float32
    assert tensor.max() == 1.0


@pytest.mark.slow
def test_the_cards_figures_come_out_again_on_freshly_rendered_pictures() -> None:
    sys.path.insert(0, str(ROOT / "tools/train_detector"))
    from sim.engine.gl import NoPictures

    try:
        from evaluate import check_set, weigh

        figures = weigh(PersonSim(), check_set())
    except NoPictures as error:
        pytest.skip(str(error))
    told = card()["check"]
    assert figures["people"] == pytest.approx(told["people"], abs=2)
    assert figures["recall"] == pytest.approx(told["recall"], abs=TOLERANCE)
    assert figures["precision"] == pytest.approx(told["precision"], abs=TOLERANCE)


def test_in_the_yard_it_does_what_it_is_kept_for() -> None:
    """Three people of four, and few enough false boxes that several sightings of a track sort them out."""
    assert card()["yard_day"]["recall"] > 0.75
    assert card()["yard_day"]["precision"] > 0.75


def test_the_card_tells_how_poor_it_is_on_real_pictures() -> None:
    assert {"real_labelled", "real_against_yolox"} <= card().keys()
    assert Path(COMMITTED.with_suffix(".md")).read_text(encoding="utf-8").count("poor") >= 1
