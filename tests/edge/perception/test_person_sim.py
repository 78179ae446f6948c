"""The simulated world's own detector: its size, its card's figures, and what it says to nonsense."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.perception.detector import PERSON, Posture
from edge.perception.person_sim import COMMITTED, LABELS, PersonSim, decode, prepare
from sim.engine.opengl_backend import NoPictures
from tests.shared import ROOT

MOST_BYTES = 6_000_000
PICTURES = 10
"""Of each site in each light."""
TOLERANCE = 0.1
"""Three deviations of a share of 0.9 among some 88 people; and another OpenGL draws edges a little differently."""


def card() -> dict[str, Any]:
    """The figures in the card's JSON block."""
    text = COMMITTED.with_suffix(".md").read_text(encoding="utf-8")
    figures: dict[str, Any] = json.loads(text.split("```json")[1].split("```")[0])
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
    assert tensor.shape == (1, 3, 384, 512)
    assert tensor.dtype == np.float32
    assert tensor.max() == 1.0


def test_cells_are_read_as_boxes_of_what_is_seen_and_of_the_whole_thing() -> None:
    rows = np.zeros((16, 48, 64), np.float32)
    rows[LABELS.index(PERSON), 10, 20] = 0.9
    rows[5:8, 10, 20] = 0.1, 0.2, 0.7
    rows[8:, 10, 20] = np.log([1, 2, 1, 2, 1, 2, 1, 4])
    seen, whole, scores, postures = decode(rows, 0)
    assert seen.tolist() == [[156, 68, 172, 100]]
    assert whole.tolist() == [[156, 68, 172, 116]]
    assert scores.tolist() == [pytest.approx(0.9)]
    assert [list(Posture)[p] for p in postures] == [Posture.LYING]


@pytest.mark.slow
def test_the_cards_figures_come_out_again_on_freshly_rendered_pictures_of_all_sites_by_day_dusk_and_night() -> None:
    """Slow: 90 pictures are rendered, of places and people that neither training nor the card's figures have seen."""
    sys.path.insert(0, str(ROOT / "tools/train_detector"))
    from evaluate import SEED, SITES, Light, Tally, judge, shots

    tally, detector = Tally(), PersonSim()
    try:
        for site in SITES:
            for light in Light:
                for taken in shots(site, light, PICTURES, SEED + 2):
                    judge(detector, taken, detector.find(taken.rgb), tally)
    except NoPictures as error:
        pytest.skip(str(error))
    found, told = tally.figures(), card()["all"]
    assert found["people"] >= 60
    assert found["recall"] >= told["recall"] - TOLERANCE
    assert found["precision"] >= told["precision"] - TOLERANCE


def test_the_card_tells_how_poor_it_is_on_real_pictures() -> None:
    assert {"real_labelled", "real_against_yolox"} <= card().keys()
    assert Path(COMMITTED.with_suffix(".md")).read_text(encoding="utf-8").count("poor") >= 1
