"""The training script, on a handful of pictures, where torch is installed."""

import os
import subprocess

import pytest

from tests.shared import ROOT

PYTHON = ROOT / ".venv-train/bin/python"


@pytest.mark.slow
def test_a_tiny_training_ends_with_a_network_that_the_detector_can_open() -> None:
    if not PYTHON.exists():
        pytest.skip("needs .venv-train, which make train-detector makes")
    from edge.perception.person_sim import PersonSim

    done = subprocess.run(
        [str(ROOT / "tools/train_detector.sh")],
        env=os.environ | {"SMOKE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    PersonSim(ROOT / "build/person_sim_smoke/person_sim.onnx")
