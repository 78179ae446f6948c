"""Any detection model of the optional package ultralytics (AGPL-3.0; not part of this project)."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from edge.perception.detector import FLOOR, PERSON, Box, Detection, DetectorUnavailable, Limits, Picture
from edge.perception.onnx_session import sha256_of

OVERLAP = 0.45
INSTALL = "pip install 'xiaotian[ultralytics]' (AGPL-3.0, about 6 GB with torch)"


class Ultralytics:
    """``model`` is what ultralytics.YOLO takes: weights (``yolo11n.pt``) or a YAML (``yolo11n.yaml``: untrained)."""

    threshold = 0.35
    sure = 0.5
    finds_lying = False
    things: ClassVar[Mapping[str, Limits]] = {}

    def __init__(self, model: str) -> None:
        self.name = f"ultralytics:{model}"
        try:
            package = importlib.import_module("ultralytics")
        except ImportError as error:
            raise DetectorUnavailable(f"detector {self.name}: the package is not installed; {INSTALL}") from error
        try:
            self._model: Any = package.YOLO(model, task="detect", verbose=False)
        except (OSError, ValueError, RuntimeError) as error:
            raise DetectorUnavailable(f"detector {self.name}: {error}") from error
        file = Path(str(getattr(self._model, "ckpt_path", "") or model))
        self.weights_sha256 = sha256_of(file) if file.is_file() and file.suffix != ".yaml" else ""
        self._people = [number for number, label in self._model.names.items() if label == PERSON] or [0]

    def detect(self, picture: Picture) -> list[Detection]:
        """People in ``picture``, best first, down to FLOOR."""
        bgr = np.ascontiguousarray(picture[:, :, ::-1])
        found = self._model.predict(bgr, conf=FLOOR, iou=OVERLAP, classes=self._people, verbose=False)[0].boxes
        boxes = found.xyxy.cpu().numpy()
        scores = found.conf.cpu().numpy()
        order = np.argsort(-scores)
        return [Detection(Box(*map(float, boxes[i])), float(scores[i]), PERSON) for i in order]

    def find(self, picture: Picture) -> list[Detection]:
        """Likewise: of its other classes no rule has been measured."""
        return self.detect(picture)
