"""From a frame to boxes: what our own steps round the network cost, against the bare network in the same run.

Each round times the bare onnxruntime call and our detect() one after the other on the same frame of 640 x 480, so
that whatever else the machine does falls on both; medians and 90th percentiles over the rounds. Nothing is compared
across runs. YOLOX is left out where its weights are not to be had.
"""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from edge.perception.detector_selection import YOLOX_FILE, places
from edge.perception.person_sim import HEIGHT, WIDTH, PersonSim
from edge.perception.yolox import Yolox

ROUNDS, WARM_UP = 60, 5


def run() -> dict[str, Any]:
    """Milliseconds, and the ratio of ours to bare."""
    frame = _frame()
    figures: dict[str, Any] = {"frame": "640x480", "threads": 1, "rounds": ROUNDS}
    fallback = PersonSim()
    figures["person_sim"] = _compare(fallback, "picture", np.zeros((1, 3, HEIGHT, WIDTH), np.float32), frame)
    weights = next((folder / YOLOX_FILE for folder in places([]) if (folder / YOLOX_FILE).is_file()), None)
    if weights is None:
        figures["yolox_nano"] = "no weights here: `xiaotian models fetch` gets them"
    else:
        figures["yolox_nano"] = _compare(Yolox(Path(weights)), "images", np.zeros((1, 3, 416, 416), np.float32), frame)
    return figures


def _compare(detector: PersonSim | Yolox, entry: str, tensor: np.ndarray, frame: np.ndarray) -> dict[str, float]:
    bare: list[float] = []
    ours: list[float] = []
    for number in range(ROUNDS + WARM_UP):
        times = (
            _timed(lambda: detector.session.run(None, {entry: tensor})),
            _timed(lambda: detector.detect(frame)),
        )
        if number >= WARM_UP:
            bare.append(times[0])
            ours.append(times[1])
    middle = float(np.median(ours)), float(np.median(bare))
    return {
        "ours_ms": round(middle[0], 2),
        "bare_ms": round(middle[1], 2),
        "ratio": round(middle[0] / middle[1], 2),
        "ours_p90_ms": round(float(np.percentile(ours, 90)), 2),
        "bare_p90_ms": round(float(np.percentile(bare, 90)), 2),
    }


def _timed(call: Callable[[], object]) -> float:
    began = perf_counter()
    call()
    return (perf_counter() - began) * 1000


def _frame() -> np.ndarray:
    """A frame of soft shapes: what is in it hardly matters to a convolution."""
    rng = np.random.default_rng(0)
    return np.kron(rng.integers(0, 256, (48, 64, 3)), np.ones((10, 10, 1))).astype(np.uint8)
