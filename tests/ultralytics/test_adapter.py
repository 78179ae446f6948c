"""The adapter against the real package. A model built from YAML is untrained: what it finds is nonsense, but boxes."""

from pathlib import Path

import numpy as np
import pytest

from edge.perception.detector import FLOOR, DetectorUnavailable
from edge.perception.ultralytics_adapter import Ultralytics


def picture() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8)


def test_a_model_from_yaml_works_without_weights() -> None:
    detector = Ultralytics("yolo11n.yaml")
    assert detector.name == "ultralytics:yolo11n.yaml"
    for found in detector.detect(picture()):
        assert found.label == "person"
        assert FLOOR <= found.score <= 1
        assert 0 <= found.box.left < found.box.right <= 640
        assert 0 <= found.box.top < found.box.bottom <= 480


def test_boxes_come_back_in_the_pictures_own_pixels_best_first() -> None:
    """An untrained head scores everything about alike; its biases are raised so that it finds people everywhere."""
    detector = Ultralytics("yolo11n.yaml")
    import torch

    with torch.no_grad():
        for branch in detector._model.model.model[-1].cv3:
            branch[-1].bias[0] = 3.0
    found = detector.detect(picture())
    assert found
    assert [d.score for d in found] == sorted((d.score for d in found), reverse=True)
    assert max(d.box.right for d in found) > 416


def test_weights_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(DetectorUnavailable, match="missing"):
        Ultralytics(str(tmp_path / "missing.pt"))


def test_an_unknown_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DetectorUnavailable, match="no_such_model"):
        Ultralytics(str(tmp_path / "no_such_model.yaml"))
